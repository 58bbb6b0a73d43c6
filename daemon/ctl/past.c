/* past: two passes over `items`: which records, by 24 bytes each; then those again, one at a time, however many there are. */
#include "daemon/ctl/past.h"

#include "daemon/base/fs.h"
#include "daemon/base/hash.h"
#include "daemon/base/json.h"
#include "daemon/ctl/filter.h"
#include "daemon/ctl/intact.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/setting.h"
#include "daemon/pipe/record.h"
#include "daemon/pipe/storage.h"
#include "daemon/pipe/told.h"
#include "daemon/store/reader.h"

#include <stdlib.h>
#include <sysexits.h>

#define MARKS_MAX ((size_t)1 << 34) /* bytes: 24 for each record that matches or that ends a match */
#define TOPIC_MAX (1u << 20) /* bytes of one topic's result with its evidence */

struct mark { /* of one record; the last one of an item decides */
	uint64_t item; /* hash of its key and feed */
	uint64_t seq;
	bool wanted;
};

bool past_open(struct past *p, const struct ctl_args *args, const char *topic, int *code)
{
	*p = (struct past){ .args = args };
	p->directory = setting_directory(args, code);
	if (!p->directory || !judge_open(&p->judge, args, false, code))
		return false;
	buf_init(&p->marks, MARKS_MAX);
	buf_init(&p->found, MARKS_MAX);
	buf_init(&p->told, MARKS_MAX);
	for (size_t i = 0; i < p->judge.count && !p->topic; i++) {
		if (strcmp(cls_topic(p->judge.classifier, i)->name, topic) != 0)
			continue;
		p->topic = cls_topic(p->judge.classifier, i);
		p->topic_at = i;
	}
	if (p->topic)
		return true;
	*code = ctl_fail(EX_NOINPUT, "no topic '%.100s' in the configuration", topic);
	past_close(p);
	return false;
}

void past_close(struct past *p)
{
	judge_close(&p->judge);
	buf_fini(&p->marks);
	buf_fini(&p->found);
	buf_fini(&p->told);
}

size_t past_count(const struct past *p)
{
	return p->found.n / sizeof(uint64_t);
}

typedef bool line_f(struct past *p, const struct reader_line *line, void *ctx, struct err *e);

/* tell: NULL in a second pass, which meets the same damage. */
static bool walk(
    struct past *p, const char *doing, reader_damage_f *tell, line_f *take, void *ctx, struct err *e)
{
	struct reader *r = NULL;
	struct reader_line line;
	enum reader_result got = READER_FAILED;
	bool good = reader_open(&fs_system, p->directory, STORE_ITEMS, &r, e) &&
	            (p->args->since == INT64_MIN || reader_seek_time(r, p->args->since, e));
	progress_begin(&p->progress, doing, "records");
	p->read = 0;
	while (good && (got = reader_next_whole(r, &line, tell, &p->damages, e)) == READER_LINE) {
		progress_tell(&p->progress, ++p->read, 0);
		good = take(p, &line, ctx, e);
	}
	progress_end(&p->progress);
	reader_close(&r);
	return good && got == READER_END;
}

static bool judge_record(struct past *p, const json_t *record, bool *match, struct err *e)
{
	const char *language = json_string_value(json_object_get(record, "language"));
	if (!judge_ask(&p->judge, member(record, "title"), member_text(record), language, e))
		return false;
	*match = p->judge.results[p->topic_at].decision == CLS_MATCH;
	return true;
}

static bool mark(struct past *p, const json_t *record, struct str line, bool wanted, struct err *e)
{
	struct mark m = {
		.item = hash64(member(record, "key"), hash64(member(record, "feed"), 0)),
		.seq = reader_line_seq(line),
		.wanted = wanted,
	};
	buf_add(&p->marks, &m, sizeof(m));
	return !p->marks.failed || err_nomem(e);
}

static bool is_of_item(struct str kind)
{
	return str_eq(kind, STR("new")) || str_eq(kind, STR("revision"));
}

static bool note_told(struct past *p, const json_t *record, struct str line, struct err *e)
{
	uint64_t seq = reader_line_seq(line);
	struct str kind = member(record, "kind");
	if (!p->alert || !(is_of_item(kind) || str_eq(kind, STR("replay"))) ||
	    !filter_takes(p->args, record) || !told_is_wanted(p->alert, record, str_from(p->topic->name)))
		return true;
	buf_add(&p->told, &seq, sizeof(seq));
	return !p->told.failed || err_nomem(e);
}

/* What was seen later, or is not of these feeds, is not looked at, but may say that the item is in the store already. */
static bool look_at(struct past *p, const json_t *record, struct str line, struct err *e)
{
	struct str kind = member(record, "kind");
	bool match = false;
	if (told_matched(record, str_from(p->topic->name)))
		return note_told(p, record, line, e) && mark(p, record, line, false, e);
	if (!is_of_item(kind) || !filter_takes(p->args, record))
		return true;
	if (!judge_record(p, record, &match, e))
		return false;
	/* A new record that does not match ends nothing. */
	return (!match && str_eq(kind, STR("new"))) || mark(p, record, line, match, e);
}

static line_f look;
static bool look(struct past *p, const struct reader_line *line, void *ctx, struct err *e)
{
	(void)ctx;
	if (!intact(line->file, line->number, line->text, &p->damages))
		return true;
	json_t *record = json_loadb(line->text.p, line->text.n, JSON_ALLOW_NUL, NULL);
	bool good = !record || look_at(p, record, line->text, e);
	json_decref(record);
	return good;
}

static int by_item(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;
	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

size_t past_told_count(const struct past *p)
{
	return p->told.n / sizeof(uint64_t);
}

/* The oldest ones when there are more than are asked for: the next run finds the rest. */
static bool choose(struct past *p, struct err *e)
{
	struct mark *marks = (struct mark *)(void *)p->marks.p;
	size_t count = p->marks.n / sizeof(*marks);
	if (count > 0)
		qsort(marks, count, sizeof(*marks), by_item);
	for (size_t i = 0; i < count; i++)
		if (marks[i].wanted && (i + 1 == count || marks[i + 1].item != marks[i].item))
			buf_add(&p->found, &marks[i].seq, sizeof(marks[i].seq));
	buf_clear(&p->marks);
	if (p->found.failed)
		return err_nomem(e);
	if (past_count(p) > 0)
		qsort(p->found.p, past_count(p), sizeof(uint64_t), by_number);
	if (p->args->lines_given && past_count(p) > p->args->lines)
		p->found.n = (size_t)p->args->lines * sizeof(uint64_t);
	return true;
}

bool past_find(struct past *p, struct err *e)
{
	return walk(p, "looking", ctl_tell_damage, look, NULL, e) && choose(p, e);
}

/* As the daemon writes it, or nearly: it is read again here and written once more there. */
static json_t *topics_of(const struct past *p, const json_t *record)
{
	struct record r = {
		.title = member(record, "title"),
		.text = member(record, "content_text"),
		.classifier = p->judge.classifier,
	};
	struct buf text;
	struct json w;
	buf_init(&text, TOPIC_MAX);
	json_init(&w, &text);
	json_open_array(&w);
	record_write_topic(&w, &r, &p->judge.results[p->topic_at]);
	json_close_array(&w);
	json_t *topics = text.failed ? NULL : json_loadb(text.p, text.n, JSON_ALLOW_NUL, NULL);
	buf_fini(&text);
	return topics;
}

static bool bring_up_to_date(const struct past *p, json_t *record, uint64_t seq, struct err *e)
{
	if (json_object_set_new(record, "topics", topics_of(p, record)) != 0 ||
	    json_object_set_new(record, "model", json_string(cls_model_id(p->judge.classifier))) != 0 ||
	    json_object_set_new(record, "replays", json_integer((json_int_t)seq)) != 0)
		return err_nomem(e);
	return true;
}

/* Is it the next one of these numbers, which are passed by in order? */
static bool is_next(const struct buf *numbers, size_t *next, uint64_t seq)
{
	const uint64_t *at = (const uint64_t *)(const void *)numbers->p;
	size_t count = numbers->n / sizeof(*at);
	while (*next < count && at[*next] < seq)
		(*next)++;
	return *next < count && at[*next] == seq;
}

struct giving {
	past_each_f *each;
	void *ctx;
	size_t next; /* of those found */
};

static line_f give;
static bool give(struct past *p, const struct reader_line *line, void *ctx, struct err *e)
{
	struct giving *g = ctx;
	uint64_t seq = reader_line_seq(line->text);
	bool match;
	if (!is_next(&p->found, &g->next, seq))
		return true;
	json_t *record = json_loadb(line->text.p, line->text.n, JSON_ALLOW_NUL, NULL);
	bool good = record || err_nomem(e);
	good = good && judge_record(p, record, &match, e) && bring_up_to_date(p, record, seq, e) &&
	       g->each(g->ctx, record, e);
	json_decref(record);
	return good;
}

bool past_each(struct past *p, past_each_f *each, void *ctx, struct err *e)
{
	struct giving g = { .each = each, .ctx = ctx };
	return past_count(p) == 0 || walk(p, "replaying", NULL, give, &g, e);
}

struct telling {
	past_told_f *each;
	void *ctx;
	size_t next;
};

static line_f tell_one;
static bool tell_one(struct past *p, const struct reader_line *line, void *ctx, struct err *e)
{
	struct telling *t = ctx;
	return !is_next(&p->told, &t->next, reader_line_seq(line->text)) || t->each(t->ctx, line->text, e);
}

bool past_each_told(struct past *p, past_told_f *each, void *ctx, struct err *e)
{
	struct telling t = { .each = each, .ctx = ctx };
	return past_told_count(p) == 0 || walk(p, "telling", NULL, tell_one, &t, e);
}
