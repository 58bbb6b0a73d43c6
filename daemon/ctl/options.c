/* options: one parser for the options of every command, driven by their tables. Prints nothing. */
#include "daemon/ctl/options.h"

#include "daemon/base/date.h"

#include <stdlib.h>

#define NEAR_MAX 32 /* letters of a word that "did you mean" looks at */

void options_default(struct ctl_args *args)
{
	args->lines = 10;
	args->min_score = args->least = -1;
	args->seed = 1;
	args->since = INT64_MIN;
	args->until = INT64_MAX;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to put in, take out or change (Levenshtein). */
static size_t distance(struct str a, struct str b)
{
	size_t row[NEAR_MAX + 1];
	if (a.n > NEAR_MAX || b.n > NEAR_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t change = diagonal + (a.p[i - 1] != b.p[j - 1]);
			diagonal = row[j];
			row[j] = least(change, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[b.n];
}

const char *options_nearest(struct str word, options_name_f *name, const void *ctx, size_t count)
{
	const char *best = NULL;
	size_t best_distance = word.n / 3 + 2;
	for (size_t i = 0; i < count; i++) {
		struct str candidate = str_from(name(ctx, i));
		size_t d = distance(word, candidate);
		if (d < best_distance) {
			best = candidate.p;
			best_distance = d;
		}
	}
	return best;
}

static const char *option_name(const void *ctx, size_t i)
{
	return ((const struct ctl_command *)ctx)->options[i].name;
}

static bool set_lines(struct ctl_args *args, const char *value, struct err *e)
{
	unsigned long long n = 0;
	args->lines_given = true;
	args->lines = CTL_ALL_LINES;
	if (str_eq(str_from(value), STR("all")))
		return true;
	if (!str_to_u64(str_from(value), &n) || n > INT64_MAX)
		return err_set(e, ERR_CONFIG, 0, "'%.40s' is no number of lines (nor \"all\")", value);
	args->lines = n;
	return true;
}

static bool set_seed(uint64_t *out, const char *value, struct err *e)
{
	unsigned long long n = 0;
	if (!str_to_u64(str_from(value), &n))
		return err_set(e, ERR_CONFIG, 0, "'%.40s' is no whole number", value);
	*out = n;
	return true;
}

static bool set_score(double *out, const char *value, struct err *e)
{
	char *end;
	*out = strtod(value, &end);
	if (end == value || *end != '\0' || !(*out >= 0 && *out <= 1))
		return err_set(e, ERR_CONFIG, 0, "'%.40s' is no score from 0 to 1", value);
	return true;
}

static bool set_time(const struct ctl_args *args, int64_t *out, const char *value, struct err *e)
{
	if (date_parse_human(str_from(value), args->now, out))
		return true;
	return err_set(e, ERR_CONFIG, 0,
	    "'%.60s' is no time (try 2h, 3d, yesterday, 2026-11-21 or 2026-11-21T10:15:00Z)", value);
}

static bool set_choice(const struct ctl_option *o, int *out, const char *value, struct err *e)
{
	char names[80];
	size_t at = 0;
	for (int i = 0; o->choices[i]; i++) {
		if (str_eq(str_from(value), str_from(o->choices[i]))) {
			*out = i;
			return true;
		}
		struct str name = str_from(o->choices[i]);
		if (at + name.n + 3 > sizeof(names))
			continue;
		if (at > 0)
			at = (size_t)(stpcpy(names + at, ", ") - names);
		memcpy(names + at, name.p, name.n);
		at += name.n;
		names[at] = '\0';
	}
	return err_set(e, ERR_CONFIG, 0, "--%s is one of: %s", o->name, names);
}

static bool set(const struct ctl_option *o, const char *value, struct ctl_args *args, struct err *e)
{
	void *member = (char *)args + o->offset;
	switch (o->kind) {
	case CTL_FLAG:
		*(bool *)member = true;
		return true;
	case CTL_TEXT:
		*(const char **)member = value;
		return true;
	case CTL_LIST:
		return ctl_list_add(args->arena, member, value) || err_nomem(e);
	case CTL_LINES:
		return set_lines(args, value, e);
	case CTL_SEED:
		return set_seed(member, value, e);
	case CTL_SCORE:
		return set_score(member, value, e);
	case CTL_TIME:
		return set_time(args, member, value, e);
	case CTL_CHOICE:
		return set_choice(o, member, value, e);
	}
	return false;
}

static const struct ctl_option *find_letter(const struct ctl_command *c, char letter)
{
	for (size_t i = 0; i < c->option_count; i++)
		if (c->options[i].letter == letter)
			return &c->options[i];
	return NULL;
}

/* Whole, or the only one that begins so. */
static const struct ctl_option *find_name(const struct ctl_command *c, struct str name, struct err *e)
{
	const struct ctl_option *found = NULL;
	for (size_t i = 0; i < c->option_count; i++)
		if (str_eq(str_from(c->options[i].name), name))
			return &c->options[i];
	for (size_t i = 0; i < c->option_count; i++) {
		const struct ctl_option *o = &c->options[i];
		if (!str_starts(str_from(o->name), name))
			continue;
		if (found) {
			err_set(e, ERR_CONFIG, 0, "--%.*s may mean --%s or --%s", STR_ARG(name), found->name,
			    o->name);
			return NULL;
		}
		found = o;
	}
	if (found)
		return found;
	const char *near = options_nearest(name, option_name, c, c->option_count);
	struct str shown = name.n > 40 ? (struct str){ name.p, 40 } : name;
	if (near)
		err_set(e, ERR_CONFIG, 0, "no option --%.*s; did you mean --%s?", STR_ARG(shown), near);
	else
		err_set(e, ERR_CONFIG, 0, "no option --%.*s", STR_ARG(shown));
	return NULL;
}

struct cursor {
	char **at, **end;
};

static const char *next_argument(struct cursor *c)
{
	return c->at < c->end ? *c->at++ : NULL;
}

static bool take_long(const struct ctl_command *command, const char *text, struct cursor *c,
    struct ctl_args *args, struct err *e)
{
	struct str value = str_from(text);
	struct str name = str_cut(&value, '=');
	const struct ctl_option *o = find_name(command, name, e);
	if (!o)
		return false;
	if (o->kind == CTL_FLAG)
		return value.p ? err_set(e, ERR_CONFIG, 0, "--%s takes no value", o->name)
		               : set(o, NULL, args, e);
	const char *v = value.p ? value.p : next_argument(c);
	return v ? set(o, v, args, e)
	         : err_set(e, ERR_CONFIG, 0, "--%s needs a value: %s", o->name, o->value);
}

static bool take_letters(const struct ctl_command *command, const char *text, struct cursor *c,
    struct ctl_args *args, struct err *e)
{
	for (; *text; text++) {
		const struct ctl_option *o = find_letter(command, *text);
		if (!o)
			return err_set(e, ERR_CONFIG, 0, "no option -%c", *text);
		if (o->kind == CTL_FLAG) {
			if (!set(o, NULL, args, e))
				return false;
			continue;
		}
		const char *v = text[1] ? text + 1 : next_argument(c);
		return v ? set(o, v, args, e)
		         : err_set(e, ERR_CONFIG, 0, "-%c needs a value: %s", o->letter, o->value);
	}
	return true;
}

static bool check_operands(const struct ctl_command *command, const struct ctl_args *args, struct err *e)
{
	if (args->operands.n < command->operands_min)
		return err_set(
		    e, ERR_CONFIG, 0, "something is missing: %s %s", command->name, command->operands);
	if (args->operands.n > command->operands_max)
		return err_set(
		    e, ERR_CONFIG, 0, "'%.60s' is too much", args->operands.at[command->operands_max]);
	return true;
}

bool options_parse(const struct ctl_command *command, int argc, char **argv, struct ctl_args *args,
    bool *help, struct err *e)
{
	struct cursor c = { argv, argv + argc };
	const char *text;
	bool ended = false;
	*help = false;
	args->output = command->output;
	while ((text = next_argument(&c))) {
		bool good;
		if (ended || text[0] != '-' || text[1] == '\0') {
			good = ctl_list_add(args->arena, &args->operands, text) || err_nomem(e);
		} else if (strcmp(text, "--") == 0) {
			good = ended = true;
		} else if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
			return *help = true;
		} else if (text[1] == '-') {
			good = take_long(command, text + 2, &c, args, e);
		} else {
			good = take_letters(command, text + 1, &c, args, e);
		}
		if (!good)
			return false;
	}
	return check_operands(command, args, e);
}
