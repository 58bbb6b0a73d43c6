/* feed_rhythm: lines of `feeds show`. */
#include "daemon/ctl/feed_rhythm.h"

#include "daemon/ctl/member.h"

static const struct {
	const char *why, *text;
} reasons[] = {
	{ "fixed", "the configured interval" },
	{ "learned", "learned from when it brings news" },
	{ "window", "learned, and often enough that no burst can push items out unseen" },
	{ "gap", "sooner for a while, after a gap" },
	{ "pages", "soon, for the rest of a large document" },
	{ "back-off", "growing pauses, because it fails" },
	{ "retry-after", "the server asked for this pause" },
	{ "max-age", "the answer stays fresh for so long" },
	{ "ttl", "the document asks for it (ttl, sy:updatePeriod)" },
	{ "skip-hours", "the document asks to be left alone now (skipHours, skipDays)" },
	{ "pushed", "a hub sends what is new; polling is the fallback" },
};

static void label(struct printer *p, const char *name)
{
	print_column(p, PRINT_BOLD, str_from(name), 10);
	print_fmt(p, " ");
}

static void print_time(struct printer *p, long long ms)
{
	if (ms < 600000)
		print_fmt(p, "%llds", ms / 1000);
	else
		print_fmt(p, "%lldm", ms / 60000);
}

static void print_pause(struct printer *p, const json_t *feed)
{
	struct str why = member(feed, "why");

	label(p, "pause");
	print_time(p, member_number(feed, "pause_ms"));
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (str_eq(why, str_from(reasons[i].why)))
			print_fmt(p, ": %s", reasons[i].text);
	print_fmt(p, "\n");
}

static void print_learned(struct printer *p, const json_t *feed)
{
	if (member(feed, "hours").n == 0)
		return;
	label(p, "learned");
	print_fmt(p, "about %lld news a week; by hour (GMT) ", member_number(feed, "news_per_week"));
	print_text(p, member(feed, "hours"));
	print_fmt(p, ", by day (Sunday first) ");
	print_text(p, member(feed, "days"));
	print_fmt(p, "\n");
}

static void print_tally(struct printer *p, const json_t *feed)
{
	label(p, "requests");
	print_fmt(p, "%lld; news %lld", member_number(feed, "requests"), member_number(feed, "news"));
	if (json_object_get(feed, "delay_ms")) {
		print_fmt(p, ", seen on average ");
		print_time(p, member_number(feed, "delay_ms"));
		print_fmt(p, " after their date");
	}
	print_fmt(p, "\n");
}

static void print_mended(struct printer *p, const json_t *feed)
{
	struct str what = member(feed, "repair");

	if (!json_object_get(feed, "repaired"))
		return;
	label(p, "mended");
	print_fmt(p, "%lld documents, the last at ", member_number(feed, "repaired"));
	print_text(p, member(feed, "repaired_at"));
	if (what.n) {
		print_fmt(p, ": ");
		print_text(p, what);
	}
	print_fmt(p, "\n");
}

void feed_rhythm_print(struct printer *p, const json_t *feed)
{
	if (!json_object_get(feed, "why"))
		return;
	print_pause(p, feed);
	print_learned(p, feed);
	print_tally(p, feed);
	print_mended(p, feed);
}
