/* trend: one pass over the items, backwards, until the first day. Of an item its first record counts: what its publisher did to it later is no news. */
#include "daemon/page/trend.h"

#include "daemon/base/attr.h"
#include "daemon/base/json_scan.h"
#include "daemon/page/lines.h"
#include "daemon/pipe/storage.h"
#include "daemon/store/reader.h"

#include <stdlib.h>

#define DAY_MS 86400000

struct trend *trends_find(const struct trends *t, struct str name)
{
	for (size_t i = 0; i < t->count; i++)
		if (str_eq(t->topics[i].name, name))
			return &t->topics[i];
	return NULL;
}

unsigned trend_sum(const unsigned days[TREND_DAYS])
{
	unsigned sum = 0;

	for (size_t i = 0; i < TREND_DAYS; i++)
		sum += days[i];
	return sum;
}

static void count_name(json_t *counts, struct str quoted)
{
	struct buf scratch;
	struct str name;

	buf_init(&scratch, PAGE_PATH_MAX);
	if (!json_scan_text(quoted, &scratch, &name) || name.n == 0)
		name = STR("");
	(void)json_object_setn_new(counts, name.p, name.n,
	    json_integer(1 + json_integer_value(json_object_getn(counts, name.p, name.n))));
	buf_fini(&scratch);
}

static size_t bin_of(double score)
{
	if (!(score > 0))
		return 0;
	return score < 1 ? (size_t)(score * TREND_BINS) : TREND_BINS - 1;
}

struct members { /* of a record, as they stand there */
	struct str feed, language;
};

static void count_decision(struct trends *t, const json_t *topic, unsigned day, const struct members *m)
{
	struct trend *trend = trends_find(t, member(topic, "topic"));
	bool match = str_eq(member(topic, "decision"), STR("match"));

	if (!trend || (!match && !str_eq(member(topic, "decision"), STR("review"))))
		return;
	(match ? trend->matches : trend->reviews)[day]++;
	trend->scores[bin_of(json_number_value(json_object_get(topic, "score")))]++;
	if (!match || !str_eq(trend->name, t->wanted))
		return;
	count_name(t->feeds, m->feed);
	count_name(t->languages, m->language);
}

static void count_record(struct trends *t, struct str line, unsigned day)
{
	struct json_member m[] = { { "kind", STR("") }, { "topics", STR("") }, { "feed", STR("") },
		{ "language", STR("") } };
	json_t *topics;

	if (!json_scan(line, m, ARRAY_LEN(m)) || str_eq(m[0].value, STR("\"revision\"")) ||
	    str_eq(m[0].value, STR("\"withdrawn\"")))
		return;
	topics = json_loadb(m[1].value.p ? m[1].value.p : "", m[1].value.n, 0, NULL);
	for (size_t i = 0; i < json_array_size(topics); i++)
		count_decision(
		    t, json_array_get(topics, i), day, &(struct members){ m[2].value, m[3].value });
	json_decref(topics);
}

static lines_f on_line;
static bool on_line(void *ctx, uint64_t seq, struct str line)
{
	struct trends *t = ctx;
	int64_t seen = reader_line_time(line);
	unsigned day;

	(void)seq;
	if (seen == INT64_MIN)
		return true;
	t->whole = seen < t->first_day;
	if (t->whole)
		return false;
	day = seen - t->first_day < TREND_DAYS * (int64_t)DAY_MS ? (unsigned)((seen - t->first_day) / DAY_MS)
	                                                         : TREND_DAYS - 1;
	if (str_find(line, STR("\"decision\":\""), 0) != SIZE_MAX)
		count_record(t, line, day);
	return true;
}

static void take_topics(struct trends *t, const json_t *topics)
{
	for (size_t i = 0; i < json_array_size(topics); i++) {
		const json_t *topic = json_array_get(topics, i);

		if (member(topic, "name").n == 0)
			continue;
		t->topics[t->count++] = (struct trend){
			.name = member(topic, "name"),
			.title = member(topic, "title"),
			.match = json_number_value(json_object_get(topic, "match")),
			.review = json_number_value(json_object_get(topic, "review")),
			.shadow = json_is_true(json_object_get(topic, "shadow")),
		};
	}
}

bool trends_read(const struct asking *a, struct str wanted, struct trends *out)
{
	const json_t *topics = json_object_get(a->status, "topics");
	uint64_t older = 0;

	*out = (struct trends){ .wanted = wanted, .feeds = json_object(), .languages = json_object() };
	out->topics = calloc(json_array_size(topics) + 1, sizeof(*out->topics));
	if (!out->topics || !out->feeds || !out->languages)
		return false;
	take_topics(out, topics);
	out->first_day = (a->source->now / DAY_MS - (TREND_DAYS - 1)) * DAY_MS;
	if (out->count == 0)
		return true;
	(void)lines_back(a->source, STORE_ITEMS, 0, PAGE_LOOK_BACK, on_line, out, &older);
	out->whole |= older == 0;
	return true;
}

void trends_fini(struct trends *t)
{
	json_decref(t->feeds);
	json_decref(t->languages);
	free(t->topics);
}
