/* cmd_alerts: what alerts owe, what became of their tries; dead letters again; a test. Reads beside the daemon, asks it for the rest. */
#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "daemon/ctl/alerts_retry.h"
#include "daemon/ctl/ask.h"
#include "daemon/ctl/outbox.h"
#include "daemon/ctl/print.h"
#include "daemon/ctl/setting.h"
#include "daemon/pipe/rules.h"

#include <stdio.h>
#include <sysexits.h>

#define TEST_SLACK_MS 15000 /* ms beyond an alert's timeout until its test must have ended */

typedef int action_f(struct ctl_args *args, struct printer *p);

static void time_json(struct json *w, const char *key, int64_t ms)
{
	char text[DATE_TEXT_MAX];
	if (ms > 0 && ms < INT64_MAX)
		json_key_string(w, key, str_of(text, date_format_ms(ms, text)));
}

/* Of what was started no row says that it ended when the daemon ended first. */
#define INTERRUPTED "interrupted"

static const char *status_name(enum state_delivery_status status, bool ended)
{
	return ended && status == DELIVERY_STARTED ? INTERRUPTED : state_delivery_names[status];
}

struct counting {
	const struct ctl_args *args;
	bool ended; /* the daemon */
	struct str alert;
	uint64_t counts[DELIVERY_STATUSES], delayed;
	struct buf result, error; /* of its last try */
	int64_t tried;
};

static bool count_row(void *ctx, const struct state_delivery *d)
{
	struct counting *c = ctx;
	if (!str_eq(d->alert, c->alert))
		return true;
	c->counts[d->status]++;
	c->delayed += d->status == DELIVERY_PENDING && d->due_ms > c->args->now;
	return true;
}

static bool note_try(void *ctx, const struct state_attempt *a)
{
	struct counting *c = ctx;
	if (!str_eq(a->alert, c->alert))
		return true;
	buf_reset(&c->result);
	buf_reset(&c->error);
	buf_str(&c->result, a->result);
	buf_str(&c->error, a->error);
	c->tried = a->at_ms;
	return true;
}

static void alert_json(struct printer *p, const struct counting *c)
{
	struct json w;
	json_init(&w, &p->out);
	json_open_object(&w);
	json_key_string(&w, "alert", c->alert);
	for (int i = 0; i < DELIVERY_STATUSES; i++) {
		json_key(&w, state_delivery_names[i]);
		json_u64(&w, c->ended && i == DELIVERY_STARTED ? 0 : c->counts[i]);
	}
	json_key(&w, INTERRUPTED);
	json_u64(&w, c->ended ? c->counts[DELIVERY_STARTED] : 0);
	json_key(&w, "delayed");
	json_u64(&w, c->delayed);
	time_json(&w, "last_try", c->tried);
	json_key_string_opt(&w, "last_result", buf_view(&c->result));
	json_key_string_opt(&w, "last_error", buf_view(&c->error));
	json_close_object(&w);
	buf_byte(&p->out, '\n');
}

static void alert_row(struct printer *p, const struct counting *c)
{
	bool first = true;
	print_column(p, PRINT_CYAN, c->alert, 24);
	for (int i = 0; i < DELIVERY_STATUSES; i++) {
		if (c->counts[i] == 0)
			continue;
		print_fmt(p, "%s%llu %s", first ? " " : ", ", (unsigned long long)c->counts[i],
		    status_name((enum state_delivery_status)i, c->ended));
		first = false;
	}
	if (c->delayed)
		print_fmt(p, " (%llu of them later)", (unsigned long long)c->delayed);
	if (first)
		print_fmt(p, " nothing");
	if (c->result.n) {
		print_fmt(p, "; last try: ");
		print_text(p, buf_view(&c->result));
	}
	if (c->error.n) {
		print_fmt(p, ": ");
		print_text(p, buf_view(&c->error));
	}
	print_fmt(p, "\n");
}

static bool count_alert(struct counting *c, struct state *s, struct err *e)
{
	for (int i = 0; i < DELIVERY_STATUSES; i++)
		if (!state_delivery_each(s, (enum state_delivery_status)i, count_row, c, e))
			return false;
	return state_attempt_each(s, note_try, c, e);
}

static int list_alerts(struct ctl_args *args, struct state *s, bool ended, struct printer *p)
{
	int code = EX_OK;
	struct err e = { 0 };
	struct conf *conf = setting_load(args, &code);
	if (!conf)
		return code;
	code = EX_OK;
	for (size_t i = 0; i < conf->alert_count && code == EX_OK; i++) {
		struct counting c = { .args = args, .ended = ended, .alert = str_from(conf->alerts[i].name) };
		buf_init(&c.result, 64);
		buf_init(&c.error, 4096);
		if (count_alert(&c, s, &e))
			(args->json ? alert_json : alert_row)(p, &c);
		else
			code = ctl_fail_err(&e);
		buf_fini(&c.result);
		buf_fini(&c.error);
	}
	conf_drop(&conf);
	return code;
}

struct listing {
	const char *alert;
	struct printer *p;
	bool json;
	bool ended; /* the daemon */
};

static void delivery_json(struct printer *p, const struct state_delivery *d, bool ended)
{
	struct json w;
	json_init(&w, &p->out);
	json_open_object(&w);
	json_key_string(&w, "key", d->key);
	json_key_string(&w, "status", str_from(status_name(d->status, ended)));
	json_key(&w, "seq");
	json_u64(&w, d->seq);
	json_key_int(&w, "records", d->records);
	json_key_int(&w, "attempts", d->attempts);
	time_json(&w, "created", d->created_ms);
	time_json(&w, "due", d->due_ms);
	json_key_string_opt(&w, "error", d->last_error);
	json_close_object(&w);
	buf_byte(&p->out, '\n');
}

/* Its key is ALERT:event:… */
static bool is_event(const struct state_delivery *d)
{
	return str_starts(str_skip(d->key, d->alert.n), STR(":event:"));
}

static void delivery_row(struct printer *p, const struct state_delivery *d, bool ended)
{
	char due[DATE_TEXT_MAX];
	print_column(p, PRINT_BOLD, str_from(status_name(d->status, ended)), sizeof(INTERRUPTED) - 1);
	print_fmt(p, " ");
	print_text(p, d->key);
	print_fmt(p, " %s %llu", is_event(d) ? "event" : "record", (unsigned long long)d->seq);
	if (d->records > 1)
		print_fmt(p, " and %u before it", d->records - 1);
	if (d->attempts)
		print_fmt(p, ", %u tries", d->attempts);
	if (ended && d->status == DELIVERY_STARTED)
		print_fmt(p, ", runs again at the next start");
	else if (d->due_ms > 0 && d->due_ms < INT64_MAX)
		print_fmt(p, ", due %.*s", (int)date_format(d->due_ms, due), due);
	if (d->last_error.n) {
		print_fmt(p, ": ");
		print_text(p, d->last_error);
	}
	print_fmt(p, "\n");
}

static bool list_row(void *ctx, const struct state_delivery *d)
{
	struct listing *l = ctx;
	if (str_eq(d->alert, str_from(l->alert)))
		(l->json ? delivery_json : delivery_row)(l->p, d, l->ended);
	return print_flush(l->p);
}

static int list_deliveries(struct ctl_args *args, struct state *s, bool ended, struct printer *p)
{
	/* What is over is in the log. */
	static const enum state_delivery_status open[] = { DELIVERY_HELD, DELIVERY_GATHERED, DELIVERY_PENDING,
		DELIVERY_STARTED, DELIVERY_DEAD, DELIVERY_REJECTED };
	struct listing l = { args->operands.at[1], p, args->json, ended };
	struct err e = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(open); i++)
		if (!state_delivery_each(s, open[i], list_row, &l, &e))
			return ctl_fail_err(&e);
	return EX_OK;
}

static int list(struct ctl_args *args, struct printer *p)
{
	int code = EX_OK;
	bool ended = outbox_is_left(args); /* asked before this process has it open */
	struct state *s = outbox_open(args, &code);
	if (!s)
		return code;
	code = (args->operands.n > 1 ? list_deliveries : list_alerts)(args, s, ended, p);
	state_close(&s);
	return code;
}

static void attempt_json(struct printer *p, const struct state_attempt *a)
{
	struct json w;
	json_init(&w, &p->out);
	json_open_object(&w);
	time_json(&w, "at", a->at_ms);
	json_key_string(&w, "alert", a->alert);
	json_key_string(&w, "key", a->key);
	json_key_int(&w, "attempt", a->attempt);
	json_key_string(&w, "result", a->result);
	json_key_string_opt(&w, "error", a->error);
	json_close_object(&w);
	buf_byte(&p->out, '\n');
}

static void attempt_row(struct printer *p, const struct state_attempt *a)
{
	char at[DATE_TEXT_MAX];
	print_fmt(p, "%.*s ", (int)date_format(a->at_ms, at), at);
	print_column(p, PRINT_BOLD, a->result, 6);
	print_fmt(p, " ");
	print_text(p, a->key);
	print_fmt(p, " try %u", a->attempt);
	if (a->error.n) {
		print_fmt(p, ": ");
		print_text(p, a->error);
	}
	print_fmt(p, "\n");
}

static bool log_row(void *ctx, const struct state_attempt *a)
{
	struct listing *l = ctx;
	if (!l->alert || str_eq(a->alert, str_from(l->alert)))
		(l->json ? attempt_json : attempt_row)(l->p, a);
	return print_flush(l->p);
}

static int show_log(struct ctl_args *args, struct printer *p)
{
	int code = EX_OK;
	struct err e = { 0 };
	struct listing l = { .alert = args->alert, .p = p, .json = args->json };
	struct state *s = outbox_open(args, &code);
	if (!s)
		return code;
	code = state_attempt_each(s, log_row, &l, &e) ? EX_OK : ctl_fail_err(&e);
	state_close(&s);
	return code;
}

struct testing {
	bool over, good;
	struct buf error;
};

static bool test_row(void *ctx, const struct state_delivery *d)
{
	struct testing *t = ctx;
	t->over = d->status == DELIVERY_DONE;
	/* A test that failed says how it ended; so does one that did well. */
	t->good = t->over && str_starts(d->last_error, STR("exit status 0"));
	buf_reset(&t->error);
	buf_str(&t->error, d->last_error);
	return false;
}

static int await_test(struct ctl_args *args, const char *alert, const char *name, int64_t patience)
{
	struct testing t = { .over = false };
	struct err e = { 0 };
	int code = EX_OK;
	char key[2 * ASK_NAME_MAX + 128];
	snprintf(key, sizeof(key), "%.100s:test:%.*s", alert, (int)(strlen(name) - 5), name);
	buf_init(&t.error, 4096);
	for (; !t.over && code == EX_OK && patience > 0; patience -= 100) {
		struct state *s = outbox_open(args, &code);
		if (s && !state_delivery_find(s, str_from(key), test_row, &t, &e))
			code = ctl_fail_err(&e);
		state_close(&s);
		ask_pause();
	}
	if (code == EX_OK && !t.over)
		code = ctl_fail(EX_UNAVAILABLE, "the test has not ended; see gazettectl alerts log");
	else if (code == EX_OK && !t.good)
		code = ctl_fail(1, "%.*s", STR_ARG(buf_view(&t.error)));
	buf_fini(&t.error);
	return code;
}

static int test(struct ctl_args *args, struct printer *p)
{
	struct buf text;
	struct json w;
	char name[ASK_NAME_MAX];
	enum ask_result result;
	int code = EX_OK;
	if (args->operands.n != 2)
		return ctl_fail(EX_USAGE, "test which alert?");
	const char *alert = args->operands.at[1];
	struct conf *conf = setting_load(args, &code);
	if (!conf)
		return code;
	const struct conf_alert *found = rules_find(conf, str_from(alert));
	int64_t timeout = found ? found->timeout : 0;
	conf_drop(&conf);
	if (timeout == 0)
		return ctl_fail(EX_NOINPUT, "no alert '%.100s' that is switched on", alert);
	ask_begin(&w, &text, "test");
	json_key_string(&w, "alert", str_from(alert));
	json_close_object(&w);
	bool asked = ask(args, buf_view(&text), name, &result, &code);
	buf_fini(&text);
	if (!asked)
		return code;
	if (result == ASK_REFUSED)
		return ctl_fail(EX_DATAERR, "refused: does the running daemon know the alert? (%s)", name);
	if (result == ASK_WAITING) {
		ask_withdraw(args, name);
		return ctl_fail(EX_UNAVAILABLE, "%s", ask_why_not_taken(args));
	}
	code = await_test(args, alert, name, timeout + TEST_SLACK_MS);
	if (code == EX_OK)
		print_fmt(p, "done\n");
	return code;
}

static const struct {
	const char *word;
	action_f *run;
	size_t operands_max;
} actions[] = {
	{ "list", list, 2 },
	{ "test", test, 2 },
	{ "retry", alerts_retry, SIZE_MAX },
	{ "log", show_log, 1 },
};
static const char *const words[] = { "list", "test", "retry", "log", NULL };

static int run_alerts(struct ctl_args *args)
{
	const char *word = args->operands.n > 0 ? args->operands.at[0] : "list";
	struct printer p;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (strcmp(actions[i].word, word) != 0)
			continue;
		if (args->operands.n > actions[i].operands_max)
			return ctl_fail(
			    EX_USAGE, "'%.60s' is too much", args->operands.at[actions[i].operands_max]);
		print_init(&p, args);
		return print_end(&p, actions[i].run(args, &p));
	}
	return ctl_fail(EX_USAGE, "alerts %.40s? It is list, test, retry or log", word);
}

static const struct ctl_option options[] = {
	{ 'a', "alert", "NAME", "of this alert only", CTL_TEXT, CTL_AT(alert), NULL },
	{ '\0', "all-dead", NULL, "retry: every dead letter", CTL_FLAG, CTL_AT(all_dead), NULL },
	CTL_OPT_JSON,
	CTL_OPT_CONFIG,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_alerts = {
	.name = "alerts",
	.operands = "list [NAME] | test NAME | retry [KEY...] | log",
	.summary = "Show what alerts owe and did; try again, or test one",
	.description =
	    "list: alerts with what they owe; of one alert, its deliveries that are not over. log: the last "
	    "10,000 tries.\nretry: dead letters (by KEY, --alert or --all-dead) wait again, under "
	    "the key that they had.\ntest: the running daemon runs the alert's program once with a "
	    "record that is marked as a test (GAZETTED_TEST=1); exit 1 when it fails.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.words = words,
	.operands_max = SIZE_MAX,
	.run = run_alerts,
};
