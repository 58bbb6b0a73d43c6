/* json: a writer that keeps a line a line. Copies runs of what needs no escape at once; knows no schema. */
#include "daemon/base/json.h"

#include "daemon/base/bytes8.h"
#include "daemon/base/utf8.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

void json_init(struct json *w, struct buf *out)
{
	w->out = out;
	w->depth = 0;
	w->comma[0] = false;
}

static void before_value(struct json *w)
{
	if (w->comma[w->depth])
		buf_byte(w->out, ',');
	w->comma[w->depth] = true;
}

static void open_with(struct json *w, char bracket)
{
	before_value(w);
	buf_byte(w->out, bracket);
	assert(w->depth + 1 < JSON_DEPTH_MAX);
	w->comma[++w->depth] = false;
}

static void close_with(struct json *w, char bracket)
{
	assert(w->depth > 0);
	w->depth--;
	buf_byte(w->out, bracket);
}

void json_open_object(struct json *w)
{
	open_with(w, '{');
}

void json_close_object(struct json *w)
{
	close_with(w, '}');
}

void json_open_array(struct json *w)
{
	open_with(w, '[');
}

void json_close_array(struct json *w)
{
	close_with(w, ']');
}

static uint64_t word_at(const void *p)
{
	uint64_t x;
	memcpy(&x, p, sizeof(x));
	return x;
}

/* Eight bytes at once: none is a control, a quote, a backslash, DEL or beyond ASCII. */
static bool plain_word(const char *p)
{
	uint64_t x = word_at(p);
	uint64_t quote = x ^ BYTES8_ONES * '"';
	uint64_t slash = x ^ BYTES8_ONES * '\\';
	uint64_t del = x ^ BYTES8_ONES * 0x7f;
	uint64_t bad = x | (x - BYTES8_ONES * 0x20) | (quote - BYTES8_ONES) | (slash - BYTES8_ONES) |
	               (del - BYTES8_ONES);
	return (bad & BYTES8_HIGHS) == 0;
}

/* A control of C1, a line separator, or one that turns the direction of what follows (on a terminal also of the rest of the line):
 * valid UTF-8, yet no text. The marks U+200E and U+200F move nothing but themselves. */
static bool is_special(uint32_t cp)
{
	return (cp >= 0x80 && cp < 0xa0) || (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

/* The first of three bytes whose second is not bounded further. E2 is left out for its line separators and overrides. */
static bool begins_three(unsigned char c)
{
	return c > 0xe2 && c < 0xf0 && c != 0xed;
}

/* Most of the world's letters, one behind the other: of three bytes or of two; where they stand together, two of the one and four of the other
 * (from U+0400 on) at once. */
static size_t letters_run(const unsigned char *p, size_t n)
{
	size_t i = 0;
	for (;;) {
		uint64_t x = n - i >= 8 ? word_at(p + i) : 0;
		if ((x & word_at("\xf0\xc0\xf0\xc0\xf0\xc0\xf0\xc0")) ==
		    word_at("\xd0\x80\xd0\x80\xd0\x80\xd0\x80"))
			i += 8;
		else if ((x & word_at("\xf0\xc0\xc0\xf0\xc0\xc0\0\0")) ==
		             word_at("\xe0\x80\x80\xe0\x80\x80\0\0") &&
		         begins_three(p[i]) && begins_three(p[i + 3]))
			i += 6;
		else if (n - i >= 3 && begins_three(p[i]) && (p[i + 1] & 0xc0) == 0x80 &&
		         (p[i + 2] & 0xc0) == 0x80)
			i += 3;
		else if (n - i >= 2 && p[i] > 0xc2 && p[i] < 0xe0 && (p[i + 1] & 0xc0) == 0x80)
			i += 2;
		else
			return i;
	}
}

/* Length of the scalar beyond ASCII at the start of s when it may be copied, else 0. */
static size_t plain_scalar(struct str s)
{
	uint32_t cp;
	size_t n = utf8_decode(s, &cp);
	return n == 1 || is_special(cp) ? 0 : n;
}

/* Bytes at the start of s that may be copied as they are. */
static size_t plain_run(struct str s)
{
	size_t i = 0;
	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];
		if (c >= 0x80) {
			size_t n = letters_run((const unsigned char *)s.p + i, s.n - i);
			if (n == 0)
				n = plain_scalar(str_skip(s, i));
			if (n == 0)
				return i;
			i += n;
			continue;
		}
		while (s.n - i >= 8 && plain_word(s.p + i))
			i += 8;
		while (i < s.n && (unsigned char)s.p[i] < 0x80) {
			c = (unsigned char)s.p[i];
			if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
				return i;
			i++;
		}
	}
	return i;
}

static void add_u16(struct buf *out, uint32_t cp)
{
	static const char digits[] = "0123456789abcdef";
	char text[6] = { '\\', 'u', digits[cp >> 12 & 15], digits[cp >> 8 & 15], digits[cp >> 4 & 15],
		digits[cp & 15] };
	buf_add(out, text, sizeof(text));
}

static const char short_escape[128] = {
	['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'
};

/* Writes what stands at the start of s in another way; returns how many bytes of s that were. */
static size_t add_escaped(struct buf *out, struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	if (c < 0x80) {
		if (short_escape[c])
			buf_add(out, (char[]){ '\\', short_escape[c] }, 2);
		else
			add_u16(out, c);
		return 1;
	}
	uint32_t cp;
	size_t n = utf8_decode(s, &cp);
	if (n > 1) {
		add_u16(out, cp);
		return n;
	}
	buf_str(out, STR("\xef\xbf\xbd"));
	return utf8_bad_length(s);
}

static void add_string(struct buf *out, struct str s)
{
	buf_byte(out, '"');
	while (s.n > 0) {
		size_t n = plain_run(s);
		buf_add(out, s.p, n);
		s = str_skip(s, n);
		if (s.n > 0)
			s = str_skip(s, add_escaped(out, s));
	}
	buf_byte(out, '"');
}

void json_key(struct json *w, const char *key)
{
	before_value(w);
	buf_byte(w->out, '"');
	buf_str(w->out, str_from(key));
	buf_add(w->out, "\":", 2);
	w->comma[w->depth] = false;
}

void json_key_str(struct json *w, struct str key)
{
	before_value(w);
	add_string(w->out, key);
	buf_byte(w->out, ':');
	w->comma[w->depth] = false;
}

void json_str(struct json *w, struct str s)
{
	before_value(w);
	add_string(w->out, s);
}

void json_int(struct json *w, int64_t v)
{
	before_value(w);
	if (v < 0)
		buf_byte(w->out, '-');
	buf_u64(w->out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void json_u64(struct json *w, uint64_t v)
{
	before_value(w);
	buf_u64(w->out, v);
}

void json_num(struct json *w, double v, int decimals)
{
	before_value(w);
	if (!isfinite(v)) {
		buf_str(w->out, STR("null"));
		return;
	}
	char text[352]; /* DBL_MAX has 309 digits before the point; decimals are cut below */
	int n = snprintf(text, sizeof(text), "%.*f", decimals < 0 ? 0 : decimals > 17 ? 17 : decimals, v);
	buf_add(w->out, text, (size_t)n);
}

void json_bool(struct json *w, bool v)
{
	before_value(w);
	buf_str(w->out, v ? STR("true") : STR("false"));
}

void json_none(struct json *w)
{
	before_value(w);
	buf_str(w->out, STR("null"));
}

void json_raw(struct json *w, struct str s)
{
	before_value(w);
	buf_str(w->out, s);
}

void json_key_string(struct json *w, const char *key, struct str s)
{
	json_key(w, key);
	json_str(w, s);
}

void json_key_string_opt(struct json *w, const char *key, struct str s)
{
	if (s.n > 0)
		json_key_string(w, key, s);
}

void json_key_int(struct json *w, const char *key, int64_t v)
{
	json_key(w, key);
	json_int(w, v);
}
