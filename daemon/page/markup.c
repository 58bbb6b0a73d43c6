/* markup: one table of the characters that mean something, one frame for all pages. */
#include "daemon/page/markup.h"

#include "daemon/base/attr.h"
#include "daemon/base/date.h"
#include "daemon/base/form.h"
#include "daemon/base/utf8.h"

#define ABOUT_MAX 200u /* bytes of a text from outside in the title of a window */

static const struct {
	const char *path, *name;
} navigation[] = {
	{ "/", "Overview" },
	{ "/feeds", "Feeds" },
	{ "/items", "Items" },
	{ "/topics", "Topics" },
};

/* Controls, and what overrides the direction of a text (the embeddings and isolates of Unicode's bidirectional algorithm). */
static bool is_unfit(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || (c & 0xfffe) == 0xfffe;
}

static const char *entity_of(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&#34;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* What stands for the first character of `text`, which is not empty; *n: how many bytes of it that is for. */
static struct str shown(struct str text, size_t *n)
{
	uint32_t c;
	const char *entity;

	*n = utf8_decode(text, &c);
	entity = entity_of(c);
	if (entity)
		return str_from(entity);
	return is_unfit(c) || (c == 0xfffd && *n == 1) ? STR("\xef\xbf\xbd") : str_of(text.p, *n);
}

void markup_text(struct buf *b, struct str text)
{
	size_t n;

	for (; text.n > 0; text = str_skip(text, n))
		buf_str(b, shown(text, &n));
}

struct str markup_fit(struct str text, size_t room)
{
	size_t n, at = 0;

	while (at < text.n) {
		size_t made = shown(str_skip(text, at), &n).n;

		if (made > room)
			break;
		room -= made;
		at += n;
	}
	return str_of(text.p, at);
}

void markup_bdi(struct buf *b, struct str text)
{
	buf_str(b, STR("<bdi>"));
	markup_text(b, text);
	buf_str(b, STR("</bdi>"));
}

bool markup_is_web(struct str url)
{
	return str_starts_nocase(url, STR("https://")) || str_starts_nocase(url, STR("http://"));
}

void markup_feed(struct buf *b, struct str name)
{
	buf_str(b, STR("<a href=\"/feeds/"));
	form_encode(name, b);
	buf_str(b, STR("\">"));
	markup_text(b, name);
	buf_str(b, STR("</a>"));
}

void markup_language(struct buf *b, const char *attribute, struct str language)
{
	if (language.n == 0)
		return;
	buf_fmt(b, " %s=\"", attribute);
	markup_text(b, language);
	buf_byte(b, '"');
}

void markup_link(struct buf *b, struct str url, struct str text)
{
	bool safe = markup_is_web(url);

	if (safe) {
		buf_str(b, STR("<a rel=\"noopener noreferrer nofollow\" href=\""));
		markup_text(b, url);
		buf_str(b, STR("\">"));
	}
	markup_bdi(b, text);
	if (safe)
		buf_str(b, STR("</a>"));
}

void markup_span(struct buf *b, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = { { 2 * 86400000LL, "d" }, { 2 * 3600000LL, "h" }, { 2 * 60000LL, "min" } };

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (ms >= units[i].ms) {
			buf_fmt(b, "%lld %s", (long long)(ms / (units[i].ms / 2)), units[i].unit);
			return;
		}
	if (ms > 0 && ms < 1000)
		buf_fmt(b, "%lld ms", (long long)ms);
	else
		buf_fmt(b, "%lld s", (long long)(ms / 1000));
}

static void write_distance(struct buf *b, int64_t ms)
{
	if (ms > -1000 && ms < 1000) {
		buf_str(b, STR("now"));
		return;
	}
	buf_str(b, ms > 0 ? STR("in ") : STR(""));
	markup_span(b, ms > 0 ? ms : -ms);
	buf_str(b, ms > 0 ? STR("") : STR(" ago"));
}

void markup_age(struct buf *b, int64_t at, int64_t now)
{
	char text[DATE_TEXT_MAX];

	if (at == DATE_NONE) {
		buf_str(b, STR("never"));
		return;
	}
	text[date_format(at, text)] = '\0';
	buf_fmt(b, "<time datetime=\"%s\" title=\"%s\">", text, text);
	write_distance(b, at - now);
	buf_str(b, STR("</time>"));
}

void markup_moment(struct buf *b, int64_t at, int64_t now)
{
	char text[DATE_TEXT_MAX];
	size_t n;

	if (at == DATE_NONE) {
		buf_str(b, STR("never"));
		return;
	}
	n = date_format(at, text);
	buf_fmt(b, "<time datetime=\"%.*s\">%.10s %.8s UTC</time> <span class=\"soft\">", (int)n, text, text,
	    text + 11);
	write_distance(b, at - now);
	buf_str(b, STR("</span>"));
}

static void write_navigation(struct buf *b, const char *here)
{
	buf_str(b, STR("<nav aria-label=\"Pages\"><ul>"));
	for (size_t i = 0; i < ARRAY_LEN(navigation); i++)
		buf_fmt(b, "<li><a href=\"%s\"%s>%s</a>", navigation[i].path,
		    here && strcmp(here, navigation[i].path) == 0 ? " aria-current=\"page\"" : "",
		    navigation[i].name);
	buf_str(b, STR("</ul></nav>"));
}

static void write_topic_feed(struct buf *b, struct str topic, const char *type, const char *file)
{
	buf_fmt(b, "<link rel=\"alternate\" type=\"%s\" href=\"/topics/", type);
	form_encode(topic, b);
	buf_fmt(b, "/%s\" title=\"", file);
	markup_text(b, topic);
	buf_str(b, STR("\">"));
}

void markup_open(struct buf *b, const struct markup_head *head)
{
	buf_str(b, STR("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	               "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
	               "<meta name=\"color-scheme\" content=\"light dark\"><title>"));
	if (head->about.p) {
		markup_text(b, utf8_cut(head->about, ABOUT_MAX));
		buf_str(b, STR(" · "));
	}
	buf_fmt(b,
	    "%s · gazetted</title><link rel=\"stylesheet\" href=\"/style.css\"><link rel=\"icon\" "
	    "href=\"/icon.svg\">",
	    head->title);
	if (head->data)
		buf_fmt(b, "<link rel=\"alternate\" type=\"application/json\" href=\"%s\">", head->data);
	if (head->topic.n) {
		write_topic_feed(b, head->topic, "application/atom+xml", "atom.xml");
		write_topic_feed(b, head->topic, "application/feed+json", "feed.json");
	}
	buf_str(b, STR("</head><body><a class=\"skip\" href=\"#main\">Skip to the contents</a><header>"
	               "<p class=\"brand\"><a href=\"/\">gazetted</a></p>"));
	write_navigation(b, head->here);
	buf_str(b, STR("</header><main id=\"main\">\n"));
}

void markup_close(struct buf *b)
{
	buf_str(b, STR("\n</main></body></html>\n"));
}
