/* releases: JSON Lines in, three kinds of feeds out. Owns the parsed lines and the order in which they are published. */
#include "tests/fake/releases.h"

#include "daemon/base/date.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define RELEASES_MAX 1000
#define FEEDS_MAX 64
#define LINE_MAX_BYTES 262144

struct release {
	json_t *json;
	size_t feed;
	double place; /* 0..1 within its feed */
};

struct releases {
	struct release list[RELEASES_MAX]; /* in the order of publishing */
	size_t count;
	struct {
		const char *name, *language;
		size_t count;
	} feeds[FEEDS_MAX];
	size_t feed_count;
};

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static size_t feed_of(struct releases *r, const json_t *o)
{
	const char *name = text_of(o, "feed");
	size_t i = 0;
	while (i < r->feed_count && strcmp(r->feeds[i].name, name) != 0)
		i++;
	if (i == r->feed_count && i < FEEDS_MAX) {
		r->feeds[i].name = name;
		r->feeds[i].language = text_of(o, "lang");
		r->feed_count++;
	}
	return i;
}

static bool add_line(struct releases *r, const char *line, int number, struct err *e)
{
	json_error_t why;
	json_t *o = json_loads(line, 0, &why);
	if (!o)
		return err_set_line(e, ERR_PARSE, number, "%s", why.text);
	size_t feed = feed_of(r, o);
	if (r->count == RELEASES_MAX || feed == FEEDS_MAX) {
		json_decref(o);
		return err_set(e, ERR_LIMIT, 0, "too many releases");
	}
	r->list[r->count++] = (struct release){ o, feed, (double)r->feeds[feed].count };
	r->feeds[feed].count++;
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct release *x = a, *y = b;
	if (x->place < y->place || x->place > y->place)
		return x->place < y->place ? -1 : 1;
	return x->feed < y->feed ? -1 : x->feed > y->feed;
}

/* Feeds take turns, long ones more often. */
static void put_in_order(struct releases *r)
{
	for (size_t i = 0; i < r->count; i++)
		r->list[i].place = (r->list[i].place + 0.5) / (double)r->feeds[r->list[i].feed].count;
	qsort(r->list, r->count, sizeof(r->list[0]), by_place);
}

struct releases *releases_load(const char *path, struct err *e)
{
	struct releases *r = calloc(1, sizeof(*r));
	char *line = malloc(LINE_MAX_BYTES);
	FILE *f = fopen(path, "r");
	bool ok = r && line && f;
	if (!ok)
		err_set(e, ERR_IO, 0, "%s cannot be read", path);
	for (int number = 1; ok && fgets(line, LINE_MAX_BYTES, f); number++)
		ok = line[0] == '\n' || add_line(r, line, number, e);
	if (ok && r->count == 0)
		ok = err_set(e, ERR_PARSE, 0, "%s has no releases", path);
	if (f)
		fclose(f);
	free(line);
	if (ok)
		put_in_order(r);
	else if (r)
		releases_free(&r);
	return r;
}

void releases_free(struct releases **r)
{
	if (!*r)
		return;
	for (size_t i = 0; i < (*r)->count; i++)
		json_decref((*r)->list[i].json);
	free(*r);
	*r = NULL;
}

size_t releases_feeds(const struct releases *r)
{
	return r->feed_count;
}

const char *releases_feed_name(const struct releases *r, size_t feed)
{
	return r->feeds[feed].name;
}

const char *releases_feed_language(const struct releases *r, size_t feed)
{
	return r->feeds[feed].language;
}

void releases_http_date(int64_t ms, char out[RELEASES_DATE_MAX])
{
	static const char days[] = "ThuFriSatSunMonTueWed", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t s = ms / 1000, day = s / 86400;
	int year, month, dom;
	date_civil(day, &year, &month, &dom);
	snprintf(out, RELEASES_DATE_MAX, "%.3s, %02d %.3s %d %02d:%02d:%02d GMT", days + 3 * (day % 7), dom,
	    months + 3 * (month - 1), year, (int)(s / 3600 % 24), (int)(s / 60 % 60), (int)(s % 60));
}

static void add_escaped(struct buf *out, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			buf_str(out, STR("&amp;"));
			break;
		case '<':
			buf_str(out, STR("&lt;"));
			break;
		case '>':
			buf_str(out, STR("&gt;"));
			break;
		case '"':
			buf_str(out, STR("&quot;"));
			break;
		default:
			buf_byte(out, *s);
		}
	}
}

static void element(struct buf *out, const char *start, const char *text, const char *end)
{
	buf_str(out, str_from(start));
	add_escaped(out, text);
	buf_str(out, str_from(end));
}

struct entry { /* one release as a feed shows it */
	const json_t *json;
	const char *feed;
	char id[96], link[160], rfc822[RELEASES_DATE_MAX], rfc3339[DATE_TEXT_MAX];
};

static void fill_entry(const struct releases *r, uint64_t i, const struct releases_moment *m, struct entry *e)
{
	const struct release *release = &r->list[i % r->count];
	int64_t at = m->begin_ms + (int64_t)i * m->every_ms;
	e->json = release->json;
	e->feed = r->feeds[release->feed].name;
	snprintf(
	    e->id, sizeof(e->id), "tag:gazetted.example,2026:%.60s:%llu", e->feed, (unsigned long long)i);
	snprintf(e->link, sizeof(e->link), "%.100s/release/%llu", m->base, (unsigned long long)i);
	releases_http_date(at, e->rfc822);
	e->rfc3339[date_format(at, e->rfc3339)] = '\0';
}

static void categories(struct buf *out, const struct entry *e, const char *start, const char *end)
{
	size_t i;
	const json_t *c;
	json_array_foreach(json_object_get(e->json, "categories"), i, c)
	    element(out, start, json_string_value(c), end);
}

static void rss_open(const struct releases *r, size_t feed, const struct releases_moment *m, struct buf *out)
{
	buf_str(out, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" "
	                 "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" "
	                 "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n"));
	element(out, "<title>", r->feeds[feed].name, "</title>\n");
	element(out, "<link>", m->base, "/</link>\n<description>Sample releases</description>\n");
	element(out, "<language>", r->feeds[feed].language, "</language>\n");
}

static void rss_entry(const struct entry *e, struct buf *out)
{
	element(out, "<item>\n<title>", text_of(e->json, "title"), "</title>\n");
	element(out, "<link>", e->link, "</link>\n");
	element(out, "<guid isPermaLink=\"false\">", e->id, "</guid>\n");
	element(out, "<pubDate>", e->rfc822, "</pubDate>\n");
	element(out, "<dc:creator>", text_of(e->json, "author"), "</dc:creator>\n");
	categories(out, e, "<category>", "</category>\n");
	element(out, "<description>", text_of(e->json, "summary"), "</description>\n");
	element(out, "<content:encoded>", text_of(e->json, "html"), "</content:encoded>\n</item>\n");
}

static void rss_close(struct buf *out)
{
	buf_str(out, STR("</channel>\n</rss>\n"));
}

static void atom_open(const struct releases *r, size_t feed, const struct releases_moment *m, struct buf *out)
{
	struct entry newest;
	uint64_t i = releases_newest(r, feed, m);
	fill_entry(r, i == UINT64_MAX ? 0 : i, m, &newest);
	element(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" "
	    "xml:lang=\"",
	    r->feeds[feed].language, "\">\n");
	element(out, "<title>", r->feeds[feed].name, "</title>\n");
	element(out, "<id>tag:gazetted.example,2026:", r->feeds[feed].name, "</id>\n");
	element(out, "<link href=\"", m->base, "/\"/>\n");
	element(out, "<updated>", newest.rfc3339, "</updated>\n");
}

static void atom_entry(const struct entry *e, struct buf *out)
{
	element(out, "<entry>\n<title>", text_of(e->json, "title"), "</title>\n");
	element(out, "<id>", e->id, "</id>\n");
	element(out, "<link rel=\"alternate\" href=\"", e->link, "\"/>\n");
	element(out, "<published>", e->rfc3339, "</published>\n");
	element(out, "<updated>", e->rfc3339, "</updated>\n");
	element(out, "<author><name>", text_of(e->json, "author"), "</name></author>\n");
	categories(out, e, "<category term=\"", "\"/>\n");
	element(out, "<summary>", text_of(e->json, "summary"), "</summary>\n");
	element(out, "<content type=\"html\">", text_of(e->json, "html"), "</content>\n</entry>\n");
}

static void atom_close(struct buf *out)
{
	buf_str(out, STR("</feed>\n"));
}

static void rdf_open(const struct releases *r, size_t feed, const struct releases_moment *m, struct buf *out)
{
	buf_str(out, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	                 "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
	                 "xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
	                 "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">\n"));
	element(out, "<channel rdf:about=\"", m->base, "/\">\n");
	element(out, "<title>", r->feeds[feed].name, "</title>\n");
	element(out, "<link>", m->base, "/</link>\n<description>Sample releases</description>\n");
	element(out, "<dc:language>", r->feeds[feed].language, "</dc:language>\n</channel>\n");
}

static void rdf_entry(const struct entry *e, struct buf *out)
{
	element(out, "<item rdf:about=\"", e->link, "\">\n");
	element(out, "<title>", text_of(e->json, "title"), "</title>\n");
	element(out, "<link>", e->link, "</link>\n");
	element(out, "<dc:identifier>", e->id, "</dc:identifier>\n");
	element(out, "<dc:date>", e->rfc3339, "</dc:date>\n");
	element(out, "<dc:creator>", text_of(e->json, "author"), "</dc:creator>\n");
	categories(out, e, "<dc:subject>", "</dc:subject>\n");
	element(out, "<description>", text_of(e->json, "summary"), "</description>\n");
	element(out, "<content:encoded>", text_of(e->json, "html"), "</content:encoded>\n</item>\n");
}

static void rdf_close(struct buf *out)
{
	buf_str(out, STR("</rdf:RDF>\n"));
}

static const struct {
	const char *name;
	void (*open)(const struct releases *r, size_t feed, const struct releases_moment *m, struct buf *out);
	void (*entry)(const struct entry *e, struct buf *out);
	void (*close)(struct buf *out);
} formats[] = {
	{ "rss", rss_open, rss_entry, rss_close },
	{ "atom", atom_open, atom_entry, atom_close },
	{ "rdf", rdf_open, rdf_entry, rdf_close },
};

const char *releases_feed_format(const struct releases *r, size_t feed)
{
	(void)r;
	return formats[feed % ARRAY_LEN(formats)].name;
}

/* The number of the newest release of the feed below `before`, or UINT64_MAX. */
static uint64_t previous(const struct releases *r, size_t feed, uint64_t before)
{
	for (uint64_t steps = 0; before > 0 && steps < r->count; steps++) {
		before--;
		if (r->list[before % r->count].feed == feed)
			return before;
	}
	return UINT64_MAX;
}

uint64_t releases_newest(const struct releases *r, size_t feed, const struct releases_moment *m)
{
	return previous(r, feed, m->published);
}

void releases_render(const struct releases *r, size_t feed, const struct releases_moment *m, struct buf *out)
{
	size_t format = feed % ARRAY_LEN(formats);
	uint64_t i = m->published;
	formats[format].open(r, feed, m, out);
	for (uint64_t shown = 0; shown < m->window; shown++) {
		struct entry e;
		i = previous(r, feed, i);
		if (i == UINT64_MAX)
			break;
		fill_entry(r, i, m, &e);
		formats[format].entry(&e, out);
	}
	formats[format].close(out);
}

void releases_page(const struct releases *r, uint64_t i, struct buf *out)
{
	const json_t *o = r->list[i % r->count].json;
	element(out, "<!DOCTYPE html>\n<html lang=\"", text_of(o, "lang"),
	    "\"><head><meta charset=\"utf-8\"><title>");
	element(out, "", text_of(o, "title"), "</title></head>\n<body><article><h1>");
	element(out, "", text_of(o, "title"), "</h1>\n");
	buf_str(out, str_from(text_of(o, "html")));
	buf_str(out, STR("\n</article></body></html>\n"));
}

void releases_ids(const struct releases *r, const struct releases_moment *m, struct buf *out)
{
	for (uint64_t i = 0; i < m->published; i++) {
		struct entry e;
		fill_entry(r, i, m, &e);
		buf_fmt(out, "%s\t%s\n", e.feed, e.link);
	}
}
