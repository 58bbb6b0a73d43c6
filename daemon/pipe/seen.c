/* seen: open addressing, linear probing. Aliases are hashes already: their high bits are the place, so that those which come in their order,
 * as they do at a start, are put side by side and not all over the memory. */
#include "daemon/pipe/seen.h"

#include <assert.h>
#include <stdlib.h>

#define SLOTS_MIN 1024u
#define SLOTS_MIN_BITS 10u
#define FULL_NUMERATOR 7u /* grows beyond seven eighths */
#define FULL_DENOMINATOR 8u

struct seen {
	struct seen_entry *at;
	size_t mask, count;
	unsigned shift; /* of a name, to its place: 64 less the bits of the mask */
};

/* 0 marks a free place. */
static uint64_t name_of(uint64_t alias)
{
	return alias + (alias == 0);
}

bool seen_new(struct seen **out, struct err *e)
{
	struct seen *s = calloc(1, sizeof(*s));

	if (s)
		s->at = calloc(SLOTS_MIN, sizeof(*s->at));
	if (!s || !s->at) {
		free(s);
		return err_nomem(e);
	}
	s->mask = SLOTS_MIN - 1;
	s->shift = 64 - SLOTS_MIN_BITS;
	*out = s;
	return true;
}

void seen_free(struct seen **s)
{
	if (!*s)
		return;
	free((*s)->at);
	free(*s);
	*s = NULL;
}

static struct seen_entry *slot_of(const struct seen *s, uint64_t name)
{
	size_t i = (size_t)(name >> s->shift);

	while (s->at[i].alias != 0 && s->at[i].alias != name)
		i = (i + 1) & s->mask;
	return &s->at[i];
}

struct seen_entry *seen_find(const struct seen *s, uint64_t alias)
{
	struct seen_entry *x = slot_of(s, name_of(alias));

	return x->alias ? x : NULL;
}

static bool has_room(const struct seen *s, size_t slots, size_t more)
{
	return more <= slots && s->count + more <= slots / FULL_DENOMINATOR * FULL_NUMERATOR;
}

static bool resize(struct seen *s, size_t slots, unsigned shift, struct err *e)
{
	struct seen bigger = { calloc(slots, sizeof(struct seen_entry)), slots - 1, s->count, shift };

	if (!bigger.at)
		return err_nomem(e);
	for (size_t i = 0; i <= s->mask; i++)
		if (s->at[i].alias)
			*slot_of(&bigger, s->at[i].alias) = s->at[i];
	free(s->at);
	*s = bigger;
	return true;
}

bool seen_reserve(struct seen *s, size_t count, struct err *e)
{
	size_t slots = s->mask + 1;
	unsigned shift = s->shift;

	while (!has_room(s, slots, count)) {
		if (slots > SIZE_MAX / 4 / sizeof(struct seen_entry))
			return err_nomem(e);
		slots *= 2;
		shift--;
	}
	return slots == s->mask + 1 || resize(s, slots, shift, e);
}

void seen_add(struct seen *s, uint64_t alias, uint32_t content, uint32_t last)
{
	struct seen_entry *x = slot_of(s, name_of(alias));

	if (x->alias == 0) {
		assert(s->count < s->mask);
		s->count++;
	}
	*x = (struct seen_entry){ name_of(alias), content, last };
}

/* Deleting from a probe chain: what follows is put in again. */
static void close_gap(struct seen *s, size_t hole)
{
	for (size_t i = (hole + 1) & s->mask; s->at[i].alias; i = (i + 1) & s->mask) {
		struct seen_entry moved = s->at[i];

		s->at[i].alias = 0;
		*slot_of(s, moved.alias) = moved;
	}
}

/* They are between the place of the first and that of the last, or pushed behind it by others. */
size_t seen_expire(struct seen *s, uint64_t first, uint64_t last, uint32_t before)
{
	size_t end = (size_t)(name_of(last) >> s->shift), forgotten = 0;

	for (size_t at = (size_t)(name_of(first) >> s->shift); at <= end || s->at[at & s->mask].alias; at++) {
		struct seen_entry *x = &s->at[at & s->mask];

		while (x->alias >= name_of(first) && x->alias <= name_of(last) && x->last < before) {
			x->alias = 0;
			close_gap(s, at & s->mask);
			s->count--;
			forgotten++;
		}
	}
	return forgotten;
}

size_t seen_count(const struct seen *s)
{
	return s->count;
}
