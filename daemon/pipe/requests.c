/* requests: the folder: the next name, reading it with distrust, moving it aside or away. A table says what each kind does. */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "daemon/base/member.h"
#include "daemon/pipe/replay.h"
#include "daemon/pipe/review.h"
#include "daemon/pipe/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LOOK_MS 1000 /* ms between looks into the folder */
#define AWAY_MS 50 /* the same while it ends, and that takes a second at most */
#define AWAY_MAX 100u /* requests of one such look */
#define LISTED_MAX 10000 /* requests of one look: a flood is taken in parts */
#define KEYS_MAX 1000 /* of one request */
#define SUFFIX ".json"

/* What is being written begins with a point; what was moved aside ends otherwise. */
static bool is_request(struct str name)
{
	if (name.n > REQUEST_NAME_MAX || name.n <= sizeof(SUFFIX) - 1 || name.p[0] == '.' ||
	    !str_ends(name, STR(SUFFIX)))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '.' && c != '-' && c != '_')
			return false;
	}
	return true;
}

struct first_name {
	const struct engine *x;
	const char *behind; /* names up to this one are passed over */
	char name[REQUEST_NAME_MAX + 1];
	unsigned listed;
};

static bool on_name(void *ctx, const char *name)
{
	struct first_name *f = ctx;

	if (!is_request(str_from(name)) || strcmp(name, f->behind) <= 0 || leftover_has(f->x, name))
		return true;
	if (f->name[0] == 0 || strcmp(name, f->name) < 0)
		snprintf(f->name, sizeof(f->name), "%s", name);
	return ++f->listed < LISTED_MAX;
}

/* Whoever may write there commands the daemon: not everybody. */
static bool is_safe(struct engine *x)
{
	const struct port_requests *port = &x->ports->requests;
	struct fs_stat st;
	bool unsafe;

	if (port->fs->stat(port->fs, port->directory, &st) != 0)
		return false;
	unsafe = !S_ISDIR(st.mode) || (st.mode & S_IWOTH);
	if (unsafe && !x->requests.unsafe)
		log_error("requests-unsafe", LOG_CSTR("directory", port->directory),
		    LOG_CSTR("reason", S_ISDIR(st.mode) ? "everybody may write there" : "is no folder"));
	x->requests.unsafe = unsafe;
	return !unsafe;
}

void requests_finish(struct engine *x, const char *name)
{
	x->requests.done++;
	leftover_take(x, name, false);
}

static void refuse(struct engine *x, const char *name, const char *why)
{
	x->requests.refused++;
	log_warn("request-refused", LOG_CSTR("file", name), LOG_CSTR("reason", why));
	leftover_take(x, name, true);
}

struct asked {
	const char *name;
	json_t *request;
	char why[200]; /* refused */
};

static bool no(struct asked *a, const char *why)
{
	snprintf(a->why, sizeof(a->why), "%s", why);
	return false;
}

/* It is done, and the state says so: its file may go when that is on the disk. Else it is met again, and nothing but this remains to be done. */
static void finish_when_durable(struct engine *x, const char *name)
{
	struct err e = { .kind = ERR_NONE };

	if (state_sync(x->parts.state, &e)) {
		requests_finish(x, name);
		return;
	}
	log_warn("request-waits", LOG_CSTR("file", name), LOG_CSTR("error", e.text));
	x->requests.look_at = mono(x) + STATE_RETRY_MS;
}

/* Done by one transaction of the state. What it lets go begins at once, whatever becomes of the file. */
static bool finish_at_once(struct engine *x, struct asked *a, alerts_change_f *change)
{
	if (!alerts_change(x, change, a)) {
		x->requests.look_at = mono(x) + STATE_RETRY_MS;
		return true;
	}
	x->alerts.next_due = INT64_MIN;
	finish_when_durable(x, a->name);
	return true;
}

/* What nobody confirmed does not go out by being asked for again: it waits for a person again. */
static bool hold_again(struct engine *x, struct str key, struct str alert, uint64_t *n, struct err *e)
{
	for (size_t i = 0; i < x->conf->alert_count; i++) {
		const struct conf_alert *a = &x->conf->alerts[i];
		uint64_t held;

		if (a->when != CONF_WHEN_CONFIRMED || (alert.n && !str_eq(alert, str_from(a->name))))
			continue;
		if (!state_delivery_hold_again(
		        x->parts.state, str_from(a->name), key, wall(x) + a->confirm_for, &held, e))
			return false;
		*n += held;
	}
	return true;
}

static bool retry_some(struct engine *x, struct str key, struct str alert, uint64_t *total, struct err *e)
{
	uint64_t n;

	if (!hold_again(x, key, alert, total, e) ||
	    !state_delivery_retry(x->parts.state, key, alert, wall(x), &n, e))
		return false;
	*total += n;
	return true;
}

static alerts_change_f retry;
static bool retry(struct engine *x, void *ctx, struct err *e)
{
	struct asked *a = ctx;
	const json_t *keys = json_object_get(a->request, "keys");
	uint64_t total = 0;

	for (size_t i = 0; i < json_array_size(keys); i++) {
		if (!retry_some(x, member_string(json_array_get(keys, i)), STR(""), &total, e))
			return false;
	}
	if (json_array_size(keys) == 0 && !retry_some(x, STR(""), member(a->request, "alert"), &total, e))
		return false;
	log_info(
	    "request", LOG_CSTR("kind", "retry"), LOG_CSTR("file", a->name), LOG_INT("deliveries", total));
	return requests_remember(x, str_from(a->name), e);
}

/* {"kind":"retry","keys":[…]} or {"alert":…} or {"all":true}: what to take must be said. */
static bool do_retry(struct engine *x, struct asked *a)
{
	const json_t *keys = json_object_get(a->request, "keys");

	if (json_array_size(keys) > KEYS_MAX)
		return no(a, "too many keys");
	for (size_t i = 0; i < json_array_size(keys); i++)
		if (json_string_length(json_array_get(keys, i)) == 0)
			return no(a, "a key is no text");
	if (json_array_size(keys) == 0 && member(a->request, "alert").n == 0 &&
	    !json_is_true(json_object_get(a->request, "all")))
		return no(a, "retry what? keys, an alert, or all");
	return finish_at_once(x, a, retry);
}

static void write_test_topic(struct engine *x, const struct conf_alert *alert, struct json *w)
{
	const char *topic = alert->topic_count ? alert->topics[0]
	                    : cls_topic_count(x->parts.classifier) > 0
	                        ? cls_topic(x->parts.classifier, 0)->name
	                        : "test";

	json_key(w, "topics");
	json_open_array(w);
	json_open_object(w);
	json_key_string(w, "topic", str_from(topic));
	json_key(w, "score");
	json_num(w, 1, 4);
	json_key_string(w, "decision", STR("match"));
	json_close_object(w);
	json_close_array(w);
}

/* A record as it could be, about the first topic that the alert wants, or an event of the first kind. */
static void write_test_record(struct engine *x, const struct conf_alert *alert, struct buf *out)
{
	bool event = alert->event_count > 0 && alert->topic_count == 0;
	char at[DATE_TEXT_MAX];
	struct json w;

	json_init(&w, out);
	json_open_object(&w);
	json_key_int(&w, "v", 1);
	json_key_int(&w, "seq", 0);
	json_key_string(&w, event ? "at" : "seen_at", str_of(at, date_format_ms(wall(x), at)));
	json_key_string(&w, "kind", event ? str_from(alert->events[0]) : STR("test"));
	json_key_string(&w, "feed", STR("test"));
	json_key_string(&w, "key", STR("00000000000000000000000000000000"));
	json_key_string(&w, "url", STR("https://www.example.org/gazetted-test"));
	json_key_string(&w, "title", STR("This is a test of gazetted; nothing has happened"));
	json_key_string(&w, "content_text", STR("Somebody ran: gazettectl alerts test"));
	json_key_string(&w, "language", STR("en"));
	if (!event)
		write_test_topic(x, alert, &w);
	json_close_object(&w);
	buf_byte(out, '\n');
}

static alerts_change_f put_test;
static bool put_test(struct engine *x, void *ctx, struct err *e)
{
	struct asked *a = ctx;
	struct str alert = member(a->request, "alert");
	struct buf *line = &x->scratch;
	char key[2 * REQUEST_NAME_MAX + 8];
	struct state_delivery d = {
		.alert = alert,
		.due_ms = wall(x),
		.created_ms = wall(x),
		.records = 1,
		.kind = DELIVERY_OF_TEST,
		.status = DELIVERY_PENDING,
	};
	int n = snprintf(key, sizeof(key), "%.*s:test:%.*s", STR_ARG(alert),
	    (int)(strlen(a->name) - (sizeof(SUFFIX) - 1)), a->name);

	if (n < 0 || (size_t)n >= sizeof(key))
		return err_set(e, ERR_LIMIT, 0, "the names are too long");
	buf_reset(line);
	write_test_record(x, rules_find(x->conf, alert), line);
	if (line->failed)
		return err_nomem(e);
	d.key = str_of(key, (size_t)n);
	d.line = buf_view(line);
	return state_delivery_put(x->parts.state, &d, e) && requests_remember(x, str_from(a->name), e);
}

/* {"kind":"test","alert":NAME} */
static bool do_test(struct engine *x, struct asked *a)
{
	if (!rules_find(x->conf, member(a->request, "alert")))
		return no(a, "there is no such alert");
	return finish_at_once(x, a, put_test);
}

/* False: they are no numbers of records. */
static bool read_also(const struct engine *x, const json_t *numbers, uint64_t *also, size_t *count)
{
	size_t n = json_array_size(numbers);

	if ((numbers && !json_is_array(numbers)) || n > REVIEW_ALSO_MAX)
		return false;
	for (*count = 0; *count < n; (*count)++) {
		json_int_t one = json_integer_value(json_array_get(numbers, *count));

		if (one <= 0 || (uint64_t)one > x->commits.chains.items.seq)
			return false;
		also[*count] = (uint64_t)one;
	}
	return true;
}

/* {"kind":"review","record":SEQ,"also":[…],"key":…,"topic":…,"verdict":…,"by":…,"why":…}: done when its line is durable. */
static bool do_review(struct engine *x, struct asked *a)
{
	uint64_t also[REVIEW_ALSO_MAX];
	json_int_t record = json_integer_value(json_object_get(a->request, "record"));
	struct review_texts t = { .key = member(a->request, "key"),
		.by = str_trim(member(a->request, "by")),
		.why = str_trim(member(a->request, "why")),
		.topic = member(a->request, "topic") };
	struct review r = { .record = (uint64_t)record, .also = also };

	if (record <= 0 || (uint64_t)record > x->commits.chains.items.seq ||
	    !read_also(x, json_object_get(a->request, "also"), also, &r.also_count))
		return no(a, "there is no such record");
	if (!review_verdict_from(member(a->request, "verdict"), &r.verdict))
		return no(a, "the verdict is confirmed or rejected");
	if (t.by.n == 0 || t.by.n > REVIEW_BY_MAX || t.why.n == 0 || t.why.n > REVIEW_WHY_MAX)
		return no(a, "who decided, and why, must be said, and not at length");
	if (t.key.n > JOB_KEY_LEN)
		return no(a, "the key is too long");
	if (t.topic.n > 0 &&
	    cls_topic_index(x->parts.classifier, json_string_value(json_object_get(a->request, "topic"))) < 0)
		return no(a, "there is no such topic; reload the daemon first");
	x->requests.review = review_new(&r, &t);
	if (!x->requests.review) { /* memory */
		x->requests.look_at = mono(x) + STATE_RETRY_MS;
		return true;
	}
	snprintf(x->requests.name, sizeof(x->requests.name), "%s", a->name);
	return true;
}

/* {"kind":"replay","topic":T,"alert":A,"records":[…]}, the alert only when it is to be owed: done when its lines are durable. */
static bool do_replay(struct engine *x, struct asked *a)
{
	const char *why = replays_take(x, a->name, a->request);

	return !why || no(a, why);
}

static alerts_change_f put_told;
static bool put_told(struct engine *x, void *ctx, struct err *e)
{
	struct asked *a = ctx;

	return told_owe(x, a->request, e) && requests_remember(x, str_from(a->name), e);
}

/* {"kind":"tell","alert":NAME,"topic":NAME,"lines":["{…}",…]}: as they stand in `items`. */
static bool do_tell(struct engine *x, struct asked *a)
{
	const char *why = told_refusal(x, a->request);

	if (why)
		return no(a, why);
	log_info("request", LOG_CSTR("kind", "tell"), LOG_STR("alert", member(a->request, "alert")),
	    LOG_STR("topic", member(a->request, "topic")),
	    LOG_INT("records", json_array_size(json_object_get(a->request, "lines"))));
	return finish_at_once(x, a, put_told);
}

/* {"kind":"reload"}: what becomes of it is told elsewhere; after a crash the next life has read the configuration anyway. */
static bool do_reload(struct engine *x, struct asked *a)
{
	const struct port_requests *port = &x->ports->requests;

	if (!port->reload)
		return no(a, "the configuration cannot be read anew");
	log_info("request", LOG_CSTR("kind", "reload"), LOG_CSTR("file", a->name));
	port->reload(port->ctx, a->name);
	requests_finish(x, a->name);
	return true;
}

/* {"kind":"poll","feed":NAME}: as soon as its host's turn comes; what a publisher told us to wait for is waited for. */
static bool do_poll(struct engine *x, struct asked *a)
{
	const char *why = roster_poll_soon(x, member(a->request, "feed"));

	if (why)
		return no(a, why);
	log_info("request", LOG_CSTR("kind", "poll"), LOG_STR("feed", member(a->request, "feed")));
	requests_finish(x, a->name);
	return true;
}

typedef bool request_f(struct engine *x, struct asked *a); /* false: refused, and why */
static const struct {
	const char *kind;
	request_f *run;
} kinds[] = {
	{ "retry", do_retry },
	{ "test", do_test },
	{ "review", do_review },
	{ "replay", do_replay },
	{ "tell", do_tell },
	{ "reload", do_reload },
	{ "poll", do_poll },
};

static bool run(struct engine *x, struct asked *a)
{
	struct str kind = member(a->request, "kind");

	if (!json_is_object(a->request) || json_integer_value(json_object_get(a->request, "v")) != 1)
		return no(a, "is no request of version 1");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_eq(kind, str_from(kinds[i].kind)))
			return kinds[i].run(x, a);
	return no(a, "of an unknown kind");
}

static void take(struct engine *x, const char *name)
{
	struct asked a = { .name = name };
	struct err e = { .kind = ERR_NONE };

	if (!request_read(x, name, &a.request, &e)) {
		if (request_waits(&e))
			x->requests.look_at = mono(x) + STATE_RETRY_MS;
		else
			refuse(x, name, e.text);
	} else {
		if (!run(x, &a))
			refuse(x, name, a.why);
		json_decref(a.request);
	}
}

/* Whoever waits for what only a daemon that goes on does is told at once; the rest is for the next one. */
static void turn_away(struct engine *x)
{
	const struct port_requests *port = &x->ports->requests;
	for (unsigned i = 0; i < AWAY_MAX; i++) {
		struct first_name first = { .x = x, .behind = x->requests.away };
		struct err e = { .kind = ERR_NONE };
		json_t *request;

		if (port->fs->list(port->fs, port->directory, on_name, &first) != 0 || first.name[0] == 0)
			return;
		if (request_read(x, first.name, &request, &e) &&
		    str_eq(member(request, "kind"), STR("reload")))
			refuse(x, first.name, "the daemon is ending");
		json_decref(request);
		memcpy(x->requests.away, first.name, sizeof(x->requests.away));
	}
}

/* Done, and the file still there: after a crash, or because the state could not be synced. */
static bool was_done(struct engine *x, const char *name)
{
	struct err e = { .kind = ERR_NONE };
	bool done;

	if (!leftover_was_done(x, name, &done, &e)) {
		x->requests.look_at = mono(x) + STATE_RETRY_MS;
		return true;
	}
	if (done)
		finish_when_durable(x, name);
	return done;
}

static bool may_look(const struct engine *x)
{
	return x->ports->requests.fs && !x->draining && !x->house.state_lags && !x->requests.review &&
	       !x->requests.replay;
}

void requests_tick(struct engine *x, int64_t now)
{
	const struct port_requests *port = &x->ports->requests;
	struct first_name first = { .x = x, .behind = "" };

	if (x->requests.look_at > now)
		return;
	if (x->draining && port->fs) {
		x->requests.look_at = now + AWAY_MS;
		if (is_safe(x))
			turn_away(x);
		return;
	}
	if (!may_look(x))
		return;
	x->requests.look_at = now + LOOK_MS;
	if (!is_safe(x) || !leftover_tick(x, now) ||
	    port->fs->list(port->fs, port->directory, on_name, &first) != 0 || first.name[0] == 0)
		return;
	x->requests.look_at = now; /* there may be more */
	if (!was_done(x, first.name))
		take(x, first.name);
}

int64_t requests_next(const struct engine *x, int64_t now)
{
	if (!may_look(x) && !(x->draining && x->ports->requests.fs))
		return INT64_MAX;
	return x->requests.look_at < now ? now : x->requests.look_at;
}

void requests_free(struct engine *x)
{
	free(x->requests.review);
	x->requests.review = NULL;
	replays_free(x);
}
