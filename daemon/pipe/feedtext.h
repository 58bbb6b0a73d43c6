/*
 * feedtext: the texts in a feed's state, all in one piece of memory: most feeds have three or four of the nine, and each poll copies them. A text ends with
 * a NUL; one that is empty, or longer than FEEDTEXT_MAX, is none.
 */
#ifndef PIPE_FEEDTEXT_H
#define PIPE_FEEDTEXT_H

#include "daemon/base/err.h"
#include "daemon/base/str.h"

#include <stdint.h>

#define FEEDTEXT_MAX (UINT16_MAX - 1u) /* bytes */

enum feedtext {
	FEEDTEXT_ETAG, /* verbatim, as the next */
	FEEDTEXT_LAST_MODIFIED,
	FEEDTEXT_VALIDATOR_URL, /* that gave them, behind a redirect; none: the configured one */
	FEEDTEXT_ERROR, /* of the last poll */
	FEEDTEXT_REPAIR, /* what had to be mended in the last document */
	FEEDTEXT_RESUME, /* where a redirect pointed that was to be followed later: asked next, once */
	FEEDTEXT_HELD_HOST, /* that hold_until is meant for, with holds_host; none: it is not known, and the feed's own is taken */
	FEEDTEXT_NEWEST, /* names, not for reading: feedstate_newest */
	FEEDTEXT_LEARNED, /* neither: feedstate_learned */
	FEEDTEXTS
};

struct feedtexts; /* NULL: none of them */

void feedtexts_free(struct feedtexts **t);
bool feedtexts_copy(const struct feedtexts *from, struct feedtexts **to, struct err *e) MUST_CHECK;

/* NULL: there is none. Valid until the next feedtext_set or feedtext_drop. */
const char *feedtext(const struct feedtexts *t, enum feedtext which);
struct str feedtext_str(const struct feedtexts *t, enum feedtext which);
/* False: memory; all are as before. `value` is not one of *t. */
bool feedtext_set(struct feedtexts **t, enum feedtext which, struct str value, struct err *e) MUST_CHECK;
void feedtext_drop(struct feedtexts **t, enum feedtext which);

#endif
