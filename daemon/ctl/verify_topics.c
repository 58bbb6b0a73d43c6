/* verify_topics: each topic's store against `items`: the same lines, those that match the topic, and none is missing in between. */
#include "daemon/ctl/verify.h"

#include "daemon/store/reader.h"

#define LINES_MAX ((size_t)1 << 34) /* bytes of the table of one topic's lines: 300 million of them */

struct topic_line {
	uint64_t seq, number;
	struct hash128 hash;
	const char *file; /* in the arena */
	bool behind_damage; /* what stands before it could not be read */
};

struct verify_topic {
	const char *store;
	struct buf lines; /* of struct topic_line, in order of seq */
	size_t next; /* first that `items` has not reached */
	bool begun; /* items' first line was seen */
	struct verify_sum sum;
};

struct reading {
	struct verify *v;
	struct verify_topic *topic;
	const char *file; /* of the line before, kept */
	bool behind_damage;
};

static size_t count_of(const struct verify_topic *t)
{
	return t->lines.n / sizeof(struct topic_line);
}

static const struct topic_line *line_at(const struct verify_topic *t, size_t i)
{
	return (const struct topic_line *)(const void *)t->lines.p + i;
}

static const char *keep_file(struct reading *r, const char *file)
{
	if (!r->file || strcmp(r->file, file) != 0)
		r->file = arena_cstr(r->v->args->arena, str_from(file));
	return r->file ? r->file : "?";
}

static bool read_line(void *ctx, const struct store_line *line)
{
	struct reading *r = ctx;
	struct verify_sum *sum = &r->topic->sum;
	if (line->damage) {
		verify_problem(r->v, line->file, line->number, "lines cannot be read: %s", line->damage);
		r->behind_damage = true;
		return true;
	}
	if (line->torn && line->active) {
		sum->unfinished = true;
		return true;
	}
	struct topic_line l = {
		.seq = reader_line_seq(line->text),
		.number = line->number,
		.hash = hash128(line->text, 0),
		.file = keep_file(r, line->file),
		.behind_damage = r->behind_damage,
	};
	r->behind_damage = false;
	if (l.seq == 0)
		verify_problem(r->v, line->file, line->number, "no seq");
	else if (l.seq <= sum->last)
		verify_problem(r->v, line->file, line->number, "seq %llu after %llu",
		    (unsigned long long)l.seq, (unsigned long long)sum->last);
	else
		buf_add(&r->topic->lines, &l, sizeof(l));
	sum->first = sum->first ? sum->first : l.seq;
	sum->last = l.seq > sum->last ? l.seq : sum->last;
	sum->lines++;
	return !r->topic->lines.failed;
}

bool verify_topics_read(
    struct verify *v, const struct ctl_list *stores, struct verify_topics *out, struct err *e)
{
	*out = (struct verify_topics){ arena_zalloc(v->args->arena, stores->n * sizeof(*out->at)), 0 };
	if (!out->at)
		return err_nomem(e);
	for (size_t i = 0; i < stores->n; i++) {
		struct verify_topic *t = &out->at[out->n++];
		struct reading r = { .v = v, .topic = t };
		t->store = stores->at[i];
		t->sum = (struct verify_sum){ .store = t->store, .problems_before = v->problems };
		buf_init(&t->lines, LINES_MAX);
		if (!store_walk(v->directory, t->store, read_line, &r, &v->went, e))
			return false;
		if (t->lines.failed)
			return err_nomem(e);
	}
	return true;
}

/* Does the line say that it matches this topic? Quotes inside of texts are escaped: the pattern stands in the structure only. */
static bool is_matched(struct str line, struct str topic)
{
	static const char open[] = "{\"topic\":\"";
	size_t at = 0;
	while ((at = str_find(line, str_from(open), at)) != SIZE_MAX) {
		at += sizeof(open) - 1;
		struct str rest = str_skip(line, at);
		if (!str_starts(rest, topic) || !str_starts(str_skip(rest, topic.n), STR("\",")))
			continue;
		size_t decision = str_find(rest, STR("\"decision\":\""), 0);
		struct str said = str_skip(rest, decision == SIZE_MAX ? rest.n : decision + 12);
		return str_starts(said, STR("match\"")) && !str_starts(said, STR("match\",\"shadow\":true"));
	}
	return false;
}

static void compare_one(struct verify *v, struct verify_topic *t, uint64_t seq, const struct store_line *line)
{
	bool matched = is_matched(line->text, str_from(t->store));
	const struct topic_line *l = t->next < count_of(t) ? line_at(t, t->next) : NULL;
	/* A number that `items` passed over. */
	for (; l && l->seq < seq; l = ++t->next < count_of(t) ? line_at(t, t->next) : NULL)
		verify_problem(v, l->file, l->number, "seq %llu is not in items", (unsigned long long)l->seq);
	if (!l || l->seq != seq) {
		bool unread = l && l->behind_damage;
		if (matched && !unread && count_of(t) > 0 && seq > t->sum.first && seq < t->sum.last)
			verify_problem(v, line->file, line->number, "seq %llu is missing in %s",
			    (unsigned long long)seq, t->store);
		return;
	}
	struct hash128 hash = hash128(line->text, 0);
	if (hash.lo != l->hash.lo || hash.hi != l->hash.hi)
		verify_problem(v, l->file, l->number, "not the line that items has for seq %llu",
		    (unsigned long long)seq);
	else if (!matched)
		verify_problem(
		    v, l->file, l->number, "seq %llu does not match this topic", (unsigned long long)seq);
	t->next++;
}

/* Topics keep lines for longer than items do: what is older than its first line is taken on trust. */
static void pass_older(struct verify_topic *t, uint64_t first)
{
	while (t->next < count_of(t) && line_at(t, t->next)->seq < first) {
		t->sum.on_trust = true;
		t->next++;
	}
}

void verify_topics_compare(
    struct verify *v, struct verify_topics *topics, uint64_t seq, const struct store_line *line)
{
	for (size_t i = 0; i < topics->n; i++) {
		struct verify_topic *t = &topics->at[i];
		if (!t->begun)
			pass_older(t, seq);
		t->begun = true;
		compare_one(v, t, seq, line);
	}
}

void verify_topics_pass(struct verify_topics *topics)
{
	for (size_t i = 0; i < topics->n; i++)
		topics->at[i].begun = false;
}

void verify_topics_end(struct verify *v, struct verify_topics *topics, const struct verify_sum *items)
{
	for (size_t i = 0; i < topics->n; i++) {
		struct verify_topic *t = &topics->at[i];
		for (; t->next < count_of(t); t->next++) {
			const struct topic_line *l = line_at(t, t->next);
			if (items->lines > 0)
				verify_problem(v, l->file, l->number, "seq %llu is not in items",
				    (unsigned long long)l->seq);
		}
		t->sum.on_trust = t->sum.on_trust || items->lines == 0;
		verify_summary(v, &t->sum);
	}
}

void verify_topics_free(struct verify_topics *t)
{
	for (size_t i = 0; i < t->n; i++)
		buf_fini(&t->at[i].lines);
	t->n = 0;
}
