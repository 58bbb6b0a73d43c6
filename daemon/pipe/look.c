/* look: parses a document for its head and the dates of its items; what is no feed is scanned as a page. */
#include "daemon/pipe/look.h"

#include "daemon/base/date.h"
#include "daemon/base/url.h"
#include "daemon/base/utf8.h"

#define LOOK_MAGIC 0x314b4c47u /* "GLK1" */
#define ANSWER_MAGIC 0x31414c47u /* "GLA1" */
#define META_MAX (4u << 20) /* bytes of the document's own strings */
#define TITLE_MAX 500u /* bytes of a title that people read in a list */
#define LANGUAGE_MAX 36u /* bytes; BCP 47 recommends to accept so many */

void look_encode(const struct look *look, struct buf *out)
{
	buf_le32(out, LOOK_MAGIC);
	buf_le64(out, look->id);
	buf_le64(out, (uint64_t)look->cpu_budget_ms);
	buf_str32(out, look->url);
	buf_str32(out, look->content_type);
	buf_str32(out, look->body);
}

bool look_is_frame(struct str frame)
{
	struct rd r = { frame.p, frame.n, false };

	return rd_le32(&r) == LOOK_MAGIC;
}

bool look_decode(struct str frame, struct look *look, struct err *e)
{
	struct rd r = { frame.p, frame.n, false };

	if (rd_le32(&r) != LOOK_MAGIC)
		return err_set(e, ERR_PARSE, 0, "look: not a request frame");
	look->id = rd_le64(&r);
	look->cpu_budget_ms = (int64_t)rd_le64(&r);
	look->url = rd_str32(&r);
	look->content_type = rd_str32(&r);
	look->body = rd_str32(&r);
	if (r.failed || r.n != 0)
		return err_set(e, ERR_PARSE, 0, "look: request frame is cut or too long");
	return true;
}

static feed_item_f on_item;
static bool on_item(void *ctx, const struct feed_item *item)
{
	int64_t *newest = ctx;
	int64_t at = item->published.ms != DATE_NONE ? item->published.ms : item->modified.ms;

	*newest = at > *newest ? at : *newest; /* DATE_NONE is the least of all */
	return true;
}

struct telling {
	struct buf *out;
	uint32_t count;
};

static page_link_f on_link;
static bool on_link(void *ctx, const struct page_link *link)
{
	struct telling *t = ctx;

	buf_byte(t->out, (char)link->found);
	buf_str32(t->out, link->url);
	buf_str32(t->out, link->language);
	t->count++;
	return !t->out->failed;
}

static bool tell_links(const struct feed_input *in, struct buf *out, struct err *e)
{
	struct telling t = { out, 0 };
	size_t at = out->n;

	buf_le32(out, 0);
	if (!page_scan(in, on_link, &t, e) || out->failed)
		return false;
	for (int i = 0; i < 4; i++)
		out->p[at + (size_t)i] = (char)(t.count >> (8 * i));
	return true;
}

bool look_run(const struct look *look, struct buf *out, struct err *e)
{
	struct feed_input in = {
		.body = look->body,
		.content_type = look->content_type,
		.base_url = look->url,
		.cpu_budget_ms = look->cpu_budget_ms,
		.skip = FEED_SKIP_HTML | FEED_SKIP_TEXT | FEED_SKIP_SUMMARY,
	};
	struct err error = { .kind = ERR_NONE };
	struct arena *a = arena_new(META_MAX);
	struct feed_meta m;
	int64_t newest = DATE_NONE;
	bool ok;

	if (!a)
		return err_nomem(e);
	ok = feed_parse(&in, on_item, &newest, a, &m, &error) || error.kind != ERR_NOMEM;
	buf_le32(out, ANSWER_MAGIC);
	buf_le64(out, look->id);
	buf_byte(out, (char)error.kind);
	buf_str32(out, str_from(error.kind == ERR_NONE ? "" : error.text));
	buf_byte(out, (char)m.format);
	buf_str32(out, utf8_cut(m.title, TITLE_MAX));
	buf_str32(out, utf8_cut(str_trim(m.language), LANGUAGE_MAX));
	buf_le64(out, m.items);
	buf_le64(out, (uint64_t)newest);
	if (ok && error.kind == ERR_NONE)
		buf_le32(out, 0);
	else
		ok = ok && tell_links(&in, out, e);
	arena_free(&a);
	return (ok && !out->failed) || err_nomem(e);
}

static bool take_links(struct rd *r, struct arena *a, struct look_answer *out, struct err *e)
{
	uint32_t count = rd_le32(r);
	struct page_link *links;

	if (count > PAGE_LINKS_MAX)
		return err_set(e, ERR_PARSE, 0, "look: more links than there may be");
	links = arena_alloc(a, count * sizeof(*links));
	if (!links)
		return err_nomem(e);
	for (uint32_t i = 0; i < count && !r->failed; i++) {
		links[i].found = rd_u8(r) == PAGE_ANCHOR ? PAGE_ANCHOR : PAGE_ALTERNATE;
		links[i].url = rd_str32(r);
		links[i].language = utf8_cut(rd_str32(r), LANGUAGE_MAX);
		if (!r->failed && (links[i].url.n > URL_MAX || !url_is_http(links[i].url)))
			return err_set(e, ERR_PARSE, 0, "look: a link that cannot be asked");
	}
	out->links = links;
	out->link_count = count;
	return true;
}

bool look_answer_decode(struct str frame, struct arena *a, struct look_answer *out, struct err *e)
{
	struct rd r = { frame.p, frame.n, false };
	unsigned kind, format;
	struct str text;

	*out = (struct look_answer){ .id = 0 };
	if (rd_le32(&r) != ANSWER_MAGIC)
		return err_set(e, ERR_PARSE, 0, "look: not an answer frame");
	out->id = rd_le64(&r);
	kind = rd_u8(&r);
	text = rd_str32(&r);
	format = rd_u8(&r);
	out->title = utf8_cut(rd_str32(&r), TITLE_MAX);
	out->language = utf8_cut(rd_str32(&r), LANGUAGE_MAX);
	out->items = rd_le64(&r);
	out->newest = (int64_t)rd_le64(&r);
	if (kind >= ERR_KINDS || format >= FEED_FORMATS)
		return err_set(e, ERR_PARSE, 0, "look: an answer of an unknown kind");
	out->format = (enum feed_format)format;
	if (kind != ERR_NONE)
		err_set(&out->error, (enum err_kind)kind, 0, "%.*s", STR_ARG(text));
	if (!take_links(&r, a, out, e))
		return false;
	if (r.failed || r.n != 0)
		return err_set(e, ERR_PARSE, 0, "look: answer frame is cut or too long");
	return true;
}
