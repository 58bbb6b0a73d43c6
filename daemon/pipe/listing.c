/* listing: old entries are found by any of their names in a sorted table. */
#include "daemon/pipe/listing.h"

#include <stdlib.h>

#define TABLE_MAX ((size_t)64 << 20) /* bytes: the names of two windows with their places */
/* One entry in so many may stand out of order (a notice that is kept on top) and the document is still in the order of its dates. */
#define ORDER_SLACK 8

struct named {
	uint64_t alias;
	size_t at; /* in `before` */
};

struct missed {
	size_t behind; /* places in `now` that it stands behind */
	size_t at; /* in `before` */
};

#define NOWHERE SIZE_MAX

struct comparing {
	struct listing *l;
	struct buf names; /* struct named, sorted */
	struct buf places; /* size_t: where an old entry stands now, or NOWHERE */
	struct buf missing; /* struct missed */
	size_t kept, first_kept, last_kept; /* old entries that are still there */
	uint32_t oldest; /* date of those; UINT32_MAX: none has one */
	bool ordered; /* by date */
};

void listing_init(struct listing *l)
{
	buf_init(&l->window, JOB_LISTED_MAX * sizeof(struct window_entry));
	buf_init(&l->withdrawn, JOB_LISTED_MAX * sizeof(struct window_entry));
}

void listing_fini(struct listing *l)
{
	buf_fini(&l->window);
	buf_fini(&l->withdrawn);
}

static size_t *places(const struct comparing *c)
{
	return (size_t *)(void *)c->places.p;
}

static int by_alias(const void *a, const void *b)
{
	uint64_t x = ((const struct named *)a)->alias, y = ((const struct named *)b)->alias;

	return (x > y) - (x < y);
}

static bool index_names(struct comparing *c, struct err *e)
{
	const struct listing *l = c->l;
	const size_t nowhere = NOWHERE;

	for (size_t i = 0; i < l->before_count; i++) {
		for (unsigned k = 0; k < l->before[i].alias_count; k++) {
			struct named n = { l->before[i].aliases[k], i };

			buf_add(&c->names, &n, sizeof(n));
		}
		buf_add(&c->places, &nowhere, sizeof(nowhere));
	}
	if (c->names.failed || c->places.failed)
		return err_nomem(e);
	if (c->names.n)
		qsort(c->names.p, c->names.n / sizeof(struct named), sizeof(struct named), by_alias);
	return true;
}

static const struct named *find_name(const struct comparing *c, uint64_t alias)
{
	const struct named wanted = { alias, 0 };

	return c->names.n
	           ? bsearch(&wanted, c->names.p, c->names.n / sizeof(wanted), sizeof(wanted), by_alias)
	           : NULL;
}

/* Names that it had are kept with it while it is listed. */
static void add_former(struct window_entry *x, const struct window_entry *old)
{
	for (unsigned i = 0; i < old->alias_count && x->alias_count < WINDOW_ALIASES_MAX; i++) {
		bool again = false;

		for (unsigned k = 0; k < x->alias_count; k++)
			again = again || x->aliases[k] == old->aliases[i];
		if (!again)
			x->aliases[x->alias_count++] = old->aliases[i];
	}
}

static struct window_entry place_entry(struct comparing *c, size_t at)
{
	const struct job_item *item = &c->l->now[at];
	struct window_entry x = window_entry_of(item);

	if (c->l->held[at])
		x.print = 0;
	for (unsigned k = 0; k < item->alias_count; k++) { /* also by a name that it shares now */
		const struct named *n = find_name(c, item->aliases[k].hash);

		if (!n || places(c)[n->at] != NOWHERE)
			continue;
		places(c)[n->at] = at;
		add_former(&x, &c->l->before[n->at]);
	}
	return x;
}

static void note_kept(struct comparing *c)
{
	const struct window_entry *before = c->l->before;
	size_t up = 0, down = 0, dated = 0;
	uint32_t last = 0;

	c->oldest = UINT32_MAX;
	for (size_t i = 0; i < c->l->before_count; i++) {
		uint32_t date = before[i].published;

		if (places(c)[i] == NOWHERE)
			continue;
		c->first_kept = c->kept++ == 0 ? i : c->first_kept;
		c->last_kept = i;
		if (date == 0)
			continue;
		c->oldest = date < c->oldest ? date : c->oldest;
		up += dated && date > last;
		down += dated && date < last;
		dated++;
		last = date;
	}
	c->ordered = (up < down ? up : down) * ORDER_SLACK <= dated;
}

static bool is_missed(const struct comparing *c, size_t i)
{
	const struct window_entry *x = &c->l->before[i];

	if (places(c)[i] != NOWHERE)
		return false;
	if (x->published)
		return c->ordered && c->oldest < x->published;
	return c->kept && i > c->first_kept && i < c->last_kept;
}

static bool find_missed(struct comparing *c, struct err *e)
{
	size_t behind = 0;

	for (size_t i = 0; i < c->l->before_count; i++) {
		struct missed m = { behind, i };

		if (places(c)[i] != NOWHERE)
			behind = places(c)[i] + 1;
		else if (is_missed(c, i))
			buf_add(&c->missing, &m, sizeof(m));
	}
	if (c->missing.n / sizeof(struct missed) > c->kept)
		buf_clear(&c->missing);
	return !c->missing.failed || err_nomem(e);
}

static int by_place(const void *a, const void *b)
{
	const struct missed *x = a, *y = b;

	if (x->behind != y->behind)
		return x->behind < y->behind ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static void take_missed(struct comparing *c, const struct missed *m)
{
	struct window_entry x = c->l->before[m->at];

	if (c->l->trusted && x.absent) {
		buf_add(&c->l->withdrawn, &x, sizeof(x));
		return;
	}
	c->l->missed += !x.absent;
	x.absent = true;
	buf_add(&c->l->window, &x, sizeof(x));
}

/* What is missed keeps its place among the others: by that it is judged the next time. */
static bool merge(struct comparing *c, const struct window_entry *now, struct err *e)
{
	const struct missed *m = (const struct missed *)(const void *)c->missing.p;
	size_t count = c->missing.n / sizeof(*m), room = JOB_LISTED_MAX - c->l->now_count, next = 0;

	if (count > room)
		count = 0;
	for (size_t i = 0; i <= c->l->now_count; i++) {
		for (; next < count && m[next].behind == i; next++)
			take_missed(c, &m[next]);
		if (i < c->l->now_count)
			buf_add(&c->l->window, &now[i], sizeof(now[i]));
	}
	return (!c->l->window.failed && !c->l->withdrawn.failed) || err_nomem(e);
}

/* A document that cannot be trusted proves nothing: who was missed before is missed still. */
static void carry_absent(struct comparing *c)
{
	struct missed *m = (struct missed *)(void *)c->missing.p;
	size_t count = c->missing.n / sizeof(*m), kept = 0;

	for (size_t i = 0; i < count; i++)
		if (c->l->before[m[i].at].absent)
			m[kept++] = m[i];
	c->missing.n = kept * sizeof(*m);
}

static bool compare_all(struct comparing *c, struct buf *now, struct err *e)
{
	if (!index_names(c, e))
		return false;
	for (size_t i = 0; i < c->l->now_count; i++) {
		struct window_entry x = place_entry(c, i);

		buf_add(now, &x, sizeof(x));
	}
	if (now->failed)
		return err_nomem(e);
	note_kept(c);
	if (!find_missed(c, e))
		return false;
	if (!c->l->trusted)
		carry_absent(c);
	if (c->missing.n)
		qsort(c->missing.p, c->missing.n / sizeof(struct missed), sizeof(struct missed), by_place);
	return merge(c, (const struct window_entry *)(const void *)now->p, e);
}

bool listing_compare(struct listing *l, struct err *e)
{
	struct comparing c = { .l = l };
	struct buf now;
	bool ok;

	buf_init(&c.names, TABLE_MAX);
	buf_init(&c.places, TABLE_MAX);
	buf_init(&c.missing, TABLE_MAX);
	buf_init(&now, JOB_LISTED_MAX * sizeof(struct window_entry));
	ok = compare_all(&c, &now, e);
	buf_fini(&c.names);
	buf_fini(&c.places);
	buf_fini(&c.missing);
	buf_fini(&now);
	return ok;
}
