/* Any bytes as a page and as a Link header: what is told can be asked for, and the end comes. */
#include "daemon/base/link_header.h"
#include "daemon/base/url.h"
#include "daemon/base/utf8.h"
#include "daemon/feed/page.h"

#include <assert.h>
#include <stdint.h>

static bool on_link(void *ctx, const struct page_link *l)
{
	unsigned *told = ctx;
	assert(++*told <= PAGE_LINKS_MAX);
	assert(l->found == PAGE_ALTERNATE || l->found == PAGE_ANCHOR);
	assert(url_is_http(l->url) && l->url.n <= URL_MAX && utf8_valid_prefix(l->url) == l->url.n);
	assert(!memchr(l->url.p, '#', l->url.n));
	return true;
}

static void is_inside(struct str whole, struct str part)
{
	assert(!part.p || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned told = 0;
	struct err e = { .kind = ERR_NONE };
	struct str text = str_of(data, size), rest = text;
	struct link_value v;
	feed_init();
	const struct feed_input in = { .body = text, .base_url = STR("https://e.example/d/f?q") };
	assert(page_scan(&in, on_link, &told, &e));
	while (link_next(&rest, &v)) {
		is_inside(text, v.target);
		is_inside(text, v.rel);
		is_inside(text, v.type);
		is_inside(text, v.anchor);
		(void)link_has_rel(v.rel, STR("hub"));
	}
	return 0;
}
