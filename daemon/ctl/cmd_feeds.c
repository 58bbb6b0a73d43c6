/* cmd_feeds: the feeds of the configuration, with what the daemon found out about their addresses, OPML both ways, and those that a page links to. */
#include "daemon/base/json.h"
#include "daemon/ctl/discover.h"
#include "daemon/ctl/feed_rhythm.h"
#include "daemon/ctl/feeds_edit.h"
#include "daemon/ctl/input.h"
#include "daemon/ctl/lately.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/print.h"
#include "daemon/ctl/setting.h"

#include <sysexits.h>

#define OPML_MAX ((size_t)32 << 20) /* bytes; lists of 100,000 feeds are smaller */

typedef int feeds_f(struct ctl_args *args, const struct conf *conf, struct printer *p);

/* What the daemon found out; also the names of the status file. */
static const struct {
	const char *member, *label, *in_list;
} found[] = {
	{ "address", "asked at", " asked at " },
	{ "moved_at", "since", NULL },
	{ "redirects_to", "redirects", NULL },
	{ "mistrusted_until", "304s", " 304s mistrusted until " },
};

static void feed_json(struct printer *p, const struct conf_feed *f, const json_t *lately)
{
	struct json w;
	json_init(&w, &p->out);
	json_open_object(&w);
	json_key_string(&w, "name", str_from(f->name));
	json_key_string(&w, "url", str_from(f->url));
	json_key_string_opt(&w, "title", str_from(f->title));
	json_key_string_opt(&w, "agency", str_from(f->agency));
	json_key_string_opt(&w, "country", str_from(f->country));
	json_key_string_opt(&w, "language", str_from(f->language));
	json_key(&w, "groups");
	json_open_array(&w);
	for (size_t i = 0; i < f->group_count; i++)
		json_str(&w, str_from(f->groups[i]));
	json_close_array(&w);
	json_key(&w, "enabled");
	json_bool(&w, f->enabled);
	json_key_int(&w, "interval_ms", f->fetch->interval);
	for (size_t i = 0; i < ARRAY_LEN(found); i++)
		json_key_string_opt(&w, found[i].member, member(lately, found[i].member));
	json_key_string_opt(&w, "file", str_from(f->file));
	json_key_int(&w, "line", f->line);
	json_close_object(&w);
	buf_byte(&p->out, '\n');
}

static bool wants_json(const struct ctl_args *args)
{
	return args->json || args->output == CTL_JSON;
}

static void feed_row(struct printer *p, const struct conf_feed *f, const json_t *lately)
{
	enum print_style style = f->enabled ? PRINT_CYAN : PRINT_DIM;
	print_column(p, style, str_from(f->name), 32);
	print_fmt(p, " ");
	print_column(p, PRINT_PLAIN, str_from(f->language), 8);
	print_fmt(p, " ");
	print_text(p, str_from(f->url));
	for (size_t i = 0; i < ARRAY_LEN(found); i++) {
		struct str value = member(lately, found[i].member);
		if (value.n == 0 || !found[i].in_list)
			continue;
		print_fmt(p, "%s", found[i].in_list);
		print_text(p, value);
	}
	print_fmt(p, f->enabled ? "\n" : " (off)\n");
}

static int list(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	json_t *lately = lately_read(conf);
	for (size_t i = 0; i < conf->feed_count; i++)
		(wants_json(args) ? feed_json : feed_row)(
		    p, &conf->feeds[i], json_object_get(lately, conf->feeds[i].name));
	json_decref(lately);
	return EX_OK;
}

static void line(struct printer *p, const char *name, struct str value)
{
	if (value.n == 0)
		return;
	print_column(p, PRINT_BOLD, str_from(name), 10);
	print_fmt(p, " ");
	print_text(p, value);
	print_fmt(p, "\n");
}

static void feed_page(struct printer *p, const struct conf_feed *f, const json_t *lately)
{
	line(p, "name", str_from(f->name));
	line(p, "url", str_from(f->url));
	line(p, "title", str_from(f->title));
	line(p, "agency", str_from(f->agency));
	line(p, "country", str_from(f->country));
	line(p, "language", str_from(f->language));
	for (size_t i = 0; i < f->group_count; i++)
		line(p, "group", str_from(f->groups[i]));
	line(p, "enabled", f->enabled ? STR("yes") : STR("no"));
	print_column(p, PRINT_BOLD, STR("interval"), 10);
	print_fmt(
	    p, " %llds%s\n", (long long)(f->fetch->interval / 1000), f->fetch->adaptive ? ", adaptive" : "");
	for (size_t i = 0; i < ARRAY_LEN(found); i++)
		line(p, found[i].label, member(lately, found[i].member));
	print_column(p, PRINT_BOLD, STR("from"), 10);
	print_fmt(p, " ");
	print_text(p, str_from(f->file));
	print_fmt(p, ":%d\n", f->line);
}

static int show(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	if (args->operands.n < 2)
		return ctl_fail(EX_USAGE, "show which feed?");
	int code = EX_OK;
	json_t *lately = lately_read(conf);
	for (size_t i = 1; i < args->operands.n; i++) {
		const struct conf_feed *f = conf_feed_find(conf, str_from(args->operands.at[i]));
		const json_t *told = f ? json_object_get(lately, f->name) : NULL;
		if (f)
			(wants_json(args) ? feed_json : feed_page)(p, f, told);
		else
			code = ctl_fail(EX_NOINPUT, "no feed '%s'", args->operands.at[i]);
		if (told && !wants_json(args))
			feed_rhythm_print(p, told);
	}
	json_decref(lately);
	return code;
}

static int export(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	(void)args;
	p->data = true;
	conf_feeds_to_opml(conf, &p->out);
	return EX_OK;
}

static int import(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	struct buf opml;
	struct err e = { 0 };
	(void)conf;
	p->data = true;
	const char *name = args->operands.n > 1 ? args->operands.at[1] : "-";
	if (!input_read(name, OPML_MAX, &opml, &e))
		return ctl_fail_err(&e);
	bool good = conf_opml_to_feeds(buf_view(&opml), &p->out, &e);
	buf_fini(&opml);
	return good ? EX_OK : ctl_fail_err(&e);
}

static int discover(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	(void)conf;
	if (args->operands.n < 2)
		return ctl_fail(EX_USAGE, "discover the feeds of which page?");
	return discover_feeds(args, wants_json(args), p);
}

static const struct {
	const char *word;
	feeds_f *run;
	bool needs_conf;
	size_t operands_max; /* the word included */
} actions[] = {
	{ "list", list, true, 1 },
	{ "show", show, true, SIZE_MAX },
	{ "import", import, false, 2 },
	{ "export", export, true, 1 },
	{ "discover", discover, false, 2 },
	{ "add", feeds_add, false, 3 },
	{ "remove", feeds_remove, false, 2 },
	{ "enable", feeds_enable, false, 2 },
	{ "disable", feeds_disable, false, 2 },
	{ "poll-now", feeds_poll_now, true, 2 },
};
static const char *const words[] = { "list", "show", "import", "export", "discover", "add", "remove",
	"enable", "disable", "poll-now", NULL };

static int run_action(struct ctl_args *args, size_t action)
{
	struct conf *conf = NULL;
	struct printer p;
	int code = EX_OK;
	if (args->operands.n > actions[action].operands_max)
		return ctl_fail(
		    EX_USAGE, "'%.60s' is too much", args->operands.at[actions[action].operands_max]);
	if (actions[action].needs_conf && !(conf = setting_load(args, &code)))
		return code;
	print_init(&p, args);
	code = actions[action].run(args, conf, &p);
	conf_drop(&conf);
	return print_end(&p, code);
}

static int run_feeds(struct ctl_args *args)
{
	const char *word = args->operands.n > 0 ? args->operands.at[0] : "list";
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (strcmp(actions[i].word, word) == 0)
			return run_action(args, i);
	return ctl_fail(EX_USAGE, "feeds %.40s? It is one of those that --help lists", word);
}

static const struct ctl_option options[] = {
	CTL_OPT_JSON,
	CTL_OPT_CONFIG,
	CTL_OPT_COLOUR,
	{ 'o', "output", "FORMAT", "short or json", CTL_CHOICE, CTL_AT(output), ctl_page_names },
	{ 'l', "language", "TAG", "add: the language of the feed, as en or zh-Hant", CTL_TEXT,
	    CTL_AT(language), NULL },
	{ '\0', "reload", NULL, "after a change: let the daemon take it, and tell what it says", CTL_FLAG,
	    CTL_AT(reload), NULL },
	{ '\0', "allow-network", "NETWORK", "discover may ask this private network; may be repeated",
	    CTL_LIST, CTL_AT(networks), NULL },
};

const struct ctl_command cmd_feeds = {
	.name = "feeds",
	.operands =
	    "list | show NAME... | import FILE.opml | export | discover URL |\n"
	    "                        add NAME URL | remove NAME | enable NAME | disable NAME | poll-now NAME",
	.summary = "List and change the configured feeds; OPML; those of a page; poll one now",
	.description =
	    "show also tells how often the daemon asks a feed and why. import prints a file for "
	    "feeds.d; export prints OPML 2.0.\n"
	    "discover asks a page for its feeds, fetches and parses each that it names, and prints a "
	    "file for feeds.d. It\nobeys the bounds of the configuration when there is one; exit 1 when "
	    "there is no feed.\n"
	    "add writes feeds.d/gazettectl.yaml beside the configuration; remove, enable and disable edit "
	    "the entry where it\nstands and leave the rest of the file as it is. The result is read as a "
	    "whole before it takes the file's place:\nwith any error nothing is changed. Where somebody else "
	    "is editing for more than five seconds it is exit 75.\n"
	    "poll-now asks the daemon for a poll; where the publisher told it to wait, it waits, and the "
	    "request is refused.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.words = words,
	.operands_max = SIZE_MAX,
	.run = run_feeds,
};
