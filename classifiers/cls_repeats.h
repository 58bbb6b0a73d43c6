/*
 * cls_repeats: how often words came before in a stretch of text: one that comes again says less than when it came first. When a text is judged, one that
 * came CLS_REPEATS_MOST times says nothing more, nor do the pairs that it ends; training knows no such end, each time counts there as the second did.
 * A table with open places; when half of it is taken, what is not in it is taken for a word that came so often, so that a title without end takes no
 * more time. Knows no weights.
 */
#ifndef CLS_REPEATS_H
#define CLS_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

#define CLS_REPEATS_PLACES 1024u /* a stretch of text has 240 characters or 120 words */
#define CLS_REPEATS_EQUAL                                                                                    \
	4.0 /* so many times a word and its pieces must come again to count as much as the first time */
#define CLS_REPEATS_MOST                                                                                     \
	8u /* times: a judge hears the word no more, or a phrase without end would drown all else; of 4,505 texts of people that moves two decisions by .03 */

#define CLS_REPEATS_COUNT                                                                                    \
	15u /* the bits of a place that say how often its word came; the others are the word's */

struct cls_repeats { /* all zero where a stretch begins */
	uint64_t place[CLS_REPEATS_PLACES];
	uint32_t taken;
};

/* word: of cls_term. How often it was in the stretch already, at most CLS_REPEATS_MOST; then it is once more. */
static inline unsigned cls_repeats_before(struct cls_repeats *r, uint64_t word)
{
	uint32_t at = (uint32_t)(word >> 32) % CLS_REPEATS_PLACES;
	uint64_t place;
	unsigned before;

	while (((r->place[at] ^ word) & -(uint64_t)(r->place[at] != 0)) > CLS_REPEATS_COUNT)
		at = (at + 1) % CLS_REPEATS_PLACES;
	place = r->place[at];
	before = place & CLS_REPEATS_COUNT;
	if (r->taken == CLS_REPEATS_PLACES / 2 && before == 0)
		return CLS_REPEATS_MOST;
	r->taken += before == 0;
	r->place[at] = (word & ~(uint64_t)CLS_REPEATS_COUNT) + before + (before < CLS_REPEATS_MOST);
	return before;
}

#endif
