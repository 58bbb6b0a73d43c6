/* verdicts: what people decided about records, from the ledger `reviews`. Of several about one record and topic the last one holds. */
#ifndef CTL_VERDICTS_H
#define CTL_VERDICTS_H

#include "daemon/base/buf.h"
#include "daemon/ctl/command.h"

#include <jansson.h>

struct verdict {
	uint64_t record; /* its number in `items` */
	uint64_t seq; /* in the ledger */
	struct str topic; /* that it is about; empty: every topic that the record has */
	struct str by, why;
	bool confirmed; /* else rejected */
};

struct
    verdicts { /* by record, then as they stand in the ledger; the list is const after verdicts_read: any thread may ask */
	struct buf list;
	size_t n;
	unsigned damages; /* lines and stretches of the ledger, and of `items`, that were passed over */
};

/* A folder without the ledger has none. Names live in the arena. */
bool verdicts_read(struct verdicts *v, const char *directory, struct arena *arena, struct err *e) MUST_CHECK;
void verdicts_free(struct verdicts *v);

const struct verdict *verdicts_at(const struct verdicts *v, size_t i); /* i < n */
/* Place of the first one about this record; n when there is none. */
size_t verdicts_first(const struct verdicts *v, uint64_t record);

/* had: does the record have the topic? NULL: nobody decided. */
const struct verdict *verdicts_find(const struct verdicts *v, uint64_t record, struct str topic, bool had);

/* The records that people decided about, each once, in order. */
typedef bool verdicts_each_f(void *ctx, const json_t *record, uint64_t seq, struct err *e);
bool verdicts_walk(
    struct verdicts *v, const char *directory, verdicts_each_f *each, void *ctx, struct err *e) MUST_CHECK;

#endif
