/* json_scan: one pass over a line, a block of a string at a time. Owns nothing. */
#include "daemon/base/json_scan.h"

#include "daemon/base/hash.h"
#include "daemon/base/json_run.h"
#include "daemon/base/utf8.h"

#define DIGITS_MAX 18 /* before the point: any number of them fits in 64 bits */

struct scan {
	const char *p, *end;
};

static bool take(struct scan *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* To the next quote, backslash or control, or the end. *high: were there bytes beyond ASCII? */
static void skip_run(struct scan *s, bool *high)
{
	s->p = json_run_skip(s->p, s->end, high);
}

/* Behind "\u". False: no four digits, or half of a pair. */
static bool take_unit(struct scan *s, uint32_t *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++) {
		int digit = s->p < s->end ? hex_value(*s->p++) : -1;

		if (digit < 0)
			return false;
		*unit = *unit << 4 | (uint32_t)digit;
	}
	return *unit < 0xd800 || *unit > 0xdfff;
}

static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";

/* Behind a backslash. */
static bool take_escape(struct scan *s, uint32_t *cp)
{
	const char *found;

	if (take(s, 'u'))
		return take_unit(s, cp);
	found = s->p < s->end && *s->p ? strchr(escapes, *s->p) : NULL;
	if (!found)
		return false;
	s->p++;
	*cp = (uint32_t)meanings[found - escapes];
	return true;
}

/* *plain: without escapes. */
static bool skip_string(struct scan *s, bool *plain)
{
	bool high = false;
	const char *from;
	uint32_t cp;

	*plain = true;
	if (!take(s, '"'))
		return false;
	for (from = s->p;;) {
		skip_run(s, &high);
		if (!take(s, '\\'))
			break;
		*plain = false;
		if (!take_escape(s, &cp))
			return false;
	}
	if (high) {
		struct str text = str_of(from, (size_t)(s->p - from));

		if (utf8_valid_prefix(text) != text.n)
			return false;
	}
	return take(s, '"');
}

static size_t skip_digits(struct scan *s)
{
	const char *from = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return (size_t)(s->p - from);
}

static bool skip_number(struct scan *s)
{
	size_t digits;

	take(s, '-');
	if (!take(s, '0')) {
		digits = skip_digits(s);
		if (digits == 0 || digits > DIGITS_MAX)
			return false;
	}
	return !take(s, '.') || skip_digits(s) > 0;
}

static bool skip_word(struct scan *s, struct str word)
{
	if (!str_starts(str_of(s->p, (size_t)(s->end - s->p)), word))
		return false;
	s->p += word.n;
	return true;
}

static bool skip_value(struct scan *s, unsigned depth);

static bool skip_array(struct scan *s, unsigned depth)
{
	if (take(s, ']'))
		return true;
	do {
		if (!skip_value(s, depth))
			return false;
	} while (take(s, ','));
	return take(s, ']');
}

static bool skip_object(struct scan *s, unsigned depth)
{
	bool plain;

	if (take(s, '}'))
		return true;
	do {
		if (!skip_string(s, &plain) || !plain || !take(s, ':') || !skip_value(s, depth))
			return false;
	} while (take(s, ','));
	return take(s, '}');
}

static bool skip_value(struct scan *s, unsigned depth)
{
	bool plain;

	if (s->p == s->end || depth == JSON_SCAN_DEPTH_MAX)
		return false;
	switch (*s->p) {
	case '"':
		return skip_string(s, &plain);
	case '{':
		s->p++;
		return skip_object(s, depth + 1);
	case '[':
		s->p++;
		return skip_array(s, depth + 1);
	case 't':
		return skip_word(s, STR("true"));
	case 'f':
		return skip_word(s, STR("false"));
	case 'n':
		return skip_word(s, STR("null"));
	default:
		return skip_number(s);
	}
}

static struct json_member *find(struct json_member *wanted, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(name, str_from(wanted[i].name)))
			return &wanted[i];
	return NULL;
}

/* Of a name that stands there twice the last one counts, as with jansson. */
static bool scan_member(struct scan *s, struct json_member *wanted, size_t count)
{
	const char *name = s->p + 1, *value;
	struct json_member *m;
	bool plain;

	if (!skip_string(s, &plain) || !plain)
		return false;
	m = find(wanted, count, str_of(name, (size_t)(s->p - name - 1)));
	if (!take(s, ':'))
		return false;
	value = s->p;
	if (!skip_value(s, 1))
		return false;
	if (m)
		m->value = str_of(value, (size_t)(s->p - value));
	return true;
}

bool json_scan(struct str line, struct json_member *wanted, size_t count)
{
	struct scan s = { line.p, line.p + line.n };

	for (size_t i = 0; i < count; i++)
		wanted[i].value = (struct str){ NULL, 0 };
	if (line.n == 0 || !take(&s, '{'))
		return false;
	if (take(&s, '}'))
		return s.p == s.end;
	do {
		if (!scan_member(&s, wanted, count))
			return false;
	} while (take(&s, ','));
	return take(&s, '}') && s.p == s.end;
}

bool json_scan_text(struct str value, struct buf *scratch, struct str *out)
{
	struct scan s = { value.p + 1, value.p + value.n - 1 };
	const char *from = s.p;
	bool high = false;

	if (value.n < 2 || value.p[0] != '"')
		return false;
	*out = str_of(s.p, value.n - 2);
	if (!memchr(s.p, '\\', out->n))
		return true;
	buf_reset(scratch);
	while (skip_run(&s, &high), s.p < s.end) {
		char bytes[4];
		uint32_t cp;

		buf_add(scratch, from, (size_t)(s.p - from));
		if (!take(&s, '\\') || !take_escape(&s, &cp))
			return false;
		buf_add(scratch, bytes, utf8_encode(cp, bytes));
		from = s.p;
	}
	buf_add(scratch, from, (size_t)(s.p - from));
	*out = buf_view(scratch);
	return !scratch->failed;
}
