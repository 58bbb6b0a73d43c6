/*
 * metrics: the status file in Prometheus' text format 0.0.4, and what monitors ask. One table says which member of the counts is which metric; names and units
 * follow Prometheus' rules: base units, _total for what only grows.
 */
#include "daemon/page/page_priv.h"

#include "daemon/page/status.h"

#define LABELLED_MAX 1000u /* feeds; with more there are no metrics of single feeds */

enum metric_type { COUNTER, GAUGE, HISTOGRAM };

static const struct metric {
	const char *member, *name, *help;
	enum metric_type type;
	double unit; /* the member's value times this */
} metrics[] = {
	{ "feeds", "gazetted_feeds", "Feeds in the configuration.", GAUGE, 1 },
	{ "feeds_ok", "gazetted_feeds_ok", "Feeds whose last poll succeeded.", GAUGE, 1 },
	{ "feeds_failing", "gazetted_feeds_failing", "Feeds whose last poll failed or brought no feed.",
	    GAUGE, 1 },
	{ "feeds_waiting", "gazetted_feeds_waiting", "Feeds that were not polled yet.", GAUGE, 1 },
	{ "feeds_mistrusted", "gazetted_feeds_mistrusted", "Feeds whose 304s are not believed.", GAUGE, 1 },
	{ "feeds_moved", "gazetted_feeds_moved", "Feeds that are asked at another address than configured.",
	    GAUGE, 1 },
	{ "polls", "gazetted_polls_total", "Answers to polls since the start.", COUNTER, 1 },
	{ "polls_unchanged", "gazetted_polls_unchanged_total", "Polls answered by 304 or by the same bytes.",
	    COUNTER, 1 },
	{ "polls_failed", "gazetted_polls_failed_total", "Polls that failed.", COUNTER, 1 },
	{ "items", "gazetted_items_seen_total", "Items in the documents that were read.", COUNTER, 1 },
	{ "items_new", "gazetted_items_new_total", "Items that were not known.", COUNTER, 1 },
	{ "items_revised", "gazetted_items_revised_total", "Items that their publisher changed.", COUNTER,
	    1 },
	{ "items_withdrawn", "gazetted_items_withdrawn_total", "Items that their publisher took out.",
	    COUNTER, 1 },
	{ "revisions_held", "gazetted_revisions_held_total", "Changes that were not recorded.", COUNTER, 1 },
	{ "matches", "gazetted_matches_total", "Records that match a topic.", COUNTER, 1 },
	{ "record_seq", "gazetted_records_total", "Records in the store of items, over all starts.", COUNTER,
	    1 },
	{ "delay_p50_ms", "gazetted_detection_delay_p50_seconds",
	    "Median of the delay from publication to detection.", GAUGE, 1e-3 },
	{ "delay_p95_ms", "gazetted_detection_delay_p95_seconds", "95th percentile of that delay.", GAUGE,
	    1e-3 },
	{ "deliveries_done", "gazetted_deliveries_done_total",
	    "Deliveries of alerts that ended well, since the start.", COUNTER, 1 },
	{ "deliveries_pending", "gazetted_deliveries_pending", "Deliveries that are owed.", GAUGE, 1 },
	{ "deliveries_gathered", "gazetted_deliveries_gathered",
	    "Records that wait for their digest or the end of a burst.", GAUGE, 1 },
	{ "deliveries_held", "gazetted_deliveries_held", "Deliveries that wait for a person.", GAUGE, 1 },
	{ "deliveries_dead", "gazetted_deliveries_dead", "Dead letters that can be tried again.", GAUGE, 1 },
	{ "hooks_running", "gazetted_hooks_running", "Scripts that run.", GAUGE, 1 },
	{ "fetching", "gazetted_fetches_running", "Requests under way.", GAUGE, 1 },
	{ "parsing", "gazetted_documents_parsing", "Documents at the workers.", GAUGE, 1 },
	{ "queued_polls", "gazetted_polls_queued", "Polls that wait for the journal.", GAUGE, 1 },
	{ "queued_bytes", "gazetted_polls_queued_bytes", "Bytes of what waits for the journal.", GAUGE, 1 },
	{ "aliases", "gazetted_names_remembered", "Names of items that are remembered.", GAUGE, 1 },
	{ "files_expired", "gazetted_files_expired_total", "Closed files deleted when they were to be.",
	    COUNTER, 1 },
	{ "files_sacrificed", "gazetted_files_sacrificed_total", "Closed files deleted before their time.",
	    COUNTER, 1 },
	{ "journal_lost", "gazetted_journal_entries_lost_total", "Entries that the disk did not keep.",
	    COUNTER, 1 },
	{ "loop_turns", "gazetted_loop_turns_total", "Turns of the event loop.", COUNTER, 1 },
	{ "loop_busy_us", "gazetted_loop_busy_seconds_total", "Time in which the event loop was at work.",
	    COUNTER, 1e-6 },
	{ "loop_slow", "gazetted_loop_slow_turns_total",
	    "Turns of the loop that took more than 10 milliseconds.", COUNTER, 1 },
	{ "loop_max_us", "gazetted_loop_turn_max_seconds", "The longest turn of the loop since the start.",
	    GAUGE, 1e-6 },
};

/* Of what the status file has as histograms. */
static const struct {
	const char *member, *name, *help;
} histograms[] = {
	{ "fetch", "gazetted_fetch_duration_seconds",
	    "Time from the request to the end of its answer, or until it failed." },
	{ "detection", "gazetted_detection_delay_seconds",
	    "Time from an item's publication until it was seen; without a date half of the time between two "
	    "polls." },
	{ "commit", "gazetted_commit_delay_seconds",
	    "Time from an answer with news until its records were durable." },
	{ "delivery", "gazetted_delivery_duration_seconds",
	    "Time from the start of a try to deliver an alert until its script had ended or answered." },
};

static void write_head(struct buf *b, const char *name, const char *help, enum metric_type type)
{
	static const char *const types[] = {
		[COUNTER] = "counter", [GAUGE] = "gauge", [HISTOGRAM] = "histogram"
	};

	buf_fmt(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, types[type]);
}

static void write_value(struct buf *b, const char *name, double value)
{
	buf_fmt(b, "%s %.15g\n", name, value);
}

/* Prometheus: in a label's value a backslash, a quote and a line break are escaped. */
static void write_label(struct buf *b, struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\\' || value.p[i] == '"')
			buf_byte(b, '\\');
		if (value.p[i] == '\n')
			buf_str(b, STR("\\n"));
		else
			buf_byte(b, value.p[i]);
	}
}

/* Each bucket holds what is in the ones before it too; the last has no bound. */
static void write_buckets(struct buf *b, const char *name, const json_t *histogram)
{
	const json_t *bounds = json_object_get(histogram, "le_ms");
	const json_t *counts = json_object_get(histogram, "counts");
	double all = 0;

	for (size_t i = 0; i < json_array_size(counts); i++) {
		all += json_number_value(json_array_get(counts, i));
		buf_fmt(b, "%s_bucket{le=\"", name);
		if (i < json_array_size(bounds))
			buf_fmt(b, "%.15g", json_number_value(json_array_get(bounds, i)) / 1000);
		else
			buf_str(b, STR("+Inf"));
		buf_fmt(b, "\"} %.15g\n", all);
	}
	buf_fmt(b, "%s_sum %.15g\n", name, (double)member_number(histogram, "sum_ms") / 1000);
	buf_fmt(b, "%s_count %.15g\n", name, all);
}

static void write_histograms(struct buf *b, const json_t *all)
{
	for (size_t i = 0; i < ARRAY_LEN(histograms); i++) {
		const json_t *one = json_object_get(all, histograms[i].member);

		/* One count more than bounds: otherwise it is not ours. */
		if (json_array_size(json_object_get(one, "counts")) !=
		    json_array_size(json_object_get(one, "le_ms")) + 1)
			continue;
		write_head(b, histograms[i].name, histograms[i].help, HISTOGRAM);
		write_buckets(b, histograms[i].name, one);
	}
}

static bool is_well(const json_t *feed)
{
	return str_eq(member(feed, "health"), STR("ok"));
}

static double up_of(const json_t *feed)
{
	return is_well(feed);
}

static double success_of(const json_t *feed)
{
	int64_t at = page_time(feed, "last_success");

	return at == DATE_NONE ? 0 : (double)at / 1000;
}

static double failures_of(const json_t *feed)
{
	return (double)member_number(feed, "failures");
}

static const struct {
	const char *name, *help;
	double (*value)(const json_t *feed);
} of_feeds[] = {
	{ "gazetted_feed_up", "1: the last poll of this feed succeeded.", up_of },
	{ "gazetted_feed_last_success_timestamp_seconds", "When it last succeeded; 0: never.", success_of },
	{ "gazetted_feed_failures", "Failures in a row.", failures_of },
};

static void write_feeds(struct buf *b, const json_t *feeds)
{
	size_t n = json_array_size(feeds);

	for (size_t m = 0; m < ARRAY_LEN(of_feeds) && n > 0 && n <= LABELLED_MAX; m++) {
		write_head(b, of_feeds[m].name, of_feeds[m].help, GAUGE);
		for (size_t i = 0; i < n; i++) {
			const json_t *feed = json_array_get(feeds, i);

			buf_fmt(b, "%s{feed=\"", of_feeds[m].name);
			write_label(b, member(feed, "name"));
			buf_fmt(b, "\"} %.15g\n", of_feeds[m].value(feed));
		}
	}
}

static bool is_alive(const struct asking *a)
{
	return status_is_alive(a->status, a->source->now);
}

void page_metrics(struct asking *a)
{
	struct buf *b = &a->answer->body;
	const json_t *counts = json_object_get(a->status, "counts");

	write_head(b, "gazetted_up", "1: the daemon gave a sign of life in the last two minutes.", GAUGE);
	write_value(b, "gazetted_up", is_alive(a));
	write_head(b, "gazetted_degraded", "1: the daemon is in trouble.", GAUGE);
	write_value(b, "gazetted_degraded", json_is_true(json_object_get(a->status, "degraded")));
	write_head(b, "gazetted_build_info", "The version that runs.", GAUGE);
	buf_str(b, STR("gazetted_build_info{version=\""));
	write_label(b, member(a->status, "version"));
	buf_str(b, STR("\"} 1\n"));
	for (size_t i = 0; i < ARRAY_LEN(metrics); i++) {
		if (!json_object_get(counts, metrics[i].member))
			continue;
		write_head(b, metrics[i].name, metrics[i].help, metrics[i].type);
		write_value(
		    b, metrics[i].name, (double)member_number(counts, metrics[i].member) * metrics[i].unit);
	}
	write_histograms(b, json_object_get(a->status, "histograms"));
	write_feeds(b, json_object_get(a->status, "feeds"));
}

static void answer(struct asking *a, bool good, const char *why)
{
	a->answer->status = good ? 200 : 503;
	buf_str(&a->answer->body, str_from(good ? "ok\n" : why));
}

/* It lives and its loop turns: else the status would grow old. */
void page_healthz(struct asking *a)
{
	answer(a, is_alive(a), "no sign of life\n");
}

/* It takes what comes: alive, not ending, and not in trouble with its disk. */
void page_readyz(struct asking *a)
{
	bool ending = json_is_true(json_object_get(a->status, "draining"));
	bool trouble = json_is_true(json_object_get(a->status, "degraded"));

	answer(a, is_alive(a) && !ending && !trouble,
	    !is_alive(a) ? "no sign of life\n"
	    : ending     ? "ending\n"
	                 : "in trouble\n");
}
