/* cmd_replay: the past once more for a topic or an alert of today: found in `items` here, written or told of by the running daemon. */
#include "daemon/base/json.h"
#include "daemon/ctl/ask.h"
#include "daemon/ctl/past.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/show.h"
#include "daemon/pipe/replay.h"
#include "daemon/pipe/rules.h"

#include <sysexits.h>

#define FRAME_MAX 4096 /* bytes of a request beside its records */

struct replaying {
	struct ctl_args *args;
	struct past past;
	struct conf *conf; /* of the alert that is named; or NULL */
	bool telling; /* what is gathered is for the alert alone */
	struct printer out;
	struct buf records, one; /* gathered for the next request; the record at hand */
	size_t gathered; /* records */
	uint64_t handed, told, left; /* given to the daemon; to the alert alone; too large for a request */
	uint64_t requests;
	int code;
};

static void write_one(struct replaying *r, const json_t *record)
{
	struct json w;
	buf_clear(&r->one);
	json_init(&w, &r->one);
	json_open_object(&w);
	replay_write_members(&w, record);
	json_close_object(&w);
}

static past_each_f print_one;
static bool print_one(void *ctx, json_t *record, struct err *e)
{
	struct replaying *r = ctx;
	write_one(r, record);
	if (r->one.failed)
		return err_nomem(e);
	show_line(&r->out, r->args->json ? CTL_JSON : CTL_SHORT, buf_view(&r->one), record);
	return r->out.out.n < (64u << 10) || print_flush(&r->out) || err_set(e, ERR_IO, 0, "stopped");
}

static void write_request(const struct replaying *r, struct buf *text)
{
	struct json w;
	buf_init(text, REPLAY_REQUEST_MAX);
	json_init(&w, text);
	json_open_object(&w);
	json_key_int(&w, "v", 1);
	json_key_string(&w, "kind", r->telling ? STR("tell") : STR("replay"));
	json_key_string(&w, "topic", str_from(r->past.topic->name));
	json_key_string_opt(&w, "alert", str_from(r->args->alert));
	json_key(&w, r->telling ? "lines" : "records");
	json_open_array(&w);
	json_raw(&w, buf_view(&r->records));
	json_close_array(&w);
	json_close_object(&w);
}

/* One that nobody takes is left for the daemon's start; what is not written by then the next run finds again. */
static bool hand_in(struct replaying *r, struct err *e)
{
	struct ctl_args asked = *r->args;
	struct buf text;
	char name[ASK_NAME_MAX];
	enum ask_result result = ASK_WAITING;
	if (r->gathered == 0)
		return true;
	asked.now += (int64_t)r->requests++; /* each has a name of its own, and they are in order */
	write_request(r, &text);
	bool good = text.failed ? err_nomem(e)
	                        : ask(&asked, buf_view(&text), name, &result, &r->code) ||
	                              err_set(e, ERR_IO, 0, "stopped");
	buf_fini(&text);
	if (!good)
		return false;
	r->code = EX_OK; /* where its folder is has been found */
	if (result == ASK_REFUSED)
		r->code = ctl_fail(EX_DATAERR, "refused; the daemon's log says why (%s)", name);
	else if (result == ASK_WAITING)
		r->code = ctl_fail(
		    EX_TEMPFAIL, "%s waits: the daemon takes it when it runs; then run this again", name);
	else
		*(r->telling ? &r->told : &r->handed) += r->gathered;
	r->gathered = 0;
	buf_clear(&r->records);
	return result == ASK_TAKEN || err_set(e, ERR_BUSY, 0, "stopped");
}

/* What is in r->one. */
static bool gather(struct replaying *r, struct err *e)
{
	if (r->one.failed || r->one.n + FRAME_MAX > REPLAY_REQUEST_MAX) {
		r->left++;
		return true;
	}
	bool full =
	    r->gathered == REPLAY_RECORDS_MAX || r->records.n + r->one.n + FRAME_MAX > REPLAY_REQUEST_MAX;
	if (full && !hand_in(r, e))
		return false;
	if (r->gathered++ > 0)
		buf_byte(&r->records, ',');
	buf_str(&r->records, buf_view(&r->one));
	return !r->records.failed || err_nomem(e);
}

static past_each_f hand_over;
static bool hand_over(void *ctx, json_t *record, struct err *e)
{
	struct replaying *r = ctx;
	write_one(r, record);
	return gather(r, e);
}

static past_told_f tell;
static bool tell(void *ctx, struct str line, struct err *e)
{
	struct replaying *r = ctx;
	struct json w;
	buf_clear(&r->one);
	json_init(&w, &r->one);
	json_str(&w, line);
	return gather(r, e);
}

static past_told_f print_told;
static bool print_told(void *ctx, struct str line, struct err *e)
{
	struct replaying *r = ctx;
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	if (!record)
		return err_nomem(e);
	show_line(&r->out, r->args->json ? CTL_JSON : CTL_SHORT, line, record);
	json_decref(record);
	return r->out.out.n < (64u << 10) || print_flush(&r->out) || err_set(e, ERR_IO, 0, "stopped");
}

static void print_sum(struct replaying *r)
{
	bool dry = r->args->dry_run;
	uint64_t n = dry ? past_count(&r->past) : r->handed;
	uint64_t told = dry ? past_told_count(&r->past) : r->told;
	struct json w;
	if (!r->args->json) {
		print_fmt(&r->out, "%llu records of %s %s\n", (unsigned long long)n, r->past.topic->name,
		    dry ? "would be replayed" : "replayed");
		if (r->past.alert)
			print_fmt(&r->out,
			    "%llu that it matched then %s for %s, unless it has told of them\n",
			    (unsigned long long)told, dry ? "would be" : "are", r->args->alert);
		return;
	}
	json_init(&w, &r->out.out);
	json_open_object(&w);
	json_key_string(&w, "topic", str_from(r->past.topic->name));
	json_key(&w, dry ? "would_replay" : "replayed");
	json_u64(&w, n);
	if (r->past.alert) {
		json_key(&w, dry ? "would_tell" : "told");
		json_u64(&w, told);
	}
	json_close_object(&w);
	buf_byte(&r->out.out, '\n');
}

/* First what is new to the topic, then what is new to the alert. */
static bool replay_all(struct replaying *r, struct err *e)
{
	bool dry = r->args->dry_run;
	if (!past_find(&r->past, e) || !past_each(&r->past, dry ? print_one : hand_over, r, e) ||
	    !hand_in(r, e))
		return false;
	r->telling = true;
	return past_each_told(&r->past, dry ? print_told : tell, r, e) && hand_in(r, e);
}

static int replay(struct replaying *r)
{
	struct err e = { 0 };
	bool good = replay_all(r, &e);
	if (!good && r->code == EX_OK)
		r->code = ctl_fail_err(&e);
	if (r->left)
		r->code = ctl_fail(EX_DATAERR, "%llu records are too large", (unsigned long long)r->left);
	if (r->code == EX_OK && r->past.damages > 0)
		r->code = EX_DATAERR;
	print_sum(r);
	return r->code;
}

/* An alert that would be owed nothing is a mistake of whoever names it. */
static int find_alert(const struct ctl_args *args, struct conf **conf, const struct conf_alert **alert)
{
	int code = EX_OK;
	*alert = NULL;
	*conf = args->alert ? setting_load(args, &code) : NULL;
	if (!*conf)
		return code;
	const struct conf_alert *a = *alert = rules_find(*conf, str_from(args->alert));
	code = EX_OK;
	if (!a)
		code = ctl_fail(EX_NOINPUT, "no alert '%.100s' that is switched on", args->alert);
	else if (!rules_want_items(a) || !rules_want_topic(a, args->topics.at[0], 1, true))
		code = ctl_fail(EX_USAGE, "the alert '%.100s' does not ask for the topic '%.100s'",
		    args->alert, args->topics.at[0]);
	else if (args->matched && a->when == CONF_WHEN_CONFIRMED)
		code = ctl_fail(EX_USAGE,
		    "the alert '%.100s' waits for a person, who is not asked about what the topic matched "
		    "then",
		    args->alert);
	return code;
}

static int run_replay(struct ctl_args *args)
{
	struct replaying r = { .args = args };
	if (args->topics.n != 1 || args->since == INT64_MIN)
		return ctl_fail(EX_USAGE, "one --topic NAME and --since TIME must be given");
	if (args->matched && (!args->alert || args->lines_given))
		return ctl_fail(EX_USAGE, "--matched goes with --alert NAME, and without --limit");
	const struct conf_alert *alert;
	int code = find_alert(args, &r.conf, &alert);
	const char *topic = args->topics.at[0];
	args->topics.n = 0; /* what a record had is no reason to take it */
	if (code != EX_OK || !past_open(&r.past, args, topic, &code)) {
		conf_drop(&r.conf);
		return code;
	}
	r.past.alert = args->matched ? alert : NULL;
	buf_init(&r.records, REPLAY_REQUEST_MAX);
	buf_init(&r.one, REPLAY_REQUEST_MAX);
	print_init(&r.out, args);
	code = replay(&r);
	buf_fini(&r.records);
	buf_fini(&r.one);
	past_close(&r.past);
	conf_drop(&r.conf);
	return print_end(&r.out, code);
}

static const struct ctl_option options[] = {
	{ '\0', "topic", "NAME", "the topic, as it is configured now", CTL_LIST, CTL_AT(topics), NULL },
	{ 'S', "since", "TIME", "records seen at or after: 30d, yesterday, 2026-11-21, …", CTL_TIME,
	    CTL_AT(since), NULL },
	{ 'U', "until", "TIME", "records seen before", CTL_TIME, CTL_AT(until), NULL },
	{ '\0', "feed", "NAME", "only feeds of this name (* and ? allowed); may be repeated", CTL_LIST,
	    CTL_AT(feeds), NULL },
	{ '\0', "matched", NULL, "with --alert: also what the topic matched when it came, for a new alert",
	    CTL_FLAG, CTL_AT(matched), NULL },
	{ 'a', "alert", "NAME", "let this alert tell of them; without it none does", CTL_TEXT, CTL_AT(alert),
	    NULL },
	{ '\0', "limit", "N", "at most N records, the oldest first", CTL_LINES, CTL_AT(lines), NULL },
	{ '\0', "dry-run", NULL, "print what would be replayed, and do nothing", CTL_FLAG, CTL_AT(dry_run),
	    NULL },
	CTL_OPT_JSON,
	CTL_OPT_CONFIG,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_replay = {
	.name = "replay",
	.operands = "--topic NAME --since TIME",
	.summary = "Let a new topic, or a new alert, have the past",
	.description =
	    "Records of `items` that the topic matches now and did not match then are written once more by "
	    "the running daemon, with\n`kind` replay and a new number, into `items` and the topic's store. "
	    "Of "
	    "an item its newest text counts. Nothing is replayed twice:\na run that was cut short may be "
	    "run again. --matched is for a new alert: it is told of what the topic matched when it came, "
	    "too, "
	    "each case once, and nothing\nis written for those. Try --dry-run first.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.run = run_replay,
};
