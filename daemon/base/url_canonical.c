/* url_canonical: the key under which two links are one. Never a URL to fetch. */
#include "daemon/base/url.h"

#include "daemon/base/attr.h"
#include "daemon/base/hash.h"

/* Names of query parameters that say how a reader came, not what is read. A '*' at the end stands for any rest. */
static const char *const dropped_parameters[] = {
	"utm_*",
	"mtm_*",
	"pk_campaign",
	"pk_kwd",
	"pk_source",
	"pk_medium",
	"at_medium",
	"at_campaign",
	"at_custom*",
	"fbclid",
	"gclid",
	"gclsrc",
	"dclid",
	"gbraid",
	"wbraid",
	"msclkid",
	"yclid",
	"twclid",
	"ttclid",
	"li_fat_id",
	"igshid",
	"igsh",
	"mc_cid",
	"mc_eid",
	"mkt_tok",
	"_ga",
	"_gl",
	"_hsenc",
	"_hsmi",
	"__hssc",
	"__hstc",
	"__hsfp",
	"hsctatracking",
	"vero_id",
	"vero_conv",
	"oly_anon_id",
	"oly_enc_id",
	"rb_clickid",
	"s_cid",
	"wickedid",
	"wt.mc_id",
	"wt_mc",
	"wt_zmc",
	"ns_campaign",
	"ns_mchannel",
	"ns_source",
	"ns_linkname",
	"ncid",
	"xtor",
	"ocid",
	"cmpid",
	"_openstat",
	"spm",
	"ref_src",
	"ref_url",
	"guccounter",
	"guce_referrer",
	"guce_referrer_sig",
	"phpsessid",
	"jsessionid",
	"aspsessionid*",
	"sessionid",
	"session_id",
	"cfid",
	"cftoken",
};

static bool is_dropped(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(dropped_parameters); i++) {
		struct str pattern = str_from(dropped_parameters[i]);
		if (pattern.p[pattern.n - 1] != '*'
		        ? str_eq_nocase(name, pattern)
		        : str_starts_nocase(name, (struct str){ pattern.p, pattern.n - 1 }))
			return true;
	}
	return false;
}

static bool is_unreserved(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("-._~", c));
}

static void add_percent(struct buf *out, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";
	buf_add(out, (char[]){ '%', digits[c >> 4], digits[c & 15] }, 3);
}

static bool must_be_escaped(unsigned char c)
{
	switch (c) {
	case '%':
	case '"':
	case '<':
	case '>':
	case '\\':
	case '^':
	case '`':
	case '{':
	case '|':
	case '}':
		return true;
	default:
		return c <= ' ' || c >= 0x7f;
	}
}

/* Bytes at the start of s that stay as they are. */
static size_t plain_run(struct str s)
{
	size_t n = 0;
	while (n < s.n && !must_be_escaped((unsigned char)s.p[n]))
		n++;
	return n;
}

/* Escapes of unreserved bytes are undone, others get upper-case digits; raw bytes that must be escaped are, and so is a percent sign that
 * begins no escape: it could become one when the bytes behind it are unescaped. */
static void add_normalised(struct buf *out, struct str s)
{
	while (s.n > 0) {
		size_t run = plain_run(s);
		buf_add(out, s.p, run);
		s = str_skip(s, run);
		if (s.n == 0)
			return;
		unsigned char c = (unsigned char)s.p[0];
		int high = c == '%' && s.n > 2 ? hex_value(s.p[1]) : -1;
		int low = high >= 0 ? hex_value(s.p[2]) : -1;
		if (low >= 0)
			c = (unsigned char)(high << 4 | low);
		if (low >= 0 && is_unreserved(c))
			buf_byte(out, (char)c);
		else
			add_percent(out, c);
		s = str_skip(s, low >= 0 ? 3 : 1);
	}
}

/* Judged as it will be written, so that the canonical form of a canonical form is the same. */
static void add_query(struct buf *out, struct str query)
{
	char mark = '?';
	while (query.p && !out->failed) {
		struct str pair = str_cut(&query, '&');
		size_t before = out->n;
		buf_byte(out, mark);
		while (str_starts(pair, STR("amp;"))) /* markup that was escaped once too often */
			pair = str_skip(pair, 4);
		add_normalised(out, pair);
		struct str written = str_skip(buf_view(out), before + 1);
		if (written.n > 0 && !is_dropped(str_cut(&written, '=')))
			mark = '&';
		else if (!out->failed)
			out->n = before;
	}
}

/* ";jsessionid=…" at the end of a path. */
static struct str without_session(struct str path)
{
	size_t at = str_find_nocase(path, STR(";jsessionid="), 0);
	if (at == SIZE_MAX)
		return path;
	size_t slash = str_find_byte(path, '/', at);
	return slash == SIZE_MAX ? (struct str){ path.p, at } : path;
}

static void add_host(struct buf *out, const struct url *u)
{
	struct str host = u->host;
	while (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	if (u->host_is_ipv6)
		buf_byte(out, '[');
	buf_lower(out, host);
	if (u->host_is_ipv6)
		buf_byte(out, ']');
	if (u->port == 0 || u->port == 80 || u->port == 443)
		return;
	buf_byte(out, ':');
	buf_u64(out, u->port);
}

static void drop_slashes(struct buf *out, size_t floor)
{
	while (!out->failed && out->n > floor && out->p[out->n - 1] == '/')
		out->n--;
}

static void add_web(struct buf *out, const struct url *u)
{
	buf_str(out, STR("https://"));
	add_host(out, u);
	size_t floor = out->n;
	add_normalised(out, u->path);
	if (!out->failed) /* looked for as it is written, whatever was escaped in it */
		out->n = floor + without_session(str_skip(buf_view(out), floor)).n;
	drop_slashes(out, floor);
	if (u->has_query)
		add_query(out, u->query);
	if (str_starts(u->fragment, STR("!"))) {
		buf_byte(out, '#');
		add_normalised(out, u->fragment);
	}
}

/* "%2E" is a dot and may make a dot segment: before those are taken out. */
static void add_with_dots(struct buf *out, struct str s)
{
	size_t at, from = 0;
	while ((at = str_find_nocase(s, STR("%2e"), from)) != SIZE_MAX) {
		buf_add(out, s.p + from, at - from);
		buf_byte(out, '.');
		from = at + 3;
	}
	buf_str(out, str_skip(s, from));
}

static bool is_plain(unsigned char c)
{
	unsigned char small = c | 0x20;
	return (small >= 'a' && small <= 'z') || (c >= '-' && c <= '9') || c == '_' || c == '~';
}

/* Most links are a host and a path of letters, digits and a few marks: nothing in them has to be taken apart. False: this is none, and nothing
 * was written. */
static bool add_plain(struct buf *out, struct str url)
{
	size_t start = str_starts(url, STR("https://")) ? 8 : str_starts(url, STR("http://")) ? 7 : 0;
	char before = '/';
	if (start == 0 || url.n > URL_MAX)
		return false;
	for (size_t i = start; i < url.n; i++) {
		char c = url.p[i];
		/* Dots beside a slash, or at the end, may be segments, or the end of a host. */
		if (!is_plain((unsigned char)c) || (c == '.' && before == '/') || (c == '/' && before == '.'))
			return false;
		before = c;
	}
	if (before == '.')
		return false;
	size_t slash = str_find_byte(url, '/', start), host = slash == SIZE_MAX ? url.n : slash;
	buf_str(out, STR("https://"));
	buf_lower(out, (struct str){ url.p + start, host - start });
	size_t floor = out->n;
	buf_str(out, str_skip(url, host));
	drop_slashes(out, floor);
	return true;
}

void url_canonical(struct str url, struct buf *out)
{
	struct url u;
	struct buf dotted, whole;
	if (add_plain(out, url))
		return;
	buf_init(&dotted, 4 * URL_MAX);
	buf_init(&whole, 4 * URL_MAX);
	add_with_dots(&dotted, url);
	/* Resolving against nothing takes dot segments and line breaks out. */
	url_resolve((struct str){ NULL, 0 }, dotted.failed ? url : buf_view(&dotted), &whole);
	if (whole.failed || !url_parse(buf_view(&whole), &u)) {
		buf_str(out, str_trim(url));
		goto out;
	}
	if (u.has_authority &&
	    (str_eq_nocase(u.scheme, STR("http")) || str_eq_nocase(u.scheme, STR("https")))) {
		add_web(out, &u);
		goto out;
	}
	buf_lower(out, u.scheme);
	buf_str(out, str_skip(buf_view(&whole), u.scheme.n));
out:
	buf_fini(&dotted);
	buf_fini(&whole);
}
