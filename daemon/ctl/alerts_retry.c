/* alerts_retry: looks at the state first. Owns nothing. */
#include "daemon/ctl/alerts_retry.h"

#include "daemon/ctl/ask.h"
#include "daemon/ctl/outbox.h"
#include "daemon/ctl/setting.h"
#include "daemon/pipe/rules.h"

#include <sysexits.h>

struct dead {
	const char *alert; /* NULL: of all */
	uint64_t n;
};

static bool count_dead(void *ctx, const struct state_delivery *d)
{
	struct dead *dead = ctx;
	dead->n += !dead->alert || str_eq(d->alert, str_from(dead->alert));
	return true;
}

static bool note_status(void *ctx, const struct state_delivery *d)
{
	*(enum state_delivery_status *)ctx = d->status;
	return false;
}

/* Whoever names deliveries means these: one that is not dead is a mistake, and nothing is asked for. */
static bool keys_are_dead(struct ctl_args *args, struct state *s, int *code, struct err *e)
{
	for (size_t i = 1; i < args->operands.n; i++) {
		enum state_delivery_status status = DELIVERY_STATUSES;
		if (!state_delivery_find(s, str_from(args->operands.at[i]), note_status, &status, e))
			return false;
		if (status == DELIVERY_STATUSES)
			*code = ctl_fail(EX_NOINPUT, "there is no delivery '%.200s'", args->operands.at[i]);
		else if (status != DELIVERY_DEAD)
			*code = ctl_fail(EX_NOINPUT, "'%.200s' is %s, not dead", args->operands.at[i],
			    state_delivery_names[status]);
	}
	return true;
}

static bool was_named(const struct ctl_args *args, size_t i)
{
	for (size_t j = 1; j < i; j++)
		if (str_eq(str_from(args->operands.at[j]), str_from(args->operands.at[i])))
			return true;
	return false;
}

/* Each key once. */
static uint64_t count_keys(const struct ctl_args *args)
{
	uint64_t n = 0;
	for (size_t i = 1; i < args->operands.n; i++)
		n += !was_named(args, i);
	return n;
}

/* *n: how many letters are meant; a name without any is one of an alert, or a mistake. */
static int find_dead(struct ctl_args *args, uint64_t *n)
{
	struct dead dead = { .alert = args->alert };
	struct err e = { 0 };
	int code = EX_OK;
	struct state *s = outbox_open(args, &code);
	if (!s)
		return code;
	if (!keys_are_dead(args, s, &code, &e) ||
	    (args->operands.n == 1 && !state_delivery_each(s, DELIVERY_DEAD, count_dead, &dead, &e)))
		code = ctl_fail_err(&e);
	state_close(&s);
	*n = args->operands.n > 1 ? count_keys(args) : dead.n;
	if (code != EX_OK || *n > 0 || !args->alert)
		return code;
	struct conf *conf = setting_load(args, &code);
	if (!conf)
		return code;
	code = rules_find(conf, str_from(args->alert))
	           ? EX_OK
	           : ctl_fail(EX_NOINPUT, "there is no alert '%.100s'", args->alert);
	conf_drop(&conf);
	return code;
}

int alerts_retry(struct ctl_args *args, struct printer *p)
{
	struct buf text;
	struct json w;
	uint64_t n = 0;
	int ways = (args->operands.n > 1) + (args->alert != NULL) + args->all_dead;
	if (ways != 1)
		return ctl_fail(EX_USAGE, "retry what? KEY..., --alert NAME or --all-dead");
	int code = find_dead(args, &n);
	if (code != EX_OK)
		return code;
	if (n == 0) {
		print_fmt(p, "nothing is dead\n");
		return EX_OK;
	}
	ask_begin(&w, &text, "retry");
	json_key_string_opt(&w, "alert", str_from(args->alert));
	if (args->operands.n > 1) {
		json_key(&w, "keys");
		json_open_array(&w);
		for (size_t i = 1; i < args->operands.n; i++)
			json_str(&w, str_from(args->operands.at[i]));
		json_close_array(&w);
	}
	json_key(&w, "all");
	json_bool(&w, args->all_dead);
	json_close_object(&w);
	code =
	    text.failed ? ctl_fail(EX_USAGE, "too many keys at once") : ask_and_tell(args, buf_view(&text));
	buf_fini(&text);
	if (code == EX_OK)
		print_fmt(p, "%llu wait again\n", (unsigned long long)n);
	return code;
}
