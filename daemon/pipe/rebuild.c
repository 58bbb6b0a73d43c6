/*
 * rebuild: the state is gone, or is an old copy that lacks more than the journal still has; the records are not. Numbers and chains go on behind
 * the last line of each ledger, and the names of the items that are still kept, and what is remembered of them, are made again from their records,
 * so that nothing is written twice. What was owed to alerts and when a feed was asked is lost.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "daemon/base/member.h"
#include "daemon/pipe/identity.h"
#include "daemon/pipe/storage.h"
#include "daemon/store/reader.h"

#define SCRATCH_MAX (1u << 20) /* bytes: a text without its white space */
#define GOES_ON_EVERY 2000 /* lines; a second of work on a slow disk */
#define LAST_LINES 1000u /* of a ledger, among which the last record is looked for */
#define BELIEVED_MAX                                                                                         \
	((uint64_t)1 << 53) /* numbers that a reader of JSON can hold; no ledger of ours comes near */
#define NUMBERS_MAX ((size_t)1 << 30) /* bytes: 67 million revisions */

struct rebuilding {
	struct engine *x;
	struct buf scratch;
	struct buf numbers; /* struct numbered, by the order of the records */
	struct buf head, blob;
	uint64_t known; /* seq: the state holds what follows from the records up to this one */
	uint64_t items;
	uint32_t now; /* wall seconds */
	struct err *e;
};

struct numbered { /* a record that is not its item's first */
	uint64_t seq, number;
};

/* A name that records of two items of a feed share says nothing by itself: `last` 0 marks it, and it is forgotten at the end. */
static bool remember(struct rebuilding *r, const struct identity *i, uint64_t number)
{
	struct engine *x = r->x;

	if (!seen_reserve(x->seen, i->count, r->e))
		return false;
	for (unsigned k = 0; k < i->count; k++) {
		struct state_seen row = { i->aliases[k].hash, number, i->content, r->now }, before;
		bool found;

		if (!state_seen_get(x->parts.state, row.alias, &before, &found, r->e))
			return false;
		if (found && (before.last == 0 || before.value != number))
			row.last = 0;
		if (!state_seen_put(x->parts.state, &row, r->e))
			return false;
		seen_add(x->seen, row.alias, row.content, row.last);
	}
	return true;
}

static int64_t date_member(const json_t *record, const char *name)
{
	int64_t ms;

	return date_parse_rfc3339(member(record, name), &ms) ? ms : DATE_NONE;
}

/* The first record of the item that this one revises. */
static uint64_t number_of(const struct rebuilding *r, const json_t *record, uint64_t seq)
{
	const struct numbered *at = (const struct numbered *)(const void *)r->numbers.p;
	uint64_t revised = (uint64_t)json_integer_value(json_object_get(record, "revises"));
	size_t low = 0, high = r->numbers.n / sizeof(*at);

	if (revised == 0)
		return seq;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (at[middle].seq < revised)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->numbers.n / sizeof(*at) && at[low].seq == revised ? at[low].number : revised;
}

static void write_head(const json_t *record, struct buf *out)
{
	static const char *const names[] = { "id", "url", "external_url", "title" };
	struct json w;

	buf_clear(out);
	json_init(&w, out);
	json_open_object(&w);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		json_key_string_opt(&w, names[i], member(record, names[i]));
	if (out->failed)
		return;
	out->p[0] = ',';
	if (out->n == 1)
		out->n = 0;
}

static void take_topics(const json_t *record, struct remembered *to)
{
	const json_t *topics = json_object_get(record, "topics");

	for (size_t i = 0; i < json_array_size(topics); i++) {
		const json_t *t = json_array_get(topics, i);

		if (!json_is_true(json_object_get(t, "shadow")))
			remembered_add_topic(
			    to, member(t, "topic"), str_eq(member(t, "decision"), STR("match")));
	}
}

static void take_text(
    struct rebuilding *r, const json_t *record, const struct identity *i, struct remembered *to)
{
	uint64_t names[JOB_ALIASES_MAX];
	unsigned count =
	    i->count > 1 ? i->count - 1 : 1; /* without the one that is its text, unless it has no other */

	for (unsigned k = 0; k < count; k++)
		names[k] = i->aliases[k].hash;
	write_head(record, &r->head);
	remembered_add_aliases(to, names, count);
	remembered_add_text(to, i->members, buf_view(&r->head));
	take_topics(record, to);
}

static void copy_key(const json_t *record, const char *name, char to[JOB_KEY_LEN])
{
	struct str key = member(record, name);

	if (key.n == JOB_KEY_LEN)
		memcpy(to, key.p, JOB_KEY_LEN);
}

/* What the state would hold after this record. */
static bool take_record(
    struct rebuilding *r, const json_t *record, const struct identity *i, uint64_t seq, uint64_t number)
{
	struct state *s = r->x->parts.state;
	struct remembered known = { .seq = 0 };
	int64_t at = date_member(record, "seen_at");
	bool found;

	buf_clear(&r->blob);
	if (!state_numbered_get(s, STATE_ITEMS, number, &r->blob, &found, r->e))
		return false;
	if (found && !remembered_decode(buf_view(&r->blob), &known))
		known = (struct remembered){ .seq = 0 };
	known.seq = seq;
	copy_key(record, "key", known.key);
	copy_key(record, "case", known.case_key);
	if (str_eq(member(record, "kind"), STR("withdrawn"))) {
		known.withdrawn = true;
		known.withdrawn_at = (uint32_t)(at / 1000);
	} else {
		take_text(r, record, i, &known);
	}
	if (number != seq)
		remembered_count(&known, at);
	buf_clear(&r->scratch);
	remembered_encode(&known, &r->scratch);
	return state_numbered_put(s, STATE_ITEMS, number, buf_view(&r->scratch), r->e);
}

/* The text is looked for in other feeds as long as it would have been. */
static bool take_case(struct rebuilding *r, const json_t *record, uint64_t seq)
{
	int64_t at = date_member(record, "seen_at"), window = r->x->conf->records.case_window;
	struct case_item item = {
		.seq = seq,
		.at = (uint32_t)(at / 1000),
		.since = (uint32_t)(at / 1000),
		.feed = member(record, "feed"),
		.url = member(record, "url"),
	};
	int64_t published = date_member(record, "date_published");

	if (published > 0 && published / 1000 <= UINT32_MAX)
		item.published = (uint32_t)(published / 1000);
	if (at == DATE_NONE || at < (int64_t)r->now * 1000 - window)
		return true;
	copy_key(record, "case", item.key);
	fingerprint_of(member(record, "title"), member(record, "content_text"), &item.print);
	if (item.print.kind == FINGERPRINT_NONE)
		return true;
	buf_clear(&r->scratch);
	case_item_encode(&item, &r->scratch);
	return state_numbered_put(r->x->parts.state, STATE_FINGERPRINTS, seq, buf_view(&r->scratch), r->e);
}

static bool take_names(struct rebuilding *r, const json_t *record, uint64_t seq)
{
	struct feed_item item = {
		.id = member(record, "id"),
		.url = member(record, "url"),
		.summary = member(record, "summary"),
		.content_text = member(record, "content_text"),
		.published.ms = date_member(record, "date_published"),
		.modified.ms = date_member(record, "date_modified"),
	};
	struct numbered n = { seq, number_of(r, record, seq) };
	struct identity i;

	if (n.number != seq)
		buf_add(&r->numbers, &n, sizeof(n));
	if (seq <= r->known)
		return !r->numbers.failed || err_nomem(r->e);
	identity_of(identity_seed(member(record, "feed")), &item, member(record, "title"), item.content_text,
	    &r->scratch, &i);
	if (!str_eq(member(record, "kind"), STR("withdrawn")) && !remember(r, &i, n.number))
		return false;
	r->items += n.number == seq;
	if (n.number == seq && !take_case(r, record, seq))
		return false;
	return take_record(r, record, &i, seq, n.number) && (!r->numbers.failed || err_nomem(r->e));
}

/* It is an item's text once more, and that is known. */
static bool take_replay(struct rebuilding *r, const json_t *record)
{
	const json_t *topic = json_array_get(json_object_get(record, "topics"), 0);
	uint64_t seq = (uint64_t)json_integer_value(json_object_get(record, "replays"));

	return replays_remember(r->x, seq, member(topic, "topic"), r->e);
}

/* A line that is no record of ours has no names; `gazettectl verify` tells of it. */
static bool take_line(struct rebuilding *r, struct str line)
{
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	bool ok = true;

	if (str_eq(member(record, "kind"), str_from(record_kind_name(RECORD_REPLAY))))
		ok = take_replay(r, record);
	else if (member(record, "feed").n)
		ok = take_names(r, record, reader_line_seq(line));

	json_decref(record);
	return ok;
}

/* Names of what cannot be read are forgotten with it: what a publisher lists of it still is new once more. */
static reader_damage_f tell_damage;
static void tell_damage(void *ctx, const char *why)
{
	(void)ctx;
	log_error("store-damaged", LOG_CSTR("reason", why));
}

static bool take_lines(struct rebuilding *r, struct reader *lines)
{
	enum reader_result got;
	struct reader_line line;

	for (uint64_t n = 1; (got = reader_next_whole(lines, &line, tell_damage, NULL, r->e)) == READER_LINE;
	     n++) {
		if (!take_line(r, line.text))
			return false;
		if (n % GOES_ON_EVERY == 0)
			engine_goes_on(r->x);
	}
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
	seen_expire(r->x->seen, 0, UINT64_MAX, 1);
	return state_seen_expire(r->x->parts.state, 0, UINT64_MAX, 1, &shared, r->e);
}

/* The last record that follows from the one before it; without any, the beginning. Lines behind it, which are damaged or somebody else's, may have had
 * numbers: those are not given again. */
static bool find_last(struct reader *r, struct chain *last, bool *strange, struct err *e)
{
	struct reader_line line;
	enum reader_result got;
	struct chain before;
	uint64_t newest = 0;

	chain_init(last);
	chain_init(&before);
	while ((got = reader_next_whole(r, &line, tell_damage, NULL, e)) == READER_LINE) {
		uint64_t seq = reader_line_seq(line.text);
		bool follows =
		    (newest == 0 && seq > 1) || (seq == before.seq + 1 && chain_holds(&before, line.text));
		bool record = seq > 0 && chain_resume(&before, seq, line.text);

		newest = seq > newest && seq < BELIEVED_MAX ? seq : newest + 1;
		if (record && follows)
			*last = before;
	}
	*strange = newest != last->seq;
	last->seq = newest;
	return got == READER_END;
}

bool rebuild_last_of(struct engine *x, const char *store, struct chain *chain, struct err *e)
{
	struct reader *r = NULL;
	struct chain last;
	bool strange = false;
	bool ok = stores_reader(x->parts.stores, store, &r, e) && reader_seek_last(r, LAST_LINES, e) &&
	          find_last(r, &last, &strange, e);

	reader_close(&r);
	if (ok && strange)
		log_error("store-damaged", LOG_CSTR("store", store),
		    LOG_CSTR("reason", "its last lines are no records"));
	if (ok && last.seq > chain->seq)
		*chain = last;
	return ok;
}

bool rebuild_chains(struct engine *x, struct chains *chains, struct err *e)
{
	return rebuild_last_of(x, STORE_ITEMS, &chains->items, e) &&
	       rebuild_last_of(x, STORE_POLLS, &chains->polls, e) &&
	       rebuild_last_of(x, STORE_DEAD_LETTERS, &chains->letters, e) &&
	       rebuild_last_of(x, STORE_EVENTS, &chains->events, e);
}

bool rebuild_seen(struct engine *x, uint64_t known, struct err *e)
{
	struct rebuilding r = { .x = x, .known = known, .now = (uint32_t)(wall(x) / 1000), .e = e };
	bool ok;

	buf_init(&r.scratch, SCRATCH_MAX);
	buf_init(&r.numbers, NUMBERS_MAX);
	buf_init(&r.head, REMEMBERED_HEAD_MAX);
	buf_init(&r.blob, REMEMBERED_MAX);
	ok = rebuild_names(&r);
	buf_fini(&r.scratch);
	buf_fini(&r.numbers);
	buf_fini(&r.head);
	buf_fini(&r.blob);
	if (ok)
		log_warn("state-rebuilt", LOG_INT("items", r.items), LOG_INT("names", seen_count(x->seen)));
	return ok;
}
