/*
 * replays: a request of records that a topic would match today: each becomes a new line of `items` and of the topic's store, in one group. Which
 * records were replayed for which topics is remembered in the transaction that applies them, so none is written twice, whoever asks again;
 * for as long as the record itself is kept, and no request is taken of one that is not.
 */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/date.h"
#include "daemon/base/member.h"
#include "daemon/pipe/replay.h"
#include "daemon/pipe/rules.h"
#include "daemon/pipe/storage.h"
#include "daemon/pipe/told.h"
#include "daemon/store/reader.h"

#include <stdio.h>

#define NUMBERS_ROOM                                                                                         \
	64 /* bytes: by so much a line may be longer when its turn comes than when it was taken */
#define TOPICS_MAX (1u << 20) /* bytes: names of all topics that one record was replayed for */

static uint64_t replayed(const json_t *record)
{
	return (uint64_t)json_integer_value(json_object_get(record, "replays"));
}

static bool is_among(struct str names, struct str name)
{
	while (names.n)
		if (str_eq(str_cut(&names, '\n'), name))
			return true;
	return false;
}

bool replays_remember(struct engine *x, uint64_t seq, struct str topic, struct err *e)
{
	struct state *s = x->parts.state;
	struct buf topics;
	bool found, ok;

	buf_init(&topics, TOPICS_MAX);
	ok = state_numbered_get(s, STATE_REPLAYS, seq, &topics, &found, e);
	if (ok && !is_among(buf_view(&topics), topic)) {
		buf_str(&topics, topic);
		buf_byte(&topics, '\n');
		ok = topics.failed ? err_nomem(e)
		                   : state_numbered_put(s, STATE_REPLAYS, seq, buf_view(&topics), e);
	}
	buf_fini(&topics);
	return ok;
}

/* Those that are there already go from the list. */
static bool drop_known(struct engine *x, json_t *records, struct str topic, struct err *e)
{
	struct buf topics;
	bool found, ok = true;

	buf_init(&topics, TOPICS_MAX);
	for (size_t i = json_array_size(records); ok && i > 0; i--) {
		buf_reset(&topics);
		ok = state_numbered_get(x->parts.state, STATE_REPLAYS,
		    replayed(json_array_get(records, i - 1)), &topics, &found, e);
		if (ok && is_among(buf_view(&topics), topic))
			json_array_remove(records, i - 1);
	}
	ok = ok && (!topics.failed || err_nomem(e));
	buf_fini(&topics);
	return ok;
}

/* Number of the oldest record that is kept; 0: there is none. False: it could not be read. */
static bool first_kept(const struct engine *x, uint64_t *seq, struct err *e)
{
	struct reader *r;
	struct reader_line line;
	enum reader_result got = READER_END;

	*seq = 0;
	if (!stores_reader(x->parts.stores, STORE_ITEMS, &r, e))
		return false;
	while (*seq == 0 && (got = reader_next_whole(r, &line, NULL, NULL, e)) == READER_LINE)
		*seq = reader_line_seq(line.text);
	reader_close(&r);
	return got != READER_FAILED;
}

void replays_prune(struct engine *x)
{
	struct state *s = x->parts.state;
	struct err e = { .kind = ERR_NONE };
	uint64_t first;

	if (x->house.state_lags)
		return;
	if (first_kept(x, &first, &e) &&
	    (first == 0 || (state_begin(s, &e) && state_numbered_delete(s, STATE_REPLAYS, 0, first, &e) &&
	                       state_commit(s, state_applied_lsn(s), &e))))
		return;
	state_rollback(s);
	log_warn("expiry-failed", LOG_CSTR("error", e.text));
}

static void write_line(struct chain *chain, const json_t *record, int64_t at, struct buf *out)
{
	struct chain_line line;
	struct json *w = chain_line_open(&line, chain, out);
	char text[DATE_TEXT_MAX];

	json_key_string(w, "seen_at", str_of(text, date_format_ms(at, text)));
	json_key_string(w, "kind", str_from(record_kind_name(RECORD_REPLAY)));
	replay_write_members(w, record);
	chain_line_close(&line);
}

static const struct cls_topic *find_topic(const struct engine *x, struct str topic)
{
	for (size_t i = 0; i < cls_topic_count(x->parts.classifier); i++)
		if (str_eq(str_from(cls_topic(x->parts.classifier, i)->name), topic))
			return cls_topic(x->parts.classifier, i);
	return NULL;
}

static const char *refusal(const struct engine *x, const json_t *request, uint64_t first)
{
	const struct replay_bounds bounds = {
		.first = first,
		.topic = member(request, "topic"),
		.model = str_from(cls_model_id(x->parts.classifier)),
		.last = x->commits.chains.items.seq,
	};
	const json_t *records = json_object_get(request, "records");
	struct str alert = member(request, "alert");
	const struct cls_topic *topic = find_topic(x, bounds.topic);
	uint64_t before = 0;

	if (!topic)
		return "there is no such topic; reload the daemon first";
	if (topic->shadow)
		return "the topic is a shadow: it has no store";
	if (alert.n && !rules_find(x->conf, alert))
		return "there is no such alert";
	if (json_array_size(records) == 0 || json_array_size(records) > REPLAY_RECORDS_MAX)
		return "no records, or too many";
	for (size_t i = 0; i < json_array_size(records); i++) {
		const json_t *record = json_array_get(records, i);
		const char *why = replay_refusal(record, &bounds);

		if (!why && replayed(record) <= before)
			why = "the records are not in order";
		if (why)
			return why;
		before = replayed(record);
	}
	return NULL;
}

/* Their lines are written once for nothing: one that does not fit into the journal must not come as far as a group that others are in. */
static bool fit(struct engine *x, const json_t *records, bool *ok, struct err *e)
{
	struct buf line;
	bool wrote = true;

	*ok = true;
	buf_init(&line, (size_t)REPLAY_GROWTH * REPLAY_REQUEST_MAX);
	for (size_t i = 0; wrote && *ok && i < json_array_size(records); i++) {
		struct chain chain = x->commits.chains.items;

		buf_clear(&line);
		write_line(&chain, json_array_get(records, i), wall(x), &line);
		wrote = !line.failed;
		*ok = line.n + NUMBERS_ROOM <= JOURNAL_LINE_MAX;
	}
	buf_fini(&line);
	return wrote || err_nomem(e);
}

const char *replays_take(struct engine *x, const char *name, json_t *request)
{
	json_t *records = json_object_get(request, "records");
	struct err e = { .kind = ERR_NONE };
	uint64_t first = 0;
	bool ok, read = first_kept(x, &first, &e);
	const char *why = refusal(x, request, first);

	if (why)
		return why;
	read = read && fit(x, records, &ok, &e);
	if (read && !ok)
		return "a record is too long for a line";
	if (!read || !drop_known(x, records, member(request, "topic"), &e)) {
		x->requests.look_at = mono(x) + STATE_RETRY_MS;
		return NULL;
	}
	if (json_array_size(records) == 0) {
		requests_finish(x, name);
		return NULL;
	}
	snprintf(x->requests.name, sizeof(x->requests.name), "%s", name);
	x->requests.replay = json_incref(request);
	return NULL;
}

void replays_free(struct engine *x)
{
	json_decref(x->requests.replay);
	x->requests.replay = NULL;
}

/* The alert that was named, when it asks for such records at all. */
static struct str owed(const struct engine *x, const json_t *request, const json_t *record)
{
	const struct conf_alert *a = rules_find(x->conf, member(request, "alert"));

	return a && told_is_wanted(a, record, member(request, "topic")) ? str_from(a->name) : STR("");
}

static bool add_record(struct engine *x, const json_t *request, const json_t *record, struct err *e)
{
	struct commits *c = &x->commits;
	struct item_entry m = {
		.at = wall(x),
		.feed = member(record, "feed"),
		.key = member(record, "key"),
		.alerts = owed(x, request, record),
		.kind = RECORD_REPLAY,
		.delivery = member(record, "case"),
		.replays = replayed(record),
		.topic = member(request, "topic"),
	};
	struct journal_entry entry = { .type = ENTRY_ITEM };

	buf_reset(&c->line);
	buf_reset(&c->meta);
	buf_reset(&x->scratch);
	write_line(&c->next.items, record, m.at, &c->line);
	m.seq = m.number = c->next.items.seq;
	item_entry_encode(&m, &c->meta);
	buf_str(&x->scratch, STR(STORE_ITEMS "\n"));
	buf_str(&x->scratch, m.topic);
	if (c->line.failed || c->meta.failed || x->scratch.failed)
		return err_nomem(e);
	entry.line = buf_view(&c->line);
	entry.meta = buf_view(&c->meta);
	entry.routes = buf_view(&x->scratch);
	return journal_group_add(c->group, &entry, e);
}

bool replays_owe(const struct engine *x)
{
	return x->requests.replay && !x->requests.in_group;
}

bool replays_add(struct engine *x, struct err *e)
{
	const json_t *records;

	if (!replays_owe(x))
		return true;
	x->requests.in_group = true;
	records = json_object_get(x->requests.replay, "records");
	for (size_t i = 0; i < json_array_size(records); i++)
		if (!add_record(x, x->requests.replay, json_array_get(records, i), e))
			return false;
	return true;
}

void replays_done(struct engine *x, bool durable)
{
	struct requests *r = &x->requests;

	if (!r->replay || !r->in_group)
		return;
	r->in_group = false;
	if (!durable)
		return;
	log_info("replay", LOG_STR("topic", member(r->replay, "topic")),
	    LOG_INT("records", json_array_size(json_object_get(r->replay, "records"))));
	replays_free(x);
	/* Without the state nothing says that it was done: the file stays until the state has caught up. */
	if (!x->house.state_lags)
		requests_finish(x, r->name);
	r->look_at = mono(x);
}
