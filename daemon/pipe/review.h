/* review: what a person decided about a record: a line of the ledger `reviews`. */
#ifndef PIPE_REVIEW_H
#define PIPE_REVIEW_H

#include "daemon/pipe/chain.h"

enum review_verdict { REVIEW_CONFIRMED, REVIEW_REJECTED, REVIEW_VERDICTS };
extern const char *const review_verdict_names[REVIEW_VERDICTS];
bool review_verdict_from(struct str name, enum review_verdict *out);

#define REVIEW_BY_MAX 200 /* bytes: who */
#define REVIEW_WHY_MAX 2000 /* bytes: why */
#define REVIEW_ALSO_MAX 50 /* other records of the same item */

struct review {
	uint64_t record; /* its number in items */
	enum review_verdict verdict;
	char *key, *by, *why; /* key: of the record, or "" */
	char *topic; /* that it is about; "": all that the record has */
	uint64_t *also; /* other records of the same item: what was raised by them follows the decision too */
	size_t also_count;
};

struct review_texts {
	struct str key, by, why, topic;
};

/* A copy with these texts and of `also`, in one piece for free(). NULL: memory. */
struct review *review_new(const struct review *from, const struct review_texts *texts);

/* Appends one sealed line. */
void review_write(const struct review *r, int64_t at, struct chain *chain, struct buf *out);

struct review_entry { /* beside the line in the journal */
	uint64_t seq; /* of the line */
	int64_t at; /* wall ms */
	uint64_t record;
	enum review_verdict verdict;
	struct str request; /* name of its file */
	struct str topic; /* or empty */
	struct str also; /* eight bytes each, little-endian */
};
void review_entry_encode(const struct review_entry *x, struct buf *out);
bool review_entry_decode(struct str meta, struct review_entry *x) MUST_CHECK;

#endif
