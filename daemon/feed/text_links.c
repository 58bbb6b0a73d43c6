/* text_links: the links inside of content: made absolute, and unsafe ones taken out. Everything else stays as it was published. */
#include "daemon/feed/text_priv.h"

#include "daemon/base/url.h"
#include "daemon/feed/html.h"
#include "daemon/feed/html_tags_priv.h"

static bool is_url_attr(struct str name)
{
	static const struct str names[] = { STR("href"), STR("src"), STR("poster"), STR("cite"),
		STR("action"), STR("background"), STR("longdesc"), STR("data"), STR("usemap") };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq_nocase(name, names[i]))
			return true;
	return false;
}

static void put_escaped(struct str url, struct buf *out)
{
	for (size_t i = 0; i < url.n; i++) {
		if (url.p[i] == '"')
			buf_str(out, STR("&quot;"));
		else if (url.p[i] == '&')
			buf_str(out, STR("&amp;"));
		else
			buf_byte(out, url.p[i]);
	}
}

static void put_url(struct str value, struct str base, struct buf *out)
{
	struct buf plain, whole;
	if (value.n > URL_MAX) {
		buf_str(out, value);
		return;
	}
	buf_init(&plain, URL_MAX * 2); /* two letters of a reference never make more than three bytes */
	buf_init(
	    &whole, URL_MAX * 8); /* a byte becomes three at most, and the base is no longer than a URL */
	html_unescape(str_trim(value), &plain);
	if (!plain.failed && !url_is_unsafe(buf_view(&plain)))
		url_resolve(base, buf_view(&plain), &whole);
	if (plain.failed || whole.failed) {
		buf_fini(out); /* memory is short: better no text than another one */
		out->failed = true;
	}
	put_escaped(buf_view(&whole), out);
	buf_fini(&plain);
	buf_fini(&whole);
}

static bool needs_work(struct str url)
{
	url = str_trim(url);
	return !str_starts_nocase(url, STR("https://")) && !str_starts_nocase(url, STR("http://"));
}

/* The tag at html.p + at. Writes only when something in it changes: everything from *done up to there, and moves *done behind it. */
static void put_tag(struct str html, size_t at, size_t length, struct str base, struct buf *out, size_t *done)
{
	struct str tag = str_of(html.p + at, length);
	size_t i = 1;
	struct html_attr a;
	while (i < tag.n && !html_is_space(tag.p[i]) && tag.p[i] != '>')
		i++;
	while (html_attr_next(tag, i, &a)) {
		i = a.end;
		if (a.value.n == 0 || !is_url_attr(a.name) || !needs_work(a.value))
			continue;
		size_t from = (size_t)(a.value.p - html.p), end = from + a.value.n;
		bool quoted = html.p[from - 1] == '"' || html.p[from - 1] == '\'';
		buf_add(out, html.p + *done, from - *done - quoted);
		buf_byte(out, '"');
		put_url(a.value, base, out);
		buf_byte(out, '"');
		*done = end + (quoted && end < at + length);
	}
}

struct str text_links(struct str html, struct str base, struct buf *out)
{
	struct html_tag tag = { .length = 0 };
	size_t at = 0, done = 0, start = out->n;
	while (at < html.n) {
		const char *lt = memchr(html.p + at, '<', html.n - at);
		if (!lt)
			break;
		at = (size_t)(lt - html.p);
		struct str rest = str_of(lt, html.n - at);
		if (!html_tag_read(rest, &tag)) {
			at++;
			continue;
		}
		/* "<p>" and "</p>" have no attributes */
		if (tag.name.n > 0 && !tag.closing && tag.length > tag.name.n + 2 &&
		    memchr(rest.p, '=', tag.length))
			put_tag(html, at, tag.length, base, out, &done);
		at += tag.length;
	}
	if (done == 0)
		return html;
	buf_add(out, html.p + done, html.n - done);
	return out->failed ? (struct str){ NULL, 0 } : str_of(out->p + start, out->n - start);
}
