/* cmd_status: the file that the daemon replaces every few seconds, for people. */
#include "daemon/base/date.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/print.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/status_file.h"

#include <sysexits.h>

#define STATUS_DEGRADED 1 /* exit codes of --exit-code, as systemctl has them */
#define STATUS_NOT_RUNNING 3
static void print_feed(struct printer *p, const struct ctl_args *args, const json_t *feed)
{
	static const struct {
		const char *health;
		enum print_style style;
	} styles[] = { { "ok", PRINT_GREEN }, { "failing", PRINT_RED }, { "blocked", PRINT_RED },
		{ "waiting", PRINT_DIM } };
	struct str health = member(feed, "health");
	enum print_style style = PRINT_PLAIN;
	for (size_t i = 0; i < ARRAY_LEN(styles); i++)
		if (str_eq(health, str_from(styles[i].health)))
			style = styles[i].style;
	print_column(p, style, health, 8);
	print_column(p, PRINT_CYAN, member(feed, "name"), 32);
	print_fmt(p, " %3lld %6lld items  polled ", member_number(feed, "last_status"),
	    member_number(feed, "items"));
	print_age(p, args->now, member(feed, "last_poll"));
	print_fmt(p, "  next ");
	print_age(p, args->now, member(feed, "next_due"));
	if (member(feed, "address").n > 0) {
		print_fmt(p, "  at ");
		print_text(p, member(feed, "address"));
	}
	if (member(feed, "mistrusted_until").n > 0)
		print_fmt(p, "  304s mistrusted");
	struct str error = member(feed, "error");
	if (error.n > 0) {
		print_fmt(p, "  %lld times: ", member_number(feed, "failures"));
		print_text(p, error);
	}
	print_fmt(p, "\n");
}

static void print_counts(struct printer *p, const json_t *counts)
{
	print_fmt(p, "feeds       %lld: %lld ok, %lld failing, %lld not polled yet\n",
	    member_number(counts, "feeds"), member_number(counts, "feeds_ok"),
	    member_number(counts, "feeds_failing"), member_number(counts, "feeds_waiting"));
	print_fmt(p, "polls       %lld: %lld unchanged, %lld failed\n", member_number(counts, "polls"),
	    member_number(counts, "polls_unchanged"), member_number(counts, "polls_failed"));
	print_fmt(p, "records     %lld; new since the start %lld, matching %lld\n",
	    member_number(counts, "record_seq"), member_number(counts, "items_new"),
	    member_number(counts, "matches"));
	print_fmt(p, "deliveries  %lld done, %lld pending, %lld dead\n",
	    member_number(counts, "deliveries_done"), member_number(counts, "deliveries_pending"),
	    member_number(counts, "deliveries_dead"));
}

static void print_topics(struct printer *p, const json_t *topics)
{
	size_t n = json_array_size(topics);
	if (n == 0)
		return;
	print_fmt(p, "topics      %zu:", n);
	for (size_t i = 0; i < n; i++) {
		const json_t *topic = json_array_get(topics, i);
		print_fmt(p, "%s", i > 0 ? ", " : " ");
		print_text(p, member(topic, "name"));
		if (json_is_true(json_object_get(topic, "shadow")))
			print_fmt(p, " (silently)");
	}
	print_fmt(p, "\n");
}

static void print_head(struct printer *p, const struct ctl_args *args, const json_t *status)
{
	print_styled(p, PRINT_BOLD, STR("gazetted "));
	print_text(p, member(status, "version"));
	if (status_file_is_ended(status))
		print_styled(p, PRINT_RED, STR(" is not running: last sign of life "));
	else if (status_file_is_stale(status, args->now))
		print_styled(p, PRINT_RED, STR(" is not running, or hangs: last sign of life "));
	else
		print_fmt(p, "%s, as of ",
		    json_is_true(json_object_get(status, "draining")) ? " is ending" : " is running");
	print_age(p, args->now, member(status, "at"));
	print_fmt(p, " ago\n");
	if (!json_is_true(json_object_get(status, "degraded")))
		return;
	print_styled(p, PRINT_RED, STR("trouble     "));
	print_text(p, member(status, "trouble"));
	print_fmt(p, "\n");
}

static void print_page(struct printer *p, const struct ctl_args *args, const json_t *status)
{
	const json_t *feeds = json_object_get(status, "feeds");
	print_head(p, args, status);
	print_counts(p, json_object_get(status, "counts"));
	print_topics(p, json_object_get(status, "topics"));
	print_fmt(p, "\n");
	for (size_t i = 0; i < json_array_size(feeds); i++)
		print_feed(p, args, json_array_get(feeds, i));
}

static int code_of(const struct ctl_args *args, const json_t *status)
{
	bool stale = status_file_is_stale(status, args->now);
	if (!args->exit_code)
		return stale ? EX_UNAVAILABLE : EX_OK;
	return stale ? STATUS_NOT_RUNNING : status_file_is_degraded(status) ? STATUS_DEGRADED : EX_OK;
}

static int run_status(struct ctl_args *args)
{
	struct printer p;
	struct buf text;
	struct err e = { 0 };
	int code = EX_OK;
	const char *path = setting_state_file(args, "status.json", &code);
	if (!path)
		return code;
	json_t *status = status_file_read(path, &text, &e);
	if (!status && e.kind == ERR_PARSE)
		return ctl_fail(EX_DATAERR, "%s", e.text);
	if (!status)
		return ctl_fail(args->exit_code ? STATUS_NOT_RUNNING : EX_UNAVAILABLE,
		    "%s (is the daemon running?)", e.text);
	code = code_of(args, status);
	print_init(&p, args);
	if (args->json)
		print_json_line(&p, str_trim(buf_view(&text)));
	else
		print_page(&p, args, status);
	code = print_end(&p, code);
	json_decref(status);
	buf_fini(&text);
	return code;
}

static const struct ctl_option options[] = {
	CTL_OPT_JSON,
	{ '\0', "exit-code", NULL, "exit 0: well, 1: degraded, 3: not running", CTL_FLAG, CTL_AT(exit_code),
	    NULL },
	CTL_OPT_CONFIG,
	{ 'd', "directory", "DIR", "folder of the state, instead of the configuration's", CTL_TEXT,
	    CTL_AT(directory), NULL },
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_status = {
	.name = "status",
	.operands = "",
	.summary = "Show how the daemon and its feeds are doing",
	.description =
	    "Exit 69 when no daemon runs or it gave no sign of life for two minutes.\n"
	    "--exit-code is for monitoring: degraded is a daemon in trouble, one that is ending, and one of "
	    "whose feeds more\nthan half fail; the exit codes are those of systemctl.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.run = run_status,
};
