/* form: percent-encoding, blanks as '+'. */
#include "daemon/base/form.h"

#include "daemon/base/hash.h"

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_' || c == '.' || c == '~';
}

void form_encode(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (is_plain(s.p[i]))
			buf_byte(out, s.p[i]);
		else
			buf_fmt(out, "%%%02X", (unsigned)(unsigned char)s.p[i]);
	}
}

void form_add(struct buf *out, const char *name, struct str value)
{
	if (out->n > 0)
		buf_byte(out, '&');
	form_encode(str_from(name), out);
	buf_byte(out, '=');
	form_encode(value, out);
}

static void decode(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		int high = s.p[i] == '%' && i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
		int low = high >= 0 ? hex_value(s.p[i + 2]) : -1;
		if (low >= 0) {
			buf_byte(out, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_byte(out, s.p[i] == '+' ? ' ' : s.p[i]);
		}
	}
}

static bool is_name(struct str encoded, const char *name)
{
	struct buf b;
	buf_init(&b, 256);
	decode(encoded, &b);
	bool same = !b.failed && str_eq(buf_view(&b), str_from(name));
	buf_fini(&b);
	return same;
}

bool form_get(struct str form, const char *name, struct buf *out)
{
	while (form.p) {
		struct str value = str_cut(&form, '&');
		if (!is_name(str_cut(&value, '='), name))
			continue;
		decode(value, out);
		return true;
	}
	return false;
}
