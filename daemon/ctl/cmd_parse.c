/* cmd_parse: a feed file -> one JSON Feed 1.1 document, by the very parser of the daemon. Also as a line protocol, for test drivers. */
#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/input.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/print.h"
#include "daemon/feed/jsonfeed.h"

#include <stdio.h>
#include <sysexits.h>

#define FEED_FILE_MAX                                                                                        \
	((size_t)1                                                                                           \
	    << 30) /* bytes; the daemon's own limit is far lower, but this is for looking at odd files */

/* Header fields that say how to read a body. */
static const struct {
	const char *name;
	size_t offset;
} known_headers[] = {
	{ "Content-Type", offsetof(struct feed_input, content_type) },
	{ "Content-Location", offsetof(struct feed_input, content_location) },
	{ "Content-Language", offsetof(struct feed_input, content_language) },
};

static void take_header(struct feed_input *in, struct str name, struct str value)
{
	for (size_t i = 0; i < ARRAY_LEN(known_headers); i++)
		if (str_eq_nocase(str_trim(name), str_from(known_headers[i].name)))
			*(struct str *)(void *)((char *)in + known_headers[i].offset) = str_trim(value);
}

static bool convert_file(const char *path, struct feed_input *in, struct buf *out, struct err *e)
{
	struct buf body;
	if (!input_read(path, FEED_FILE_MAX, &body, e))
		return false;
	in->body = buf_view(&body);
	bool good = jsonfeed_convert(in, out, e);
	in->body = (struct str){ NULL, 0 };
	buf_fini(&body);
	return good;
}

struct stream {
	struct printer *p;
	bool shut; /* stdout takes no more: told already */
};

static bool print_part(void *ctx, struct str part)
{
	struct stream *s = ctx;
	buf_str(&s->p->out, part);
	s->shut = !print_flush(s->p);
	return !s->shut;
}

/* The exit code. */
static int print_file(const char *path, struct feed_input *in, struct printer *p)
{
	struct stream s = { .p = p };
	struct buf body;
	struct err e = { 0 };
	if (!input_read(path, FEED_FILE_MAX, &body, &e))
		return ctl_fail_err(&e);
	in->body = buf_view(&body);
	bool good = jsonfeed_stream(in, print_part, &s, &e);
	buf_fini(&body);
	if (good)
		buf_byte(&p->out, '\n');
	return good ? EX_OK : s.shut ? EX_IOERR : ctl_fail_err(&e);
}

/* {"path":…,"base_url":…,"headers":[[name,value],…]} */
static bool answer_request(const json_t *request, struct buf *out, struct err *e)
{
	struct feed_input in = { .base_url = member(request, "base_url") };
	const char *path = json_string_value(json_object_get(request, "path"));
	const json_t *headers = json_object_get(request, "headers");
	if (!path)
		return err_set(e, ERR_PARSE, 0, "a request is {\"path\":…}");
	for (size_t i = 0; i < json_array_size(headers); i++) {
		const json_t *pair = json_array_get(headers, i);
		take_header(
		    &in, member_string(json_array_get(pair, 0)), member_string(json_array_get(pair, 1)));
	}
	return convert_file(path, &in, out, e);
}

static void answer_line(struct str line, struct printer *p)
{
	struct err e = { 0 };
	json_t *request = json_loadb(line.p, line.n, 0, NULL);
	size_t start = p->out.n;
	buf_str(&p->out, STR("{\"rc\":0,\"feed\":"));
	if (answer_request(request, &p->out, &e)) {
		buf_str(&p->out, STR("}\n"));
	} else {
		struct json w;
		p->out.n = p->out.failed ? 0 : start;
		json_init(&w, &p->out);
		json_open_object(&w);
		json_key_int(&w, "rc", 1);
		json_key_string(&w, "error", str_from(e.text));
		json_close_object(&w);
		buf_byte(&p->out, '\n');
	}
	json_decref(request);
}

static int serve(struct printer *p)
{
	struct input in;
	struct str line;
	struct err e = { 0 };
	if (!input_open("-", &in, &e))
		return ctl_fail_err(&e);
	while (input_line(&in, &line, &e)) {
		answer_line(line, p);
		if (!print_flush(p))
			break;
	}
	input_close(&in);
	return e.kind == ERR_NONE ? EX_OK : ctl_fail_err(&e);
}

/* "+08:00" or "Z", as the key of the configuration. */
static bool take_zone(const char *zone, int *minutes)
{
	static const char noon[] = "2000-01-01T12:00:00";
	char text[sizeof(noon) + 8];
	int64_t there, utc;
	size_t n = zone ? strlen(zone) : 0;
	if (!zone)
		return true;
	if ((n != 1 && n != 6) || !date_parse_rfc3339(STR("2000-01-01T12:00:00Z"), &utc))
		return false;
	snprintf(text, sizeof(text), "%s%s", noon, zone);
	if (!date_parse_rfc3339(str_from(text), &there))
		return false;
	*minutes = (int)((utc - there) / 60000);
	return true;
}

static int run_parse(struct ctl_args *args)
{
	struct feed_input in = { .base_url = str_from(args->base_url) };
	struct printer p;
	if (!take_zone(args->assume_zone, &in.assume_minutes))
		return ctl_fail(EX_USAGE, "'%s' is no offset from UTC such as +08:00", args->assume_zone);
	feed_init();
	for (size_t i = 0; i < args->headers.n; i++) {
		struct str value = str_from(args->headers.at[i]);
		struct str name = str_cut(&value, ':');
		take_header(&in, name, value);
	}
	print_init(&p, args);
	p.data = true;
	if (args->serve)
		return print_end(&p, serve(&p));
	if (args->operands.n == 0) {
		buf_fini(&p.out);
		return ctl_fail(EX_USAGE, "which file? ('-' is standard input)");
	}
	return print_end(&p, print_file(args->operands.at[0], &in, &p));
}

static const struct ctl_option options[] = {
	{ 'b', "base-url", "URL", "address that it was read from, for relative links", CTL_TEXT,
	    CTL_AT(base_url), NULL },
	{ 'H', "http-header", "'NAME: VALUE'", "header of the answer (Content-Type, …); may be repeated",
	    CTL_LIST, CTL_AT(headers), NULL },
	{ 'z', "assume-zone", "OFFSET", "of dates that name none, as +08:00; the key assume_zone of a feed",
	    CTL_TEXT, CTL_AT(assume_zone), NULL },
	{ '\0', "serve", NULL, "read requests {\"path\",\"base_url\",\"headers\"}, a line each", CTL_FLAG,
	    CTL_AT(serve), NULL },
};

const struct ctl_command cmd_parse = {
	.name = "parse",
	.operands = "FILE|-",
	.summary = "Turn a feed into a JSON Feed 1.1 document",
	.description = "Reads RSS, Atom, RDF, JSON Feed and sitemaps as the daemon does. The member "
	               "_gazetted tells the format and what had to be\n"
	               "repaired. What is no feed is refused with exit 65.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.operands_min = 0,
	.operands_max = 1,
	.run = run_parse,
};
