/* Any bytes as a feed: a document that is valid UTF-8 and within its bounds, or an error; the same as one JSON line. The first byte chooses the label. */
#include "daemon/base/utf8.h"
#include "daemon/feed/feed.h"
#include "daemon/feed/jsonfeed.h"

#include <assert.h>
#include <stdint.h>

static void text_holds(struct str s)
{
	assert(s.n == 0 || s.p);
	assert(utf8_valid_prefix(s) == s.n);
}

static bool on_item(void *ctx, const struct feed_item *it)
{
	uint64_t *items = ctx;
	const struct str strings[] = { it->id, it->url, it->external_url, it->title, it->content_html,
		it->content_text, it->summary, it->image, it->language, it->source_title, it->source_url,
		it->published.raw, it->modified.raw };
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		text_holds(strings[i]);
	assert(it->authors.n <= FEED_LIST_MAX && it->tags.n <= FEED_LIST_MAX &&
	       it->attachments.n <= FEED_LIST_MAX);
	(*items)++;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = { "", "text/xml; charset=big5", "text/xml; charset=iso-2022-jp",
		"application/json" };
	uint64_t items = 0;
	struct err e = { .kind = ERR_NONE };
	struct feed_meta m;
	struct buf out;
	feed_init();
	struct feed_input in = { .body = str_of(data, size), .base_url = STR("http://e.org/d/f") };
	if (size > 0 && data[0] < sizeof(types) / sizeof(types[0])) {
		in.content_type = str_from(types[data[0]]);
		in.body = str_skip(in.body, 1);
	}
	struct arena *arena = arena_new(64u << 20);
	if (feed_parse(&in, on_item, &items, arena, &m, &e)) {
		assert(e.kind == ERR_NONE && items == m.items && m.format != FEED_UNKNOWN);
		text_holds(m.title);
		text_holds(m.description);
		text_holds(m.home_page_url);
	} else {
		assert(e.kind == ERR_PARSE || e.kind == ERR_LIMIT);
	}
	arena_free(&arena);
	buf_init(&out, 256u << 20);
	enum err_kind first = e.kind;
	e.kind = ERR_NONE;
	bool ok = jsonfeed_convert(&in, &out, &e);
	assert(ok == (first == ERR_NONE));
	assert(!ok || !memchr(out.p, '\n', out.n));
	buf_fini(&out);
	return 0;
}
