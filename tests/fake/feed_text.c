/* feed_text: parses and prints what came out, field by field. */
#include "tests/fake/feed_text.h"

#include "daemon/base/date.h"

static void field(struct buf *out, const char *name, struct str value)
{
	if (!value.p)
		return;
	buf_byte(out, ' ');
	buf_str(out, str_from(name));
	buf_byte(out, '=');
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\n')
			buf_str(out, STR("\\n"));
		else
			buf_byte(out, value.p[i]);
	}
}

static void date(struct buf *out, const char *name, struct feed_date d)
{
	char text[DATE_TEXT_MAX];
	if (d.ms != DATE_NONE)
		field(out, name, str_of(text, date_format(d.ms, text)));
}

static void people(struct buf *out, const char *name, struct feed_list list)
{
	const struct feed_author *a = list.at;
	for (size_t i = 0; i < list.n; i++) {
		field(out, name, a[i].name);
		field(out, "email", a[i].email);
		field(out, "page", a[i].url);
	}
}

static void number(struct buf *out, const char *name, int64_t value)
{
	if (value < 0)
		return;
	buf_str(out, str_from(name));
	buf_u64(out, (uint64_t)value);
}

static void files(struct buf *out, struct feed_list list)
{
	const struct feed_attachment *a = list.at;
	for (size_t i = 0; i < list.n; i++) {
		field(out, "file", a[i].url);
		field(out, "type", a[i].mime_type);
		number(out, " size=", a[i].size);
		number(out, " ms=", a[i].duration_ms);
	}
}

static bool on_item(void *ctx, const struct feed_item *it)
{
	struct buf *out = ctx;
	const struct str *tags = it->tags.at;
	buf_str(out, STR("item"));
	field(out, "id", it->id);
	field(out, "url", it->url);
	field(out, "title", it->title);
	field(out, "html", it->content_html);
	field(out, "text", it->content_text);
	field(out, "summary", it->summary);
	date(out, "published", it->published);
	date(out, "modified", it->modified);
	people(out, "author", it->authors);
	for (size_t i = 0; i < it->tags.n; i++)
		field(out, "tag", tags[i]);
	files(out, it->attachments);
	field(out, "image", it->image);
	field(out, "language", it->language);
	field(out, "source", it->source_title);
	field(out, "source_url", it->source_url);
	buf_byte(out, '\n');
	return !out->failed;
}

static const char *const kinds[ERR_KINDS] = {
	[ERR_NONE] = "none", [ERR_NOMEM] = "nomem", [ERR_PARSE] = "parse", [ERR_LIMIT] = "limit"
};

void feed_text(const struct feed_input *in, struct buf *out)
{
	struct feed_meta m;
	struct err e = { .kind = ERR_NONE };
	struct buf items;
	struct arena *arena = arena_new(64u << 20);
	feed_init();
	buf_init(&items, out->limit);
	if (!arena) {
		buf_str(out, STR("error nomem\n"));
	} else if (!feed_parse(in, on_item, &items, arena, &m, &e)) {
		buf_str(out, STR("error "));
		buf_str(out, str_from(kinds[e.kind] ? kinds[e.kind] : "other"));
		buf_byte(out, '\n');
	} else {
		buf_str(out, STR("feed "));
		buf_str(out, str_from(feed_format_name(m.format)));
		field(out, "title", m.title);
		field(out, "home", m.home_page_url);
		field(out, "language", m.language);
		buf_str(out, m.recovered ? STR(" recovered") : STR(""));
		buf_str(out, m.complete ? STR("\n") : STR(" cut\n"));
		buf_str(out, buf_view(&items));
	}
	buf_fini(&items);
	arena_free(&arena);
}

bool feed_text_rows(const struct feed_text_row *rows, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		struct feed_input in = { .body = str_from(rows[i].document),
			.base_url = str_from(rows[i].base) };
		buf_fmt(out, "%s: got ", rows[i].name);
		size_t start = out->n;
		feed_text(&in, out);
		if (out->failed || !str_eq(str_skip(buf_view(out), start), str_from(rows[i].want))) {
			buf_fmt(out, " want %s", rows[i].want);
			return false;
		}
		buf_clear(out);
	}
	return true;
}
