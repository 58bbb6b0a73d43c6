/* source: from bytes to events: charset, prolog, the strict parser, the repairing parser, JSON. */
#ifndef FEED_SOURCE_PRIV_H
#define FEED_SOURCE_PRIV_H

#include "daemon/feed/build_priv.h"
#include "daemon/feed/charset_priv.h"

/* charset.c: the body as valid UTF-8 without BOM: a view into `in`, or into `out`. `name` is what it was read as;
 * *lossy: some bytes meant nothing. */
struct decoded {
	struct str text;
	char name[CHARSET_NAME_MAX];
	bool relabelled; /* the publisher's label was wrong */
	bool lossy;
};
/* The body without its BOM when it may be UTF-8, for a first try of the strict parser, which notices when it is not; else absent. */
struct str charset_presumed(struct str body);
bool charset_decode(
    const struct feed_input *in, struct buf *out, struct decoded *d, struct err *e) MUST_CHECK;

/* prolog.c: what stands before the root element. */
enum prolog_kind {
	PROLOG_XML, /* `start` is at the root's '<' */
	PROLOG_JSON,
	PROLOG_HTML, /* a page, no feed */
	PROLOG_NOTHING, /* no element at all */
};
struct prolog {
	enum prolog_kind kind;
	size_t start;
	struct str doctype; /* between "<!DOCTYPE" and '>', or absent */
	struct str subset; /* the internal subset inside of it */
	bool junk; /* something that XML does not allow stood before the root */
};
void prolog_read(struct str text, struct prolog *out);

/* sax.c: libxml2 over text from its root on. STRICT_REFUSED: not well-formed (or a guard said no), the repairing parser decides. */
enum strict_result { STRICT_DONE, STRICT_REFUSED, STRICT_BUDGET, STRICT_NOMEM };
enum strict_result strict_parse(struct str text, struct build *b, int64_t deadline_ms);

/* repair.c: reads anything that looks like elements. False: out of CPU time. */
bool repair_parse(struct str text, struct str subset, struct build *b, int64_t deadline_ms) MUST_CHECK;

/* json_in.c: a JSON Feed. */
bool json_in_parse(struct str text, struct build *b, struct err *e) MUST_CHECK;

#endif
