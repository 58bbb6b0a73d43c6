/*
 * tie: a document against the window before it. Feeds list the newest items and push out the oldest: when an item of the last window is still listed, what
 * came since stands above it. Two things weaken that. An item that is pinned stays for ever: so when the newest items that are known, three at
 * least, have all gone while older ones stay, it is a gap too. And items that were read by a poll whose own line never became durable
 * are known without ever having been in a window: only the window counts.
 */
#include "daemon/pipe/engine_priv.h"
#include "daemon/pipe/window.h"

#include <stdlib.h>

#define NEWEST_GONE_MIN 3 /* publishers withdraw one item, or replace it under another id: that is no gap */

struct look { /* what one look over the items tells */
	size_t listed; /* in the last window, surely */
	size_t fresh; /* unknown */
	size_t old; /* known, and no longer listed when they were last heard of */
	bool newest; /* one of the newest that were known */
	uint64_t newest_names[NEWEST_MAX]; /* those */
	unsigned newest_count;
	bool anchor; /* one of the window before the gap that is being walked back to */
};

static const struct seen_entry *known_as(const struct engine *x, const struct job_item *item)
{
	for (unsigned k = 0; k < item->alias_count; k++) {
		const struct seen_entry *s = seen_find(x->seen, item->aliases[k].hash);

		if (s && (item->aliases[k].use != ALIAS_WEAK || s->content == item->content))
			return s;
	}
	return NULL;
}

static bool is_newest(const struct look *l, const struct job_item *item)
{
	for (unsigned i = 0; i < l->newest_count; i++)
		for (unsigned k = 0; k < item->alias_count; k++)
			if (item->aliases[k].hash == l->newest_names[i])
				return true;
	return false;
}

static void look_at(const struct engine *x, const struct poll *p, const struct job_item *item, struct look *l)
{
	const struct seen_entry *s = item->stub ? NULL : known_as(x, item);

	l->listed += item->stub;
	l->fresh += !item->stub && !s;
	l->old += s && s->last != SEEN_LISTED;
	l->newest = l->newest || ((item->stub || s) && is_newest(l, item));
	l->anchor = l->anchor || (p->archive && walk_is_anchor(p->after.walk, item));
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The names of the last window, sorted, in a buffer of the engine. False: memory, or the state. */
static bool load_names(
    struct engine *x, const struct poll *p, const uint64_t **sorted, size_t *count, struct err *e)
{
	struct str window;
	struct rd r;
	uint64_t *to;

	buf_reset(&x->scratch);
	buf_reset(&x->window_scratch);
	*count = 0;
	if (!window_load(x, feed_name(p->feed_conf), &window, e))
		return false;
	window_names(window, &x->scratch);
	to = (uint64_t *)(void *)buf_reserve(&x->window_scratch, x->scratch.n + sizeof(*to));
	if (x->scratch.failed || !to)
		return err_nomem(e);
	r = (struct rd){ x->scratch.p, x->scratch.n, false };
	while (r.n)
		to[(*count)++] = rd_le64(&r);
	if (*count)
		qsort(to, *count, sizeof(*to), compare);
	*sorted = to;
	return true;
}

/* Items that changed since are listed under their names. */
static bool look_for_names(
    struct engine *x, const struct poll *p, const struct job_answer *a, struct look *l, struct err *e)
{
	const uint64_t *sorted = NULL;
	size_t count;

	if (l->listed || p->feed->state.window == 0)
		return true;
	if (!load_names(x, p, &sorted, &count, e))
		return false;
	for (size_t i = 0; count && i < a->item_count; i++)
		for (unsigned k = 0; k < a->items[i].alias_count; k++)
			l->listed +=
			    a->items[i].aliases[k].use != ALIAS_WEAK &&
			    bsearch(&a->items[i].aliases[k].hash, sorted, count, sizeof(*sorted), compare);
	return true;
}

static enum tie judge(const struct poll *p, const struct job_answer *a, const struct look *l)
{
	const struct feedstate *s = &p->after;

	if (a->item_total == 0 && a->complete)
		return p->feed->state.window ? TIE_EMPTY : TIE_FIRST;
	if (p->feed->state.window == 0)
		return p->overlap ? TIE_OVERLAP : TIE_FIRST;
	if (l->listed && (!a->complete || l->fresh == 0 || l->newest || l->newest_count < NEWEST_GONE_MIN))
		return TIE_OVERLAP;
	if (!a->complete)
		return TIE_CUT;
	if (s->moved)
		return TIE_MOVED;
	if (s->empty)
		return TIE_AFTER_EMPTY;
	return l->fresh == 0 && l->old ? TIE_KNOWN : TIE_GAP;
}

/* A new one's first name that is its own; 0: it has none. */
static uint64_t own_name(const struct engine *x, const struct job_item *item)
{
	if (item->stub || known_as(x, item))
		return 0;
	for (unsigned k = 0; k < item->alias_count; k++)
		if (item->aliases[k].use == ALIAS_STRONG)
			return item->aliases[k].hash;
	return 0;
}

/* In what order a document lists its items is not known: of many that came at once some from every part of it. */
static bool note_newest(const struct engine *x, struct feedstate *s, const struct job_answer *a,
    const struct look *l, struct err *e)
{
	uint64_t now[2 * NEWEST_MAX];
	size_t met = 0, n = 0;

	for (size_t i = 0; i < a->item_count && n < NEWEST_MAX; i++) {
		uint64_t name = own_name(x, &a->items[i]);

		if (name && (l->fresh <= NEWEST_MAX || met * (NEWEST_MAX - 1) >= n * (l->fresh - 1)))
			now[n++] = name;
		met += name != 0;
	}
	for (unsigned i = 0; i < l->newest_count; i++)
		now[n++] = l->newest_names[i];
	return feedstate_set_newest(s, now, n < NEWEST_MAX ? (unsigned)n : NEWEST_MAX, e);
}

bool tie_document(struct engine *x, struct poll *p, const struct job_answer *a, struct err *e)
{
	struct look l = { .listed = 0 };

	l.newest_count = feedstate_newest(&p->after, l.newest_names);
	for (size_t i = 0; i < a->item_count; i++)
		look_at(x, p, &a->items[i], &l);
	if (p->archive)
		return archive_read(x, p, a, l.anchor, e);
	p->news = l.fresh;
	if (p->pushed)
		return true;
	if (!look_for_names(x, p, a, &l, e))
		return false;
	p->tie = judge(p, a, &l);
	if (p->tie == TIE_GAP && !gap_begin(x, p, a, l.listed != 0, e))
		return false;
	if (l.fresh && !p->first && !note_newest(x, &p->after, a, &l, e))
		return false;
	if (a->complete) {
		p->after.empty = a->item_total == 0;
		p->after.moved = false;
	}
	return true;
}
