/*
 * forget: names go some time after their item was last listed, a part of all names at a time; what is remembered of items goes with the last of
 * their names. Names are known in memory, items on the disk alone: so items are walked, some at a time, and asked for their names. A feed that
 * left the configuration goes as long after its last poll as a name after it was last listed.
 */
#include "daemon/pipe/engine_priv.h"

#define PRUNE_MIN 1000u /* texts that are left behind before a transaction is worth it */
#define NAMES_TURN_MAX 4096u /* names that one turn looks at, or little more: they are spread evenly */
#define TURN_MAX 5000u /* items of one turn: some milliseconds */
#define DEPARTED_MAX 16u /* feeds of one day */
#define DEPARTED_NAMES_MAX (64u << 10) /* bytes */

void house_begin_names(struct engine *x, uint32_t before)
{
	struct forgetting_names names = { .going = true, .before = before, .span = UINT64_MAX };

	for (size_t n = seen_count(x->seen); n > NAMES_TURN_MAX; n /= 2)
		names.span /= 2;
	x->house.names = names;
}

/* Both or none: what only one of them knew would be news again after a restart. */
void house_forget_names(struct engine *x)
{
	struct forgetting_names *n = &x->house.names;
	uint64_t last = n->from + n->span, rows;
	struct err e = { .kind = ERR_NONE };

	if (state_seen_expire(x->parts.state, n->from, last, n->before, &rows, &e)) {
		n->count += seen_expire(x->seen, n->from, last, n->before);
		n->from = last + 1;
		n->going = last != UINT64_MAX;
	} else {
		log_warn("expiry-failed", LOG_CSTR("error", e.text));
		n->going = false;
	}
	if (!n->going && n->count)
		log_info("names-forgotten", LOG_INT("count", n->count));
}

struct forgetting {
	struct engine *x;
	uint64_t last; /* number of the last one that was looked at; 0: none */
	uint64_t gone[TURN_MAX];
	size_t count;
};

static state_numbered_f on_item;
static bool on_item(void *ctx, uint64_t number, struct str blob)
{
	struct forgetting *f = ctx;
	struct remembered r;
	bool named = false;

	f->last = number;
	if (remembered_decode(blob, &r))
		for (unsigned i = 0; i < r.alias_count; i++)
			named = named || seen_find(f->x->seen, r.aliases[i]);
	if (!named)
		f->gone[f->count++] = number;
	return true;
}

static bool delete_all(struct forgetting *f, struct err *e)
{
	struct state *s = f->x->parts.state;

	if (f->count == 0)
		return true;
	if (!state_begin(s, e))
		return false;
	for (size_t i = 0; i < f->count; i++)
		if (!state_numbered_delete(s, STATE_ITEMS, f->gone[i], f->gone[i] + 1, e)) {
			state_rollback(s);
			return false;
		}
	return state_commit(s, state_applied_lsn(s), e);
}

bool house_forget_items(struct engine *x)
{
	struct forgetting f = { .x = x };
	struct err e = { .kind = ERR_NONE };

	if (!state_numbered_each(
	        x->parts.state, STATE_ITEMS, x->house.expire_from, TURN_MAX, on_item, &f, &e) ||
	    !delete_all(&f, &e)) {
		log_warn("expiry-failed", LOG_CSTR("error", e.text));
		f.last = 0;
	}
	x->house.expire_from = f.last + (f.last != 0);
	return f.last == 0;
}

void house_prune_cases(struct engine *x)
{
	struct state *s = x->parts.state;
	struct err e = { .kind = ERR_NONE };
	uint64_t oldest = cases_oldest(x->cases);

	if (oldest < x->house.pruned + PRUNE_MIN || x->house.state_lags)
		return;
	if (state_begin(s, &e) && state_numbered_delete(s, STATE_FINGERPRINTS, 0, oldest, &e) &&
	    state_commit(s, state_applied_lsn(s), &e)) {
		x->house.pruned = oldest;
		return;
	}
	state_rollback(s);
	log_warn("expiry-failed", LOG_CSTR("error", e.text));
}

struct departing {
	struct engine *x;
	int64_t before; /* wall ms */
	struct arena *names;
	struct str feeds[DEPARTED_MAX];
	size_t count;
};

static state_feed_f on_feed;
static bool on_feed(void *ctx, struct str name, struct str blob)
{
	struct departing *d = ctx;
	struct feedstate state;
	struct err ignored = { .kind = ERR_NONE };
	int64_t polled_at = 0;

	if (roster_find(d->x, name))
		return true;
	if (feedstate_decode(blob, &state, &ignored)) {
		polled_at = state.polled_at;
		feedstate_fini(&state);
	}
	if (polled_at < d->before)
		d->feeds[d->count++] = arena_str(d->names, name);
	return d->count < DEPARTED_MAX;
}

static bool delete_departed(struct departing *d, uint32_t now, struct err *e)
{
	struct state *s = d->x->parts.state;

	if (d->count == 0)
		return true;
	if (!state_begin(s, e))
		return false;
	for (size_t i = 0; i < d->count; i++)
		if (!apply_departed(d->x, d->feeds[i], now, e)) {
			state_rollback(s);
			return false;
		}
	return state_commit(s, state_applied_lsn(s), e);
}

void house_forget_feeds(struct engine *x, int64_t before, int64_t now)
{
	struct err e = { .kind = ERR_NONE };
	struct departing d = { .x = x, .before = before, .names = arena_new(DEPARTED_NAMES_MAX) };
	bool ok = d.names || err_nomem(&e);

	ok = ok && state_feed_each(x->parts.state, on_feed, &d, &e) &&
	     (!arena_failed(d.names) || err_nomem(&e)) && delete_departed(&d, (uint32_t)(now / 1000), &e);
	if (!ok)
		log_warn("expiry-failed", LOG_CSTR("error", e.text));
	else if (d.count)
		log_info("feeds-forgotten", LOG_INT("count", d.count));
	arena_free(&d.names);
}
