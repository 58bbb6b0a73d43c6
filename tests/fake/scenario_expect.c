/* scenario's expectations: what is in the stores, what was asked, what ran, what was said. */
#include "tests/fake/scenario_priv.h"

#include "daemon/base/hash.h"
#include "daemon/pipe/chain.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct ledger_reader {
	struct scenario *s;
	const char *store;
	bool chained; /* items, polls and events hold every line of their chain */
	struct chain chain;
	bool expired; /* older files were deleted by their age */
	json_t *cases; /* object as a set, when they are counted */
	json_t *keys; /* object: key of an item -> number of its newest record */
	size_t lines;
	char titles[2048];
	const char *feed, *result, *tie, *kind; /* counted when they are asked for */
	size_t counted;
};

static bool check_chain(struct ledger_reader *r, struct str line, uint64_t seq)
{
	struct buf b;
	bool ok;

	if (!r->chained)
		return true;
	r->expired = r->expired || (r->lines == 1 && seq > 1);
	if (r->lines == 1 && seq > 1)
		return chain_follow(&r->chain, seq, line) || scenario_fail(r->s, "%s: no chain", r->store);
	if (seq != r->chain.seq + 1)
		return scenario_fail(
		    r->s, "%s: line %zu has seq %llu", r->store, r->lines, (unsigned long long)seq);
	buf_init(&b, line.n + 1);
	buf_str(&b, (struct str){ line.p, line.n - CHAIN_TAIL_LEN });
	chain_seal_line(&r->chain, &b, 0);
	ok = str_eq(buf_view(&b), line);
	buf_fini(&b);
	return ok || scenario_fail(r->s, "%s: the chain is broken at line %zu", r->store, r->lines);
}

static void note_title(struct ledger_reader *r, json_t *record)
{
	const char *title = json_string_value(json_object_get(record, "title"));
	size_t n = strlen(r->titles);

	if (title && n + strlen(title) + 2 < sizeof(r->titles))
		snprintf(r->titles + n, sizeof(r->titles) - n, "%s%s", n ? "," : "", title);
}

static bool member_is(json_t *record, const char *name, const char *value)
{
	const char *v = json_string_value(json_object_get(record, name));

	return !value || (v && strcmp(v, value) == 0);
}

/* A key is new once; what follows under it says which record it revises: the one before. Topics hold some of an item's records only. */
static bool check_key(struct ledger_reader *r, json_t *record, const char *key, uint64_t seq)
{
	json_t *before = json_object_get(r->keys, key), *revises = json_object_get(record, "revises");
	const char *kind = json_string_value(json_object_get(record, "kind"));
	/* Events have keys of their own, each once. */
	bool is_new = kind && (strcmp(kind, "new") == 0 || strcmp(r->store, "events") == 0);

	if (is_new == (revises != NULL))
		return scenario_fail(r->s, "%s: line %zu is %s and revises", r->store, r->lines, kind);
	if (is_new && before)
		return scenario_fail(r->s, "%s: the key of line %zu was there before", r->store, r->lines);
	if (!is_new && r->chained && (before || !r->expired) && !json_equal(before, revises))
		return scenario_fail(r->s, "%s: line %zu does not revise the one before", r->store, r->lines);
	json_object_set_new(r->keys, key, json_integer((json_int_t)seq));
	return true;
}

/* What a replay is made of was there before, and is replayed once for its topic. */
static bool check_replay(struct ledger_reader *r, const json_t *record, const char *key)
{
	const json_t *topic = json_array_get(json_object_get(record, "topics"), 0);
	char once[80];

	snprintf(once, sizeof(once), "%lld for %s",
	    (long long)json_integer_value(json_object_get(record, "replays")),
	    json_string_value(json_object_get(topic, "topic")));
	if (json_object_get(record, "revises") || (r->chained && !json_object_get(r->keys, key)))
		return scenario_fail(r->s, "%s: line %zu replays nothing", r->store, r->lines);
	if (json_object_get(r->keys, once))
		return scenario_fail(r->s, "%s: line %zu replays %s twice", r->store, r->lines, once);
	json_object_set_new(r->keys, once, json_true());
	return true;
}

static bool check_record(struct ledger_reader *r, struct str line, json_t *record)
{
	const char *key = json_string_value(json_object_get(record, "key"));
	uint64_t seq = (uint64_t)json_integer_value(json_object_get(record, "seq"));

	if (!check_chain(r, line, seq))
		return false;
	if (member_is(record, "kind", "replay") ? !check_replay(r, record, key)
	                                        : key && !check_key(r, record, key, seq))
		return false;
	note_title(r, record);
	if (r->cases)
		json_object_set_new(
		    r->cases, json_string_value(json_object_get(record, "case")), json_true());
	r->counted += member_is(record, "feed", r->feed) && member_is(record, "result", r->result) &&
	              member_is(record, "tie", r->tie) && member_is(record, "kind", r->kind);
	return true;
}

static bool check_line(struct ledger_reader *r, struct str line)
{
	json_t *record = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
	bool ok;

	r->lines++;
	if (!record)
		return scenario_fail(r->s, "%s: line %zu is no JSON: %.*s", r->store, r->lines,
		    (int)(line.n < 120 ? line.n : 120), line.p);
	ok = check_record(r, line, record);
	json_decref(record);
	return ok;
}

static bool read_store(struct ledger_reader *r)
{
	char *text = world_read_store(&r->s->w, r->store);
	struct str rest = str_from(text);
	bool ok = true;

	chain_init(&r->chain);
	r->keys = json_object();
	r->chained = strcmp(r->store, "items") == 0 || strcmp(r->store, "polls") == 0 ||
	             strcmp(r->store, "reviews") == 0 || strcmp(r->store, "events") == 0;
	while (ok && rest.n) {
		size_t end = str_find_byte(rest, '\n', 0);

		if (end == SIZE_MAX) {
			ok = scenario_fail(r->s, "%s: the last line is not whole", r->store);
			break;
		}
		ok = check_line(r, (struct str){ rest.p, end + 1 });
		rest = str_skip(rest, end + 1);
	}
	json_decref(r->keys);
	free(text);
	return ok;
}

/* N, with "or-more" or "or-fewer" behind it. */
static bool compare(struct scenario *s, const struct words *w, size_t at, const char *what, uint64_t n)
{
	uint64_t wanted = strtoull(w->at[at], NULL, 10);
	const char *how = at + 1 < w->n ? w->at[at + 1] : "";

	if (strcmp(how, "or-more") == 0    ? n >= wanted
	    : strcmp(how, "or-fewer") == 0 ? n <= wanted
	                                   : n == wanted)
		return true;
	return scenario_fail(
	    s, "%s: %llu, expected %llu %s", what, (unsigned long long)n, (unsigned long long)wanted, how);
}

static bool expect_log(struct scenario *s, const struct words *w)
{
	struct ledger_reader r = { .s = s, .store = w->at[1] };

	return read_store(&r) && compare(s, w, 2, w->at[1], r.lines);
}

static bool expect_titles(struct scenario *s, const struct words *w)
{
	struct ledger_reader r = { .s = s, .store = w->at[1] };

	if (!read_store(&r))
		return false;
	return strcmp(r.titles, w->at[2]) == 0 || scenario_fail(s, "%s holds %s", w->at[1], r.titles);
}

static bool expect_ledger(struct scenario *s, const struct words *w)
{
	struct ledger_reader r = { .s = s, .store = "polls", .feed = w->at[1], .result = w->at[2] };

	return read_store(&r) && compare(s, w, 3, w->at[2], r.counted);
}

/* expect-tie FEED TIE N: lines of the ledger */
static bool expect_tie(struct scenario *s, const struct words *w)
{
	struct ledger_reader r = { .s = s, .store = "polls", .feed = w->at[1], .tie = w->at[2] };

	return read_store(&r) && compare(s, w, 3, w->at[2], r.counted);
}

/* expect-told FEED KIND N: events */
static bool expect_told(struct scenario *s, const struct words *w)
{
	struct ledger_reader r = { .s = s, .store = "events", .feed = w->at[1], .kind = w->at[2] };

	return read_store(&r) && compare(s, w, 3, w->at[2], r.counted);
}

static bool expect_text(struct scenario *s, const struct words *w)
{
	char *text = world_read_store(&s->w, w->at[1]);
	bool found = strstr(text, w->at[2]) != NULL;

	free(text);
	return found || scenario_fail(s, "%s does not hold %s", w->at[1], w->at[2]);
}

/* expect-kind STORE KIND N: records of this kind. */
static bool expect_kind(struct scenario *s, const struct words *w)
{
	struct ledger_reader r = { .s = s, .store = w->at[1], .kind = w->at[2] };

	return read_store(&r) && compare(s, w, 3, w->at[2], r.counted);
}

/* expect-cases N: different ones among the records. */
static bool expect_cases(struct scenario *s, const struct words *w)
{
	struct ledger_reader r = { .s = s, .store = "items", .cases = json_object() };
	bool ok = read_store(&r) && compare(s, w, 1, "cases", json_object_size(r.cases));

	json_decref(r.cases);
	return ok;
}

static size_t count_runs(struct scenario *s, const char *alert, bool done)
{
	size_t n = 0;

	for (size_t i = 0; i < s->w.hooks.count; i++)
		n += strcmp(s->w.hooks.runs[i].alert, alert) == 0 && (!done || s->w.hooks.runs[i].done_well);
	return n;
}

static bool expect_alerts(struct scenario *s, const struct words *w)
{
	return compare(s, w, 2, "alerts delivered", count_runs(s, w->at[1], true));
}

static bool expect_attempts(struct scenario *s, const struct words *w)
{
	return compare(s, w, 2, "attempts", count_runs(s, w->at[1], false));
}

/* NULL and a failure: none. */
static const struct fake_run *last_run(struct scenario *s, const char *alert)
{
	for (size_t i = s->w.hooks.count; i-- > 0;)
		if (strcmp(s->w.hooks.runs[i].alert, alert) == 0)
			return &s->w.hooks.runs[i];
	scenario_fail(s, "no run of %s", alert);
	return NULL;
}

static bool expect_decision(struct scenario *s, const struct words *w)
{
	const struct fake_run *r = last_run(s, w->at[1]);

	return r && (strcmp(r->decision, w->at[2]) == 0 || scenario_fail(s, "decision was %s", r->decision));
}

/* expect-about ALERT EVENT TITLE: what its last run was told. */
static bool expect_about(struct scenario *s, const struct words *w)
{
	const struct fake_run *r = last_run(s, w->at[1]);

	return r && ((strcmp(r->event, w->at[2]) == 0 && strcmp(r->title, w->at[3]) == 0) ||
	                scenario_fail(s, "it was about %s: %s", r->event, r->title));
}

/* expect-records ALERT N: that its scripts got and ended well with. */
static bool expect_records(struct scenario *s, const struct words *w)
{
	size_t n = 0;

	for (size_t i = 0; i < s->w.hooks.count; i++)
		if (strcmp(s->w.hooks.runs[i].alert, w->at[1]) == 0 && s->w.hooks.runs[i].done_well)
			n += s->w.hooks.runs[i].records;
	return compare(s, w, 2, "records delivered", n);
}

/* expect-last ALERT KIND N: what its last run was about. */
static bool expect_last(struct scenario *s, const struct words *w)
{
	const struct fake_run *r = last_run(s, w->at[1]);

	return r && (strcmp(r->kind, w->at[2]) == 0 || scenario_fail(s, "it was a %s", r->kind)) &&
	       compare(s, w, 3, "records of the last run", r->records);
}

/* expect-keys ALERT N: different ones among its runs. */
static bool expect_keys(struct scenario *s, const struct words *w)
{
	const struct fake_hooks *h = &s->w.hooks;
	size_t n = 0;

	for (size_t i = 0; i < h->count; i++) {
		bool first = strcmp(h->runs[i].alert, w->at[1]) == 0;

		for (size_t k = 0; first && k < i; k++)
			first = strcmp(h->runs[k].alert, w->at[1]) != 0 ||
			        strcmp(h->runs[k].key, h->runs[i].key) != 0;
		n += first;
	}
	return compare(s, w, 2, "keys", n);
}

static bool expect_known_prints(struct scenario *s, const struct words *w)
{
	return compare(s, w, 1, "prints that came with jobs", s->w.workers.stubs_known);
}

static bool expect_hooks_at_once(struct scenario *s, const struct words *w)
{
	return compare(s, w, 1, "scripts at once", s->w.hooks.running_most);
}

static bool is_of(const struct fake_asked *a, const struct entry *f)
{
	return strcmp(a->url, f->url) == 0;
}

/* Of a feed, or at an address. */
static bool expect_requests(struct scenario *s, const struct words *w)
{
	const char *url = scenario_address(s, w->at[1]);
	size_t n = 0;

	if (!url)
		return false;
	for (size_t i = 0; i < s->w.fetcher.asked_count; i++)
		n += strcmp(s->w.fetcher.asked[i].url, url) == 0;
	return compare(s, w, 2, "requests", n);
}

/* expect-asked FEED DURATION N: requests in the last so long. */
static bool expect_asked(struct scenario *s, const struct words *w)
{
	const char *url = scenario_address(s, w->at[1]);
	int64_t span;
	size_t n = 0;

	if (!url || !scenario_time(s, w->at[2], &span))
		return false;
	for (size_t i = 0; i < s->w.fetcher.asked_count; i++)
		n += s->w.fetcher.asked[i].at > s->w.clock.mono - span &&
		     strcmp(s->w.fetcher.asked[i].url, url) == 0;
	return compare(s, w, 3, "requests", n);
}

static bool expect_sent(struct scenario *s, const struct words *w)
{
	const char *url = scenario_address(s, w->at[1]);
	const struct fake_asked *last = NULL;
	const char *sent;

	if (!url)
		return false;
	for (size_t i = 0; i < s->w.fetcher.asked_count; i++)
		if (strcmp(s->w.fetcher.asked[i].url, url) == 0)
			last = &s->w.fetcher.asked[i];
	if (!last)
		return scenario_fail(s, "nothing was asked");
	if (strcmp(w->at[2], "over") == 0)
		sent = last->fresh_connection ? "fresh" : "any";
	else if (strcmp(w->at[2], "pin") == 0)
		sent = last->pinned ? "some" : "none";
	else
		sent = strcmp(w->at[2], "etag") == 0 ? last->etag : last->last_modified;
	return strcmp(sent ? sent : "none", w->at[3]) == 0 ||
	       scenario_fail(s, "sent %s", sent ? sent : "none");
}

static bool expect_quiet(struct scenario *s, const struct words *w)
{
	struct entry *f = scenario_feed(s, w->at[1]);
	int64_t since;

	if (!f || !scenario_time(s, w->at[2], &since))
		return false;
	for (size_t i = 0; i < s->w.fetcher.asked_count; i++) {
		int64_t at = s->w.fetcher.asked[i].at - s->began;

		if (is_of(&s->w.fetcher.asked[i], f) && at > since)
			return scenario_fail(s, "asked after %.1f s", (double)at / 1000);
	}
	return true;
}

/* The smallest distance of two requests of a feed, or whose addresses begin alike, between any two of them in time. */
static bool expect_gap(struct scenario *s, const struct words *w)
{
	const char *url = scenario_address(s, w->at[1]);
	int64_t gap, last = INT64_MIN / 2;
	size_t n = url ? strlen(url) : 0, found = 0;

	if (!url || !scenario_time(s, w->at[2], &gap))
		return false;
	for (size_t i = 0; i < s->w.fetcher.asked_count; i++) {
		const struct fake_asked *a = &s->w.fetcher.asked[i];

		if (strncmp(a->url, url, n) != 0)
			continue;
		if (a->at - last < gap)
			return scenario_fail(s, "%lld ms between two requests", (long long)(a->at - last));
		last = a->at;
		found++;
	}
	return found > 1 || scenario_fail(s, "no two requests");
}

static bool expect_in_flight(struct scenario *s, const struct words *w)
{
	return compare(s, w, 1, "requests at once", s->w.fetcher.pending_most);
}

/* expect-went-on N: how often starts said that they take their time. */
static bool expect_went_on(struct scenario *s, const struct words *w)
{
	return compare(s, w, 1, "starts said", s->w.went_on);
}

/* expect-crowd DURATION N: never more than N requests within any such span. */
static bool expect_crowd(struct scenario *s, const struct words *w)
{
	const struct fake_fetcher *f = &s->w.fetcher;
	size_t most = 0;
	int64_t span;

	if (!scenario_time(s, w->at[1], &span))
		return false;
	for (size_t i = 0, k = 0; i < f->asked_count; i++) {
		while (f->asked[i].at - f->asked[k].at >= span)
			k++;
		if (i - k + 1 > most)
			most = i - k + 1;
	}
	return compare(s, w, 2, "requests in a span", most);
}

/* expect-event EVENT N: lines whose event is EVENT; a word with '=' narrows it: expect-event poll-failed feed=a 1 */
static bool expect_event(struct scenario *s, const struct words *w)
{
	bool narrow = strchr(w->at[2], '=') != NULL;
	char event[96];
	size_t n = 0;

	snprintf(event, sizeof(event), " %s ", w->at[1]);
	for (size_t i = 0; i < s->w.event_count; i++)
		n += strstr(s->w.events[i], event) != NULL && (!narrow || strstr(s->w.events[i], w->at[2]));
	return (!narrow || w->n > 3) && compare(s, w, narrow ? 3 : 2, w->at[1], n);
}

static json_t *status_of(const struct scenario *s)
{
	struct buf b;
	json_t *doc;

	buf_init(&b, 4u << 20);
	engine_status_json(s->w.engine, &b);
	doc = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
	buf_fini(&b);
	return doc;
}

/* The words from `i` on: a part of a text, or a number. */
static bool compare_value(
    struct scenario *s, const struct words *w, size_t i, const char *name, const json_t *value)
{
	if (!value)
		return scenario_fail(s, "the status has no %s", name);
	if (json_is_string(value))
		return strstr(json_string_value(value), w->at[i]) != NULL ||
		       scenario_fail(s, "%s says %s", name, json_string_value(value));
	return compare(s, w, i, name,
	    json_is_boolean(value) ? json_is_true(value) : (uint64_t)json_integer_value(value));
}

static bool expect_status(struct scenario *s, const struct words *w)
{
	json_t *doc = status_of(s), *value = json_object_get(json_object_get(doc, "counts"), w->at[1]);
	bool ok = compare_value(s, w, 2, w->at[1], value ? value : json_object_get(doc, w->at[1]));

	json_decref(doc);
	return ok;
}

/* expect-feed FEED MEMBER N|TEXT|none: what the status file tells of it. */
static bool expect_feed(struct scenario *s, const struct words *w)
{
	json_t *doc = status_of(s), *feed, *value = NULL;
	size_t i;
	bool ok;

	json_array_foreach(json_object_get(doc, "feeds"), i, feed) if (member_is(feed, "name", w->at[1]))
	    value = json_object_get(feed, w->at[2]);
	ok = strcmp(w->at[3], "none") == 0 ? !value || scenario_fail(s, "%s is there", w->at[2])
	                                   : compare_value(s, w, 3, w->at[2], value);
	json_decref(doc);
	return ok;
}

/* expect-measure NAME BOUND N: so many took at most that long (all: however long); sum: milliseconds altogether. */
static bool expect_measure(struct scenario *s, const struct words *w)
{
	const json_t *m, *le, *counts;
	int64_t bound = INT64_MAX;
	uint64_t n = 0;
	json_t *doc;
	bool sum = strcmp(w->at[2], "sum") == 0;

	if (!sum && strcmp(w->at[2], "all") != 0 && !scenario_time(s, w->at[2], &bound))
		return false;
	doc = status_of(s);
	m = json_object_get(json_object_get(doc, "histograms"), w->at[1]);
	le = json_object_get(m, "le_ms");
	counts = json_object_get(m, "counts");
	if (sum)
		n = (uint64_t)json_integer_value(json_object_get(m, "sum_ms"));
	else
		for (size_t i = 0; i < json_array_size(counts); i++)
			if (bound == INT64_MAX ||
			    (i < json_array_size(le) && json_integer_value(json_array_get(le, i)) <= bound))
				n += (uint64_t)json_integer_value(json_array_get(counts, i));
	json_decref(doc);
	return compare(s, w, 3, w->at[1], n);
}

static bool expect_state_log(struct scenario *s, const struct words *w)
{
	struct fs_stat st;
	char path[256];

	snprintf(path, sizeof(path), "%s/state.db-wal", s->w.folder.path);
	if (fs_system.stat(&fs_system, path, &st) != 0)
		st.size = 0;
	return compare(s, w, 1, "bytes of the state's log of changes", (uint64_t)st.size);
}

static bool expect_idle(struct scenario *s, const struct words *w)
{
	(void)w;
	return engine_idle(s->w.engine) || scenario_fail(s, "something is in flight");
}

static bool expect_round(struct scenario *s, const struct words *w)
{
	unsigned failed = 0;

	return engine_round_done(s->w.engine, &failed) ? compare(s, w, 1, "failed feeds", failed)
	                                               : scenario_fail(s, "the round is not done");
}

typedef bool expect_f(struct scenario *s, const struct words *w);
static const struct {
	const char *name;
	size_t words;
	expect_f *check;
} expectations[] = {
	{ "expect-log", 3, expect_log },
	{ "expect-feed", 4, expect_feed },
	{ "expect-measure", 4, expect_measure },
	{ "expect-titles", 3, expect_titles },
	{ "expect-kind", 4, expect_kind },
	{ "expect-cases", 2, expect_cases },
	{ "expect-ledger", 4, expect_ledger },
	{ "expect-tie", 4, expect_tie },
	{ "expect-told", 4, expect_told },
	{ "expect-text", 3, expect_text },
	{ "expect-alerts", 3, expect_alerts },
	{ "expect-attempts", 3, expect_attempts },
	{ "expect-decision", 3, expect_decision },
	{ "expect-about", 4, expect_about },
	{ "expect-records", 3, expect_records },
	{ "expect-last", 4, expect_last },
	{ "expect-keys", 3, expect_keys },
	{ "expect-hooks-at-once", 2, expect_hooks_at_once },
	{ "expect-known-prints", 2, expect_known_prints },
	{ "expect-requests", 3, expect_requests },
	{ "expect-sent", 4, expect_sent },
	{ "expect-asked", 4, expect_asked },
	{ "expect-quiet", 3, expect_quiet },
	{ "expect-gap", 3, expect_gap },
	{ "expect-in-flight", 2, expect_in_flight },
	{ "expect-crowd", 3, expect_crowd },
	{ "expect-went-on", 2, expect_went_on },
	{ "expect-event", 3, expect_event },
	{ "expect-status", 3, expect_status },
	{ "expect-state-log", 2, expect_state_log },
	{ "expect-waiting", 2, scenario_expect_files },
	{ "expect-answer", 2, scenario_expect_answer },
	{ "expect-hub", 4, scenario_expect_hub },
	{ "expect-replayed", 2, scenario_expect_replayed },
	{ "expect-fingerprints", 2, scenario_expect_fingerprints },
	{ "expect-idle", 1, expect_idle },
	{ "expect-round", 2, expect_round },
};

bool scenario_expect(struct scenario *s, const struct words *w, bool *known)
{
	for (size_t i = 0; i < ARRAY_LEN(expectations); i++) {
		if (strcmp(expectations[i].name, w->at[0]) != 0)
			continue;
		*known = true;
		return w->n >= expectations[i].words ? expectations[i].check(s, w)
		                                     : scenario_fail(s, "words are missing");
	}
	return true;
}
