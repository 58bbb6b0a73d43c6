/* value_print: the other half of a type: a field as YAML. Prints nothing for a field that is not set. */
#include "daemon/conf/value_priv.h"

#include "daemon/base/utf8.h"
#include "daemon/conf/units_priv.h"

#include <arpa/inet.h>

static const void *field_at(const struct conf_key *k, const void *base)
{
	return (const char *)base + k->offset;
}

static int64_t get_int(const struct conf_key *k, const void *base)
{
	int64_t v;
	int narrow;
	bool flag;
	if (k->size == sizeof(v)) {
		memcpy(&v, field_at(k, base), sizeof(v));
		return v;
	}
	if (k->size == sizeof(narrow)) {
		memcpy(&narrow, field_at(k, base), sizeof(narrow));
		return narrow;
	}
	memcpy(&flag, field_at(k, base), sizeof(flag));
	return flag;
}

static const char *get_text(const struct conf_key *k, const void *base)
{
	const char *text;
	memcpy(&text, field_at(k, base), sizeof(text));
	return text;
}

/* Safe without quotes in both kinds of YAML, and not read as null. */
static bool is_plain(struct str text)
{
	if (text.n == 0 || str_eq(text, STR("null")))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool word = conf_is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '/' || c == '.';
		bool inner = c == '-' || c == '+' || (c == ':' && i + 1 < text.n);
		if (!word && !(i > 0 && inner))
			return false;
	}
	return true;
}

/* What a YAML reader refuses or drops, and what it takes for the end of a line, also of a comment: U+0085, U+2028, U+2029. */
static bool must_escape(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029 || cp == 0xfeff ||
	       cp == 0xfffe || cp == 0xffff;
}

void conf_quote(struct str text, struct buf *out)
{
	if (is_plain(text)) {
		buf_str(out, text);
		return;
	}
	buf_byte(out, '"');
	for (size_t i = 0, n; i < text.n; i += n) {
		uint32_t cp;
		n = utf8_decode(str_skip(text, i), &cp);
		if (cp == '"' || cp == '\\')
			buf_byte(out, '\\');
		if (must_escape(cp))
			buf_fmt(out, cp < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)cp);
		else
			buf_add(out, text.p + i, n);
	}
	buf_byte(out, '"');
}

void conf_print_bool(const struct conf_key *k, const void *base, struct buf *out)
{
	buf_str(out, get_int(k, base) ? STR("true") : STR("false"));
}

void conf_print_integer(const struct conf_key *k, const void *base, struct buf *out)
{
	buf_fmt(out, "%lld", (long long)get_int(k, base));
}

void conf_print_duration_value(const struct conf_key *k, const void *base, struct buf *out)
{
	conf_print_duration(get_int(k, base), out);
}

void conf_print_size_value(const struct conf_key *k, const void *base, struct buf *out)
{
	conf_print_size(get_int(k, base), out);
}

void conf_print_mode(const struct conf_key *k, const void *base, struct buf *out)
{
	buf_fmt(out, "0%03o", (unsigned)get_int(k, base));
}

void conf_print_zone(const struct conf_key *k, const void *base, struct buf *out)
{
	int64_t east = get_int(k, base);
	int away = (int)(east < 0 ? -east : east);
	buf_fmt(out, "\"%c%02d:%02d\"", east < 0 ? '-' : '+', away / 60, away % 60);
}

void conf_print_score(const struct conf_key *k, const void *base, struct buf *out)
{
	double score;
	memcpy(&score, field_at(k, base), sizeof(score));
	buf_fmt(out, "%.*f", CONF_SCORE_DIGITS, score);
}

void conf_print_choice(const struct conf_key *k, const void *base, struct buf *out)
{
	struct str rest = str_from(k->choices);
	struct str choice = str_cut(&rest, '|');
	for (int64_t i = get_int(k, base); i > 0 && rest.p; i--)
		choice = str_cut(&rest, '|');
	buf_str(out, choice);
}

void conf_print_text(const struct conf_key *k, const void *base, struct buf *out)
{
	const char *text = get_text(k, base);
	if (text)
		conf_quote(str_from(text), out);
}

void conf_print_texts(const struct conf_key *k, const void *base, struct buf *out)
{
	const char *const *texts;
	size_t count;
	memcpy(&texts, (const char *)base + k->offset, sizeof(texts));
	memcpy(&count, (const char *)base + k->count_offset, sizeof(count));
	buf_byte(out, '[');
	for (size_t i = 0; i < count; i++) {
		buf_str(out, i > 0 ? STR(", ") : STR(""));
		conf_quote(str_from(texts[i]), out);
	}
	buf_byte(out, ']');
}

void conf_print_exec(const struct conf_key *k, const void *base, struct buf *out)
{
	const char *const *words;
	memcpy(&words, (const char *)base + k->offset, sizeof(words));
	buf_byte(out, '[');
	for (size_t i = 0; words && words[i]; i++) {
		buf_str(out, i > 0 ? STR(", ") : STR(""));
		conf_quote(str_from(words[i]), out);
	}
	buf_byte(out, ']');
}

#define MAPPED_BITS 96 /* bits of ::ffff:0:0 before an IPv4 address */

static void print_network(const struct network *n, struct buf *out)
{
	char text[INET6_ADDRSTRLEN] = "";
	bool four = IN6_IS_ADDR_V4MAPPED(&n->address) && n->prefix >= MAPPED_BITS;
	if (four)
		inet_ntop(AF_INET, &n->address.s6_addr[12], text, sizeof(text));
	else
		inet_ntop(AF_INET6, &n->address, text, sizeof(text));
	buf_fmt(out, "\"%s/%u\"", text, four ? n->prefix - MAPPED_BITS : n->prefix);
}

void conf_print_networks(const struct conf_key *k, const void *base, struct buf *out)
{
	const struct network *networks;
	size_t count;
	memcpy(&networks, (const char *)base + k->offset, sizeof(void *));
	memcpy(&count, (const char *)base + k->count_offset, sizeof(count));
	buf_byte(out, '[');
	for (size_t i = 0; i < count; i++) {
		buf_str(out, i > 0 ? STR(", ") : STR(""));
		print_network(&networks[i], out);
	}
	buf_byte(out, ']');
}
