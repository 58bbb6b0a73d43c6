/*
 * head: header lines -> values. A table of names says what is kept and what a repeated line means. Owns one buffer.
 * Hostile servers send a megabyte of one header, lines without end, or two lengths: each has its limit here.
 */
#include "daemon/net/head_priv.h"

#include "daemon/net/request.h"

enum repeat { REPEAT_FIRST, REPEAT_JOIN };

static const struct {
	struct str name;
	enum repeat repeat;
} known[HEAD_NAMES] = {
	[HEAD_AGE] = { { "age", 3 }, REPEAT_FIRST },
	[HEAD_CACHE_CONTROL] = { { "cache-control", 13 }, REPEAT_JOIN },
	[HEAD_CF_MITIGATED] = { { "cf-mitigated", 12 }, REPEAT_FIRST },
	[HEAD_CONTENT_ENCODING] = { { "content-encoding", 16 }, REPEAT_JOIN },
	[HEAD_CONTENT_LANGUAGE] = { { "content-language", 16 }, REPEAT_JOIN },
	[HEAD_CONTENT_LENGTH] = { { "content-length", 14 }, REPEAT_FIRST },
	[HEAD_CONTENT_LOCATION] = { { "content-location", 16 }, REPEAT_FIRST },
	[HEAD_CONTENT_TYPE] = { { "content-type", 12 }, REPEAT_FIRST },
	[HEAD_DATE] = { { "date", 4 }, REPEAT_FIRST },
	[HEAD_ETAG] = { { "etag", 4 }, REPEAT_FIRST },
	[HEAD_EXPIRES] = { { "expires", 7 }, REPEAT_FIRST },
	[HEAD_LAST_MODIFIED] = { { "last-modified", 13 }, REPEAT_FIRST },
	[HEAD_LINK] = { { "link", 4 }, REPEAT_JOIN },
	[HEAD_LOCATION] = { { "location", 8 }, REPEAT_FIRST },
	[HEAD_RETRY_AFTER] = { { "retry-after", 11 }, REPEAT_FIRST },
	[HEAD_WAF_ACTION] = { { "x-amzn-waf-action", 17 }, REPEAT_FIRST },
};

void head_init(struct head *h)
{
	*h = (struct head){ .last = HEAD_NAMES };
	buf_init(&h->text, HEAD_TEXT_MAX);
}

void head_fini(struct head *h)
{
	buf_fini(&h->text);
}

static void forget_values(struct head *h)
{
	buf_clear(&h->text);
	memset(h->value, 0, sizeof(h->value));
	h->last = HEAD_NAMES;
	h->has_length = false;
	h->length = 0;
}

void head_reset(struct head *h)
{
	if (h->text.failed)
		buf_fini(&h->text);
	forget_values(h);
	h->bytes = h->lines = 0;
	h->complete = false;
}

static enum head_name name_of(struct str name)
{
	unsigned i = 0;
	while (i < HEAD_NAMES && !str_eq_nocase(known[i].name, name))
		i++;
	return (enum head_name)i;
}

/* Writes first + between + second as the value; one that does not fit counts as absent from then on. */
static void put(struct head *h, enum head_name name, struct str between, struct str second)
{
	struct head_value first = h->value[name];
	size_t room = HEAD_TEXT_MAX - h->text.n;
	size_t n = first.n + between.n + second.n;
	h->value[name] = (struct head_value){ .present = true, .too_long = true };
	if (first.too_long || second.n > HEAD_VALUE_MAX || n > HEAD_VALUE_MAX || n > room)
		return;
	size_t at = h->text.n;
	char *to = buf_reserve(&h->text, n);
	if (!to)
		return;
	memmove(to, h->text.p + first.at, first.n);
	memcpy(to + first.n, between.p, between.n);
	if (second.n > 0)
		memcpy(to + first.n + between.n, second.p, second.n);
	buf_grown(&h->text, n);
	h->value[name] = (struct head_value){ (uint32_t)at, (uint32_t)n, true, false };
}

static bool take_length(struct head *h, struct str value, struct err *e)
{
	unsigned long long n;
	bool digits = value.n > 0;
	for (size_t i = 0; i < value.n; i++)
		digits = digits && value.p[i] >= '0' && value.p[i] <= '9';
	if (!digits)
		return err_set(e, ERR_HTTP, 0, "Content-Length is not a number");
	if (!str_to_u64(value, &n))
		return err_set(e, ERR_LIMIT, 0, "Content-Length is absurdly large");
	if (h->has_length && h->length != n)
		return err_set(
		    e, ERR_HTTP, 0, "two different Content-Length lines: where the answer ends is unknown");
	h->has_length = true;
	h->length = n;
	return true;
}

static void take_value(struct head *h, enum head_name name, struct str value)
{
	bool again = h->value[name].present;
	h->last = HEAD_NAMES;
	if (again && known[name].repeat == REPEAT_FIRST)
		return;
	put(h, name, again ? STR(", ") : STR(""), value);
	h->last = name;
}

/* A line that begins with white space goes on with the value before it (RFC 9112 section 5.2). What is around a value is no part of it. */
static void take_fold(struct head *h, struct str text)
{
	if (h->last != HEAD_NAMES && text.n > 0)
		put(h, h->last, h->value[h->last].n > 0 ? STR(" ") : STR(""), text);
}

static bool count_line(struct head *h, struct str line, struct err *e)
{
	if (h->lines == HEAD_LINES_MAX)
		return err_set(e, ERR_LIMIT, 0, "more than %u header lines", HEAD_LINES_MAX);
	if (line.n > HEAD_BYTES_MAX - h->bytes)
		return err_set(e, ERR_LIMIT, 0, "more than %u bytes of headers", HEAD_BYTES_MAX);
	h->lines++;
	h->bytes += (uint32_t)line.n;
	return true;
}

bool head_line(struct head *h, struct str line, struct err *e)
{
	if (!count_line(h, line, e))
		return false;
	if (h->complete || line.n == 0)
		return true;
	if (line.p[0] == ' ' || line.p[0] == '\t') {
		take_fold(h, str_trim(line));
		return !h->text.failed || err_nomem(e);
	}
	size_t colon = str_find_byte(line, ':', 0);
	enum head_name name = colon == SIZE_MAX ? HEAD_NAMES : name_of(str_of(line.p, colon));
	h->last = HEAD_NAMES;
	if (name == HEAD_NAMES)
		return true;
	struct str value = str_trim(str_skip(line, colon + 1));
	if (name == HEAD_CONTENT_LENGTH)
		return take_length(h, value, e);
	take_value(h, name, value);
	return !h->text.failed || err_nomem(e);
}

void head_end(struct head *h, int status)
{
	if (status / 100 == 1)
		forget_values(h);
	else
		h->complete = true;
}

struct str head_get(const struct head *h, enum head_name name)
{
	const struct head_value *v = &h->value[name];
	return v->present && v->n > 0 ? str_of(h->text.p + v->at, v->n) : str_from(NULL);
}

bool head_is_sendable(struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

bool head_is_too_long(const struct head *h, enum head_name name)
{
	return h->value[name].too_long;
}

struct str head_get_validator(const struct head *h, enum head_name name)
{
	struct str v = head_get(h, name);
	return v.n <= NET_VALIDATOR_MAX && head_is_sendable(v) ? v : str_from(NULL);
}
