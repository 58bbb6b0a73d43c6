/* slots: an id is a place in the low bits and a serial number above; free places are linked. */
#include "daemon/pipe/slots.h"

#include <stdlib.h>

#define PLACE_BITS 20 /* a million in flight at once */
#define PLACES (1u << PLACE_BITS)

struct slot {
	uint64_t id;
	void *what; /* NULL: free */
	uint32_t next_free;
};

static int grow(struct slots *s)
{
	uint32_t room = s->room ? s->room * 2 : 64;
	struct slot *at = room <= PLACES ? reallocarray(s->at, room, sizeof(*at)) : NULL;

	if (!at)
		return 0;
	for (uint32_t i = s->room; i < room; i++)
		at[i] = (struct slot){ 0, NULL, i + 1 < room ? i + 2 : 0 };
	s->first_free = s->room + 1;
	s->at = at;
	s->room = room;
	return 1;
}

uint64_t slots_take(struct slots *s, void *what)
{
	struct slot *x;

	if (s->first_free == 0 && !grow(s))
		return 0;
	x = &s->at[s->first_free - 1];
	x->id = (++s->serial << PLACE_BITS) | (s->first_free - 1);
	x->what = what;
	s->first_free = x->next_free;
	return x->id;
}

static struct slot *slot_of(const struct slots *s, uint64_t id)
{
	uint64_t place = id & (PLACES - 1);

	return place < s->room && s->at[place].what && s->at[place].id == id ? &s->at[place] : NULL;
}

void *slots_find(const struct slots *s, uint64_t id)
{
	struct slot *x = slot_of(s, id);

	return x ? x->what : NULL;
}

void slots_release(struct slots *s, uint64_t id)
{
	struct slot *x = slot_of(s, id);

	if (!x)
		return;
	x->what = NULL;
	x->next_free = s->first_free;
	s->first_free = (uint32_t)(id & (PLACES - 1)) + 1;
}

void *slots_each(const struct slots *s, uint32_t *i)
{
	while (*i < s->room) {
		void *what = s->at[(*i)++].what;

		if (what)
			return what;
	}
	return NULL;
}

void slots_fini(struct slots *s)
{
	free(s->at);
	*s = (struct slots){ .at = NULL };
}
