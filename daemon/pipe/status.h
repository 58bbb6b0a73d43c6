/*
 * status: the status file's contents, a line of JSON with all feeds, in parts between which the engine goes on: with ten thousand feeds the whole takes
 * far longer than a turn of the loop may. Each feed is told as it was when its part was made.
 */
#ifndef PIPE_STATUS_H
#define PIPE_STATUS_H

#include "daemon/base/json.h"
#include "daemon/pipe/engine.h"

struct engine_status_walk { /* zeros: at the beginning */
	struct json w;
	uint64_t roster; /* whose feeds they are */
	struct engine_status counts; /* of feeds: they stand before them, and are made first */
	size_t counted, next; /* feeds */
	bool begun;
};

enum engine_status_step {
	STATUS_MORE,
	STATUS_WHOLE,
	STATUS_STALE, /* the feeds are others now: begin anew */
};

/* Appends until `out` has `enough` bytes, or it is whole; nothing while it only counts. `out` is the same for all
 * parts; emptied between them by whoever took what it held. */
enum engine_status_step engine_status_part(
    const struct engine *x, struct engine_status_walk *walk, size_t enough, struct buf *out);

#endif
