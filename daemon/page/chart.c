/* chart: all bars of a kind are one path of upright strokes, whose width and colour the style sheet knows. */
#include "daemon/page/chart.h"

#define HEIGHT 60u
#define STEP 10u /* from bar to bar */

static unsigned highest(const unsigned *low, const unsigned *high, size_t count)
{
	unsigned most = 1;

	for (size_t i = 0; i < count; i++) {
		unsigned both = low[i] + (high ? high[i] : 0);

		most = both > most ? both : most;
	}
	return most;
}

/* What is not nothing is seen. */
static unsigned height_of(unsigned n, unsigned most)
{
	unsigned h = (unsigned)((uint64_t)n * HEIGHT / most);

	return n && h == 0 ? 1 : h;
}

/* On top of those below them, or of nothing. */
static void write_bars(struct buf *b, const char *class, const unsigned *below, const unsigned *counts,
    size_t count, unsigned most)
{
	bool begun = false;

	for (size_t i = 0; i < count; i++) {
		unsigned foot = HEIGHT - (below ? height_of(below[i], most) : 0);

		if (counts[i] == 0)
			continue;
		if (!begun)
			buf_fmt(b, "<path class=\"%s\" d=\"", class);
		begun = true;
		buf_fmt(b, "M%zu %uv-%u", i * STEP + STEP / 2, foot, height_of(counts[i], most));
	}
	if (begun)
		buf_str(b, STR("\"/>"));
}

static void open_chart(struct buf *b, size_t bars)
{
	buf_fmt(b, "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 %zu %u\"><title>", bars * STEP, HEIGHT);
}

void chart_days(struct buf *b, const struct trend *t)
{
	unsigned most = highest(t->matches, t->reviews, TREND_DAYS);

	open_chart(b, TREND_DAYS);
	buf_fmt(b, "Matches of each of the last %u days, today last:", TREND_DAYS);
	for (size_t i = 0; i < TREND_DAYS; i++)
		buf_fmt(b, " %u", t->matches[i]);
	buf_str(b, STR("</title>"));
	write_bars(b, "found", NULL, t->matches, TREND_DAYS, most);
	write_bars(b, "asked", t->matches, t->reviews, TREND_DAYS, most);
	buf_str(b, STR("</svg>"));
}

static void write_limit(struct buf *b, double score)
{
	if (score > 0 && score <= 1)
		buf_fmt(b, "<path class=\"limit\" d=\"M%.1f 0v%u\"/>", score * TREND_BINS * STEP, HEIGHT);
}

void chart_scores(struct buf *b, const struct trend *t)
{
	open_chart(b, TREND_BINS);
	buf_fmt(b, "Records by score, review from %.2f and match from %.2f on", t->review, t->match);
	for (size_t i = 0; i < TREND_BINS; i++)
		if (t->scores[i])
			buf_fmt(b, "; %u from %.2f", t->scores[i], (double)i / TREND_BINS);
	buf_str(b, STR("</title>"));
	write_bars(b, "found", NULL, t->scores, TREND_BINS, highest(t->scores, NULL, TREND_BINS));
	write_limit(b, t->review);
	write_limit(b, t->match);
	buf_str(b, STR("</svg>"));
}
