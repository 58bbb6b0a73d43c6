/* scenario's documents: items and the feeds made of them. */
#include "tests/fake/scenario_priv.h"

#include <stdio.h>
#include <stdlib.h>

static struct item *find_item(struct scenario *s, const char *name)
{
	for (size_t i = 0; i < s->item_count; i++)
		if (strcmp(s->items[i].name, name) == 0)
			return &s->items[i];
	return NULL;
}

/* An item that nobody described is made up from its name. */
static struct item *make_item(struct scenario *s, const char *name)
{
	struct item *i = find_item(s, name);

	if (i)
		return i;
	i = &s->items[s->item_count++];
	snprintf(i->name, sizeof(i->name), "%s", name);
	snprintf(i->guid, sizeof(i->guid), "http://publisher.example/%s", name);
	snprintf(i->link, sizeof(i->link), "http://publisher.example/%s", name);
	snprintf(i->title, sizeof(i->title), "%s", name);
	snprintf(i->text, sizeof(i->text), "What %s says.", name);
	return i;
}

bool scenario_item(struct scenario *s, const struct words *w)
{
	struct item *i = make_item(s, w->at[1]);

	for (size_t k = 2; k + 1 < w->n; k += 2) {
		const char *value = strcmp(w->at[k + 1], "none") == 0 ? "" : w->at[k + 1];

		if (strcmp(w->at[k], "guid") == 0)
			snprintf(i->guid, sizeof(i->guid), "%s", value);
		else if (strcmp(w->at[k], "link") == 0)
			snprintf(i->link, sizeof(i->link), "%s", value);
		else if (strcmp(w->at[k], "title") == 0)
			snprintf(i->title, sizeof(i->title), "%s", value);
		else if (strcmp(w->at[k], "text") == 0)
			snprintf(i->text, sizeof(i->text), "%s", value);
		else if (strcmp(w->at[k], "date") == 0)
			snprintf(i->date, sizeof(i->date), "%s", value);
		else if (strcmp(w->at[k], "size") != 0 || !conf_parse_size(str_from(value), &i->size))
			return scenario_fail(s, "item: what is %s?", w->at[k]);
	}
	return true;
}

static void write_member(struct buf *out, const char *name, const char *value)
{
	if (value[0])
		buf_fmt(out, "<%s>%s</%s>\n", name, value, name);
}

static void write_item(struct buf *out, const struct item *i)
{
	buf_str(out, STR("<item>\n"));
	write_member(out, "guid", i->guid);
	write_member(out, "link", i->link);
	write_member(out, "title", i->title);
	write_member(out, "pubDate", i->date);
	buf_fmt(out, "<description>%s", i->text);
	for (int64_t n = 0; n < i->size; n += 8)
		buf_str(out, STR(" filling"));
	buf_str(out, STR("</description>\n"));
	buf_str(out, STR("</item>\n"));
}

const char *scenario_address(struct scenario *s, const char *word)
{
	struct entry *f = strstr(word, "://") ? NULL : scenario_feed(s, word);

	return strstr(word, "://") ? word : f ? f->url : NULL;
}

/* What the document says of itself and of others: `says XML`, `archive URL`, `next URL`. */
static void write_head(struct buf *out, const struct words *w)
{
	static const char *const relations[][2] = { { "archive", "prev-archive" }, { "next", "next" },
		{ "hub", "hub" }, { "self", "self" } };

	for (size_t i = 3; i + 1 < w->n; i++) {
		if (strcmp(w->at[i], "says") == 0)
			buf_str(out, str_from(w->at[i + 1]));
		for (size_t k = 0; k < ARRAY_LEN(relations); k++)
			if (strcmp(w->at[i], relations[k][0]) == 0)
				buf_fmt(out,
				    "<link xmlns=\"http://www.w3.org/2005/Atom\" rel=\"%s\" href=\"%s\"/>\n",
				    relations[k][1], w->at[i + 1]);
	}
}

/* Reads the options behind the document; *i stands on the first. */
static bool read_options(struct scenario *s, struct fake_answer *a, const struct words *w, size_t i)
{
	while (i < w->n) {
		const char *name = w->at[i++], *value = i < w->n ? w->at[i] : "";

		a->waits = a->waits || strcmp(name, "wait") == 0;
		a->moved = a->moved || strcmp(name, "moved") == 0;
		a->stubborn = a->stubborn || strcmp(name, "stubborn") == 0;
		a->conditional = a->conditional || strcmp(name, "conditional") == 0;
		if (strcmp(name, "conditional") == 0 || strcmp(name, "stubborn") == 0)
			continue;
		i++;
		if (strcmp(name, "etag") == 0)
			a->etag = strdup(value);
		else if (strcmp(name, "modified") == 0)
			a->last_modified = strdup(value);
		else if (strcmp(name, "redirect") == 0 || strcmp(name, "moved") == 0)
			a->redirect = strdup(value);
		else if (strcmp(name, "retry-after") == 0 || strcmp(name, "wait") == 0)
			a->retry_after = strdup(value);
		else if (strcmp(name, "cache") == 0)
			a->cache_control = strdup(value);
		else if (strcmp(name, "challenge") == 0)
			a->challenge = strdup(value);
		else if (strcmp(name, "type") == 0)
			a->content_type = strdup(value);
		else if (strcmp(name, "link-header") == 0)
			a->link = strdup(value);
		else if (strcmp(name, "archive") == 0 || strcmp(name, "next") == 0 ||
		         strcmp(name, "hub") == 0 || strcmp(name, "self") == 0 || strcmp(name, "says") == 0)
			continue; /* in the document */
		else if (strcmp(name, "latency") != 0 || !scenario_time(s, value, &a->latency))
			return scenario_fail(s, "serve: what is %s?", name);
	}
	return true;
}

static bool is_option(const char *word)
{
	static const char *const names[] = { "etag", "modified", "redirect", "retry-after", "cache", "type",
		"latency", "conditional", "archive", "next", "moved", "stubborn", "challenge", "hub", "self",
		"link-header", "says", "wait" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], word) == 0)
			return true;
	return false;
}

/* serve FEED many NAME N [options]: items NAME-N … NAME-1, the newest first; each matches. */
static bool serve_many(struct scenario *s, struct fake_answer *a, const struct words *w)
{
	unsigned long count = w->n > 4 ? strtoul(w->at[4], NULL, 10) : 0;
	struct item i = { .size = 0 };
	struct buf b;
	size_t n;

	buf_init(&b, 16u << 20);
	buf_str(&b, STR("<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>Test</title>\n"));
	for (; count; count--) {
		snprintf(i.guid, sizeof(i.guid), "%s-%lu", w->at[3], count);
		snprintf(i.title, sizeof(i.title), "alarm %s-%lu", w->at[3], count);
		write_item(&b, &i);
	}
	buf_str(&b, STR("</channel></rss>\n"));
	a->body = buf_take(&b, &n);
	buf_fini(&b);
	return read_options(s, a, w, 5);
}

void scenario_document(struct scenario *s, const struct words *w, size_t from, struct buf *out)
{
	buf_str(out, STR("<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>Test</title>\n"));
	for (size_t i = from; i < w->n; i++)
		write_item(out, make_item(s, w->at[i]));
	buf_str(out, STR("</channel></rss>\n"));
}

/* serve FEED items|cut A B ... [options] */
static bool serve_items(struct scenario *s, struct fake_answer *a, const struct words *w, bool whole)
{
	struct buf b;
	size_t i = 3, n;

	buf_init(&b, 16u << 20);
	buf_str(&b, STR("<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>Test</title>\n"));
	write_head(&b, w);
	for (; i < w->n && !is_option(w->at[i]); i++)
		write_item(&b, make_item(s, w->at[i]));
	buf_str(&b, whole ? STR("</channel></rss>\n") : STR("<item><title>cut"));
	a->body = buf_take(&b, &n);
	buf_fini(&b);
	return read_options(s, a, w, i);
}

static bool serve_error(struct scenario *s, struct fake_answer *a, const char *name)
{
	for (int k = ERR_NONE + 1; k < ERR_KINDS; k++)
		if (strcmp(err_kind_name((enum err_kind)k), name) == 0) {
			a->error = (enum err_kind)k;
			a->status = 0;
			return true;
		}
	return scenario_fail(s, "no such error: %s", name);
}

bool scenario_serve(struct scenario *s, const struct words *w)
{
	const char *url = scenario_address(s, w->at[1]);
	struct fake_answer *a;

	if (!url)
		return false;
	a = fake_fetcher_answer(&s->w.fetcher, url);
	if (strcmp(w->at[2], "items") == 0)
		return serve_items(s, a, w, true);
	if (strcmp(w->at[2], "cut") == 0)
		return serve_items(s, a, w, false);
	if (w->n < 4)
		return scenario_fail(s, "serve: words are missing");
	if (strcmp(w->at[2], "many") == 0)
		return serve_many(s, a, w);
	if (strcmp(w->at[2], "body") == 0)
		a->body = strdup(w->at[3]);
	else if (strcmp(w->at[2], "status") == 0)
		a->status = (int)strtol(w->at[3], NULL, 10);
	else if (strcmp(w->at[2], "error") != 0 || !serve_error(s, a, w->at[3]))
		return scenario_fail(s, "serve: what is %s?", w->at[2]);
	return read_options(s, a, w, 4);
}

#define PUBLISHED_LISTED 10 /* items that such a feed lists */

/* One more item, before the newest of those that were published so. */
bool scenario_publish(struct scenario *s, const char *url)
{
	struct fake_answer *a = fake_fetcher_answer(&s->w.fetcher, url);
	struct item i = { .size = 0 };
	struct buf b;
	size_t n;

	s->published++;
	buf_init(&b, 1u << 20);
	buf_str(&b, STR("<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>Test</title>\n"));
	for (unsigned long k = 0; k < PUBLISHED_LISTED && k < s->published; k++) {
		snprintf(i.guid, sizeof(i.guid), "published-%lu", s->published - k);
		snprintf(i.title, sizeof(i.title), "%s", i.guid);
		write_item(&b, &i);
	}
	buf_str(&b, STR("</channel></rss>\n"));
	a->body = buf_take(&b, &n);
	buf_fini(&b);
	return true;
}
