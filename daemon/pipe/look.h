/*
 * look: what a worker does for `gazettectl feeds discover`: a document in; what kind of feed it is, or which feeds its page links to, out. Both
 * frames cross a process border: encode here, decode as if hostile.
 */
#ifndef PIPE_LOOK_H
#define PIPE_LOOK_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/feed/page.h"

#define LOOK_ANSWER_MAX                                                                                      \
	(8u << 20) /* bytes of an answer: PAGE_LINKS_MAX addresses of URL_MAX bytes, and a little */

struct look { /* a request; strings are views */
	uint64_t id;
	struct str url; /* after redirects */
	struct str content_type;
	int64_t cpu_budget_ms;
	struct str body;
};

struct look_answer { /* decoded: views into the frame, links in the arena */
	uint64_t id;
	struct err error; /* ERR_NONE: it is a feed */
	/* Of a feed: */
	enum feed_format format;
	struct str title, language;
	uint64_t items;
	int64_t newest; /* wall ms; DATE_NONE: no item has a date */
	/* Of what is none: */
	const struct page_link *links;
	size_t link_count;
};

void look_encode(const struct look *look, struct buf *out);
/* Frames of jobs are told from these by their first bytes. */
bool look_is_frame(struct str frame);
bool look_decode(struct str frame, struct look *look, struct err *e) MUST_CHECK;

/* Appends an answer frame. False: out of memory. */
bool look_run(const struct look *look, struct buf *out, struct err *e) MUST_CHECK;

bool look_answer_decode(struct str frame, struct arena *a, struct look_answer *out, struct err *e) MUST_CHECK;

#endif
