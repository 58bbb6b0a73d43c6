/*
 * apply: what follows from a durable entry: names are remembered, feeds' states kept, deliveries owed, all of one group in one transaction
 * together with the lsn; that of a few groups where more of them are on their way. The same code runs after a commit and at start, so a crash between
 * the two changes nothing.
 */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/window.h"

#include <endian.h>
#include <string.h>

#define STATE_CHAINS "chains"
#define WINDOW_NAME_MAX 512 /* bytes: "window/" and a feed's name */
#define RAISED_MAX (2u << 20) /* bytes: the names of all alerts that there may be */
#define CATCH_UP_MAX 20000 /* entries of one transaction when rolling forward */

struct applying {
	struct engine *x;
	bool live; /* this very group, so the table of what was seen is as the state was before it */
	bool other; /* there is more in it than what polls bring */
	uint64_t last_lsn, entries, owed;
	struct buf raised; /* alerts: le64 wall ms of the newest item or event that raised it, name */
	struct chains chains;
	struct err *e;
	bool ok;
};

static bool window_name(struct str feed, char name[WINDOW_NAME_MAX])
{
	if (feed.n + sizeof("window/") > WINDOW_NAME_MAX)
		return false;
	memcpy(name, "window/", sizeof("window/") - 1);
	memcpy(name + sizeof("window/") - 1, feed.p, feed.n);
	name[sizeof("window/") - 1 + feed.n] = 0;
	return true;
}

bool window_load(struct engine *x, struct str feed, struct str *window, struct err *e)
{
	char name[WINDOW_NAME_MAX];
	size_t n;

	*window = STR("");
	if (!window_name(feed, name))
		return err_set(e, ERR_LIMIT, 0, "a feed's name is too long");
	if (!state_get(x->parts.state, name, x->window_text, WINDOW_MAX, &n, e))
		return false;
	if (n != STATE_ABSENT)
		*window = str_of(x->window_text, n < WINDOW_MAX ? n : WINDOW_MAX);
	return true;
}

struct touching {
	struct applying *a;
	uint32_t last;
};

static window_alias_f on_moved;
static bool on_moved(void *ctx, uint64_t alias)
{
	struct touching *t = ctx;
	struct seen_entry *s = seen_find(t->a->x->seen, alias);

	if (t->a->live && (!s || s->last == t->last))
		return true;
	if (s)
		s->last = t->last;
	return state_seen_touch(t->a->x->parts.state, alias, t->last, t->a->e);
}

/* Names that left the window may be forgotten some day; names that came back may not. */
static bool apply_window(struct applying *a, const struct poll_entry *p)
{
	struct engine *x = a->x;
	struct touching left = { a, (uint32_t)(p->at / 1000) };
	struct touching listed = { a, SEEN_LISTED };
	char name[WINDOW_NAME_MAX];
	struct str old;

	if (!window_load(x, p->feed, &old, a->e) || !window_name(p->feed, name))
		return false;
	return window_difference(old, p->window, &x->window_scratch, on_moved, &left, a->e) &&
	       window_difference(p->window, old, &x->window_scratch, on_moved, &listed, a->e) &&
	       state_put(x->parts.state, name, p->window, a->e);
}

bool apply_departed(struct engine *x, struct str feed, uint32_t last, struct err *e)
{
	struct applying a = { .x = x, .e = e };
	struct touching left = { &a, last };
	char name[WINDOW_NAME_MAX];
	struct str old;

	return window_load(x, feed, &old, e) && window_name(feed, name) &&
	       window_difference(old, STR(""), &x->window_scratch, on_moved, &left, e) &&
	       state_delete(x->parts.state, name, e) && state_feed_delete(x->parts.state, feed, e);
}

static bool put_names(struct applying *a, const struct item_entry *item)
{
	for (unsigned k = 0; k < item->alias_count; k++) {
		struct state_seen row = { item->aliases[k], item->number, item->content, item->last };

		if (!state_seen_put(a->x->parts.state, &row, a->e))
			return false;
	}
	return true;
}

/* Each alert once: bursts are looked for when all of the group are there. */
static void note_raised(struct applying *a, struct str alert, int64_t at)
{
	struct rd r = { a->raised.p, a->raised.n, false };

	while (r.n) {
		char *place = a->raised.p + (a->raised.n - r.n);
		int64_t before = (int64_t)rd_le64(&r);
		uint64_t newest = htole64((uint64_t)(at > before ? at : before));

		if (str_eq(rd_str32(&r), alert)) {
			memcpy(place, &newest, sizeof(newest));
			return;
		}
	}
	buf_le64(&a->raised, (uint64_t)at);
	buf_str32(&a->raised, alert);
}

static bool owe(struct applying *a, const struct owed *o, struct str alerts)
{
	while (alerts.n) {
		struct str alert = str_cut(&alerts, '\n');

		if (!owe_alert(a->x, o, alert, a->e))
			return false;
		note_raised(a, alert, o->at);
		a->owed++;
	}
	return !a->raised.failed || err_nomem(a->e);
}

static bool look_for_bursts(struct applying *a)
{
	struct rd r = { a->raised.p, a->raised.n, false };

	while (r.n) {
		int64_t at = (int64_t)rd_le64(&r);

		if (!gather_burst(a->x, rd_str32(&r), at, a->e))
			return false;
	}
	return true;
}

static bool apply_item(struct applying *a, const struct journal_entry *entry)
{
	struct item_entry item;

	if (!item_entry_decode(entry->meta, &item) || !chain_follow(&a->chains.items, item.seq, entry->line))
		return err_set(a->e, ERR_PARSE, 0, "journal: the meta of a record is of an unknown form");
	if (!put_names(a, &item) ||
	    (item.remembered.n &&
	        !state_numbered_put(a->x->parts.state, STATE_ITEMS, item.number, item.remembered, a->e)) ||
	    (item.case_item.n &&
	        !state_numbered_put(a->x->parts.state, STATE_FINGERPRINTS, item.seq, item.case_item, a->e)))
		return false;
	if (item.kind == RECORD_REPLAY && !replays_remember(a->x, item.replays, item.topic, a->e))
		return false;
	return owe(a, &(struct owed){ false, item.seq, item.at, item.delivery, entry->line }, item.alerts);
}

static bool apply_poll(struct applying *a, const struct journal_entry *entry)
{
	struct poll_entry p;

	if (!poll_entry_decode(entry->meta, &p) || !chain_follow(&a->chains.polls, p.seq, entry->line))
		return err_set(a->e, ERR_PARSE, 0, "journal: the meta of a poll is of an unknown form");
	if (p.has_window && !apply_window(a, &p))
		return false;
	return state_feed_put(a->x->parts.state, p.feed, p.feedstate, a->e);
}

static bool apply_letter(struct applying *a, const struct journal_entry *entry)
{
	struct letter_entry l;

	if (!letter_entry_decode(entry->meta, &l) || !chain_follow(&a->chains.letters, l.seq, entry->line))
		return err_set(
		    a->e, ERR_PARSE, 0, "journal: the meta of a dead letter is of an unknown form");
	struct state_delivery d = {
		.key = l.key,
		.status = DELIVERY_DEAD,
		.attempts = l.attempts,
		.due_ms = INT64_MAX,
		.last_error = l.error,
	};
	return state_delivery_update(a->x->parts.state, &d, a->e);
}

static bool apply_review(struct applying *a, const struct journal_entry *entry)
{
	return reviews_apply(a->x, entry, a->e);
}

static bool apply_event(struct applying *a, const struct journal_entry *entry)
{
	struct event_entry v;

	if (!event_entry_decode(entry->meta, &v) || !chain_follow(&a->chains.events, v.seq, entry->line))
		return err_set(a->e, ERR_PARSE, 0, "journal: the meta of an event is of an unknown form");
	return owe(a, &(struct owed){ true, v.seq, v.at, v.key, entry->line }, v.alerts);
}

typedef bool apply_f(struct applying *a, const struct journal_entry *entry);
static apply_f *const appliers[] = {
	[ENTRY_ITEM] = apply_item,
	[ENTRY_POLL] = apply_poll,
	[ENTRY_LETTER] = apply_letter,
	[ENTRY_REVIEW] = apply_review,
	[ENTRY_EVENT] = apply_event,
};

static journal_each_f on_entry;
static bool on_entry(void *ctx, const struct journal_entry *entry)
{
	struct applying *a = ctx;

	/* Types of a newer version are lines for the stores; what else they meant is its business. */
	if (entry->type < ARRAY_LEN(appliers) && appliers[entry->type] && !appliers[entry->type](a, entry)) {
		a->ok = false;
		return false;
	}
	a->last_lsn = entry->lsn;
	a->other |= entry->type != ENTRY_ITEM && entry->type != ENTRY_POLL;
	return ++a->entries < CATCH_UP_MAX || a->live;
}

static bool load_chains(struct engine *x, struct chains *chains, struct err *e)
{
	char bytes[CHAINS_LEN];
	size_t n;

	if (!state_get(x->parts.state, STATE_CHAINS, bytes, sizeof(bytes), &n, e))
		return false;
	if (n == STATE_ABSENT) {
		chains_init(chains);
		return true;
	}
	if (chains_decode(str_of(bytes, n < sizeof(bytes) ? n : sizeof(bytes)), chains))
		return true;
	return err_set(e, ERR_IO, 0, "state: the chains of the ledgers are damaged");
}

static bool put_chains(struct applying *a)
{
	struct buf b;
	bool ok;

	buf_init(&b, CHAINS_LEN);
	chains_encode(&a->chains, &b);
	ok = !b.failed || err_nomem(a->e);
	ok = ok && state_put(a->x->parts.state, STATE_CHAINS, buf_view(&b), a->e);
	buf_fini(&b);
	return ok;
}

static struct applying begin(struct engine *x, bool live, struct err *e)
{
	struct applying a = { .x = x, .live = live, .e = e };

	buf_init(&a.raised, RAISED_MAX);
	a.ok = load_chains(x, &a.chains, e) &&
	       (live ? state_go_on(x->parts.state, e) : state_begin(x->parts.state, e));
	return a;
}

/* While more is on its way, and nobody waits for what this group brings. */
static bool may_linger(const struct applying *a)
{
	const struct engine *x = a->x;

	return a->live && !a->other && a->owed == 0 && !x->draining && polls_under_way(x) &&
	       mono(x) < x->house.settle_at;
}

static bool finish(struct applying *a)
{
	struct state *s = a->x->parts.state;

	if (may_linger(a)) {
		house_will_settle(a->x);
		return state_linger(s, a->last_lsn, a->e);
	}
	a->x->house.settle_at = INT64_MAX;
	return state_commit(s, a->last_lsn, a->e);
}

static bool end(struct applying *a)
{
	struct state *s = a->x->parts.state;

	if (a->ok && a->entries == 0) { /* what is left of the journal is damaged, and was said to be */
		state_rollback(s);
		return true;
	}
	a->ok = a->ok && look_for_bursts(a) && put_chains(a) && finish(a);
	buf_fini(&a->raised);
	if (!a->ok)
		state_rollback(s);
	else if (a->owed)
		a->x->alerts.next_due = INT64_MIN;
	return a->ok;
}

/* One transaction's worth of the journal. *entries: 0 at its end. */
static bool roll(struct engine *x, uint64_t *entries, struct err *e)
{
	struct applying a;
	uint64_t from;

	*entries = 0;
	if (!state_settle(x->parts.state, e)) /* else what lingers would be applied once more */
		return false;
	from = state_applied_lsn(x->parts.state) + 1;
	if (from >= journal_next_lsn(x->parts.journal))
		return true;
	a = begin(x, false, e);
	a.ok = a.ok && (journal_read(x->parts.journal, from, on_entry, &a, e) || !a.ok) && a.ok;
	*entries = a.entries;
	return end(&a);
}

/* The state is new, or a copy from before, and the journal has no more of what it lacks: the records themselves tell how far their numbers went. */
static bool rebuild(struct engine *x, struct err *e)
{
	struct state *s = x->parts.state;
	struct applying a = begin(x, false, e);
	uint64_t first = journal_first_lsn(x->parts.journal), applied = state_applied_lsn(s);
	uint64_t known = a.chains.items.seq;

	if (a.ok && rebuild_chains(x, &a.chains, e) &&
	    (a.chains.items.seq == known || rebuild_seen(x, known, e)) && reviews_rebuild(x, e) &&
	    put_chains(&a) && state_commit(s, applied + 1 < first ? first - 1 : applied, e))
		return true;
	state_rollback(s);
	return false;
}

/* Is the journal able to bring the state forward by itself? */
static bool must_rebuild(struct engine *x, bool *must, struct err *e)
{
	uint64_t from = state_applied_lsn(x->parts.state) + 1, first = journal_first_lsn(x->parts.journal);
	char bytes[CHAINS_LEN];
	size_t n;

	if (!state_get(x->parts.state, STATE_CHAINS, bytes, sizeof(bytes), &n, e))
		return false;
	*must = n == STATE_ABSENT || from < first;
	if (n != STATE_ABSENT && from < first)
		log_warn("state-incomplete", LOG_INT("from", from), LOG_INT("first", first));
	return true;
}

bool apply_roll_forward(struct engine *x, uint64_t *entries, struct err *e)
{
	struct commits *c = &x->commits;
	bool must;
	uint64_t n;

	*entries = 0;
	if (!must_rebuild(x, &must, e) || (must && !rebuild(x, e)))
		return false;
	do {
		if (!roll(x, &n, e))
			return false;
		*entries += n;
		if (n)
			engine_goes_on(x);
	} while (n);
	return load_chains(x, &c->chains, e);
}

static journal_each_f remember;
static bool remember(void *ctx, const struct journal_entry *entry)
{
	struct engine *x = ctx;
	struct item_entry item;

	stores_apply(x->parts.stores, entry);
	x->house.bytes_since_checkpoint += entry->line.n;
	if (entry->type != ENTRY_ITEM || !item_entry_decode(entry->meta, &item))
		return true;
	for (unsigned k = 0; k < item.alias_count; k++)
		seen_add(x->seen, item.aliases[k], item.content, item.last);
	return true;
}

void apply_group(struct engine *x)
{
	struct err e = { .kind = ERR_NONE };
	struct applying a;

	/* Durable is known, whatever becomes of the state. */
	journal_group_each(x->commits.group, remember, x);
	if (x->house
	        .state_lags) /* what came before is still missing: house_tick reads all of it from the journal */
		return;
	a = begin(x, true, &e);
	if (a.ok)
		journal_group_each(x->commits.group, on_entry, &a);
	if (!end(&a))
		house_state_failed(x, &e);
}

static state_seen_f on_seen_row;
static bool on_seen_row(void *ctx, const struct state_seen *row)
{
	seen_add(ctx, row->alias, row->content, row->last);
	return true;
}

bool apply_load_seen(struct engine *x, struct err *e)
{
	uint64_t count;

	return state_seen_count(x->parts.state, &count, e) && seen_reserve(x->seen, count, e) &&
	       state_seen_each(x->parts.state, on_seen_row, x->seen, e);
}

static state_numbered_f on_case_row;
static bool on_case_row(void *ctx, uint64_t number, struct str blob)
{
	struct case_item item;

	(void)number;
	if (case_item_decode(blob, &item))
		(void)!cases_add(((struct engine *)ctx)->cases, &item);
	return true;
}

/* One that cannot be read, or has no memory, is not known again, and the newer ones are all the same: its text is another case then, no error.
 * When none is to be remembered, the state forgets them too. */
bool apply_load_cases(struct engine *x, struct err *e)
{
	struct state *s = x->parts.state;

	if (x->conf->records.case_items == 0) {
		if (state_begin(s, e) && state_numbered_delete(s, STATE_FINGERPRINTS, 0, INT64_MAX, e) &&
		    state_commit(s, state_applied_lsn(s), e))
			return true;
		state_rollback(s);
		return false;
	}
	return state_numbered_each(x->parts.state, STATE_FINGERPRINTS, 0, UINT32_MAX, on_case_row, x, e);
}
