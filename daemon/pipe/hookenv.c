/* hookenv: a table of names, each with the function that finds its value. */
#include "daemon/pipe/hookenv.h"
#include "daemon/base/json_read.h"

#include "daemon/base/json.h"
#include "daemon/base/member.h"
#include "daemon/base/utf8.h"
#include "daemon/pipe/event_title.h"
#include "daemon/pipe/wanted.h"

#define VALUE_MAX 2048 /* bytes of one value; longer ones are in the record */
#define LINE_BYTES_MAX (16u << 20) /* bytes of a stream's line: records of 4 MiB, or one of the largest */

/* Without these few nothing runs; everything else in a script's environment is about the record. */
static const char *const lean[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C.UTF-8" };

struct finding_out {
	const struct hook_facts *facts;
	json_t *records; /* an array */
	struct buf *out;
};

typedef void value_f(const struct finding_out *f);

/* Of several records: what is the same in all of them. */
static void add_member(const struct finding_out *f, const char *name)
{
	struct str first = member(json_array_get(f->records, 0), name);

	for (size_t i = 1; i < json_array_size(f->records); i++)
		if (!str_eq(member(json_array_get(f->records, i), name), first))
			return;
	buf_str(f->out, utf8_cut(first, VALUE_MAX));
}

static void put_title(const struct finding_out *f)
{
	size_t n = json_array_size(f->records);
	const json_t *first = json_array_get(f->records, 0);
	struct str title = member(first, "title");

	if (n > 1)
		buf_fmt(f->out, "%zu records: ", n);
	if (title.n)
		buf_str(f->out, utf8_cut(title, VALUE_MAX));
	else
		event_title(first, f->out);
}

static void put_url(const struct finding_out *f)
{
	add_member(f, "url");
}

static void put_feed(const struct finding_out *f)
{
	add_member(f, "feed");
}

static void put_seen_at(const struct finding_out *f)
{
	bool event = event_kind_of(json_array_get(f->records, 0)) != NULL;

	add_member(f, event ? "at" : "seen_at");
}

static void put_language(const struct finding_out *f)
{
	add_member(f, "language");
}

static void put_alert(const struct finding_out *f)
{
	buf_str(f->out, str_from(f->facts->alert->name));
}

static void put_key(const struct finding_out *f)
{
	buf_str(f->out, f->facts->delivery->key);
}

static void put_seq(const struct finding_out *f)
{
	buf_u64(f->out, f->facts->delivery->seq);
}

static void put_attempt(const struct finding_out *f)
{
	buf_u64(f->out, f->facts->delivery->attempts);
}

static void put_count(const struct finding_out *f)
{
	buf_u64(f->out, f->facts->delivery->records);
}

static struct str kind_of(const struct state_delivery *d)
{
	static const char *const kinds[DELIVERY_KINDS] = {
		[DELIVERY_OF_RECORD] = "record",
		[DELIVERY_OF_DIGEST] = "digest",
		[DELIVERY_OF_BURST] = "burst",
		[DELIVERY_OF_TEST] = "test",
	};

	return str_from(kinds[d->kind]);
}

static void put_kind(const struct finding_out *f)
{
	buf_str(f->out, kind_of(f->facts->delivery));
}

static void put_test(const struct finding_out *f)
{
	if (f->facts->delivery->kind == DELIVERY_OF_TEST)
		buf_byte(f->out, '1');
}

static void each_wanted_of_all(const struct finding_out *f, wanted_f *each, void *ctx)
{
	for (size_t i = 0; i < json_array_size(f->records); i++)
		wanted_each(json_array_get(f->records, i), f->facts->alert, each, ctx);
}

struct name_list { /* each once */
	struct buf *out;
	size_t start;
};

static void add_name(struct name_list *l, const char *name)
{
	struct str names = str_skip(buf_view(l->out), l->start);

	if (str_among(names, ',', str_from(name)))
		return;
	if (l->out->n > l->start)
		buf_byte(l->out, ',');
	buf_str(l->out, str_from(name));
}

static wanted_f add_topic;
static void add_topic(void *ctx, const struct wanted *w)
{
	add_name(ctx, w->name);
}

static void put_topics(const struct finding_out *f)
{
	struct name_list l = { f->out, f->out->n };

	each_wanted_of_all(f, add_topic, &l);
}

static void put_event(const struct finding_out *f)
{
	struct name_list l = { f->out, f->out->n };

	for (size_t i = 0; i < json_array_size(f->records); i++) {
		const char *kind = event_kind_of(json_array_get(f->records, i));

		if (kind)
			add_name(&l, kind);
	}
}

/* Of events alone there is no score and nothing that was decided. */
static bool has_items(const struct finding_out *f)
{
	for (size_t i = 0; i < json_array_size(f->records); i++)
		if (!event_kind_of(json_array_get(f->records, i)))
			return true;
	return json_array_size(f->records) == 0;
}

static wanted_f take_best;
static void take_best(void *ctx, const struct wanted *w)
{
	struct wanted *best = ctx;

	best->score = w->score > best->score ? w->score : best->score;
	best->match = best->match || w->match;
}

static void put_score(const struct finding_out *f)
{
	struct wanted best = { .score = 0 };

	if (!has_items(f))
		return;
	each_wanted_of_all(f, take_best, &best);
	buf_fmt(f->out, "%.4f", best.score);
}

static void put_decision(const struct finding_out *f)
{
	struct wanted best = { .score = 0 };

	if (!has_items(f))
		return;
	each_wanted_of_all(f, take_best, &best);
	buf_str(f->out, best.match ? STR("match") : STR("review"));
}

static const struct {
	const char *name;
	value_f *put;
} variables[] = {
	{ "GAZETTED_ALERT", put_alert },
	{ "GAZETTED_TITLE", put_title },
	{ "GAZETTED_URL", put_url },
	{ "GAZETTED_TOPICS", put_topics },
	{ "GAZETTED_SCORE", put_score },
	{ "GAZETTED_DECISION", put_decision },
	{ "GAZETTED_EVENT", put_event },
	{ "GAZETTED_FEED", put_feed },
	{ "GAZETTED_LANGUAGE", put_language },
	{ "GAZETTED_SEEN_AT", put_seen_at },
	{ "GAZETTED_SEQ", put_seq },
	{ "GAZETTED_KEY", put_key },
	{ "GAZETTED_ATTEMPT", put_attempt },
	{ "GAZETTED_COUNT", put_count },
	{ "GAZETTED_KIND", put_kind },
	{ "GAZETTED_TEST", put_test },
};

/* What comes from publishers must not end a value, a line or a terminal's patience. */
static void blank_controls(struct buf *b)
{
	for (size_t i = 0; i < b->n; i++) {
		unsigned char c = (unsigned char)b->p[i];
		/* U+0080 to U+009F are controls of two bytes; some terminals obey them. */
		bool c1 = c == 0xc2 && i + 1 < b->n && (unsigned char)b->p[i + 1] < 0xa0;

		if (c < 0x20 || c == 0x7f || c1)
			b->p[i] = ' ';
		if (c1)
			b->p[++i] = ' ';
	}
}

static bool fill(struct finding_out *f, char **env, struct arena *a)
{
	bool stays = f->facts->alert->mode == CONF_MODE_STREAM;
	size_t n = 0;

	for (; n < ARRAY_LEN(lean); n++)
		env[n] = arena_cstr(a, str_from(lean[n]));
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		if (stays && variables[i].put != put_alert) /* all others are about one delivery */
			continue;
		buf_clear(f->out);
		buf_str(f->out, str_from(variables[i].name));
		buf_byte(f->out, '=');
		variables[i].put(f);
		if (f->out->failed)
			return false;
		blank_controls(f->out);
		env[n++] = arena_cstr(a, buf_view(f->out));
	}
	env[n] = NULL;
	return !arena_failed(a);
}

/* One line, one record; what is none says nothing. NULL: memory. */
static json_t *read_records(struct str lines)
{
	json_t *all = json_array();
	bool nomem = false;

	while (all && lines.n && !nomem) {
		json_t *one = json_read(str_cut(&lines, '\n'), JSON_ALLOW_NUL, NULL, &nomem);

		nomem |= one && json_array_append_new(all, one) != 0;
	}
	if (nomem)
		json_decref(all);
	return nomem ? NULL : all;
}

char **hook_environment(const struct hook_facts *facts, struct arena *a, struct err *e)
{
	struct finding_out f = { .facts = facts };
	char **env = arena_alloc(a, (ARRAY_LEN(lean) + ARRAY_LEN(variables) + 1) * sizeof(*env));
	struct buf out;
	bool ok;

	buf_init(&out, VALUE_MAX * 16);
	f.out = &out;
	f.records = read_records(facts->delivery->line);
	ok = env && f.records && fill(&f, env, a);
	json_decref(f.records);
	buf_fini(&out);
	if (!ok)
		err_nomem(e);
	return ok ? env : NULL;
}

/* The names that put_topics has put there, by commas. */
static void add_topics(struct json *w, struct str names)
{
	json_key(w, "topics");
	json_open_array(w);
	while (names.n)
		json_str(w, str_cut(&names, ','));
	json_close_array(w);
}

/* As they are in the stores, byte for byte: the chain of hashes is over these. */
static void add_records(struct json *w, struct str lines)
{
	json_key(w, "records");
	json_open_array(w);
	while (lines.n)
		json_raw(w, str_cut(&lines, '\n'));
	json_close_array(w);
}

static void write_line(const struct hook_facts *facts, struct str topics, struct buf *out)
{
	const struct state_delivery *d = facts->delivery;
	struct json w;

	json_init(&w, out);
	json_open_object(&w);
	json_key_int(&w, "v", 1);
	json_key_string(&w, "alert", str_from(facts->alert->name));
	json_key_string(&w, "key", d->key);
	json_key_int(&w, "attempt", d->attempts);
	json_key_string(&w, "kind", kind_of(d));
	add_topics(&w, topics);
	json_key_int(&w, "count", d->records);
	add_records(&w, d->line);
	json_close_object(&w);
	buf_byte(out, '\n');
}

struct str hook_line(const struct hook_facts *facts, struct arena *a, struct err *e)
{
	struct finding_out f = { .facts = facts, .records = read_records(facts->delivery->line) };
	struct str line = { NULL, 0 };
	struct buf topics, out;

	buf_init(&topics, LINE_BYTES_MAX);
	buf_init(&out, LINE_BYTES_MAX);
	f.out = &topics;
	if (f.records) {
		put_topics(&f);
		write_line(facts, buf_view(&topics), &out);
	}
	if (f.records && !topics.failed && !out.failed)
		line = arena_str(a, buf_view(&out));
	json_decref(f.records);
	buf_fini(&topics);
	buf_fini(&out);
	if (!line.p)
		err_nomem(e);
	return line;
}
