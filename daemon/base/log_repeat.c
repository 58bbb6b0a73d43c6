/*
 * log_repeat: what was said lately, so that it is not said again and again. A table of fixed size: the words' hash, when they were written, and of
 * those that came since their count and the last one's line. Has no timer: minutes end when somebody speaks or asks.
 */
#include "daemon/base/attr.h"
#include "daemon/base/hash.h"
#include "daemon/base/log_priv.h"

#define WINDOW_MS                                                                                            \
	60000 /* of one and the same trouble one line a minute: it stays in sight, and 1,440 lines a day are no flood */
#define TABLE_SIZE 64u /* different troubles at once; with more the oldest is told early */

static struct repeat {
	uint64_t words;
	int64_t written_at, written_wall; /* its last line: monotonic, and on the wall */
	uint32_t count; /* that came since */
	enum log_level level;
	bool used;
	uint16_t n;
	char kept[LOG_KEPT_MAX]; /* the last of them */
} table[TABLE_SIZE];

static uint64_t words_of(const struct log_said *said, const struct log_field *fields, size_t count)
{
	uint64_t h = hash64(str_from(said->event), said->level);

	for (size_t i = 0; i < count; i++)
		if (fields[i].kind == LOG_FIELD_STR)
			h = hash64(fields[i].s, h);
	return h;
}

static bool is_over(const struct repeat *r, int64_t now)
{
	return now - r->written_at >= WINDOW_MS;
}

static void written(struct repeat *r, int64_t now)
{
	r->written_at = now;
	r->written_wall = clock_wall(log_clock());
	r->count = 0;
}

static void tell(struct repeat *r, int64_t now)
{
	struct buf line;

	buf_init(&line, LOG_KEPT_MAX + LOG_AROUND_MAX);
	buf_add(&line, r->kept, r->n);
	buf_fmt(&line, " repeated=%u since=", r->count);
	log_add_time(&line, r->written_wall);
	if (!line.failed) {
		log_write(r->level, buf_view(&line));
		written(r, now);
	}
	buf_fini(&line);
}

/* The one of these words; or else one that can be begun: unused, over, or the oldest, which is told first. */
static struct repeat *find(uint64_t words, int64_t now)
{
	struct repeat *best = &table[0];

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct repeat *r = &table[i];

		if (r->used && r->words == words)
			return r;
		if (best->used && (!r->used || r->written_at < best->written_at))
			best = r;
	}
	if (best->used && best->count > 0)
		tell(best, now);
	best->used = false;
	return best;
}

static void keep(struct repeat *r, struct str kept)
{
	r->n = (uint16_t)kept.n;
	memcpy(r->kept, kept.p, kept.n);
	if (r->count < UINT32_MAX)
		r->count++;
}

bool log_counts_instead(
    const struct log_said *said, const struct log_field *fields, size_t count, struct str kept)
{
	int64_t now = clock_mono(log_clock());
	uint64_t words = words_of(said, fields, count);
	struct repeat *r = find(words, now);
	bool again = r->used && (r->count > 0 || !is_over(r, now));

	r->used = true;
	r->words = words;
	r->level = said->level;
	if (!again) {
		written(r, now);
		return false;
	}
	keep(r, kept);
	if (is_over(r, now))
		tell(r, now);
	return true;
}

void log_tell_repeated(void)
{
	int64_t now = clock_mono(log_clock());

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].used && is_over(&table[i], now)) {
			if (table[i].count > 0)
				tell(&table[i], now);
			else
				table[i].used = false;
		}
}

void log_end_repeated(void)
{
	int64_t now = clock_mono(log_clock());

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].used && table[i].count > 0)
			tell(&table[i], now);
		table[i].used = false;
	}
}
