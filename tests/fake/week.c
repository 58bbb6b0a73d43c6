/* week: publishers by chance, and a heap of what is due. */
#include "tests/fake/week.h"

#include "daemon/base/clock.h"
#include "daemon/pipe/heap.h"
#include "daemon/pipe/rhythm.h"

#include <math.h>
#include <stdlib.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define SOME_MONDAY INT64_C(1795996800000)
#define INTERVAL_MS (5 * MINUTE_MS)
#define HISTORY 20 /* dates of a feed's first document */
#define CROWD                                                                                                \
	100000u /* feeds of which seconds are looked at; of fewer feeds as many more seconds together, or all would be chance */
#define SKIPPED 0x3fu /* hours 0 to 5 */

struct feed {
	struct heap_node due;
	struct pace pace;
	struct hints hints;
	int64_t asked_at, planned;
	float a_day; /* news of a working day */
	int8_t zone;
	uint8_t kind; /* 0: office, 1: desk that never sleeps, 2: quiet */
};

struct week {
	struct feed *feeds;
	struct heap heap;
	struct conf_fetch fetch;
	uint64_t random;
	uint32_t *buckets; /* requests in each */
	int64_t span, bucket, asked; /* ms, ms, requests */
};

static uint64_t next_random(struct week *w)
{
	w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return w->random >> 20;
}

static double chance(struct week *w)
{
	return (double)(next_random(w) % 1000000) / 1000000;
}

/* News an hour at this time. */
static double brings(const struct feed *f, int64_t at)
{
	int64_t local = at + f->zone * HOUR_MS - SOME_MONDAY, hour = local % DAY_MS / HOUR_MS;
	bool works = local / DAY_MS % 7 < 5 && hour >= 9 && hour < 17;

	if (f->kind == 0)
		return works ? f->a_day / 8 : f->a_day / 800;
	return f->a_day / 24;
}

static void look_back(struct week *w, struct feed *f, int64_t now)
{
	int64_t dates[HISTORY], at = now;
	size_t n = 0;

	for (int h = 0; h < 24 * 40 && n < HISTORY; h++) {
		at -= HOUR_MS;
		if (at >= 0 && chance(w) < brings(f, at))
			dates[n++] = (at + (int64_t)(chance(w) * HOUR_MS)) / 1000;
	}
	pace_history(&f->pace, dates, n, now);
}

static void make_feed(struct week *w, struct feed *f, unsigned skipping)
{
	static const int8_t zones[] = { -8, -5, -5, 0, 1, 1, 2, 5, 8, 9 };
	unsigned draw = (unsigned)(next_random(w) % 100);

	f->kind = draw < 50 ? 0 : draw < 60 ? 1 : 2;
	f->zone = zones[next_random(w) % sizeof(zones)];
	f->a_day = (float)((f->kind == 2 ? 0.05 : f->kind == 1 ? 20 : 0.5) * pow(30, chance(w)));
	if (next_random(w) % 100 < skipping)
		f->hints.skip_hours = SKIPPED;
	look_back(w, f, SOME_MONDAY);
	f->asked_at = SOME_MONDAY - INTERVAL_MS;
	f->planned = INTERVAL_MS;
	heap_set(&w->heap, &f->due,
	    SOME_MONDAY +
	        (int64_t)(chance(w) * (double)rhythm_slowest(&w->fetch))); /* as the roster spreads them */
}

static void ask(struct week *w, struct feed *f, int64_t now)
{
	struct rhythm r = {
		.fetch = &w->fetch,
		.jitter_percent = 10,
		.retry_after = -1,
		.now = now,
		.hints = &f->hints,
		.pace = &f->pace,
		.window = HISTORY,
		.random = next_random(w),
	};
	enum rhythm_why why;
	int64_t date = 0;

	pace_watch(&f->pace, now - f->asked_at, f->planned);
	if (chance(w) < 1 - exp(-brings(f, now) * (double)(now - f->asked_at) / HOUR_MS))
		pace_news(&f->pace, &date, 1, f->asked_at, now);
	f->asked_at = now;
	f->planned = rhythm_delay(&r, &why);
	heap_set(&w->heap, &f->due, now + f->planned);
	w->buckets[(now - SOME_MONDAY) / w->bucket]++;
	w->asked++;
}

static void summarise(const struct week *w, struct week_result *out)
{
	double per_second = 1000.0 / (double)w->bucket;

	out->requests = (uint64_t)w->asked;
	out->mean = (double)w->asked / ((double)w->span / 1000);
	for (int64_t i = 0; i < w->span / w->bucket; i++) {
		double n = w->buckets[i] * per_second;
		int64_t at = i * w->bucket;

		out->most = n > out->most ? n : out->most;
		if (at < HOUR_MS && n > out->most_at_start)
			out->most_at_start = n;
		if (at % HOUR_MS < MINUTE_MS && n > out->most_on_the_hour)
			out->most_on_the_hour = n;
	}
}

_Bool week_run(size_t feeds, int days, unsigned skipping, struct week_result *out)
{
	struct week w = {
		.feeds = calloc(feeds, sizeof(*w.feeds)),
		.fetch = { .interval = INTERVAL_MS,
		    .interval_min = MINUTE_MS,
		    .interval_max = DAY_MS,
		    .adaptive = true,
		    .adaptive_max = 30 * MINUTE_MS,
		    .obey_hints = true,
		    .backoff_max = DAY_MS },
		.random = 7,
		.span = days * DAY_MS,
	};
	struct err e = { .kind = ERR_NONE };
	struct heap_node *n;
	int64_t cpu;
	bool ok;

	*out = (struct week_result){ .requests = 0 };
	w.bucket = feeds < CROWD ? (int64_t)(CROWD / feeds) * 1000 : 1000;
	w.buckets = calloc((size_t)(w.span / w.bucket) + 1, sizeof(*w.buckets));
	ok = w.feeds && w.buckets && heap_reserve(&w.heap, (uint32_t)feeds, &e);
	for (size_t i = 0; ok && i < feeds; i++)
		make_feed(&w, &w.feeds[i], skipping);
	cpu = clock_cpu_ms();
	while (ok && (n = heap_first(&w.heap)) && heap_due(&w.heap, n) < SOME_MONDAY + w.span)
		ask(&w, HEAP_OWNER(n, struct feed, due), heap_due(&w.heap, n));
	out->cpu_ms = (double)(clock_cpu_ms() - cpu);
	if (ok)
		summarise(&w, out);
	heap_fini(&w.heap);
	free(w.buckets);
	free(w.feeds);
	return ok;
}
