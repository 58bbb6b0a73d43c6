/* cmd_review: what a person decides about a record, for the ledger and for the alerts that wait for it. */
#include "daemon/base/json.h"
#include "daemon/ctl/ask.h"
#include "daemon/ctl/outbox.h"
#include "daemon/ctl/print.h"

#include <sysexits.h>

#define KEY_LEN 32 /* hex digits of a record's key */

struct looking {
	struct str key; /* as it was given */
	uint64_t seq;
};

static bool match_key(void *ctx, const struct state_delivery *d)
{
	struct looking *l = ctx;
	if (!str_ends(d->key, l->key) || d->key.n == l->key.n || d->key.p[d->key.n - l->key.n - 1] != ':')
		return true;
	l->seq = d->seq;
	return false;
}

/* By number; or by the key of a record that an alert holds or that was rejected. 0 after a complaint. */
static uint64_t find_record(struct ctl_args *args, const char *text, int *code)
{
	struct looking l = { .key = str_from(text) };
	struct err e = { 0 };
	unsigned long long seq;
	if (l.key.n < KEY_LEN && str_to_u64(l.key, &seq) && seq > 0)
		return seq;
	struct state *s = outbox_open(args, code);
	if (!s)
		return 0;
	if (!state_delivery_each(s, DELIVERY_HELD, match_key, &l, &e) ||
	    (l.seq == 0 && !state_delivery_each(s, DELIVERY_REJECTED, match_key, &l, &e)))
		*code = ctl_fail_err(&e);
	else if (l.seq == 0)
		*code = ctl_fail(EX_NOINPUT, "no alert waits for a record '%.40s'", text);
	state_close(&s);
	return l.seq;
}

static int run_review(struct ctl_args *args)
{
	bool confirm = strcmp(args->operands.at[0], "confirm") == 0;
	const char *record = args->operands.at[1];
	struct buf text;
	struct json w;
	int code = EX_OK;
	if (!confirm && strcmp(args->operands.at[0], "reject") != 0)
		return ctl_fail(EX_USAGE, "review %.40s? It is confirm or reject", args->operands.at[0]);
	if (!args->by || !args->why)
		return ctl_fail(EX_USAGE, "--by NAME and --why TEXT must be given: they go into the ledger");
	uint64_t seq = find_record(args, record, &code);
	if (seq == 0)
		return code;
	buf_init(&text, 1u << 16);
	json_init(&w, &text);
	json_open_object(&w);
	json_key_int(&w, "v", 1);
	json_key_string(&w, "kind", STR("review"));
	json_key(&w, "record");
	json_u64(&w, seq);
	if (strlen(record) == KEY_LEN)
		json_key_string(&w, "key", str_from(record));
	json_key_string(&w, "verdict", confirm ? STR("confirmed") : STR("rejected"));
	json_key_string(&w, "by", str_from(args->by));
	json_key_string(&w, "why", str_from(args->why));
	json_close_object(&w);
	code =
	    text.failed ? ctl_fail(EX_USAGE, "the texts are too long") : ask_and_tell(args, buf_view(&text));
	buf_fini(&text);
	return code;
}

static const struct ctl_option options[] = {
	{ 'b', "by", "NAME", "who decides", CTL_TEXT, CTL_AT(by), NULL },
	{ 'w', "why", "TEXT", "why", CTL_TEXT, CTL_AT(why), NULL },
	CTL_OPT_CONFIG,
};
static const char *const words[] = { "confirm", "reject", NULL };

const struct ctl_command cmd_review = {
	.name = "review",
	.operands = "confirm|reject SEQ|KEY --by NAME --why TEXT",
	.summary = "Confirm or reject a record, on the record",
	.description =
	    "The decision becomes a line of the ledger `reviews`. Alerts with `when: confirmed` deliver "
	    "what is confirmed;\nwhat is rejected is closed. `gazettectl alerts list NAME` shows what "
	    "waits.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.words = words,
	.operands_min = 2,
	.operands_max = 2,
	.run = run_review,
};
