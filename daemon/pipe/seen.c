/* seen: open addressing, linear probing. Aliases are hashes already: their high bits are the place, so that those which come in their order,
 * as they do at a start, are put side by side and not all over the memory. */
#include "daemon/pipe/seen.h"

#include <assert.h>
#include <stdlib.h>

#define SLOTS_MIN 1024u
#define SLOTS_MAX UINT32_MAX /* a place is found by 32 bits of a name */
#define FULL_NUMERATOR 15u /* grows beyond fifteen sixteenths */
#define FULL_DENOMINATOR 16u
#define GROWTH 8u /* by an eighth: what is free is a ninth of all on average */

struct seen {
	struct seen_entry *at;
	size_t slots, count;
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
	s->slots = SLOTS_MIN;
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

/* Where it would stand with nobody else there: of a greater name it is never a smaller one. */
static size_t home_of(const struct seen *s, uint64_t name)
{
	return (size_t)((name >> 32) * s->slots >> 32);
}

static size_t behind(const struct seen *s, size_t place)
{
	return place + 1 < s->slots ? place + 1 : 0;
}

static struct seen_entry *slot_of(const struct seen *s, uint64_t name)
{
	size_t i = home_of(s, name);

	while (s->at[i].alias != 0 && s->at[i].alias != name)
		i = behind(s, i);
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

static bool resize(struct seen *s, size_t slots, struct err *e)
{
	struct seen bigger = { calloc(slots, sizeof(struct seen_entry)), slots, s->count };

	if (!bigger.at)
		return err_nomem(e);
	for (size_t i = 0; i < s->slots; i++)
		if (s->at[i].alias)
			*slot_of(&bigger, s->at[i].alias) = s->at[i];
	free(s->at);
	*s = bigger;
	return true;
}

bool seen_reserve(struct seen *s, size_t count, struct err *e)
{
	size_t slots = s->slots;

	while (!has_room(s, slots, count)) {
		if (slots > SLOTS_MAX - SLOTS_MAX / GROWTH)
			return err_nomem(e);
		slots += slots / GROWTH;
	}
	return slots == s->slots || resize(s, slots, e);
}

void seen_add(struct seen *s, uint64_t alias, uint32_t content, uint32_t last)
{
	struct seen_entry *x = slot_of(s, name_of(alias));

	if (x->alias == 0) {
		assert(s->count + 1 < s->slots);
		s->count++;
	}
	*x = (struct seen_entry){ name_of(alias), content, last };
}

/* Deleting from a probe chain: what stands behind the hole moves into it, unless that is before its home. */
static void close_gap(struct seen *s, size_t hole)
{
	for (size_t i = behind(s, hole); s->at[i].alias; i = behind(s, i)) {
		size_t home = home_of(s, s->at[i].alias);
		bool stays = hole <= i ? hole < home && home <= i : hole < home || home <= i;

		if (stays)
			continue;
		s->at[hole] = s->at[i];
		hole = i;
	}
	s->at[hole].alias = 0;
}

/* They are between the place of the first and that of the last, or pushed behind it by others. */
size_t seen_expire(struct seen *s, uint64_t first, uint64_t last, uint32_t before)
{
	size_t at = home_of(s, name_of(first)), homes = home_of(s, name_of(last)) - at + 1, forgotten = 0;

	for (size_t n = 0; n < homes || s->at[at].alias; n++, at = behind(s, at)) {
		struct seen_entry *x = &s->at[at];

		while (x->alias >= name_of(first) && x->alias <= name_of(last) && x->last < before) {
			close_gap(s, at);
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
