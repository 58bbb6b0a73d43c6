/*
 * cls_repeats: which words came before in a stretch of text: one that comes again says less than when it came first. A table with open places;
 * when half of it is taken, what is not in it is new each time, so that a title without end takes no more time. Knows no weights.
 */
#ifndef CLS_REPEATS_H
#define CLS_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

#define CLS_REPEATS_PLACES 1024u /* a stretch of text has 240 characters or 120 words */
#define CLS_REPEATS_EQUAL                                                                                    \
	4.0 /* so many times a word and its pieces must come again to count as much as the first time */

struct cls_repeats { /* all zero where a stretch begins */
	uint64_t word[CLS_REPEATS_PLACES];
	uint32_t taken;
};

/* word: of cls_term. Whether it was in the stretch already; then it is. */
static inline bool cls_repeats_again(struct cls_repeats *r, uint64_t word)
{
	uint32_t at = (uint32_t)(word >> 32) % CLS_REPEATS_PLACES;
	bool again;

	while (((r->word[at] ^ word) & -(uint64_t)(r->word[at] != 0)) != 0)
		at = (at + 1) % CLS_REPEATS_PLACES;
	again = r->word[at] == word;
	if (r->taken < CLS_REPEATS_PLACES / 2) {
		r->word[at] = word;
		r->taken += !again;
	}
	return again;
}

#endif
