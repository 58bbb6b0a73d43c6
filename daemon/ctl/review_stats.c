/* review_stats: the ledger beside the records that it is about. Precision is that of the records that were looked at: a random sample says most. */
#include "daemon/ctl/review_stats.h"

#include "daemon/base/json.h"
#include "daemon/ctl/filter.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/print.h"
#include "daemon/ctl/scores.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/verdicts.h"

#include <stdlib.h>
#include <sysexits.h>

#define ROWS_MAX ((size_t)256 << 20) /* bytes */

enum part { PART_TOPIC, PART_LANGUAGE, PART_FEED, PARTS };
static const char *const part_names[PARTS] = {
	[PART_TOPIC] = "topic", [PART_LANGUAGE] = "language", [PART_FEED] = "feed"
};

struct row {
	struct str topic, name; /* name: of the language or feed; empty: all of them */
	enum part part;
	uint64_t right, wrong; /* matches: confirmed, rejected */
	uint64_t review_right, review_wrong; /* left to people */
	uint64_t missed, spared; /* without a decision: confirmed, rejected */
};

struct counting {
	struct ctl_args *args;
	struct ctl_args asked; /* of a record: all but its topic */
	struct verdicts verdicts;
	struct buf rows;
	size_t n;
};

static struct row *row_at(const struct counting *c, size_t i)
{
	return (struct row *)(void *)c->rows.p + i;
}

static struct row *row_of(struct counting *c, struct str topic, enum part part, struct str name)
{
	struct arena *arena = c->args->arena;
	topic = topic.p ? topic : STR("");
	name = name.p ? name : STR("");
	for (size_t i = 0; i < c->n; i++) {
		struct row *r = row_at(c, i);
		if (r->part == part && str_eq(r->topic, topic) && str_eq(r->name, name))
			return r;
	}
	struct row new = { .topic = arena_str(arena, topic), .name = arena_str(arena, name), .part = part };
	buf_add(&c->rows, &new, sizeof(new));
	if (c->rows.failed || arena_failed(arena))
		return NULL;
	return row_at(c, c->n++);
}

static void count(struct row *r, struct str decision, bool confirmed)
{
	if (str_eq(decision, STR("match")))
		++*(confirmed ? &r->right : &r->wrong);
	else if (str_eq(decision, STR("review")))
		++*(confirmed ? &r->review_right : &r->review_wrong);
	else
		++*(confirmed ? &r->missed : &r->spared);
}

static bool add(
    struct counting *c, const json_t *record, struct str topic, struct str decision, bool confirmed)
{
	const struct str names[PARTS] = { [PART_TOPIC] = STR(""),
		[PART_LANGUAGE] = member(record, "language"),
		[PART_FEED] = member(record, "feed") };
	for (int part = 0; part < PARTS; part++) {
		struct row *r = row_of(c, topic, (enum part)part, names[part]);
		if (!r)
			return false;
		count(r, decision, confirmed);
	}
	return true;
}

/* A verdict about one topic counts when it is the last one about it; so does one about the record, for each topic that it has. */
static bool take_verdict(struct counting *c, const json_t *record, const struct verdict *v)
{
	const json_t *topics = json_object_get(record, "topics");
	const json_t *named = v->topic.n > 0 ? member_topic(record, v->topic) : NULL;
	if (v->topic.n > 0)
		return !filter_wants_topic(c->args, v->topic) ||
		       verdicts_find(&c->verdicts, v->record, v->topic, named != NULL) != v ||
		       add(c, record, v->topic, member(named, "decision"), v->confirmed);
	for (size_t i = 0; i < json_array_size(topics); i++) {
		const json_t *t = json_array_get(topics, i);
		struct str name = member(t, "topic");
		if (filter_wants_topic(c->args, name) &&
		    verdicts_find(&c->verdicts, v->record, name, true) == v &&
		    !add(c, record, name, member(t, "decision"), v->confirmed))
			return false;
	}
	return true;
}

static verdicts_each_f take_record;
static bool take_record(void *ctx, const json_t *record, uint64_t seq, struct err *e)
{
	struct counting *c = ctx;
	if (!filter_takes(&c->asked, record))
		return true;
	for (size_t i = verdicts_first(&c->verdicts, seq); i < c->verdicts.n; i++) {
		const struct verdict *v = verdicts_at(&c->verdicts, i);
		if (v->record != seq)
			break;
		if (!take_verdict(c, record, v))
			return err_nomem(e);
	}
	return true;
}

static int by_part(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = str_cmp(x->topic, y->topic);
	if (order == 0)
		order = (int)x->part - (int)y->part;
	return order ? order : str_cmp(x->name, y->name);
}

static double precision(const struct row *r)
{
	return r->right + r->wrong > 0 ? (double)r->right / (double)(r->right + r->wrong) : 0;
}

static struct scores_interval interval(const struct row *r)
{
	return scores_wilson((double)r->right, (double)(r->right + r->wrong));
}

static void print_row(struct printer *p, const struct row *r)
{
	struct scores_interval i = interval(r);
	print_column(p, r->part == PART_TOPIC ? PRINT_BOLD : PRINT_PLAIN,
	    r->part == PART_TOPIC ? r->topic : STR(""), 22);
	print_fmt(p, " ");
	print_column(p, PRINT_PLAIN,
	    r->name.n > 0           ? r->name
	    : r->part == PART_TOPIC ? STR("all")
	                            : STR("-"),
	    24);
	if (r->right + r->wrong > 0)
		print_fmt(p, " %5.3f (%.2f-%.2f)", precision(r), i.low, i.high);
	else
		print_fmt(p, " %17s", "-");
	print_fmt(p, " %6llu %6llu  %6llu %6llu  %6llu %6llu\n", (unsigned long long)r->right,
	    (unsigned long long)r->wrong, (unsigned long long)r->review_right,
	    (unsigned long long)r->review_wrong, (unsigned long long)r->missed,
	    (unsigned long long)r->spared);
}

static void write_row(struct printer *p, const struct row *r)
{
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {
		{ "match_confirmed", r->right },
		{ "match_rejected", r->wrong },
		{ "review_confirmed", r->review_right },
		{ "review_rejected", r->review_wrong },
		{ "none_confirmed", r->missed },
		{ "none_rejected", r->spared },
	};
	struct json w;
	json_init(&w, &p->out);
	json_open_object(&w);
	json_key_string(&w, "topic", r->topic);
	if (r->part != PART_TOPIC)
		json_key_string(&w, part_names[r->part], r->name);
	if (r->right + r->wrong > 0) {
		json_key(&w, "precision");
		json_num(&w, precision(r), 4);
		json_key(&w, "low");
		json_num(&w, interval(r).low, 4);
		json_key(&w, "high");
		json_num(&w, interval(r).high, 4);
	}
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		json_key(&w, counts[i].name);
		json_u64(&w, counts[i].n);
	}
	json_close_object(&w);
	buf_byte(&p->out, '\n');
}

static void show(struct counting *c, struct printer *p)
{
	if (c->n > 0)
		qsort(c->rows.p, c->n, sizeof(struct row), by_part);
	if (c->n == 0 && !c->args->json)
		print_fmt(p, "nobody decided anything\n");
	else if (!c->args->json)
		print_fmt(p,
		    "%-22s %-24s %17s %13s  %13s  %13s\n%-22s %-24s %17s %6s %6s  %6s %6s  %6s %6s\n", "", "",
		    "precision", "match", "review", "none", "", "", "of matches (95 %)", "yes", "no", "yes",
		    "no", "yes", "no");
	for (size_t i = 0; i < c->n; i++)
		(c->args->json ? write_row : print_row)(p, row_at(c, i));
}

int review_stats(struct ctl_args *args)
{
	struct counting c = { .args = args, .asked = *args };
	struct printer p;
	struct err e = { 0 };
	int code = EX_OK;
	const char *directory = setting_directory(args, &code);
	if (!directory)
		return code;
	code = EX_OK;
	c.asked.topics.n = 0;
	buf_init(&c.rows, ROWS_MAX);
	print_init(&p, args);
	if (verdicts_read(&c.verdicts, directory, args->arena, &e) &&
	    verdicts_walk(&c.verdicts, directory, take_record, &c, &e))
		show(&c, &p);
	else
		code = ctl_fail_err(&e);
	if (code == EX_OK && c.verdicts.damages > 0)
		code = EX_DATAERR;
	verdicts_free(&c.verdicts);
	buf_fini(&c.rows);
	return print_end(&p, code);
}
