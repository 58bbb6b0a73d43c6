/* review_ask: a decision is handed in when the next one is made, so that the last one can be taken back without a trace. */
#include "daemon/ctl/review_ask.h"

#include "daemon/base/json.h"
#include "daemon/base/utf8.h"
#include "daemon/ctl/ask.h"
#include "daemon/ctl/evidence.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/terminal.h"

#include <pwd.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#define TEXT_SHOWN 2400u /* bytes; what decides stands in the first 1,500 characters */
#define REQUEST_ROOM (1u << 16) /* bytes; names and reasons are much shorter */
#define SENT_ROOM ((size_t)8 << 20) /* bytes: what was decided in one sitting, 80,000 times */
#define WHY "reviewed" /* unless it is said */

enum answer { ANSWER_NONE, ANSWER_YES, ANSWER_NO, ANSWER_SKIP, ANSWER_UNDO, ANSWER_QUIT };

static const struct key {
	int key;
	enum answer answer;
} keys[] = {
	{ 'y', ANSWER_YES },
	{ 'Y', ANSWER_YES },
	{ 'n', ANSWER_NO },
	{ 'N', ANSWER_NO },
	{ 's', ANSWER_SKIP },
	{ ' ', ANSWER_SKIP },
	{ 'u', ANSWER_UNDO },
	{ 'q', ANSWER_QUIT },
	{ TERMINAL_END, ANSWER_QUIT },
};

struct sent { /* a request */
	uint64_t record;
	bool confirmed;
	char name[ASK_NAME_MAX];
};

struct asking {
	struct review_queue *q;
	struct ctl_args *args;
	struct printer out;
	struct decision pending; /* record 0: none */
	size_t pending_at; /* its place in the queue */
	uint64_t confirmed, rejected, refused;
	struct buf sent; /* struct sent, in order */
};

static void write_also(const struct decision *d, struct json *w)
{
	json_key(w, "also");
	json_open_array(w);
	for (size_t i = 0; i < json_array_size(d->records); i++) {
		uint64_t seq = (uint64_t)member_number(json_array_get(d->records, i), "seq");
		if (seq != d->record)
			json_u64(w, seq);
	}
	json_close_array(w);
}

void review_write_request(const struct decision *d, struct buf *out)
{
	struct json w;
	json_init(&w, out);
	json_open_object(&w);
	json_key_int(&w, "v", 1);
	json_key_string(&w, "kind", STR("review"));
	json_key(&w, "record");
	json_u64(&w, d->record);
	json_key_string_opt(&w, "key", str_from(d->key));
	if (json_array_size(d->records) > 1)
		write_also(d, &w);
	json_key_string_opt(&w, "topic", str_from(d->topic));
	json_key_string(&w, "verdict", d->confirmed ? STR("confirmed") : STR("rejected"));
	json_key_string(&w, "by", str_from(d->by));
	json_key_string(&w, "why", str_from(d->why));
	json_close_object(&w);
}

/* Behind sudo everybody is root; the ledger is there to tell who it was. Nobody but root is believed another name. */
static const char *who(const struct ctl_args *args)
{
	const char *behind = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	const struct passwd *user;
	const char *name;
	if (args->by)
		return args->by;
	user = behind && behind[0] ? getpwnam(behind) : NULL;
	user = user ? user : getpwuid(getuid());
	name = user ? arena_cstr(args->arena, str_from(user->pw_name)) : NULL;
	return name ? name : "somebody";
}

static size_t sent_count(const struct asking *a)
{
	return a->sent.n / sizeof(struct sent);
}

static const struct sent *sent_at(const struct asking *a, size_t i)
{
	return (const struct sent *)(const void *)a->sent.p + i;
}

/* False after a complaint, with the exit code. */
static bool hand_in(struct asking *a, int *code)
{
	struct ctl_args asked = *a->args;
	struct sent one = { .record = a->pending.record, .confirmed = a->pending.confirmed };
	struct buf text;
	if (a->pending.record == 0)
		return true;
	asked.now += (int64_t)sent_count(a); /* each has a name of its own, and they are in order */
	buf_init(&text, REQUEST_ROOM);
	review_write_request(&a->pending, &text);
	bool good = !text.failed && ask_put(&asked, buf_view(&text), one.name, code);
	if (text.failed)
		*code = ctl_fail(EX_USAGE, "the texts are too long");
	buf_fini(&text);
	if (!good)
		return false;
	buf_add(&a->sent, &one, sizeof(one));
	a->confirmed += a->pending.confirmed;
	a->rejected += !a->pending.confirmed;
	a->pending.record = 0;
	return true;
}

/* What was refused was not decided. */
static int count_refused(struct asking *a)
{
	int code = EX_OK;
	const char *folder = setting_state_file(a->args, "requests", &code);
	if (!folder)
		return code;
	code = EX_OK;
	for (size_t i = 0; i < sent_count(a); i++) {
		const struct sent *one = sent_at(a, i);
		if (ask_look(folder, one->name) != ASK_REFUSED)
			continue;
		code = ctl_fail(EX_DATAERR, "record %llu: refused; the daemon's log says why (%s)",
		    (unsigned long long)one->record, one->name);
		a->refused++;
		a->confirmed -= one->confirmed;
		a->rejected -= !one->confirmed;
	}
	return code;
}

/* They are taken in order: when the last one is gone, all are. */
static int wait_for_daemon(struct asking *a)
{
	enum ask_result result;
	int code = EX_OK;
	if (a->sent.failed)
		return ctl_fail(EX_OSERR, "what became of the decisions is not known: no memory");
	if (sent_count(a) == 0)
		return EX_OK;
	if (!ask_wait(a->args, sent_at(a, sent_count(a) - 1)->name, &result, &code))
		return code;
	code = count_refused(a);
	if (result == ASK_WAITING)
		return ctl_fail(EX_TEMPFAIL, "what was decided waits: the daemon takes it when it runs");
	return code;
}

static void print_sum(struct asking *a, size_t at)
{
	struct printer *p = &a->out;
	print_fmt(p, "\n%llu confirmed, %llu rejected, ", (unsigned long long)a->confirmed,
	    (unsigned long long)a->rejected);
	if (a->refused > 0)
		print_fmt(p, "%llu refused, ", (unsigned long long)a->refused);
	print_fmt(p, "%zu not asked\n", a->q->n - at);
}

static void print_day(struct printer *p, const json_t *record)
{
	struct str at = member(record, "seen_at");
	print_text(p, str_of(at.p, at.n < 10 ? at.n : 10));
}

/* What became of the item before, and what people said of it. */
static void print_history(struct asking *a, const struct question *x)
{
	struct printer *p = &a->out;
	for (size_t i = 0; i < json_array_size(x->records); i++) {
		const json_t *record = json_array_get(x->records, i);
		uint64_t seq = (uint64_t)member_number(record, "seq");
		if (seq != x->seq) {
			print_style(p, PRINT_DIM);
			print_fmt(p, "  ");
			print_day(p, record);
			print_fmt(p, " %llu ", (unsigned long long)seq);
			print_text(p, member(record, "kind"));
			print_fmt(p, "  ");
			print_text(p, utf8_cut(member(record, "title"), 120));
			print_style(p, PRINT_PLAIN);
			print_fmt(p, "\n");
		}
		const struct verdicts *v = &a->q->verdicts;
		for (size_t k = verdicts_first(v, seq); k < v->n && verdicts_at(v, k)->record == seq; k++) {
			const struct verdict *one = verdicts_at(v, k);
			print_fmt(p, "  %s", one->confirmed ? "confirmed" : "rejected");
			print_fmt(p, one->topic.n > 0 ? " as " : "");
			print_text(p, one->topic);
			print_fmt(p, " by ");
			print_text(p, one->by);
			print_fmt(p, ": ");
			print_text(p, one->why);
			print_fmt(p, "\n");
		}
	}
}

static void print_question(struct asking *a, size_t at, const struct question *x)
{
	struct printer *p = &a->out;
	const struct cls_topic *topic = cls_topic(a->q->judge.classifier, x->topic);
	const struct cls_result *r = &a->q->judge.results[x->topic];
	struct str title = member(x->record, "title"), text = member(x->record, "content_text");
	print_fmt(p, "\n");
	print_styled(p, PRINT_DIM, STR("----------------------------------------"));
	print_fmt(p, "\n%zu of %zu  ", at + 1, a->q->n);
	print_styled(p, PRINT_CYAN, member(x->record, "feed"));
	print_fmt(p, " ");
	print_day(p, x->record);
	print_fmt(p, " %llu\n", (unsigned long long)x->seq);
	print_styled(p, PRINT_BOLD, title);
	print_fmt(p, "\n");
	print_lines(p, utf8_cut(text, TEXT_SHOWN));
	print_fmt(p, "%s\n", text.n > TEXT_SHOWN ? "…" : "");
	print_history(a, x);
	print_styled(p, PRINT_DIM, member(x->record, "url"));
	print_fmt(p, "\n");
	for (size_t i = 0; i < r->evidence_count; i++)
		evidence_print(p, title, text, &r->evidence[i]);
	print_styled(p, PRINT_YELLOW, str_from(topic->title && topic->title[0] ? topic->title : topic->name));
	print_fmt(p, "? %.2f (review from %.2f, match from %.2f)  [y]es [n]o [s]kip [u]ndo [q]uit ", r->score,
	    topic->review, topic->match);
}

static enum answer wait_for_key(void)
{
	for (;;) {
		int key = terminal_key();
		for (size_t i = 0; i < ARRAY_LEN(keys); i++)
			if (keys[i].key == key)
				return keys[i].answer;
	}
}

static bool decide(struct asking *a, size_t at, bool confirmed, int *code)
{
	const struct question *x = review_queue_at(a->q, at);
	if (!hand_in(a, code))
		return false;
	a->pending = (struct decision){
		.record = x->seq,
		.key = json_string_value(json_object_get(x->record, "key")),
		.records = x->records,
		.topic = cls_topic(a->q->judge.classifier, x->topic)->name,
		.confirmed = confirmed,
		.by = who(a->args),
		.why = a->args->why ? a->args->why : WHY,
	};
	a->pending_at = at;
	return true;
}

/* One back. What was handed in stays in the ledger; deciding anew adds a line, and the last one holds. */
static size_t undo(struct asking *a, size_t at)
{
	if (at == 0)
		return 0;
	if (a->pending.record > 0 && a->pending_at == at - 1) {
		a->pending.record = 0;
		print_fmt(&a->out, "taken back\n");
	}
	return at - 1;
}

static bool ask_one(struct asking *a, size_t *at, bool *more, int *code)
{
	const struct question *x = review_queue_at(a->q, *at);
	struct err e = { 0 };
	if (!judge_ask(&a->q->judge, member(x->record, "title"), member_text(x->record),
	        json_string_value(json_object_get(x->record, "language")), &e)) {
		*code = ctl_fail_err(&e);
		return false;
	}
	print_question(a, *at, x);
	if (!print_flush(&a->out)) {
		*code = EX_IOERR;
		return false;
	}
	enum answer answer = wait_for_key();
	static const char *const said[] = { [ANSWER_YES] = "yes",
		[ANSWER_NO] = "no",
		[ANSWER_SKIP] = "skip",
		[ANSWER_UNDO] = "undo",
		[ANSWER_QUIT] = "quit" };
	print_fmt(&a->out, "%s\n", said[answer]);
	*more = answer != ANSWER_QUIT;
	if (answer == ANSWER_UNDO)
		*at = undo(a, *at);
	else if (*more)
		++*at;
	return answer > ANSWER_NO || decide(a, *at - 1, answer == ANSWER_YES, code);
}

static int run(struct asking *a)
{
	int code = EX_OK;
	bool more = true, good = true;
	size_t at = 0;
	if (!terminal_open())
		return ctl_fail(EX_UNAVAILABLE, "the terminal cannot be set");
	while (good && more && at < a->q->n)
		good = ask_one(a, &at, &more, &code);
	terminal_close();
	good = hand_in(a, &code) && good;
	if (good)
		code = wait_for_daemon(a);
	print_sum(a, at);
	return code;
}

int review_ask(struct review_queue *q, struct ctl_args *args)
{
	struct asking a = { .q = q, .args = args };
	int code = EX_OK;
	print_init(&a.out, args);
	buf_init(&a.sent, SENT_ROOM);
	if (q->n == 0)
		print_fmt(&a.out, "nothing to decide\n");
	else
		code = run(&a);
	buf_fini(&a.sent);
	return print_end(&a.out, code);
}
