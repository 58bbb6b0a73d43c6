/*
 * rebuild: the state is gone, the records are not. Numbers and chains go on behind the last line of each ledger, and the names of the items that
 * are still kept are made again from their records, so that nothing is written twice. What is owed to alerts and when a feed was asked is lost.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/identity.h"
#include "daemon/pipe/storage.h"
#include "daemon/store/reader.h"

#include <jansson.h>

#define SCRATCH_MAX (1u << 20) /* bytes: an id or a link in its canonical form */

struct rebuilding {
	struct engine *x;
	struct buf scratch;
	uint64_t items;
	uint32_t now; /* wall seconds */
	struct err *e;
};

/* A name that two records of a feed share says nothing by itself: `last` 0 marks it, and it is forgotten at the end. */
static bool remember(struct rebuilding *r, const struct identity *i, uint64_t seq)
{
	struct engine *x = r->x;

	if (!seen_reserve(x->seen, i->count, r->e))
		return false;
	for (unsigned k = 0; k < i->count; k++) {
		struct state_seen row = { i->aliases[k].hash, seq, i->content, r->now };

		if (seen_find(x->seen, row.alias))
			row.last = 0;
		if (!state_seen_put(x->parts.state, &row, r->e))
			return false;
		seen_add(x->seen, row.alias, row.content, row.last);
	}
	return true;
}

static struct str member(const json_t *record, const char *name)
{
	const json_t *v = json_object_get(record, name);

	return json_is_string(v) ? str_of(json_string_value(v), json_string_length(v)) : STR("");
}

/* A line that is no record of ours has no names; `gazettectl verify` tells of it. */
static bool take_line(struct rebuilding *r, struct str line)
{
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	struct feed_item item = { .id = member(record, "id"), .url = member(record, "url") };
	struct str feed = member(record, "feed");
	struct identity i;
	bool ok = true;

	if (feed.n) {
		identity_of(identity_seed(feed), &item, member(record, "title"),
		    member(record, "content_text"), &r->scratch, &i);
		ok = remember(r, &i, reader_line_seq(line));
		r->items++;
	}
	json_decref(record);
	return ok;
}

static bool take_lines(struct rebuilding *r, struct reader *lines)
{
	enum reader_result got;
	struct reader_line line;

	while ((got = reader_next(lines, &line, r->e)) == READER_LINE)
		if (!take_line(r, line.text))
			return false;
	return got == READER_END;
}

static bool rebuild_names(struct rebuilding *r)
{
	struct reader *lines = NULL;
	uint64_t shared;
	bool ok = stores_reader(r->x->parts.stores, STORE_ITEMS, &lines, r->e) && take_lines(r, lines);

	reader_close(&lines);
	if (!ok)
		return false;
	seen_expire(r->x->seen, 1);
	return state_seen_expire(r->x->parts.state, 1, &shared, r->e);
}

static bool last_of(struct engine *x, const char *store, struct chain *chain, struct err *e)
{
	struct reader_line line;
	struct reader *r = NULL;
	struct chain last;
	enum reader_result got = READER_FAILED;

	if (stores_reader(x->parts.stores, store, &r, e) && reader_seek_last(r, 1, e))
		got = reader_next(r, &line, e);
	if (got == READER_LINE && !chain_resume(&last, reader_line_seq(line.text), line.text)) {
		err_set(e, ERR_IO, 0,
		    "the state is gone, and the last line of \"%s\" is no record to go on from", store);
		got = READER_FAILED;
	}
	if (got == READER_LINE && last.seq > chain->seq)
		*chain = last;
	reader_close(&r);
	return got != READER_FAILED;
}

bool rebuild_chains(
    struct engine *x, struct chain *items, struct chain *polls, struct chain *letters, struct err *e)
{
	return last_of(x, STORE_ITEMS, items, e) && last_of(x, STORE_POLLS, polls, e) &&
	       last_of(x, STORE_DEAD_LETTERS, letters, e);
}

bool rebuild_seen(struct engine *x, struct err *e)
{
	struct rebuilding r = { .x = x, .now = (uint32_t)(wall(x) / 1000), .e = e };
	bool ok;

	buf_init(&r.scratch, SCRATCH_MAX);
	ok = rebuild_names(&r);
	buf_fini(&r.scratch);
	if (ok)
		log_warn("state-rebuilt", LOG_INT("items", r.items), LOG_INT("names", seen_count(x->seen)));
	return ok;
}
