/* feedtext: their lengths, and the texts behind them in their order. */
#include "daemon/pipe/feedtext.h"

#include <stdlib.h>
#include <string.h>

struct feedtexts {
	uint16_t room[FEEDTEXTS]; /* bytes of each with its NUL; 0: none */
	char bytes[];
};

static size_t place_of(const struct feedtexts *t, unsigned which)
{
	size_t place = 0;

	for (unsigned i = 0; i < which; i++)
		place += t->room[i];
	return place;
}

void feedtexts_free(struct feedtexts **t)
{
	free(*t);
	*t = NULL;
}

bool feedtexts_copy(const struct feedtexts *from, struct feedtexts **to, struct err *e)
{
	size_t size = from ? sizeof(*from) + place_of(from, FEEDTEXTS) : 0;

	*to = NULL;
	if (!from)
		return true;
	*to = malloc(size);
	if (!*to)
		return err_nomem(e);
	memcpy(*to, from, size);
	return true;
}

const char *feedtext(const struct feedtexts *t, enum feedtext which)
{
	return t && t->room[which] ? t->bytes + place_of(t, which) : NULL;
}

struct str feedtext_str(const struct feedtexts *t, enum feedtext which)
{
	const char *p = feedtext(t, which);

	return (struct str){ p, p ? t->room[which] - 1u : 0 };
}

void feedtext_drop(struct feedtexts **texts, enum feedtext which)
{
	struct feedtexts *t = *texts;
	size_t at, all;

	if (!t || t->room[which] == 0)
		return;
	at = place_of(t, which);
	all = place_of(t, FEEDTEXTS);
	memmove(t->bytes + at, t->bytes + at + t->room[which], all - at - t->room[which]);
	all -= t->room[which];
	t->room[which] = 0;
	if (all == 0)
		feedtexts_free(texts);
}

/* With room for `value` at its place, and nothing else there. */
static struct feedtexts *with_room(const struct feedtexts *from, enum feedtext which, size_t room)
{
	size_t before = from ? place_of(from, which) : 0, all = from ? place_of(from, FEEDTEXTS) : 0;
	size_t old = from ? from->room[which] : 0, rest = all - before - old;
	struct feedtexts *t = malloc(sizeof(*t) + before + room + rest);

	if (!t)
		return NULL;
	memset(t, 0, sizeof(*t));
	if (from) {
		memcpy(t->room, from->room, sizeof(t->room));
		memcpy(t->bytes, from->bytes, before);
		memcpy(t->bytes + before + room, from->bytes + before + old, rest);
	}
	t->room[which] = (uint16_t)room;
	return t;
}

bool feedtext_set(struct feedtexts **texts, enum feedtext which, struct str value, struct err *e)
{
	struct feedtexts *t;
	char *to;

	if (value.n == 0 || value.n > FEEDTEXT_MAX) {
		feedtext_drop(texts, which);
		return true;
	}
	if (str_eq(feedtext_str(*texts, which), value)) /* nearly always */
		return true;
	t = with_room(*texts, which, value.n + 1);
	if (!t)
		return err_nomem(e);
	to = t->bytes + place_of(t, which);
	memcpy(to, value.p, value.n);
	to[value.n] = '\0';
	free(*texts);
	*texts = t;
	return true;
}
