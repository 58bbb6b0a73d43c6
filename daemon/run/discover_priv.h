/* candidates: addresses that may be feeds, in the order in which they are asked, each once. Strings live in the arena. */
#ifndef RUN_DISCOVER_PRIV_H
#define RUN_DISCOVER_PRIV_H

#include "daemon/base/arena.h"

#define CANDIDATES_MAX 600u /* addresses that are remembered */
#define CANDIDATES_ASKED_MAX 60u /* requests of one run: a person waits, and a publisher pays */

enum found {
	FOUND_ASKED, /* the address that was asked for */
	FOUND_HEADER,
	FOUND_LINK,
	FOUND_ANCHOR,
	FOUND_PATH, /* where feeds often are */
	FOUND_WAYS
};

struct candidate {
	enum found found;
	unsigned depth; /* pages between it and what was asked for */
	struct str url, language;
	struct str final_url; /* after redirects, once it was answered */
};

struct candidates {
	struct arena *arena;
	struct candidate at[CANDIDATES_MAX];
	size_t count, next;
};

/* False: the address is none that may be asked. */
bool candidates_begin(struct candidates *c, struct arena *a, struct str url) MUST_CHECK;
/* A reference on the page of `from`. What is there already, or cannot be asked, is passed over. */
void candidates_add(struct candidates *c, const struct candidate *from, enum found found, struct str ref,
    struct str language);
/* The feeds in the Link header of an answer. */
void candidates_add_header(struct candidates *c, const struct candidate *from, struct str header);
struct candidate *candidates_next(struct candidates *c); /* NULL: none, or enough were asked */
size_t candidates_left(const struct candidates *c);

/* Another one was redirected to the same place. */
bool candidates_seen_before(const struct candidates *c, const struct candidate *x, struct str final_url);
/* Its page may name feeds: what was asked for, and the pages of the same site that its anchors lead to ("our RSS feeds"). */
bool candidates_may_lead_on(const struct candidate *x);
struct str candidate_how(const struct candidate *x);

#endif
