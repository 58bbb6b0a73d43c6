/* backtest: the first pass. What threads share is const while they run; each gathers marks of its own. */
#include "daemon/ctl/backtest_priv.h"

#include "daemon/base/fs.h"
#include "daemon/base/hash.h"
#include "daemon/ctl/filter.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/progress.h"
#include "daemon/ctl/setting.h"
#include "daemon/pipe/storage.h"
#include "daemon/store/reader.h"

#include <pthread.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#define MARKS_MAX ((size_t)1 << 34) /* bytes: 48 for each record and topic that have a decision */
#define LANES_MAX 16u /* threads; each reads all lines, so that more would read more than they judge */
#define LANE_STRIDE 64u /* records in a row that one thread takes */

struct lane { /* one thread */
	struct backtest *b;
	unsigned number, count;
	pthread_t thread;
	struct cls_scratch *scratch;
	struct cls_result *results;
	struct buf marks;
	uint64_t records;
	uint64_t first, last; /* numbers of the records that were judged */
	int64_t first_at, last_at;
	struct progress progress; /* of the first one */
	struct err error;
};

static bool mark(struct lane *l, const struct backtest_mark *m)
{
	buf_add(&l->marks, m, sizeof(*m));
	return !l->marks.failed || err_nomem(&l->error);
}

/* What the record says of a topic. */
static void had(const json_t *record, struct str topic, struct backtest_mark *m)
{
	const json_t *t = member_topic(record, topic);
	struct str decision = member(t, "decision");
	m->was = str_eq(decision, STR("match"))    ? CLS_MATCH
	         : str_eq(decision, STR("review")) ? CLS_REVIEW
	                                           : CLS_NONE;
	m->shadow = json_is_true(json_object_get(t, "shadow"));
}

static bool judge_line(struct lane *l, const json_t *record)
{
	struct str title = member(record, "title"), text = member_text(record);
	struct cls_error why = { 0 };
	struct cls_input in = {
		.title = { title.p, title.n },
		.text = { text.p, text.n },
		.language = json_string_value(json_object_get(record, "language")),
	};
	return cls_classify(l->b->judge.classifier, l->scratch, &in, l->results, &why) ||
	       err_set(&l->error, ERR_NOMEM, 0, "%s", why.text);
}

/* seq: of the record that is meant; `decided`: of the line that people may have decided about. */
static bool mark_topics(struct lane *l, const json_t *record, uint64_t seq, uint64_t decided, bool judged)
{
	struct backtest_mark m = { .of_case = hash64(member(record, "case"), 0),
		.seq = seq,
		.at = filter_time(record),
		.judged = judged };
	for (uint32_t i = 0; i < l->b->judge.count; i++) {
		struct str name = str_from(cls_topic(l->b->judge.classifier, i)->name);
		if (!l->b->asked[i])
			continue;
		m.topic = i;
		had(record, name, &m);
		m.is = (unsigned char)(judged ? l->results[i].decision : CLS_NONE);
		const struct verdict *v = verdicts_find(&l->b->verdicts, decided, name, m.was != CLS_NONE);
		m.verdict = !v ? VERDICT_NONE : v->confirmed ? VERDICT_CONFIRMED : VERDICT_REJECTED;
		m.verdict_seq = v ? v->seq : 0;
		if ((m.was != CLS_NONE || m.is != CLS_NONE || v) && !mark(l, &m))
			return false;
	}
	return true;
}

/* A replay says that its record got the topic after all; it is the same item, and counts once. It came later than what is asked for. */
static bool take_record(struct lane *l, const json_t *record, uint64_t seq)
{
	struct str kind = member(record, "kind");
	int64_t at = filter_time(record);
	if (str_eq(kind, STR("replay")))
		return !filter_takes(&l->b->asked_of_replays, record) ||
		       mark_topics(l, record, (uint64_t)member_number(record, "replays"), seq, false);
	if (!(str_eq(kind, STR("new")) || str_eq(kind, STR("revision"))) ||
	    !filter_takes(&l->b->asked_of, record))
		return true;
	l->records++;
	l->first = seq < l->first ? seq : l->first;
	l->last = seq > l->last ? seq : l->last;
	l->first_at = at < l->first_at ? at : l->first_at;
	l->last_at = at > l->last_at ? at : l->last_at;
	return judge_line(l, record) && mark_topics(l, record, seq, seq, true);
}

static bool take_line(struct lane *l, struct str line)
{
	uint64_t seq = reader_line_seq(line);
	if (seq / LANE_STRIDE % l->count != l->number)
		return true;
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	bool good = !record || take_record(l, record, seq);
	json_decref(record);
	if (l->number == 0)
		progress_tell(&l->progress, l->records * l->count, 0);
	return good;
}

static void *run_lane(void *ctx)
{
	struct lane *l = ctx;
	struct reader *r = NULL;
	struct reader_line line;
	enum reader_result got = READER_FAILED;
	reader_damage_f *tell = l->number == 0 ? ctl_tell_damage : NULL; /* each lane meets it */
	int64_t since = l->b->args->since;
	bool good = reader_open(&fs_system, l->b->directory, STORE_ITEMS, &r, &l->error) &&
	            (since == INT64_MIN || reader_seek_time(r, since, &l->error));
	while (good && (got = reader_next_whole(r, &line, tell, NULL, &l->error)) == READER_LINE)
		good = take_line(l, line.text);
	reader_close(&r);
	return NULL;
}

static bool open_lane(struct lane *l, struct backtest *b, unsigned number, unsigned count)
{
	*l = (struct lane){ .b = b,
		.number = number,
		.count = count,
		.first = UINT64_MAX,
		.first_at = INT64_MAX,
		.last_at = INT64_MIN };
	buf_init(&l->marks, MARKS_MAX / count);
	l->scratch = cls_scratch_new();
	l->results = arena_zalloc(b->args->arena, (b->judge.count + 1) * sizeof(*l->results));
	return l->scratch && l->results;
}

static void close_lane(struct lane *l)
{
	cls_scratch_free(&l->scratch);
	buf_fini(&l->marks);
}

/* Takes over what a lane found. */
static void gather(struct backtest *b, struct lane *l, struct err *e)
{
	if (l->error.kind != ERR_NONE)
		err_set(e, l->error.kind, l->error.sys, "%s", l->error.text);
	if (l->marks.n > 0)
		buf_str(&b->marks, buf_view(&l->marks));
	b->records += l->records;
	b->first = l->first < b->first ? l->first : b->first;
	b->last = l->last > b->last ? l->last : b->last;
	b->first_at = l->first_at < b->first_at ? l->first_at : b->first_at;
	b->last_at = l->last_at > b->last_at ? l->last_at : b->last_at;
}

static unsigned lanes_wanted(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	return cores < 1 ? 1 : cores > (long)LANES_MAX ? LANES_MAX : (unsigned)cores;
}

/* The first lane runs on this thread; one that cannot be started runs here too, behind it. */
static bool run_lanes(struct backtest *b, struct lane *lanes, unsigned count, struct err *e)
{
	bool started[LANES_MAX] = { false };
	for (unsigned i = 0; i < count; i++)
		if (!open_lane(&lanes[i], b, i, count))
			return err_nomem(e);
	progress_begin(&lanes[0].progress, "judging", "records");
	for (unsigned i = 1; i < count; i++)
		started[i] = pthread_create(&lanes[i].thread, NULL, run_lane, &lanes[i]) == 0;
	run_lane(&lanes[0]);
	for (unsigned i = 1; i < count; i++) {
		if (started[i])
			pthread_join(lanes[i].thread, NULL);
		else
			run_lane(&lanes[i]);
	}
	progress_end(&lanes[0].progress);
	for (unsigned i = 0; i < count; i++)
		gather(b, &lanes[i], e);
	return e->kind == ERR_NONE && (!b->marks.failed || err_nomem(e));
}

bool backtest_run(struct backtest *b, struct err *e)
{
	struct lane lanes[LANES_MAX] = { 0 };
	unsigned count = lanes_wanted();
	bool good = run_lanes(b, lanes, count, e);
	for (unsigned i = 0; i < count; i++)
		close_lane(&lanes[i]);
	return good && backtest_sum_up(b, e);
}

/* Those of --topic, or all. A name that no topic has is a mistake. */
static bool choose_topics(struct backtest *b, int *code)
{
	for (size_t i = 0; i < b->judge.count; i++)
		b->asked[i] = b->args->topics.n == 0;
	for (size_t i = 0; i < b->args->topics.n; i++) {
		int topic = cls_topic_index(b->judge.classifier, b->args->topics.at[i]);
		if (topic < 0) {
			*code =
			    ctl_fail(EX_NOINPUT, "no topic '%.100s' is to be tried", b->args->topics.at[i]);
			return false;
		}
		b->asked[topic] = true;
	}
	return true;
}

bool backtest_open(struct backtest *b, const struct ctl_args *args, int *code)
{
	struct err e = { 0 };
	*b = (struct backtest){ .args = args,
		.asked_of = *args,
		.first = UINT64_MAX,
		.first_at = INT64_MAX,
		.last_at = INT64_MIN };
	b->asked_of.topics.n = 0; /* what a record had is no reason to take it */
	b->asked_of_replays = b->asked_of;
	b->asked_of_replays.since = INT64_MIN;
	b->asked_of_replays.until = INT64_MAX;
	buf_init(&b->marks, MARKS_MAX);
	b->directory = setting_directory(args, code);
	if (!b->directory || !judge_open(&b->judge, args, true, code))
		return false;
	b->asked = arena_zalloc(args->arena, b->judge.count + 1);
	b->sums = arena_zalloc(args->arena, (b->judge.count + 1) * sizeof(*b->sums));
	if (b->asked && b->sums && verdicts_read(&b->verdicts, b->directory, args->arena, &e)) {
		if (choose_topics(b, code))
			return true;
	} else {
		*code = e.kind == ERR_NONE ? ctl_fail(EX_UNAVAILABLE, "out of memory") : ctl_fail_err(&e);
	}
	backtest_close(b);
	return false;
}

void backtest_close(struct backtest *b)
{
	judge_close(&b->judge);
	verdicts_free(&b->verdicts);
	buf_fini(&b->marks);
}
