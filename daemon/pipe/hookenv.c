/* hookenv: a table of names, each with the function that finds its value. */
#include "daemon/pipe/hookenv.h"

#include "daemon/base/utf8.h"
#include "daemon/pipe/rules.h"

#include <jansson.h>

#define VALUE_MAX 2048 /* bytes of one value; longer ones are in the record */

/* Without these few nothing runs; everything else in a script's environment is about the record. */
static const char *const lean[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C.UTF-8" };

struct finding_out {
	const struct hook_facts *facts;
	json_t *record;
	struct buf *out;
};

typedef void value_f(const struct finding_out *f);

static void add_member(const struct finding_out *f, const char *name)
{
	json_t *v = json_object_get(f->record, name);

	if (json_is_string(v))
		buf_str(f->out, utf8_cut(str_of(json_string_value(v), json_string_length(v)), VALUE_MAX));
}

static void put_title(const struct finding_out *f)
{
	add_member(f, "title");
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
	add_member(f, "seen_at");
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
	buf_str(f->out, f->facts->key);
}

static void put_seq(const struct finding_out *f)
{
	buf_u64(f->out, f->facts->seq);
}

static void put_attempt(const struct finding_out *f)
{
	buf_u64(f->out, f->facts->attempt);
}

/* The topics of the record that this alert asks for. */
struct wanted {
	const char *name;
	double score;
	bool match;
};

static bool wanted_at(const struct finding_out *f, size_t i, struct wanted *w)
{
	json_t *t = json_array_get(json_object_get(f->record, "topics"), i);
	const char *decision = json_string_value(json_object_get(t, "decision"));

	w->name = json_string_value(json_object_get(t, "topic"));
	w->score = json_number_value(json_object_get(t, "score"));
	w->match = decision && str_eq(str_from(decision), STR("match"));
	return w->name && rules_want_topic(f->facts->alert, w->name, w->score, w->match);
}

static size_t topic_count(const struct finding_out *f)
{
	return json_array_size(json_object_get(f->record, "topics"));
}

static void put_topics(const struct finding_out *f)
{
	struct wanted w;
	bool first = true;

	for (size_t i = 0; i < topic_count(f); i++) {
		if (!wanted_at(f, i, &w))
			continue;
		if (!first)
			buf_byte(f->out, ',');
		buf_str(f->out, str_from(w.name));
		first = false;
	}
}

static void put_score(const struct finding_out *f)
{
	struct wanted w;
	double best = 0;

	for (size_t i = 0; i < topic_count(f); i++)
		if (wanted_at(f, i, &w) && w.score > best)
			best = w.score;
	buf_fmt(f->out, "%.4f", best);
}

static void put_decision(const struct finding_out *f)
{
	struct wanted w;

	for (size_t i = 0; i < topic_count(f); i++)
		if (wanted_at(f, i, &w) && w.match) {
			buf_str(f->out, STR("match"));
			return;
		}
	buf_str(f->out, STR("review"));
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
	{ "GAZETTED_FEED", put_feed },
	{ "GAZETTED_LANGUAGE", put_language },
	{ "GAZETTED_SEEN_AT", put_seen_at },
	{ "GAZETTED_SEQ", put_seq },
	{ "GAZETTED_KEY", put_key },
	{ "GAZETTED_ATTEMPT", put_attempt },
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
	size_t n = 0;

	for (; n < ARRAY_LEN(lean); n++)
		env[n] = arena_cstr(a, str_from(lean[n]));
	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
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

char **hook_environment(const struct hook_facts *facts, struct arena *a, struct err *e)
{
	struct finding_out f = { .facts = facts };
	char **env = arena_alloc(a, (ARRAY_LEN(lean) + ARRAY_LEN(variables) + 1) * sizeof(*env));
	struct buf out;
	bool ok;

	buf_init(&out, VALUE_MAX * 16);
	f.out = &out;
	f.record = json_loadb(facts->record.p, facts->record.n, JSON_ALLOW_NUL, NULL);
	ok = env && fill(&f, env, a);
	json_decref(f.record);
	buf_fini(&out);
	if (!ok)
		err_nomem(e);
	return ok ? env : NULL;
}
