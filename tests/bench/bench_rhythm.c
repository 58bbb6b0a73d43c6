/*
 * What learned intervals are worth against fixed ones: publishers whose dates are replayed are polled in virtual time as rhythm.c says.
 * bench_rhythm [DOCUMENT...]: the dates of the items of these feeds, each a publisher of its own; and always forty offices that are made up
 * (half a release to fifteen of them on a working day, nine to five in different zones, seldom at other times).
 *
 * A feed's first document is what it listed when the last 60 days began, or a third of its dates: the rest comes while it is polled. Delays count from the date.
 * Each row is followed by fixed intervals with the same number of requests, the same mean and the same median delay.
 */
#include "daemon/base/arena.h"
#include "daemon/base/date.h"
#include "daemon/base/fs.h"
#include "daemon/feed/feed.h"
#include "daemon/pipe/rhythm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define DAYS 60 /* that a publisher is watched at most */
#define DATES_MIN 10 /* of a publisher */
#define LISTED 20 /* items of its documents */
#define OFFICES 40
#define OFFICE_DAYS 120
#define SOME_MONDAY INT64_C(1795996800000)
#define DOCUMENT_MAX (64u << 20)

struct publisher {
	int64_t *at; /* wall ms, ascending */
	size_t count;
};

struct set {
	struct publisher *publishers;
	size_t count, dates;
};

struct result {
	double *delays; /* ms, ascending */
	size_t count;
	uint64_t requests;
	double days; /* of all feeds together */
};

struct life { /* of one feed under one policy */
	const struct publisher *publisher;
	struct rhythm rhythm;
	struct pace pace;
	int64_t now;
	size_t next;
};

static uint64_t random_state = 42;

static uint64_t next_random(void)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return random_state >> 20;
}

static double chance(void)
{
	return (double)(next_random() % 1000000) / 1000000;
}

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int compare_delays(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void add_publisher(struct set *s, const struct buf *dates)
{
	struct publisher *p;
	size_t count = dates->n / sizeof(int64_t);

	if (count < DATES_MIN)
		return;
	s->publishers = must(reallocarray(s->publishers, s->count + 1, sizeof(*p)));
	p = &s->publishers[s->count++];
	*p = (struct publisher){ must(malloc(dates->n)), count };
	memcpy(p->at, dates->p, dates->n);
	qsort(p->at, count, sizeof(int64_t), compare_times);
	s->dates += count;
}

static feed_item_f take_date;
static bool take_date(void *ctx, const struct feed_item *item)
{
	int64_t at = item->published.ms != DATE_NONE ? item->published.ms : item->modified.ms;

	if (at != DATE_NONE && at > 0)
		buf_add(ctx, &at, sizeof(at));
	return true;
}

/* Dates that are days, being at one time of the day, cannot tell of delays. */
static bool has_times(const struct buf *dates)
{
	const int64_t *at = (const int64_t *)(const void *)dates->p;
	size_t count = dates->n / sizeof(*at), differing = 0;

	for (size_t i = 1; i < count; i++)
		differing += at[i] % DAY_MS != at[i - 1] % DAY_MS;
	return differing * 2 >= count;
}

static void read_document(struct set *s, const char *path)
{
	struct err e = { .kind = ERR_NONE };
	struct arena *a = must(arena_new(DOCUMENT_MAX));
	struct feed_meta meta;
	struct buf body, dates;

	buf_init(&dates, DOCUMENT_MAX);
	if (fs_read_file(&fs_system, path, DOCUMENT_MAX, &body, &e)) {
		struct feed_input in = { .body = buf_view(&body) };

		if (feed_parse(&in, take_date, &dates, a, &meta, &e) && has_times(&dates))
			add_publisher(s, &dates);
		buf_fini(&body);
	}
	buf_fini(&dates);
	arena_free(&a);
}

static void make_office(struct set *s)
{
	double a_day = 0.5 * pow(30, chance());
	int64_t zone = (int64_t)(chance() * 14 - 5) * HOUR_MS;
	struct buf dates;

	buf_init(&dates, DOCUMENT_MAX);
	for (int64_t h = 0; h < OFFICE_DAYS * 24; h++) {
		bool works = h / 24 % 7 < 5 && h % 24 >= 9 && h % 24 < 17;
		double expected = works ? a_day / 8 : a_day * 0.001;

		for (double left = -log(chance() + 1e-9); left < expected; left -= log(chance() + 1e-9)) {
			int64_t at = SOME_MONDAY + h * HOUR_MS - zone + (int64_t)(chance() * HOUR_MS);

			buf_add(&dates, &at, sizeof(at));
		}
	}
	add_publisher(s, &dates);
	buf_fini(&dates);
}

static bool begin(struct life *l)
{
	const struct publisher *p = l->publisher;
	size_t first = 0, listed, n = 0;
	int64_t dates[LISTED];

	while (first < p->count && p->at[first] < p->at[p->count - 1] - DAYS * DAY_MS)
		first++;
	first = first > p->count / 3 ? first : p->count / 3;
	if (first + 2 >= p->count)
		return false;
	listed = first + 1 < LISTED ? first + 1 : LISTED;
	for (; n < listed; n++)
		dates[n] = p->at[first - n] / 1000;
	l->now = p->at[first];
	l->next = first + 1;
	pace_history(&l->pace, dates, n, l->now);
	return true;
}

/* What came since the last request; as health.c learns it. */
static void see(struct life *l, int64_t before, struct result *r)
{
	int64_t dates[1024];
	size_t n = 0;

	pace_watch(&l->pace, l->now - before, l->now - before);
	for (; l->next < l->publisher->count && l->publisher->at[l->next] <= l->now; l->next++) {
		int64_t at = l->publisher->at[l->next];

		r->delays[r->count++] = (double)(l->now - at);
		if (n < ARRAY_LEN(dates))
			dates[n++] = at / 1000;
	}
	if (n)
		pace_news(&l->pace, dates, n, before, l->now);
}

static void live(struct life *l, struct result *r)
{
	int64_t began = l->now;
	bool first = true;
	enum rhythm_why why;

	while (l->next < l->publisher->count) {
		int64_t before = l->now;

		l->rhythm.now = l->now;
		l->rhythm.random = next_random();
		l->now +=
		    rhythm_delay(&l->rhythm, &why) * (first ? (int64_t)(chance() * 100) : 100) / 100 + 1;
		first = false;
		r->requests++;
		see(l, before, r);
	}
	r->days += (double)(l->publisher->at[l->publisher->count - 1] - began) / DAY_MS;
}

static struct result run(const struct set *s, const struct conf_fetch *f)
{
	struct result r = { .delays = must(calloc(s->dates, sizeof(double))) };

	random_state = 42;
	for (size_t i = 0; i < s->count; i++) {
		struct life l = { .publisher = &s->publishers[i] };

		l.rhythm = (struct rhythm){
			.fetch = f, .jitter_percent = 10, .retry_after = -1, .pace = &l.pace, .window = LISTED
		};
		if (begin(&l))
			live(&l, &r);
	}
	qsort(r.delays, r.count, sizeof(double), compare_delays);
	return r;
}

static double mean(const struct result *r)
{
	double sum = 0;

	for (size_t i = 0; i < r->count; i++)
		sum += r->delays[i];
	return r->count ? sum / (double)r->count : 0;
}

static void show(const char *what, double minutes, const struct result *r)
{
	printf("  %-38s %6.1f m %8.1f %10.1f %10.1f %10.1f\n", what, minutes, (double)r->requests / r->days,
	    mean(r) / MINUTE_MS, r->delays[r->count / 2] / MINUTE_MS,
	    r->delays[r->count * 95 / 100] / MINUTE_MS);
}

static void show_fixed(const struct set *s, const char *what, double ms)
{
	struct conf_fetch f = {
		.interval = (int64_t)ms, .interval_min = 1000, .interval_max = DAY_MS, .backoff_max = DAY_MS
	};
	struct result r = run(s, &f);

	show(what, ms / MINUTE_MS, &r);
	free(r.delays);
}

static void compare(const struct set *s, int64_t interval)
{
	struct conf_fetch f = { .interval = interval,
		.interval_min = MINUTE_MS,
		.interval_max = DAY_MS,
		.backoff_max = DAY_MS,
		.adaptive = true,
		.adaptive_max = 30 * MINUTE_MS };
	struct result r = run(s, &f);

	show("adaptive, 1 m to 30 m", (double)interval / MINUTE_MS, &r);
	show_fixed(s, "fixed, as many requests", r.days * DAY_MS / (double)r.requests);
	show_fixed(s, "fixed, the same mean delay", 2 * mean(&r));
	show_fixed(s, "fixed, the same median delay", 2 * r.delays[r.count / 2]);
	free(r.delays);
}

static void report(const char *name, struct set *s)
{
	static const int64_t intervals[] = { 2 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS };

	if (s->count == 0)
		return;
	printf("%s: %zu publishers, %zu dates\n  %-38s %8s %8s %10s %10s %10s\n", name, s->count, s->dates,
	    "", "interval", "asked/d", "mean m", "p50 m", "p95 m");
	for (size_t i = 0; i < ARRAY_LEN(intervals); i++)
		compare(s, intervals[i]);
	for (size_t i = 0; i < s->count; i++)
		free(s->publishers[i].at);
	free(s->publishers);
}

int main(int argc, char **argv)
{
	struct set documents = { .count = 0 }, offices = { .count = 0 };

	feed_init();
	for (int i = 1; i < argc; i++)
		read_document(&documents, argv[i]);
	for (int i = 0; i < OFFICES; i++)
		make_office(&offices);
	report("real feeds", &documents);
	report("made-up offices", &offices);
	return 0;
}
