/* url: references taken apart and put together (RFC 3986, section 5). Comparing is url_canonical.c's. */
#include "daemon/base/url.h"

#include "daemon/base/attr.h"
#include "daemon/base/network.h"

#include <arpa/inet.h>

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of the scheme before ':', or 0. */
static size_t scheme_length(struct str s)
{
	if (s.n == 0 || !is_alpha(s.p[0]))
		return 0;
	size_t i = 1;
	while (i < s.n &&
	       (is_alpha(s.p[i]) || is_digit(s.p[i]) || s.p[i] == '+' || s.p[i] == '-' || s.p[i] == '.'))
		i++;
	return i < s.n && s.p[i] == ':' ? i : 0;
}

/* Index of the first `stop`, or s.n. */
static size_t until(struct str s, char stop)
{
	size_t i = str_find_byte(s, stop, 0);
	return i == SIZE_MAX ? s.n : i;
}

static bool parse_port(struct str text, uint16_t *out)
{
	unsigned long long v = 0;
	*out = 0;
	if (text.n == 0)
		return true; /* "host:" is allowed and means the default */
	if (!str_to_u64(text, &v) || v > UINT16_MAX)
		return false;
	*out = (uint16_t)v;
	return true;
}

static bool parse_authority(struct str text, struct url *out)
{
	/* The last '@': a password may hold one that was not escaped. */
	for (size_t i = text.n; i > 0; i--) {
		if (text.p[i - 1] != '@')
			continue;
		out->user = (struct str){ text.p, i - 1 };
		text = str_skip(text, i);
		break;
	}
	if (text.n > 0 && text.p[0] == '[') {
		size_t end = str_find_byte(text, ']', 0);
		if (end == SIZE_MAX)
			return false;
		out->host_is_ipv6 = true;
		out->host = (struct str){ text.p + 1, end - 1 };
		text = str_skip(text, end + 1);
		if (text.n > 0 && text.p[0] != ':')
			return false;
		return parse_port(str_skip(text, 1), &out->port);
	}
	size_t colon = until(text, ':');
	out->host = (struct str){ text.p, colon };
	return parse_port(str_skip(text, colon + 1), &out->port);
}

bool url_parse(struct str text, struct url *out)
{
	*out = (struct url){ 0 };
	struct str s = str_trim(text);
	size_t n = scheme_length(s);
	if (n > 0) {
		out->scheme = (struct str){ s.p, n };
		s = str_skip(s, n + 1);
	}
	n = until(s, '#');
	out->has_fragment = n < s.n;
	out->fragment = str_skip(s, n + 1);
	s.n = n;
	n = until(s, '?');
	out->has_query = n < s.n;
	out->query = str_skip(s, n + 1);
	s.n = n;
	out->path = s;
	if (!str_starts(s, STR("//")))
		return true;
	s = str_skip(s, 2);
	n = until(s, '/');
	out->has_authority = true;
	out->path = str_skip(s, n);
	return parse_authority((struct str){ s.p, n }, out);
}

/* Bytes that may not stand in a reference and that browsers encode. Everything else passes, '%' included. A host keeps its
 * letters: percent signs mean nothing to a resolver, the fetcher knows IDNA. */
static bool must_encode(unsigned char c, bool in_host)
{
	return c <= ' ' || c == '"' || c == '<' || c == '>' || c == 0x7f || (c > 0x7f && !in_host);
}

static void add_bytes(struct buf *out, struct str s, bool in_host)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t run = 0;
	while (run < s.n) {
		unsigned char c = (unsigned char)s.p[run];
		if (!must_encode(c, in_host)) {
			run++;
			continue;
		}
		buf_add(out, s.p, run);
		/* Browsers drop tabs and line breaks: they come from wrapped markup. */
		if (c != '\t' && c != '\n' && c != '\r')
			buf_add(out, (char[]){ '%', digits[c >> 4], digits[c & 15] }, 3);
		s = str_skip(s, run + 1);
		run = 0;
	}
	buf_add(out, s.p, run);
}

static void add_encoded(struct buf *out, struct str s)
{
	add_bytes(out, s, false);
}

/* Cuts out[floor..] back to before its last '/'. */
static void drop_segment(struct buf *out, size_t floor)
{
	while (out->n > floor && out->p[out->n - 1] != '/')
		out->n--;
	if (out->n > floor)
		out->n--;
}

/* RFC 3986 section 5.2.4, over the path that was written at out[floor..], in place. */
static void remove_dots(struct buf *out, size_t floor)
{
	if (out->failed)
		return;
	struct str in = { out->p + floor, out->n - floor };
	out->n = floor;
	while (in.n > 0) {
		bool last = false;
		bool rooted = in.p[0] == '/';
		struct str segment = rooted ? str_skip(in, 1) : in;
		size_t n = until(segment, '/');
		last = n == segment.n;
		segment.n = n;
		in = str_skip(in, n + rooted);
		bool up = str_eq(segment, STR(".."));
		if (up)
			drop_segment(out, floor);
		if (up || str_eq(segment, STR("."))) {
			/* "a/." names the folder a: its slash stays. */
			if (last && rooted)
				buf_byte(out, '/');
			else if (!rooted && in.n > 0)
				in = str_skip(in, 1);
			continue;
		}
		/* The writing end never passes the reading end: segments only ever get fewer. */
		if (rooted)
			out->p[out->n++] = '/';
		memmove(out->p + out->n, segment.p, segment.n);
		out->n += segment.n;
	}
}

static void add_authority(struct buf *out, const struct url *u)
{
	if (!u->has_authority)
		return;
	buf_str(out, STR("//"));
	if (u->user.p) {
		add_encoded(out, u->user);
		buf_byte(out, '@');
	}
	if (u->host_is_ipv6)
		buf_byte(out, '[');
	add_bytes(out, u->host, true);
	if (u->host_is_ipv6)
		buf_byte(out, ']');
	if (u->port != 0) {
		buf_byte(out, ':');
		buf_u64(out, u->port);
	}
}

static void add_part(struct buf *out, bool present, char mark, struct str part)
{
	if (!present)
		return;
	buf_byte(out, mark);
	add_encoded(out, part);
}

static void add_path(struct buf *out, struct str path, bool hierarchical)
{
	size_t floor = out->n;
	add_encoded(out, path);
	if (hierarchical)
		remove_dots(out, floor);
}

static void add_scheme(struct buf *out, struct str scheme)
{
	if (scheme.n == 0)
		return;
	buf_str(out, scheme);
	buf_byte(out, ':');
}

/* Section 5.2.3: the base's folder, then the reference. */
static void add_merged(struct buf *out, const struct url *base, struct str path)
{
	size_t floor = out->n;
	size_t folder = base->path.n;
	while (folder > 0 && base->path.p[folder - 1] != '/')
		folder--;
	if (base->has_authority && base->path.n == 0)
		buf_byte(out, '/');
	add_encoded(out, (struct str){ base->path.p, folder });
	add_encoded(out, path);
	remove_dots(out, floor);
}

static void add_cleaned(struct buf *out, const struct url *u)
{
	add_scheme(out, u->scheme);
	add_authority(out, u);
	add_path(out, u->path, u->has_authority);
	add_part(out, u->has_query, '?', u->query);
	add_part(out, u->has_fragment, '#', u->fragment);
}

static bool is_web(struct str scheme)
{
	return str_eq_nocase(scheme, STR("http")) || str_eq_nocase(scheme, STR("https"));
}

void url_resolve(struct str base, struct str ref, struct buf *out)
{
	struct url b;
	struct url r;
	ref = str_trim(ref);
	if (!url_parse(ref, &r)) {
		add_encoded(out, ref);
		return;
	}
	/* "http:page" is relative for browsers when the base has the same scheme. */
	bool based = url_parse(base, &b) && b.scheme.n > 0;
	if (based && is_web(r.scheme) && !r.has_authority && str_eq_nocase(r.scheme, b.scheme))
		r.scheme = (struct str){ NULL, 0 };
	bool opaque = based && !b.has_authority && !str_starts(b.path, STR("/")) && b.path.n > 0;
	bool only_fragment = r.path.n == 0 && !r.has_query && !r.has_authority;
	if (!based || r.scheme.n > 0 || (opaque && !only_fragment)) {
		add_cleaned(out, &r);
		return;
	}
	add_scheme(out, b.scheme);
	add_authority(out, r.has_authority ? &r : &b);
	if (r.has_authority || str_starts(r.path, STR("/")))
		add_path(out, r.path, true);
	else if (r.path.n > 0)
		add_merged(out, &b, r.path);
	else
		add_path(out, b.path, !opaque);
	bool own_query = r.has_query || r.path.n > 0 || r.has_authority;
	add_part(out, own_query ? r.has_query : b.has_query, '?', own_query ? r.query : b.query);
	add_part(out, r.has_fragment, '#', r.fragment);
}

bool url_is_http(struct str url)
{
	struct url u;
	return url_parse(url, &u) && is_web(u.scheme) && u.has_authority && u.host.n > 0;
}

/* One address has many spellings, and is one host. What is no address stays as it is. */
static void add_ipv6(struct buf *out, struct str host)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	buf_byte(out, '[');
	if (network_parse_ipv6(host, &address) && inet_ntop(AF_INET6, &address, text, sizeof(text)))
		buf_str(out, str_from(text));
	else
		buf_lower(out, host);
	buf_byte(out, ']');
}

bool url_host_key(struct str url, struct buf *out)
{
	struct url u;
	if (!url_parse(url, &u) || u.host.n == 0)
		return false;
	if (u.host_is_ipv6)
		add_ipv6(out, u.host);
	else
		buf_lower(out, u.host);
	uint16_t usual = str_eq_nocase(u.scheme, STR("https")) ? 443 : 80;
	if (u.port == 0 || u.port == usual)
		return true;
	buf_byte(out, ':');
	buf_u64(out, u.port);
	return true;
}

/* Schemes that run code, embed a page of their own or reach into the reader's machine. */
static const char *const unsafe_schemes[] = {
	"javascript",
	"vbscript",
	"livescript",
	"mocha",
	"data",
	"blob",
	"file",
	"filesystem",
	"jar",
	"about",
	"resource",
	"chrome",
	"ms-its",
	"mhtml",
	"wyciwyg",
	"shell",
};

/* Schemes that only wrap another reference. */
static const char *const wrapping_schemes[] = { "feed", "view-source", "url", "pcast", "itpc" };

static bool in_list(struct str scheme, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(scheme, str_from(list[i])))
			return true;
	return false;
}

/* The scheme as a browser sees it: leading controls and blanks, tabs and line breaks inside do not count. Returns what it wraps. */
static struct str browser_scheme(struct str s, char *out, size_t room, size_t *n)
{
	*n = 0;
	while (s.n > 0 && (unsigned char)s.p[0] <= ' ')
		s = str_skip(s, 1);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == ':')
			return str_skip(s, i + 1);
		if (c == '\t' || c == '\n' || c == '\r' || c == '\0')
			continue;
		if (*n == room || !(is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.'))
			break;
		out[(*n)++] = c;
	}
	*n = 0;
	return (struct str){ NULL, 0 };
}

bool url_is_unsafe(struct str url)
{
	char scheme[16];
	size_t n;
	if (str_starts(url, STR("https://")) || str_starts(url, STR("http://")))
		return false;
	do {
		url = browser_scheme(url, scheme, sizeof(scheme), &n);
		if (in_list((struct str){ scheme, n }, unsafe_schemes, ARRAY_LEN(unsafe_schemes)))
			return true;
	} while (in_list((struct str){ scheme, n }, wrapping_schemes, ARRAY_LEN(wrapping_schemes)));
	return false;
}
