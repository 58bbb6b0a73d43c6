/*
 * feedstate: what is remembered of one feed between two polls, and its form in the state and in the journal.
 * Rule of the form: fields are only ever added at the end; a reader takes what it knows and leaves the rest.
 */
#ifndef PIPE_FEEDSTATE_H
#define PIPE_FEEDSTATE_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/pipe/feedtext.h"
#include "daemon/pipe/learned.h"
#include "daemon/pipe/move.h"
#include "daemon/pipe/walk.h"

#include <stdint.h>

#define FEEDSTATE_MAX (64u << 10) /* bytes of one encoded: two validators, eight texts and a walk */
#define FEEDSTATE_TEXT_MAX 4096 /* bytes of one string that are kept */
#define NEWEST_MAX 8 /* names of the newest items that are remembered */

enum poll_result { POLL_OK, POLL_UNCHANGED, POLL_FAILED, POLL_BLOCKED, POLL_WAITING, POLL_RESULTS };
const char *poll_result_name(enum poll_result r); /* "ok", "unchanged", "failed", "blocked", "waiting" */

struct feedstate {
	struct feedtexts *texts; /* owned */
	uint64_t url; /* hash of the address that the validators belong to */
	uint64_t body; /* hash of the last complete document; 0: none */
	uint64_t window; /* hash of the aliases that it listed; 0: none */
	int64_t polled_at; /* wall ms; 0: never */
	int64_t success_at; /* wall ms; 0: never */
	int64_t failing_since; /* wall ms; 0: it is not */
	int64_t due_at; /* wall ms */
	int64_t hold_until; /* wall ms; asked for by the publisher (Retry-After, 429); 0: none */
	uint32_t failures; /* in a row */
	uint32_t items; /* in the last document */
	uint32_t fresh; /* s: the last answer's max-age */
	uint16_t pages; /* polls in a row that left news of a large document for the next */
	uint16_t status; /* of the last answer; 0: none */
	uint8_t result; /* enum poll_result of the last poll */
	uint8_t why; /* enum rhythm_why: what decided when it is due */
	uint8_t hurry; /* polls that still come sooner, after a gap */
	struct move *move; /* to another address; owned, or NULL */
	struct walk *walk; /* through archives, under way; owned, or NULL */
	bool known; /* its first document is in the log */
	bool holds_host; /* hold_until is meant for its whole host */
	bool down, silent; /* events have told so */
	bool empty; /* the last complete document listed nothing */
	bool hub_sought; /* a whole document has told whether it names a hub */
	bool moved; /* the window is that of another address */
	bool mistrusted; /* its 304s are, or were: what was learned says until when */
};

void feedstate_fini(struct feedstate *f);
bool feedstate_copy(const struct feedstate *from, struct feedstate *to, struct err *e) MUST_CHECK;

/* Replaces a string; absent or empty: NULL. */
bool feedstate_set(char **field, struct str value, struct err *e) MUST_CHECK;
/* The names of the items that came last, all but those of the first document. Returns how many. */
unsigned feedstate_newest(const struct feedstate *f, uint64_t names[NEWEST_MAX]);
/* False: memory; they are as before. */
bool feedstate_set_newest(
    struct feedstate *f, const uint64_t *names, unsigned count, struct err *e) MUST_CHECK;

/* What its polls have taught of it. */
void feedstate_learned(const struct feedstate *f, struct learned *out);
/* False: memory; it is as before. */
bool feedstate_learn(struct feedstate *f, const struct learned *l, struct err *e) MUST_CHECK;

/* What would make the next answer shorter than the whole document. */
void feedstate_forget_validators(struct feedstate *f);

/* The next poll begins at the feed's address again. */
void feedstate_forget_resume(struct feedstate *f);

void feedstate_encode(const struct feedstate *f, struct buf *out);
bool feedstate_decode(
    struct str blob, struct feedstate *out, struct err *e) MUST_CHECK; /* out: empty before */

#endif
