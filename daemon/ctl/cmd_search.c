/* cmd_search: records whose title, summary or text holds a pattern, in any case of any script. */
#include "daemon/base/fs.h"
#include "daemon/base/json_scan.h"
#include "daemon/base/utf8.h"
#include "daemon/ctl/filter.h"
#include "daemon/ctl/intact.h"
#include "daemon/ctl/progress.h"
#include "daemon/ctl/regex_bound.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/show.h"
#include "daemon/ctl/store_walk.h"
#include "daemon/store/reader.h"

#include <regex.h>
#include <stdlib.h>
#include <sysexits.h>
#include <wctype.h>

#define FLUSH_AT (64u << 10) /* bytes gathered for stdout */
#define FOLDED_MAX ((size_t)16 << 20) /* bytes of one folded text; a record is smaller */

struct search {
	struct ctl_args *args;
	struct printer out;
	struct show show;
	struct buf pattern; /* folded */
	struct buf text; /* of the record at hand, folded */
	struct buf plain; /* of a member at hand, without its escapes */
	bool plain_ascii; /* the pattern stands in a line's JSON just as in its text */
	struct str
	    first[2]; /* a pattern of another script: its first letter, small and capital; else absent */
	char letters[8];
	bool line_is_all; /* nothing is asked of a record but the pattern, and its line is what is printed */
	bool everything; /* no pattern: what the options ask for */
	bool has_regex;
	regex_t regex;
	uint64_t found, looked_at;
	unsigned damages; /* stretches that could not be read */
	struct progress progress; /* none while what is found goes to a terminal itself */
};

static const char *const searched[] = { "title", "summary", "content_text" };

/* Lower case, scalar by scalar. */
static void fold(struct str s, struct buf *out)
{
	buf_clear(out);
	while (s.n > 0) {
		uint32_t cp;
		char bytes[4];
		s = str_skip(s, utf8_decode(s, &cp));
		if (cp < 0x80) {
			buf_byte(out, cp >= 'A' && cp <= 'Z' ? (char)(cp | 0x20) : (char)cp);
			continue;
		}
		buf_add(out, bytes, utf8_encode((uint32_t)towlower((wint_t)cp), bytes));
	}
}

static bool is_plain_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] == '"' || s.p[i] == '\\' || s.p[i] == 0x7f)
			return false;
	return true;
}

/* Every line that holds the pattern holds one of these. */
static void take_first_letter(struct search *s)
{
	uint32_t cp;
	if (s->pattern.n == 0 || (unsigned char)s->pattern.p[0] < 0x80)
		return;
	utf8_decode(buf_view(&s->pattern), &cp);
	if (cp < 0xa0 || (cp >= 0x2000 && cp <= 0x206f)) /* may stand escaped in the line */
		return;
	s->first[0] = str_of(s->letters, utf8_encode(cp, s->letters));
	s->first[1] = str_of(s->letters + 4, utf8_encode((uint32_t)towupper((wint_t)cp), s->letters + 4));
}

/* False: the line surely does not hold the pattern. Most are passed over so, without reading their JSON. */
static bool may_hold(const struct search *s, struct str line)
{
	if (s->plain_ascii)
		return str_find_nocase(line, buf_view(&s->pattern), 0) != SIZE_MAX;
	if (s->first[0].n > 0)
		return str_find(line, s->first[0], 0) != SIZE_MAX ||
		       str_find(line, s->first[1], 0) != SIZE_MAX;
	return true;
}

static bool prepare(struct search *s, const char *pattern, struct err *e)
{
	char why[120];
	buf_init(&s->pattern, FOLDED_MAX);
	buf_init(&s->text, FOLDED_MAX);
	buf_init(&s->plain, FOLDED_MAX);
	if (!s->args->regex) {
		fold(str_from(pattern), &s->pattern);
		s->plain_ascii = is_plain_ascii(buf_view(&s->pattern));
		take_first_letter(s);
		return !s->pattern.failed || err_nomem(e);
	}
	int rc = regcomp(&s->regex, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB);
	if (rc == 0)
		return s->has_regex = true;
	regerror(rc, &s->regex, why, sizeof(why));
	return err_set(e, ERR_PARSE, 0, "'%.60s': %s", pattern, why);
}

static bool text_holds(struct search *s, struct str whole)
{
	if (s->plain_ascii)
		return str_find_nocase(whole, buf_view(&s->pattern), 0) != SIZE_MAX;
	fold(whole, &s->text);
	return str_find(buf_view(&s->text), buf_view(&s->pattern), 0) != SIZE_MAX;
}

static bool holds(struct search *s, const json_t *text)
{
	if (!json_is_string(text))
		return false;
	if (s->has_regex)
		return regexec(&s->regex, json_string_value(text), 0, NULL, 0) == 0;
	return text_holds(s, str_of(json_string_value(text), json_string_length(text)));
}

static bool record_holds(struct search *s, const json_t *record)
{
	if (s->everything)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(searched); i++)
		if (holds(s, json_object_get(record, searched[i])))
			return true;
	return false;
}

enum glance { GLANCE_NO, GLANCE_YES, GLANCE_UNSURE };

/* Without reading all of its JSON: do the texts hold the pattern? */
static enum glance glance_at(struct search *s, struct str line)
{
	struct json_member members[ARRAY_LEN(searched)];
	struct str text;
	if (s->everything || s->has_regex)
		return GLANCE_UNSURE;
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		members[i].name = searched[i];
	if (!json_scan(line, members, ARRAY_LEN(members)))
		return GLANCE_UNSURE;
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (members[i].value.p && json_scan_text(members[i].value, &s->plain, &text) &&
		    text_holds(s, text))
			return GLANCE_YES;
	return s->plain.failed || s->text.failed ? GLANCE_UNSURE : GLANCE_NO;
}

/* False: stdout takes no more. */
static bool look_at(struct search *s, const struct reader_line *from)
{
	struct str line = from->text;

	if (!filter_may_take(s->args, line) || !may_hold(s, line))
		return true;
	enum glance glance = glance_at(s, line);
	if (glance == GLANCE_NO)
		return true;
	if (glance == GLANCE_YES && s->line_is_all) {
		s->found++;
		print_json_line(&s->out, line);
		return s->out.out.n < FLUSH_AT || print_flush(&s->out);
	}
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	if (record && filter_takes(s->args, record) && record_holds(s, record)) {
		s->found++;
		show_entry(&s->show, line, record);
	}
	if (!record)
		(void)intact(from->file, from->number, line, &s->damages);
	json_decref(record);
	return s->out.out.n < FLUSH_AT || print_flush(&s->out);
}

static bool walk(struct search *s, struct reader *r, struct err *e)
{
	struct reader_line line;
	enum reader_result got;
	if (s->args->since != INT64_MIN && !reader_seek_time(r, s->args->since, e))
		return false;
	if (!s->out.terminal)
		progress_begin(&s->progress, "searching", "lines");
	while ((got = reader_next_whole(r, &line, ctl_tell_damage, &s->damages, e)) == READER_LINE) {
		progress_tell(&s->progress, ++s->looked_at, 0);
		if (!look_at(s, &line))
			return err_set(e, ERR_IO, 0, "stopped");
	}
	progress_end(&s->progress);
	return got == READER_END;
}

static int run_search(struct ctl_args *args)
{
	const char *pattern = args->operands.n ? args->operands.at[0] : "";
	struct search s = { .args = args, .everything = args->operands.n == 0 };
	if (args->json)
		args->output = CTL_JSON;
	struct reader *reader = NULL;
	struct err e = { 0 };
	int code = EX_OK;
	if (s.everything && (filter_is_open(args) || args->regex))
		return ctl_fail(EX_USAGE,
		    "what for? a PATTERN, or options that choose (--key, --case, --kind, --feed, ...)");
	if (args->regex && !regex_is_bounded(str_from(pattern), &e))
		return ctl_fail(EX_USAGE, "%s", e.text);
	const char *directory = setting_directory(args, &code);
	if (!directory || !store_known(args, directory, args->store ? args->store : "items", &code))
		return code;
	s.line_is_all = filter_is_open(args) && args->output == CTL_JSON;
	print_init(&s.out, args);
	if (!show_begin(&s.show, &s.out, args, args->store ? args->store : "items", &code))
		return print_end(&s.out, code);
	code = EX_OK;
	if (!prepare(&s, pattern, &e) ||
	    !reader_open(&fs_system, directory, args->store ? args->store : "items", &reader, &e) ||
	    !walk(&s, reader, &e))
		code = ctl_fail_err(&e);
	else if (s.damages > 0)
		code = EX_DATAERR;
	else if (s.found == 0)
		code = 1;
	reader_close(&reader);
	if (s.has_regex)
		regfree(&s.regex);
	buf_fini(&s.pattern);
	buf_fini(&s.text);
	buf_fini(&s.plain);
	return print_end(&s.out, code);
}

static const struct ctl_option options[] = {
	{ 'E', "regex", NULL, "PATTERN is an extended regular expression", CTL_FLAG, CTL_AT(regex), NULL },
	{ 's', "store", "NAME", "items (default) or a topic", CTL_TEXT, CTL_AT(store), NULL },
	CTL_OPT_OUTPUT,
	CTL_OPT_JSON,
	FILTER_OPTIONS,
	CTL_OPT_CONFIG,
	CTL_OPT_DIRECTORY,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_search = {
	.name = "search",
	.operands = "[PATTERN]",
	.summary = "Find records by words in title, summary or text",
	.description = "Upper and lower case are one, in every script. All files of the store are read, "
	               "compressed ones too. Exit 1 when nothing\n"
	               "was found. Without PATTERN: every record that the options choose; --key KEY shows "
	               "what became of "
	               "an item,\n--case KEY where else it was. What is damaged is named and passed over; "
	               "exit 65 then.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.operands_min = 0,
	.operands_max = 1,
	.run = run_search,
};
