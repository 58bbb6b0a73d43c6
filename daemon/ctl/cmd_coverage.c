/* cmd_coverage: is it proven that nothing that a feed listed was missed? Reads the ledger of polls, and checks its chain on the way. */
#include "daemon/base/json.h"
#include "daemon/ctl/coverage_show.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/store_walk.h"
#include "daemon/pipe/chain.h"
#include "daemon/pipe/storage.h"
#include "daemon/store/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#define FEEDS_MAX ((size_t)64 << 20) /* bytes of pointers to feeds */
#define UNREADABLE_MAX 1000u /* files in a row that cannot be read: then it is the folder */

struct coverage {
	const struct ctl_args *args;
	const char *directory;
	struct printer out;
	struct span span;
	struct buf feeds; /* struct covered *, sorted by name; they live in the arena */
	bool found_too; /* every feed that the ledger names */
	struct str needle; /* of one feed: what its lines hold */
	struct chain chain; /* after the line before */
	bool chained; /* there was one */
	uint64_t problems; /* of the ledger, in the interval */
	bool later_is_void; /* what comes after the interval proves nothing */
};

static void ledger_problem(struct coverage *v, const struct reader_line *line, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static void ledger_problem(struct coverage *v, const struct reader_line *line, const char *fmt, ...)
{
	char text[200];
	struct json w;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	v->problems++;
	if (!v->args->json) {
		print_styled(&v->out, PRINT_RED, str_from(line->file));
		print_fmt(&v->out, ":%llu: %s\n", (unsigned long long)line->number, text);
		return;
	}
	json_init(&w, &v->out.out);
	json_open_object(&w);
	json_key_string(&w, "file", str_from(line->file));
	json_key(&w, "line");
	json_u64(&w, line->number);
	json_key_string(&w, "reason", str_from(text));
	json_close_object(&w);
	print_fmt(&v->out, "\n");
}

static struct covered *feed_at(const struct coverage *v, size_t i)
{
	return ((struct covered **)(void *)v->feeds.p)[i];
}

static size_t feed_count(const struct coverage *v)
{
	return v->feeds.n / sizeof(struct covered *);
}

/* Where it stands, or belongs. */
static size_t place_of(const struct coverage *v, struct str name, bool *there)
{
	size_t low = 0, high = feed_count(v);

	*there = false;
	while (low < high && !*there) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(str_from(feed_at(v, middle)->name), name);

		*there = order == 0;
		if (order >= 0)
			high = middle;
		else
			low = middle + 1;
	}
	return high;
}

static bool add_feed(struct coverage *v, struct str name, struct err *e)
{
	bool there;
	size_t place = place_of(v, name, &there) * sizeof(struct covered *);
	struct covered *c = there ? NULL : arena_alloc(v->args->arena, sizeof(*c));
	const char *kept = there ? NULL : arena_cstr(v->args->arena, name);
	const size_t one = sizeof(struct covered *);

	if (there)
		return true;
	if (!c || !kept)
		return err_nomem(e);
	covered_init(c, kept);
	buf_add(&v->feeds, &c, one);
	if (v->feeds.failed)
		return err_nomem(e);
	memmove(v->feeds.p + place + one, v->feeds.p + place, v->feeds.n - place - one);
	memcpy(v->feeds.p + place, &c, one);
	return true;
}

/* What the line says about the one before it; empty: it follows it. */
static void check_link(struct coverage *v, const struct reader_line *line, uint64_t seq, bool inside)
{
	bool follows = !v->chained || (seq == v->chain.seq + 1 && chain_holds(&v->chain, line->text));

	v->later_is_void |= !follows;
	if (follows || !inside)
		return;
	if (seq > v->chain.seq + 1)
		ledger_problem(v, line, "the lines %llu to %llu of the ledger are missing",
		    (unsigned long long)v->chain.seq + 1, (unsigned long long)seq - 1);
	else if (seq != v->chain.seq + 1)
		ledger_problem(v, line, "line %llu of the ledger follows line %llu", (unsigned long long)seq,
		    (unsigned long long)v->chain.seq);
	else
		ledger_problem(v, line, "chain broken: this line or the one before it was changed");
}

static bool take_line(struct coverage *v, struct str text, struct err *e)
{
	json_t *line;
	struct str name;
	size_t place;
	bool there;

	if (v->needle.n > 0 && str_find(text, v->needle, 0) == SIZE_MAX)
		return true;
	line = json_loadb(text.p, text.n, JSON_ALLOW_NUL, NULL);
	name = member(line, "feed");
	if (name.n > 0 && v->found_too && !add_feed(v, name, e)) {
		json_decref(line);
		return false;
	}
	place = place_of(v, name, &there);
	if (there)
		covered_line(feed_at(v, place), &v->span, line);
	json_decref(line);
	return true;
}

/* False: no further line is wanted, or memory. A line that tells no time stands where the one before it does. */
static bool look_at(struct coverage *v, const struct reader_line *line, int64_t *at, struct err *e)
{
	uint64_t seq = reader_line_seq(line->text);
	int64_t told = reader_line_time(line->text);
	bool inside;

	*at = told == INT64_MIN ? *at : told;
	inside = *at >= v->span.since && *at < v->span.until;
	v->span.reaches |= *at < v->span.since;
	if (!v->chained && seq == 1)
		v->chained = true; /* from the beginning, which needs no trust */
	check_link(v, line, seq, inside);
	if (*at > v->args->now && *at - v->args->now > COVERAGE_LATER_MS) {
		ledger_problem(v, line,
		    "dated in the future, by a clock that was ahead: from here on nothing is proven");
		return false;
	}
	v->chained = chain_resume(&v->chain, seq, line->text) || v->chained;
	if (*at >= v->span.until && (v->later_is_void || *at - v->span.until > COVERAGE_LATER_MS))
		return false;
	return take_line(v, line->text, e);
}

/* One line from before the interval is wanted, however long before: it shows that none is missing between. */
static bool seek(struct coverage *v, struct reader *r, struct err *e)
{
	struct reader_line line;
	uint64_t seq;

	if (v->span.since == DATE_NONE)
		return true;
	if (!reader_seek_time(r, v->span.since, e))
		return false;
	if (reader_next_whole(r, &line, NULL, NULL, e) != READER_LINE)
		return e->kind == ERR_NONE;
	seq = reader_line_seq(line.text);
	return reader_seek_seq(r, seq > 2 ? seq - 2 : 0, e);
}

static bool read_ledger(struct coverage *v, struct reader *r, struct err *e)
{
	struct reader_line line = { .file = "" };
	int64_t at = v->span.since;
	enum reader_result got;

	chain_init(&v->chain);
	if (!seek(v, r, e))
		return false;
	for (unsigned failures = 0; (got = reader_next(r, &line, e)) != READER_END;) {
		failures = got == READER_FAILED ? failures + 1 : 0;
		if (failures > UNREADABLE_MAX || (failures && e->kind == ERR_NOMEM))
			return false;
		if (got == READER_FAILED) {
			ledger_problem(v, &(struct reader_line){ .file = STORE_POLLS },
			    "a file cannot be read: %s", e->text);
			err_clear(e);
		} else if (!look_at(v, &line, &at, e)) {
			return e->kind == ERR_NONE;
		}
	}
	return true;
}

static bool read_all(struct coverage *v, struct err *e)
{
	struct reader *reader = NULL;
	bool good =
	    reader_open(&fs_system, v->directory, STORE_POLLS, &reader, e) && read_ledger(v, reader, e);

	reader_close(&reader);
	for (size_t i = 0; i < feed_count(v) && good; i++)
		good = covered_end(feed_at(v, i), &v->span, e);
	return good;
}

/* A feed without a line in the interval may have some elsewhere. False: none, or it could not be read. */
static bool is_in_ledger(const struct coverage *v, struct err *e)
{
	struct reader *r = NULL;
	struct reader_line line;
	bool found = false;

	if (reader_open(&fs_system, v->directory, STORE_POLLS, &r, e))
		while (!found && reader_next_whole(r, &line, ctl_tell_damage, NULL, e) == READER_LINE)
			found = str_find(line.text, v->needle, 0) != SIZE_MAX;
	reader_close(&r);
	return found;
}

/* A folder that was named may belong to another configuration, or none. */
static bool has_configuration(const struct ctl_args *args)
{
	return !args->directory || args->config;
}

static int choose_all(struct coverage *v)
{
	struct err e = { 0 };
	int code = EX_OK;
	bool good = true;
	struct conf *conf;

	v->found_too = !has_configuration(v->args);
	if (v->found_too)
		return EX_OK;
	conf = setting_load(v->args, &code);
	if (!conf)
		return code;
	for (size_t i = 0; i < conf->feed_count && good; i++)
		good = !conf->feeds[i].enabled || add_feed(v, str_from(conf->feeds[i].name), &e);
	conf_drop(&conf);
	return good ? EX_OK : ctl_fail_err(&e);
}

static int choose_one(struct coverage *v, const char *name)
{
	struct err e = { 0 };
	struct buf needle;

	buf_init(&needle, FEEDS_MAX);
	buf_fmt(&needle, "\"feed\":\"%s\"", name);
	v->needle = arena_str(v->args->arena, buf_view(&needle));
	buf_fini(&needle);
	return v->needle.n > 0 && add_feed(v, str_from(name), &e) ? EX_OK : ctl_fail_err(&e);
}

/* Is the feed that was named one at all? */
static int check_known(struct coverage *v)
{
	struct err e = { 0 };
	int code = EX_OK;
	struct conf *conf;
	bool known;

	if (v->args->operands.n == 0 || feed_at(v, 0)->polls > 0 || is_in_ledger(v, &e))
		return EX_OK;
	conf = has_configuration(v->args) ? setting_load(v->args, &code) : NULL;
	if (!conf && has_configuration(v->args))
		return code;
	known = conf && conf_feed_find(conf, str_from(v->args->operands.at[0]));
	conf_drop(&conf);
	if (known)
		return EX_OK;
	return e.kind == ERR_NONE ? ctl_fail(EX_NOINPUT, "no feed '%s'", v->args->operands.at[0])
	                          : ctl_fail_err(&e);
}

static int print_feeds(struct coverage *v)
{
	bool broken = false;

	for (size_t i = 0; i < feed_count(v); i++) {
		const struct covered *c = feed_at(v, i);

		(v->args->json ? coverage_json : coverage_print)(&v->out, c, &v->span, v->problems == 0);
		broken |= covered_open(c) > 0;
	}
	return broken || v->problems > 0;
}

static int find_out(struct coverage *v)
{
	struct err e = { 0 };
	int code = EX_OK;

	v->directory = setting_directory(v->args, &code);
	if (!v->directory || !store_known(v->args, v->directory, STORE_POLLS, &code))
		return code;
	code = v->args->operands.n ? choose_one(v, v->args->operands.at[0]) : choose_all(v);
	if (code != EX_OK)
		return code;
	if (!read_all(v, &e))
		return ctl_fail_err(&e);
	code = check_known(v);
	return code == EX_OK ? print_feeds(v) : code;
}

static int run_coverage(struct ctl_args *args)
{
	struct coverage v = { .args = args, .span = { .since = args->since, .until = args->until } };
	int code;

	if (args->operands.n == (args->all ? 1 : 0))
		return ctl_fail(EX_USAGE, "which FEED? Or --all");
	/* What has not been yet cannot be proven. */
	if (v.span.until > args->now)
		v.span.until = args->now;
	if (v.span.since >= v.span.until)
		return ctl_fail(EX_USAGE, "--since does not lie before %s",
		    args->until > args->now ? "this moment" : "--until");
	print_init(&v.out, args);
	buf_init(&v.feeds, FEEDS_MAX);
	code = find_out(&v);
	for (size_t i = 0; i < feed_count(&v); i++)
		covered_fini(feed_at(&v, i));
	buf_fini(&v.feeds);
	return print_end(&v.out, code);
}

static const struct ctl_option options[] = {
	{ '\0', "all", NULL, "every feed of the configuration; with -d every one of the ledger", CTL_FLAG,
	    CTL_AT(all), NULL },
	{ 'S', "since", "TIME", "from then on: 2h, yesterday, 2026-11-21, … (default: the first document)",
	    CTL_TIME, CTL_AT(since), NULL },
	{ 'U', "until", "TIME", "until then (default: now)", CTL_TIME, CTL_AT(until), NULL },
	CTL_OPT_JSON,
	CTL_OPT_CONFIG,
	CTL_OPT_DIRECTORY,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_coverage = {
	.name = "coverage",
	.operands = "FEED | --all",
	.summary = "Tell whether everything that a feed listed was seen, from the ledger",
	.description =
	    "\"Window never broken\" means: between the two times each document that was read to its end is "
	    "tied to "
	    "the one before\nit, so nothing that the feed listed was pushed out by newer items before it was "
	    "seen, also over polls that failed.\nNot proven: what the publisher listed and took away again "
	    "between two polls, what the feed never listed, what a\nrepaired document had lost, and what "
	    "came "
	    "after the second time. The ledger's chain is checked from the line before\nthe interval on; "
	    "`verify` checks all of it. What the day after the interval tells counts too.\n"
	    "Exit 0: never broken. 1: something is open. 66: no such feed.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.operands_max = 1,
	.run = run_coverage,
};
