/* events: what happened to feeds, as lines of the store `events`: each once, decided at a poll and durable with its line. */
#ifndef PIPE_EVENTS_H
#define PIPE_EVENTS_H

#include "daemon/base/err.h"
#include "daemon/pipe/chain.h"
#include "daemon/pipe/job.h"

#include <stdint.h>

enum event_kind {
	EVENT_FEED_DOWN,
	EVENT_FEED_SILENT,
	EVENT_FEED_UP,
	EVENT_GAP,
	EVENT_FALSE_304,
	EVENT_FEED_MOVED,
	EVENT_KINDS
};
const char *event_kind_name(enum event_kind k); /* "feed_down", … */

#define EVENTS_PER_POLL 6

struct feed_event {
	enum event_kind kind;
	int64_t since; /* wall ms: when it began */
	const char *reason; /* static */
	int64_t
	    lasted; /* ms; feed_up: how long it was down or silent; feed_silent: without news; false_304: without a document */
	int64_t usual; /* ms; feed_silent: what is usual */
	uint32_t failures; /* feed_down */
	unsigned status; /* feed_down: of HTTP */
	const char *error; /* feed_down: in words; of the poll */
	const char *from, *to; /* feed_moved: addresses */
	bool archive; /* gap: archives are being followed */
};

struct event_place {
	int64_t at; /* wall ms */
	struct str feed;
	char key[JOB_KEY_LEN]; /* root of the idempotency key of alerts */
};

void event_key(const struct feed_event *v, struct event_place *place);
/* Appends one sealed line. */
void event_write(
    const struct feed_event *v, const struct event_place *place, struct chain *chain, struct buf *out);

#endif
