/* cmd_review: what a person decides about a record, for the ledger and for the alerts that wait for it. */
#include "daemon/base/json_scan.h"
#include "daemon/ctl/ask.h"
#include "daemon/ctl/outbox.h"
#include "daemon/ctl/review_ask.h"
#include "daemon/ctl/review_stats.h"
#include "daemon/ctl/terminal.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define KEY_LEN 32 /* hex digits of a record's key */
#define SAMPLE 20u /* questions about records that nobody pointed at */
#define QUESTIONS_MAX 1000u /* in a row: their texts are kept in memory */

struct looking {
	struct str wanted; /* as it was given */
	uint64_t seq; /* 0: nothing was found */
	bool own; /* by the record's own key, not by that of its case */
	char key[KEY_LEN + 1]; /* the record's own; empty: it is not known */
};

/* The key of the record that raised it: the delivery's own is made of the case's. */
static void key_of(const struct state_delivery *d, char out[KEY_LEN + 1])
{
	struct json_member key = { .name = "key" };
	struct buf scratch;
	struct str text;
	buf_init(&scratch, KEY_LEN);
	out[0] = '\0';
	if (json_scan(str_trim(d->line), &key, 1) && json_scan_text(key.value, &scratch, &text) &&
	    text.n == KEY_LEN)
		snprintf(out, KEY_LEN + 1, "%.*s", STR_ARG(text));
	buf_fini(&scratch);
}

/* ALERT:CASE, or ALERT:CASE:TOPICS of topics that came later; as a whole or without the alert. */
static bool is_named(const struct state_delivery *d, struct str wanted)
{
	return str_eq(d->key, wanted) ||
	       (d->key.n > d->alert.n && str_eq(str_skip(d->key, d->alert.n + 1), wanted));
}

/* Of several records with one key the newest: it is what people read now. */
static bool match_key(void *ctx, const struct state_delivery *d)
{
	struct looking *l = ctx;
	char key[KEY_LEN + 1];
	if (d->kind != DELIVERY_OF_RECORD || (d->status == DELIVERY_DEAD && d->attempts > 0))
		return true;
	key_of(d, key);
	bool own = str_eq(str_from(key), l->wanted);
	if (!own && (l->own || !is_named(d, l->wanted)))
		return true;
	l->own = own;
	l->seq = d->seq;
	memcpy(l->key, key, sizeof(key));
	return true;
}

/* By the key of a record that an alert holds, that was rejected, or that nobody looked at in time. False after a complaint. */
static bool find_by_key(struct ctl_args *args, struct looking *l, int *code)
{
	static const enum state_delivery_status open[] = { DELIVERY_HELD, DELIVERY_REJECTED, DELIVERY_DEAD };
	struct err e = { 0 };
	bool good = true;
	struct state *s = outbox_open(args, code);
	if (!s)
		return false;
	for (size_t i = 0; good && l->seq == 0 && i < ARRAY_LEN(open); i++)
		good = state_delivery_each(s, open[i], match_key, l, &e);
	if (!good)
		*code = ctl_fail_err(&e);
	else if (l->seq == 0)
		*code = ctl_fail(EX_NOINPUT, "no alert waits for a record '%.40s'", l->wanted.p);
	state_close(&s);
	return l->seq > 0;
}

static bool find_record(struct ctl_args *args, struct looking *l, int *code)
{
	unsigned long long seq;
	if (l->wanted.n >= KEY_LEN || !str_to_u64(l->wanted, &seq) || seq == 0)
		return find_by_key(args, l, code);
	l->seq = seq;
	return true;
}

static int decide(struct ctl_args *args)
{
	struct decision d = { .by = args->by, .why = args->why };
	struct looking l = { .wanted = str_from(args->operands.at[1]) };
	struct buf text;
	int code = EX_OK;
	d.confirmed = strcmp(args->operands.at[0], "confirm") == 0;
	if (!d.confirmed && strcmp(args->operands.at[0], "reject") != 0)
		return ctl_fail(EX_USAGE, "review %.40s? It is confirm or reject", args->operands.at[0]);
	if (!args->by || !args->why)
		return ctl_fail(EX_USAGE, "--by NAME and --why TEXT must be given: they go into the ledger");
	if (args->topics.n > 1)
		return ctl_fail(EX_USAGE, "a decision is about one topic, or about all that the record has");
	d.topic = args->topics.n == 1 ? args->topics.at[0] : NULL;
	if (!find_record(args, &l, &code))
		return code;
	d.record = l.seq;
	d.key = l.key[0] ? l.key : NULL;
	buf_init(&text, 1u << 16);
	review_write_request(&d, &text);
	code =
	    text.failed ? ctl_fail(EX_USAGE, "the texts are too long") : ask_and_tell(args, buf_view(&text));
	buf_fini(&text);
	return code;
}

/* On a terminal: one key for each. */
static int ask_all(struct ctl_args *args)
{
	struct review_queue q;
	struct err e = { 0 };
	int code = EX_OK;
	enum review_pick pick = (enum review_pick)args->pick;
	uint64_t most = args->lines_given ? args->lines : pick == REVIEW_UNDECIDED ? CTL_ALL_LINES : SAMPLE;
	if (!terminal_is_there())
		return ctl_fail(EX_USAGE, "confirm or reject what? Without a terminal it must be said");
	if (most > QUESTIONS_MAX)
		most = QUESTIONS_MAX;
	if (!review_queue_open(&q, args, &code))
		return code;
	code = review_queue_fill(&q, pick, most, &e) ? review_ask(&q, args) : ctl_fail_err(&e);
	review_queue_close(&q);
	return code;
}

static int run_review(struct ctl_args *args)
{
	if (args->stats)
		return review_stats(args);
	if (args->operands.n == 0)
		return ask_all(args);
	if (args->operands.n == 1)
		return ctl_fail(EX_USAGE, "something is missing: review %s", cmd_review.operands);
	return decide(args);
}

static const struct ctl_option options[] = {
	{ 'b', "by", "NAME", "who decides (on a terminal, default: who you are)", CTL_TEXT, CTL_AT(by),
	    NULL },
	{ 'w', "why", "TEXT", "why (on a terminal, default: reviewed)", CTL_TEXT, CTL_AT(why), NULL },
	{ 'p', "pick", "WHAT",
	    "what is asked: review (default), random (any record), uncertain (near the threshold)",
	    CTL_CHOICE, CTL_AT(pick), review_pick_names },
	{ 'n', "count", "N", "ask N times at most (default: 20, of review 1,000)", CTL_LINES, CTL_AT(lines),
	    NULL },
	{ '\0', "stats", NULL, "how right the topics were, by topic, language and feed", CTL_FLAG,
	    CTL_AT(stats), NULL },
	{ '\0', "topic", "NAME", "about this topic; questions, figures: may be repeated", CTL_LIST,
	    CTL_AT(topics), NULL },
	{ '\0', "feed", "NAME", "only feeds of this name (* and ? allowed); may be repeated", CTL_LIST,
	    CTL_AT(feeds), NULL },
	{ '\0', "lang", "TAG", "only this language (\"zh\" takes zh-Hant too); may be repeated", CTL_LIST,
	    CTL_AT(languages), NULL },
	{ 'S', "since", "TIME", "records seen at or after: 30d, yesterday, 2026-11-21, …", CTL_TIME,
	    CTL_AT(since), NULL },
	{ 'U', "until", "TIME", "records seen before", CTL_TIME, CTL_AT(until), NULL },
	{ '\0', "seed", "N", "of the random choice (default 1)", CTL_SEED, CTL_AT(seed), NULL },
	CTL_OPT_JSON,
	CTL_OPT_CONFIG,
	CTL_OPT_COLOUR,
};
static const char *const words[] = { "confirm", "reject", NULL };

const struct ctl_command cmd_review = {
	.name = "review",
	.operands = "[confirm|reject SEQ|KEY --by NAME --why TEXT]",
	.summary = "Confirm or reject records, on the record",
	.description =
	    "The decision becomes a line of the ledger `reviews`. Alerts with `when: confirmed` deliver "
	    "what is confirmed;\nwhat is rejected is closed. `gazettectl alerts list NAME` shows what "
	    "waits.\nWithout operands, on a terminal: one record after the other, with what counted and what "
	    "became "
	    "of it, and a key for each: y, n, s (skip),\nu (undo), q. A decision is written when the next "
	    "one is made.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.words = words,
	.operands_max = 2,
	.run = run_review,
};
