/*
 * stores_recover: one pass over the journal that brings every lagging store forward, at a start and whenever a disk was full, a sync failed
 * or a group was too large for memory. Owns nothing. One store's trouble does not stop the others.
 */
#include "daemon/store/stores_priv.h"

#include "daemon/store/names.h"

struct pass {
	struct stores *s;
	uint64_t bytes_left;
	uint64_t reached; /* last lsn that was looked at */
	bool cut_short;
	struct err *first;
};

static void give_up(struct pass *p, struct store *st, const struct err *why)
{
	st->failed = true;
	if (p->first->kind == ERR_NONE)
		*p->first = *why;
}

static bool pass_entry(void *ctx, const struct journal_entry *entry)
{
	struct pass *p = ctx;
	struct stores *s = p->s;
	struct str routes = entry->routes;

	if (entry->lsn > s->applied_lsn)
		return false;
	while (routes.n > 0) {
		struct err why = { 0 };
		struct str name = str_cut(&routes, '\n');
		struct store *st = stores_find(s, name);

		if (!st || !st->lagging || st->failed || entry->lsn <= st->tail_lsn || entry->line.n == 0)
			continue;
		if (!match_line(s, st, entry->line, entry->lsn, &why))
			give_up(p, st, &why);
	}
	p->reached = entry->lsn;
	if (p->bytes_left < entry->line.n) {
		p->cut_short = true;
		return false;
	}
	p->bytes_left -= entry->line.n;
	return true;
}

static uint64_t begin_all(struct pass *p)
{
	struct stores *s = p->s;
	uint64_t from = UINT64_MAX;

	for (size_t i = 0; i < s->count; i++) {
		struct store *st = s->list[i];
		struct err why = { 0 };

		st->failed = false;
		if (!st->lagging)
			continue;
		if (!match_begin(s, st, &why))
			give_up(p, st, &why);
		else if (st->tail_lsn + 1 < from)
			from = st->tail_lsn + 1;
	}
	return from;
}

/* A pass that was cut short leaves a store lagging behind a good cursor, or as doubtful as before. */
static void end_one(struct pass *p, struct store *st)
{
	struct stores *s = p->s;
	struct err why = { 0 };

	if (!st->failed && !(p->cut_short ? store_write(s, st, &why) : match_end(s, st, &why)))
		give_up(p, st, &why);
	match_fini(s, st);
	if (st->failed || p->cut_short) {
		store_lag(st, false);
		return;
	}
	st->lagging = st->doubtful = st->rewrite = false;
	st->tail_lsn = s->applied_lsn;
}

bool stores_catch_up(struct stores *s, uint64_t bytes_max, struct err *e)
{
	struct err first = { 0 }, why = { 0 };
	struct pass p = { .s = s, .bytes_left = bytes_max, .first = &first };
	uint64_t from = begin_all(&p);
	bool read = true;

	if (from < journal_first_lsn(s->journal) && from <= s->applied_lsn) {
		if (!s->unknown_past)
			stores_note(s, "entries %llu to %llu are not in the journal any more",
			    (unsigned long long)from, (unsigned long long)journal_first_lsn(s->journal) - 1);
		from = journal_first_lsn(s->journal);
	}
	if (from <= s->applied_lsn)
		read = journal_read(s->journal, from, pass_entry, &p, &why);
	for (size_t i = 0; i < s->count; i++) {
		struct store *st = s->list[i];

		if (!st->lagging)
			continue;
		if (!read)
			give_up(&p, st, &why);
		end_one(&p, st);
	}
	if (first.kind == ERR_NONE && p.cut_short)
		return err_set(e, ERR_BUSY, 0, "stores: still catching up, at entry %llu",
		    (unsigned long long)p.reached);
	return first.kind == ERR_NONE || err_set(e, first.kind, first.sys, "%s", first.text);
}
