/*
 * replay: a record of the past, classified as a topic of today would have it: what a request says of it is what its new line says. Both sides know
 * the form: gazettectl, which makes it of a line of `items`, and the engine, which trusts nothing of it.
 */
#ifndef PIPE_REPLAY_H
#define PIPE_REPLAY_H

#include "daemon/base/json.h"

#include <jansson.h>

#define REPLAY_RECORDS_MAX 500 /* of one request: one group of the journal, one transaction */
#define REPLAY_REQUEST_MAX (2u << 20) /* bytes of a request; the largest record, written, takes a third */

/* Into an open object: the members that a request and a line share, in the order of a line. What is absent is left out. */
void replay_write_members(struct json *w, const json_t *record);

struct replay_bounds {
	struct str topic, model; /* that every record must name */
	uint64_t first, last; /* numbers of the oldest and the newest record there is */
};
/* Why it may not become a line; NULL: it may. */
const char *replay_refusal(const json_t *record, const struct replay_bounds *bounds);

#endif
