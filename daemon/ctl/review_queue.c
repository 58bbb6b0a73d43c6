/* review_queue: two passes over `items`: which questions there are; then the records of their items. */
#include "daemon/ctl/review_queue.h"

#include "daemon/base/fs.h"
#include "daemon/base/hash.h"
#include "daemon/base/json_scan.h"
#include "daemon/ctl/filter.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/outbox.h"
#include "daemon/ctl/progress.h"
#include "daemon/ctl/setting.h"
#include "daemon/pipe/rules.h"
#include "daemon/pipe/storage.h"
#include "daemon/pipe/wanted.h"
#include "daemon/store/reader.h"

#include <math.h>
#include <stdlib.h>
#include <sysexits.h>

#define LIST_MAX ((size_t)1 << 34) /* bytes: 56 for each question that there might be */
#define HELD_MAX ((size_t)16 << 20) /* bytes: 16 for each topic of each alert that waits */
#define RECORDS_MAX 50u /* of one item that are shown */
#define KEY_ROOM 4096u /* bytes of a feed's name or a key with escapes */
#define NO_TOPIC UINT32_MAX /* no question: a newer record of the item */

const char *const review_pick_names[REVIEW_PICKS + 1] = {
	[REVIEW_UNDECIDED] = "review", [REVIEW_RANDOM] = "random", [REVIEW_UNCERTAIN] = "uncertain", NULL
};

struct filling {
	struct review_queue *q;
	enum review_pick pick;
	struct ctl_args asked; /* of a record: all but its topic */
};

struct question *review_queue_at(const struct review_queue *q, size_t i)
{
	return (struct question *)(void *)q->list.p + i;
}

static uint64_t item_of(struct str feed, struct str key)
{
	return hash64(key, hash64(feed, 0));
}

static int by_record(const void *a, const void *b)
{
	const struct held_topic *x = a, *y = b;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int by_held(const void *a, const void *b)
{
	const struct held_topic *x = a, *y = b;
	int order = by_record(a, b);
	return order ? order : x->topic < y->topic ? -1 : x->topic > y->topic;
}

static bool is_held(const struct review_queue *q, uint64_t seq, const char *topic)
{
	const struct held_topic x = { seq, hash64(str_from(topic), 0) };
	size_t n = q->held.n / sizeof(x);
	return n > 0 && bsearch(&x, q->held.p, n, sizeof(x), by_held) != NULL;
}

/* For any of its topics. */
static bool is_record_held(const struct review_queue *q, uint64_t seq)
{
	const struct held_topic x = { .seq = seq };
	size_t n = q->held.n / sizeof(x);
	return n > 0 && bsearch(&x, q->held.p, n, sizeof(x), by_record) != NULL;
}

struct holding {
	struct review_queue *q;
	const struct conf *conf; /* or NULL: alerts ask for everything */
	uint64_t seq;
};

static wanted_f on_wanted;
static void on_wanted(void *ctx, const struct wanted *w)
{
	struct holding *h = ctx;
	const struct held_topic x = { h->seq, hash64(str_from(w->name), 0) };
	buf_add(&h->q->held, &x, sizeof(x));
}

static state_delivery_f on_held;
static bool on_held(void *ctx, const struct state_delivery *row)
{
	struct holding *h = ctx;
	json_t *record = json_loadb(row->line.p ? row->line.p : "", row->line.n, JSON_ALLOW_NUL, NULL);
	h->seq = row->seq;
	if (record)
		wanted_each(record, h->conf ? rules_find(h->conf, row->alert) : NULL, on_wanted, h);
	json_decref(record);
	return !h->q->held.failed;
}

/* Who may not read the outbox is asked about what is in doubt alone. */
static void load_held(struct review_queue *q)
{
	struct state *s = outbox_peek(q->args);
	struct err ignored = { 0 };
	int code = EX_OK;
	struct conf *conf = s ? setting_load(q->args, &code) : NULL;
	struct holding h = { .q = q, .conf = conf };
	buf_init(&q->held, HELD_MAX);
	(void)(s && state_delivery_each(s, DELIVERY_HELD, on_held, &h, &ignored));
	if (q->held.n > 0)
		qsort(q->held.p, q->held.n / sizeof(struct held_topic), sizeof(struct held_topic), by_held);
	conf_drop(&conf);
	state_close(&s);
}

static bool add(
    struct review_queue *q, const json_t *record, uint64_t seq, uint32_t topic, double order, struct err *e)
{
	struct question x = { .item = item_of(member(record, "feed"), member(record, "key")),
		.seq = seq,
		.topic = topic,
		.held = topic != NO_TOPIC && is_held(q, seq, cls_topic(q->judge.classifier, topic)->name),
		.order = order };
	buf_add(&q->list, &x, sizeof(x));
	return !q->list.failed || err_nomem(e);
}

static bool is_decided(const struct review_queue *q, const json_t *record, uint64_t seq, const char *name)
{
	return verdicts_find(
	           &q->verdicts, seq, str_from(name), member_topic(record, str_from(name)) != NULL) != NULL;
}

static bool add_undecided(struct review_queue *q, const json_t *record, uint64_t seq, struct err *e)
{
	for (uint32_t i = 0; i < q->judge.count; i++) {
		const char *name = cls_topic(q->judge.classifier, i)->name;
		struct str decision = member(member_topic(record, str_from(name)), "decision");
		if ((str_eq(decision, STR("review")) || is_held(q, seq, name)) &&
		    filter_wants_topic(q->args, str_from(name)) && !is_decided(q, record, seq, name) &&
		    !add(q, record, seq, i, -(double)seq, e))
			return false;
	}
	return true;
}

static double log_odds(double p)
{
	double bounded = fmin(fmax(p, 1e-9), 1 - 1e-9);
	return log(bounded / (1 - bounded));
}

static double doubt(const struct judge *j, uint32_t topic)
{
	return fabs(log_odds(j->results[topic].score) - log_odds(cls_topic(j->classifier, topic)->match));
}

/* Of one record one question: about the topic that is likeliest, or least certain. */
static bool add_judged(struct filling *f, const json_t *record, uint64_t seq, struct err *e)
{
	struct review_queue *q = f->q;
	struct judge *j = &q->judge;
	uint32_t best = NO_TOPIC;
	if (!judge_ask(j, member(record, "title"), member_text(record),
	        json_string_value(json_object_get(record, "language")), e))
		return false;
	for (uint32_t i = 0; i < j->count; i++) {
		const char *name = cls_topic(j->classifier, i)->name;
		if (!filter_wants_topic(q->args, str_from(name)) || is_decided(q, record, seq, name))
			continue;
		if (best == NO_TOPIC ||
		    (f->pick == REVIEW_RANDOM ? j->results[i].score > j->results[best].score
		                              : doubt(j, i) < doubt(j, best)))
			best = i;
	}
	if (best == NO_TOPIC)
		return true;
	double order = f->pick == REVIEW_UNCERTAIN ? doubt(j, best)
	                                           : (double)hash64(str_of(&seq, sizeof(seq)), q->args->seed);
	return add(q, record, seq, best, order, e);
}

/* A record that is not asked about still says that the ones before it are not the newest text. */
static bool take_record(struct filling *f, const json_t *record, uint64_t seq, struct err *e)
{
	struct str kind = member(record, "kind");
	bool first = str_eq(kind, STR("new"));
	size_t n = f->q->list.n;
	if (str_eq(kind, STR("replay")) && !is_record_held(f->q, seq))
		return true;
	if (!str_eq(kind, STR("withdrawn")) && filter_takes(&f->asked, record) &&
	    !(f->pick == REVIEW_UNDECIDED ? add_undecided(f->q, record, seq, e)
	                                  : add_judged(f, record, seq, e)))
		return false;
	return first || f->q->list.n > n || add(f->q, record, seq, NO_TOPIC, 0, e);
}

typedef bool line_f(struct filling *f, struct str line, struct err *e);

static bool walk(struct filling *f, int64_t since, const char *doing, line_f *take, struct err *e)
{
	struct reader *r = NULL;
	struct reader_line line;
	struct progress progress;
	enum reader_result got = READER_FAILED;
	uint64_t read = 0;
	bool good = reader_open(&fs_system, f->q->directory, STORE_ITEMS, &r, e) &&
	            (since == INT64_MIN || reader_seek_time(r, since, e));
	progress_begin(&progress, doing, "records");
	while (good && (got = reader_next_whole(r, &line, ctl_tell_damage, NULL, e)) == READER_LINE) {
		progress_tell(&progress, ++read, 0);
		good = take(f, line.text, e);
	}
	progress_end(&progress);
	reader_close(&r);
	return good && got == READER_END;
}

static bool take_line(struct filling *f, struct str line, struct err *e)
{
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	bool good = !record || take_record(f, record, reader_line_seq(line), e);
	json_decref(record);
	return good;
}

static int by_item(const void *a, const void *b)
{
	const struct question *x = a, *y = b;
	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return x->topic < y->topic ? -1 : x->topic > y->topic;
}

static int by_order(const void *a, const void *b)
{
	const struct question *x = a, *y = b;
	if (x->held != y->held)
		return x->held ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return by_item(a, b);
}

static void sort(struct review_queue *q, int (*order)(const void *, const void *))
{
	if (q->n > 0)
		qsort(q->list.p, q->n, sizeof(struct question), order);
}

/* Is the same topic asked about at a newer record of the item? `last` is the place of its newest question. */
static bool is_asked_newer(const struct review_queue *q, const struct question *x, size_t last)
{
	uint64_t newest = review_queue_at(q, last)->seq;
	for (size_t i = last; review_queue_at(q, i) > x; i--) {
		const struct question *y = review_queue_at(q, i);
		if (y->topic == x->topic && y->seq > x->seq && (y->seq == newest || y->held))
			return true;
	}
	return false;
}

/* The newest record of each item, or the one that an alert waits for; the first ones of these, in order of items for the second pass. */
static void choose(struct review_queue *q, uint64_t most)
{
	size_t kept = 0, last = 0;
	q->n = q->list.n / sizeof(struct question);
	sort(q, by_item);
	for (size_t i = 0; i < q->n; i++) {
		const struct question *x = review_queue_at(q, i);
		for (last = last > i ? last : i;
		     last + 1 < q->n && review_queue_at(q, last + 1)->item == x->item;)
			last++;
		if (x->topic != NO_TOPIC &&
		    (x->seq == review_queue_at(q, last)->seq || (x->held && !is_asked_newer(q, x, last))))
			*review_queue_at(q, kept++) = *x;
	}
	q->n = kept;
	sort(q, by_order);
	q->n = q->n < most ? q->n : (size_t)most;
	sort(q, by_item);
}

static size_t first_of(const struct review_queue *q, uint64_t item)
{
	size_t low = 0, high = q->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (review_queue_at(q, middle)->item < item)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool keep(struct question *x, json_t *record, uint64_t seq)
{
	if (!x->records)
		x->records = json_array();
	if (json_array_size(x->records) == RECORDS_MAX && x->record)
		return true; /* it must stay */
	if (json_array_size(x->records) == RECORDS_MAX)
		json_array_remove(x->records, 0);
	if (json_array_append(x->records, record) != 0)
		return false;
	if (seq == x->seq)
		x->record = record;
	return true;
}

/* Whose record is it? Without reading all of its JSON: most are nobody's. */
static bool item_of_line(struct str line, uint64_t *item)
{
	struct json_member members[] = { { .name = "feed" }, { .name = "key" } };
	char room[KEY_ROOM];
	struct buf scratch;
	struct str feed, key;
	buf_init(&scratch, sizeof(room));
	bool good = json_scan(line, members, ARRAY_LEN(members)) &&
	            json_scan_text(members[0].value, &scratch, &feed) && feed.n <= sizeof(room);
	if (good)
		memcpy(room, feed.p, feed.n); /* the scratch is used again */
	good = good && json_scan_text(members[1].value, &scratch, &key);
	if (good)
		*item = item_of(str_of(room, feed.n), key);
	buf_fini(&scratch);
	return good;
}

static bool load_line(struct filling *f, struct str line, struct err *e)
{
	uint64_t item = 0;
	if (!item_of_line(line, &item))
		return true;
	size_t at = first_of(f->q, item);
	if (at == f->q->n || review_queue_at(f->q, at)->item != item)
		return true;
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	bool good = true;
	for (; record && good && at < f->q->n && review_queue_at(f->q, at)->item == item; at++)
		good = keep(review_queue_at(f->q, at), record, reader_line_seq(line)) || err_nomem(e);
	json_decref(record);
	return good;
}

/* What retention took between the passes cannot be asked about. */
static void drop_gone(struct review_queue *q)
{
	size_t kept = 0;
	for (size_t i = 0; i < q->n; i++) {
		struct question *x = review_queue_at(q, i);
		if (x->record)
			*review_queue_at(q, kept++) = *x;
		else
			json_decref(x->records);
	}
	q->n = kept;
}

bool review_queue_fill(struct review_queue *q, enum review_pick pick, uint64_t most, struct err *e)
{
	struct filling f = { .q = q, .pick = pick, .asked = *q->args };
	f.asked.topics.n = 0;
	if (pick == REVIEW_UNDECIDED)
		load_held(q);
	if (!walk(&f, q->args->since, "looking", take_line, e))
		return false;
	choose(q, most);
	if (q->n > 0 && !walk(&f, INT64_MIN, "reading", load_line, e))
		return false;
	drop_gone(q);
	sort(q, by_order);
	return true;
}

bool review_queue_open(struct review_queue *q, const struct ctl_args *args, int *code)
{
	struct err e = { 0 };
	*q = (struct review_queue){ .args = args };
	buf_init(&q->list, LIST_MAX);
	q->directory = setting_directory(args, code);
	if (!q->directory || !judge_open(&q->judge, args, false, code))
		return false;
	for (size_t i = 0; i < args->topics.n; i++)
		if (cls_topic_index(q->judge.classifier, args->topics.at[i]) < 0) {
			*code = ctl_fail(
			    EX_NOINPUT, "no topic '%.100s' in the configuration", args->topics.at[i]);
			review_queue_close(q);
			return false;
		}
	if (verdicts_read(&q->verdicts, q->directory, args->arena, &e))
		return true;
	*code = ctl_fail_err(&e);
	review_queue_close(q);
	return false;
}

void review_queue_close(struct review_queue *q)
{
	for (size_t i = 0; i < q->n; i++)
		json_decref(review_queue_at(q, i)->records);
	q->n = 0;
	buf_fini(&q->list);
	buf_fini(&q->held);
	verdicts_free(&q->verdicts);
	judge_close(&q->judge);
}
