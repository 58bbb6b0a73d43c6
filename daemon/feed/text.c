/* text: small conversions of values: plain lines, base64, durations. */
#include "daemon/feed/text_priv.h"

#include "daemon/base/utf8.h"
#include "daemon/feed/html_text_priv.h"

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* How many bytes from p on, in blocks, hold no white space but single blanks. */
static size_t folded(const char *p, size_t n)
{
	size_t i = 0;
	for (; i + 17 <= n; i += 16) {
		bytes16 v, next;
		uint64_t halves[2];
		memcpy(&v, p + i, sizeof(v));
		memcpy(&next, p + i + 1, sizeof(next));
		v = (bytes16)((bytes16)(v - '\t') < 5) | ((bytes16)(v == ' ') & (bytes16)(next <= ' '));
		memcpy(halves, &v, sizeof(halves));
		if (halves[0] | halves[1])
			break;
	}
	return i;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* White space folded, nothing else. */
static void fold(struct str s, struct buf *out)
{
	s = str_trim(s);
	char *to = buf_reserve(out, s.n);
	size_t n = 0;
	if (!to)
		return;
	for (size_t i = 0; i < s.n;) {
		size_t same = is_space(s.p[i]) ? 0 : folded(s.p + i, s.n - i);
		memcpy(to + n, s.p + i, same);
		n += same;
		i += same;
		for (size_t stop = i + 16 < s.n ? i + 16 : s.n; i < stop; i++) {
			if (!is_space(s.p[i]))
				to[n++] = s.p[i];
			else if (!is_space(s.p[i - 1]))
				to[n++] = ' ';
		}
	}
	buf_grown(out, n);
}

void text_plain(struct str s, enum value_type type, struct buf *out)
{
	bool markup = s.n > 0 && (memchr(s.p, '<', s.n) || memchr(s.p, '&', s.n));
	if (type == VALUE_PLAIN || !markup)
		fold(s, out);
	else
		html_text(s, HTML_ONE_LINE | (type == VALUE_LOOSE ? HTML_KNOWN_TAGS : 0), out);
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool text_base64(struct str s, struct buf *out)
{
	size_t start = out->n;
	unsigned bits = 0, have = 0;
	for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
		if (s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r'))
			continue;
		int v = base64_value(s.p[i]);
		if (v < 0) {
			out->n = start;
			return false;
		}
		bits = (bits << 6 | (unsigned)v) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_byte(out, (char)(bits >> have & 0xff));
		}
	}
	struct str text = str_of(out->p ? out->p + start : "", out->n - start);
	if (!out->failed && utf8_valid_prefix(text) == text.n)
		return true;
	if (!out->failed)
		out->n = start;
	return false;
}

int64_t text_duration(struct str s)
{
	int64_t seconds = 0, part = -1;
	s = str_trim(s);
	if (s.n == 0 || s.n > 16)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			part = (part < 0 ? 0 : part) * 10 + (s.p[i] - '0');
		else if (s.p[i] == ':' && part >= 0 && part < 1000000) {
			seconds = (seconds + part) * 60;
			part = -1;
		} else if (s.p[i] == '.' && part >= 0) {
			break;
		} else {
			return -1;
		}
		if (part > 100000000)
			return -1;
	}
	return (seconds + (part < 0 ? 0 : part)) * 1000;
}

void text_to_html(struct str plain, struct buf *out)
{
	for (size_t i = 0; i < plain.n; i++) {
		char c = plain.p[i];
		if (c == '&')
			buf_str(out, STR("&amp;"));
		else if (c == '<')
			buf_str(out, STR("&lt;"));
		else if (c == '>')
			buf_str(out, STR("&gt;"));
		else
			buf_byte(out, c);
	}
}
