/*
 * cases: the texts of the last days, so that the same one in another feed is known as the same case. In memory, of a bounded size: the newest
 * so many; found by bands of their fingerprints, never by walking all. A copy of what the state keeps.
 *
 * Two items of one feed are never one case, nor are two whose dates are further apart than the window. A case ends when its window is over,
 * counted from its first item.
 */
#ifndef PIPE_CASES_H
#define PIPE_CASES_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/pipe/fingerprint.h"
#include "daemon/pipe/job.h"

#include <stdint.h>

#define CASES_SOURCES_MAX 32 /* of one case that are listed */
#define CASES_ENTRY_MAX (FINGERPRINT_LEN + 12u * 1024) /* bytes of one encoded: its link, its feed */

struct cases;

struct case_item { /* strings are copied */
	uint64_t seq; /* of its record */
	uint32_t at; /* wall seconds */
	uint32_t since; /* of the first item of its case */
	uint32_t published; /* wall seconds; 0: not known */
	char key[JOB_KEY_LEN]; /* of the case */
	struct str feed, url;
	struct fingerprint print;
};

/* `most`: items that are remembered; 0: none. */
bool cases_new(uint32_t most, struct cases **out, struct err *e) MUST_CHECK;
void cases_free(struct cases **c);

/* Is the item, in its feed, of a case that is known? Then its key and since become those of the case, and the earlier sources are appended to
 * `sources` as a JSON array, oldest first. False: it is not. */
bool cases_find(const struct cases *c, struct case_item *item, int64_t window_ms, struct buf *sources);
/* Takes it as the newest; the oldest goes when there are too many. False: memory; it is not known then. */
bool cases_add(struct cases *c, const struct case_item *item);
/* Forgets those that were added with a higher number: their group was not written. */
void cases_rollback(struct cases *c, uint64_t seq);

uint64_t cases_oldest(const struct cases *c); /* number of a record; 0: none */
size_t cases_count(const struct cases *c);

void case_item_encode(const struct case_item *item, struct buf *out);
bool case_item_decode(struct str blob, struct case_item *out) MUST_CHECK; /* views into blob */

#endif
