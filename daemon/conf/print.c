/* print: the table as a commented default configuration, as a manual page, and a snapshot as YAML. */
#include "daemon/conf/print_priv.h"

#include "daemon/conf/units_priv.h"
#include "daemon/conf/value_priv.h"

#include <stdio.h>

#define COMMENT_WIDTH 100 /* columns of a comment, without its indentation */

/* Words of `text` in lines that begin with `lead`. */
static void wrap(struct str text, const char *lead, struct buf *out)
{
	while (text.n > 0) {
		size_t n = text.n;
		if (n > COMMENT_WIDTH) {
			n = COMMENT_WIDTH;
			while (n > 0 && text.p[n] != ' ')
				n--;
			if (n == 0)
				n = COMMENT_WIDTH;
		}
		buf_fmt(out, "%s%.*s\n", lead, (int)n, text.p);
		text = str_trim(str_skip(text, n));
	}
}

typedef void print_number_f(int64_t v, struct buf *out);

static void print_count(int64_t v, struct buf *out)
{
	buf_fmt(out, "%lld", (long long)v);
}

static void print_percent(int64_t v, struct buf *out)
{
	buf_fmt(out, "%lld%%", (long long)v);
}

static print_number_f *const numbers[CONF_TYPES] = {
	[CONF_COUNT] = print_count,
	[CONF_PERCENT] = print_percent,
	[CONF_DURATION] = conf_print_duration,
	[CONF_SIZE] = conf_print_size,
};

/* "duration, 1s to 7d, or 0": what may be written. */
static void print_what(const struct conf_key *k, struct buf *out)
{
	print_number_f *number = numbers[k->type];
	if (k->choices) {
		struct str rest = str_from(k->choices);
		bool list = k->type == CONF_CHOICES;
		buf_str(out, list ? STR("list of ") : STR(""));
		for (bool first = true; rest.p; first = false) {
			buf_str(out, first ? STR("") : list ? STR(", ") : STR(" or "));
			buf_str(out, str_cut(&rest, '|'));
		}
		return;
	}
	buf_str(out, str_from(conf_value_type(k->type)->name));
	if (!number)
		return;
	buf_str(out, STR(", "));
	number(k->min, out);
	buf_str(out, STR(" to "));
	number(k->max, out);
	if (k->zero)
		buf_str(out, STR(", or 0"));
}

void conf_print_note(const struct conf_key *k, struct buf *out)
{
	print_what(k, out);
	if (k->required)
		buf_str(out, STR("; required"));
	if (k->effect == CONF_AT_RESTART)
		buf_str(out, STR("; takes a restart"));
}

static void print_key_comment(const struct conf_key *k, const char *lead, struct buf *out)
{
	struct buf text;
	buf_init(&text, 4096);
	buf_str(&text, str_from(k->text));
	buf_str(&text, STR(" ("));
	conf_print_note(k, &text);
	buf_byte(&text, ')');
	wrap(buf_view(&text), lead, out);
	buf_fini(&text);
}

static bool is_plain_key(const struct conf_key *k)
{
	return k->type != CONF_SECTION && k->type != CONF_FEEDS && k->type != CONF_ALERTS &&
	       k->type != CONF_DEFAULTS;
}

static void print_entry_help(const struct conf_section *s, const char *indent, struct buf *out)
{
	char lead[16];
	size_t base;
	const struct conf_key *k;
	snprintf(lead, sizeof(lead), "%s#       ", indent);
	for (size_t i = 0; i < s->parts[0].count && (k = conf_key_at(s, i, &base)); i++) {
		buf_fmt(out, "%s#   %s:%s%s\n", indent, k->name, k->preset ? " " : "",
		    k->preset ? k->preset : "");
		print_key_comment(k, lead, out);
	}
}

/* Settings stand behind a # without a space, words behind one with a space: who takes the # away sets the default. */
static void print_section_default(const struct conf_section *s, struct buf *out)
{
	bool top = s->name[0] == '\0';
	size_t base;
	const struct conf_key *k;
	if (!top) {
		buf_byte(out, '\n');
		wrap(str_from(s->title), "# ", out);
		buf_fmt(out, "%s:\n", s->name);
	}
	for (size_t i = 0; (k = conf_key_at(s, i, &base)); i++) {
		if (!is_plain_key(k))
			continue;
		print_key_comment(k, top ? "# " : "  # ", out);
		if (k->section)
			print_entry_help(k->section, "  ", out);
		buf_fmt(out, "%s#%s:%s%s\n", top ? "" : "  ", k->name, k->preset ? " " : "",
		    k->preset ? k->preset : "");
	}
}

void conf_print_default(struct buf *out)
{
	wrap(STR("gazetted: the configuration with its defaults. A line that begins with # and a key can be "
	         "set by "
	         "taking the # away; gazetted -t checks the result, SIGHUP puts it in force."),
	    "# ", out);
	wrap(STR("Durations: 500ms, 90s, 5m, 2h, 1d, 1h30m. Sizes: 4096, 64KiB, 10GB. Paths are relative to "
	         "the file "
	         "that names them."),
	    "# ", out);
	buf_byte(out, '\n');
	for (const struct conf_section *const *s = conf_plain_sections; *s; s++)
		print_section_default(*s, out);
	buf_str(
	    out, STR("\n# Feeds stand in feeds_files, or here. A file with feeds may begin with the same "
	             "keys under\n"
	             "# `defaults:`, for all its feeds that do not say otherwise. The keys of a feed:\n"));
	print_entry_help(&conf_feed_section, "", out);
	wrap(STR("and every key of fetch."), "#   ", out);
	buf_str(out, STR("#feeds: []\n\n# Alerts stand in alerts_files, or here. The keys of an alert:\n"));
	print_entry_help(&conf_alert_section, "", out);
	buf_str(out, STR("#alerts: []\n"));
}

#define ROFF_WIDTH 72 /* columns of a line of mdoc source */

/* A sentence ends its line, so that mandoc spaces it; no other line begins with what roff takes for a request. */
static void print_roff(struct str text, struct buf *out)
{
	size_t column = 0;
	struct str rest = text;
	struct str word = str_cut(&rest, ' ');
	for (char last = '\n'; word.n > 0; word = str_cut(&rest, ' ')) {
		bool fresh = last == '.' || column + word.n > ROFF_WIDTH;
		if (column > 0)
			buf_byte(out, fresh ? '\n' : ' ');
		column = fresh ? 0 : column;
		if (column == 0 && (word.p[0] == '.' || word.p[0] == '\''))
			buf_str(out, STR("\\&"));
		for (size_t i = 0; i < word.n; i++)
			buf_str(out, word.p[i] == '\\'  ? STR("\\e")
			             : word.p[i] == '-' ? STR("\\-")
			                                : str_of(&word.p[i], 1));
		column += word.n + 1;
		last = word.p[word.n - 1];
	}
	buf_byte(out, '\n');
}

static void print_item(const struct conf_key *k, struct buf *out)
{
	struct buf note;
	buf_init(&note, 1024);
	buf_fmt(out, ".It Ic %s", k->name);
	if (k->preset && strcmp(k->preset, "[]") != 0)
		buf_fmt(out, " : \"%s\"", k->preset);
	buf_byte(out, '\n');
	print_roff(str_from(k->text), out);
	buf_byte(&note, '(');
	conf_print_note(k, &note);
	buf_byte(&note, ')');
	print_roff(buf_view(&note), out);
	buf_fini(&note);
}

static void print_list(const struct conf_section *s, bool first_part_only, struct buf *out)
{
	size_t base;
	const struct conf_key *k;
	buf_str(out, STR(".Bl -tag -width Ds\n"));
	for (size_t i = 0; (k = conf_key_at(s, i, &base)); i++)
		if (is_plain_key(k) && (!first_part_only || i < s->parts[0].count))
			print_item(k, out);
	buf_str(out, STR(".El\n"));
}

/* Lists of the section whose entries have keys. */
static void print_entries_below(const struct conf_section *s, struct buf *out)
{
	size_t base;
	const struct conf_key *k;
	for (size_t i = 0; (k = conf_key_at(s, i, &base)); i++) {
		if (!k->section || !is_plain_key(k))
			continue;
		buf_fmt(out, ".Ss %s\n", k->section->name);
		print_roff(str_from(k->section->title), out);
		print_list(k->section, false, out);
	}
}

void conf_print_mdoc(struct buf *out)
{
	for (const struct conf_section *const *s = conf_plain_sections; *s; s++) {
		buf_fmt(out, ".Ss %s\n", (*s)->name[0] ? (*s)->name : "Top of the file");
		print_roff(str_from((*s)->title), out);
		print_list(*s, false, out);
		print_entries_below(*s, out);
	}
	buf_str(out, STR(".Ss feeds\nA list; each entry has these keys, and those of\n.Ic fetch .\n"));
	print_list(&conf_feed_section, true, out);
	buf_str(out, STR(".Ss alerts\nA list; each entry has these keys.\n"));
	print_list(&conf_alert_section, false, out);
}

/* "key: value", unless there is nothing to say. */
static void print_setting(const struct conf_key *k, const void *base, const char *lead, struct buf *out)
{
	size_t before = out->n;
	conf_print_f *print = conf_value_type(k->type)->print;
	if (!print)
		return;
	buf_fmt(out, "%s%s: ", lead, k->name);
	size_t named = out->n;
	print(k, base, out);
	if (out->n > named)
		buf_byte(out, '\n');
	else
		out->n = before;
}

void conf_print_settings(
    const struct conf_section *s, const void *from, const char *first, const char *lead, struct buf *out)
{
	size_t base;
	const struct conf_key *k;
	for (size_t i = 0; (k = conf_key_at(s, i, &base)); i++)
		print_setting(k, (const char *)from + base, i == 0 ? first : lead, out);
}

void conf_print_feed(const struct conf_feed *f, const char *first, const char *lead, struct buf *out)
{
	struct conf_feed_draft draft = { .feed = *f, .fetch = *f->fetch };
	conf_print_settings(&conf_feed_section, &draft, first, lead, out);
}

void conf_print_alert(const struct conf_alert *a, struct buf *out)
{
	struct conf_alert_draft draft = { .alert = *a, .enabled = true };
	conf_print_settings(&conf_alert_section, &draft, "  - ", "    ", out);
}

void conf_print(const struct conf *c, struct buf *out)
{
	for (const struct conf_section *const *s = conf_plain_sections; *s; s++) {
		const char *lead = (*s)->name[0] ? "  " : "";
		if ((*s)->name[0])
			buf_fmt(out, "%s:\n", (*s)->name);
		conf_print_settings(*s, (const char *)c + (*s)->base, lead, lead, out);
		if ((*s)->name[0])
			continue;
		buf_str(out, STR("feeds_files: []\nalerts_files: []\nopml: []\ntopics_files:"));
		buf_str(out, c->topic_count == 0 ? STR(" []\n") : STR("\n"));
		for (size_t i = 0; i < c->topic_count; i++) {
			buf_str(out, STR("  - "));
			conf_quote(str_from(c->topics[i].file), out);
			buf_byte(out, '\n');
		}
	}
	buf_str(out, c->feed_count == 0 ? STR("feeds: []\n") : STR("feeds:\n"));
	for (size_t i = 0; i < c->feed_count; i++)
		conf_print_feed(&c->feeds[i], "  - ", "    ", out);
	buf_str(out, c->alert_count == 0 ? STR("alerts: []\n") : STR("alerts:\n"));
	for (size_t i = 0; i < c->alert_count; i++)
		conf_print_alert(&c->alerts[i], out);
}

#define SETTING_MAX (1u << 20) /* bytes of one printed setting */

void conf_needs_restart(const struct conf *old, const struct conf *new, struct buf *out)
{
	struct buf a;
	struct buf b;
	buf_init(&a, SETTING_MAX);
	buf_init(&b, SETTING_MAX);
	for (const struct conf_section *const *s = conf_plain_sections; *s; s++) {
		size_t base;
		const struct conf_key *k;
		for (size_t i = 0; (k = conf_key_at(*s, i, &base)); i++) {
			if (k->effect != CONF_AT_RESTART)
				continue;
			buf_clear(&a);
			buf_clear(&b);
			print_setting(k, (const char *)old + (*s)->base, "", &a);
			print_setting(k, (const char *)new + (*s)->base, "", &b);
			if (!str_eq(buf_view(&a), buf_view(&b)))
				buf_fmt(out, "%s%s%s", out->n > 0 ? ", " : "", (*s)->prefix, k->name);
		}
	}
	buf_fini(&a);
	buf_fini(&b);
}
