/* Any bytes as a fragment of HTML: text without markup is never longer than its source, valid text stays valid, links resolve twice to the same. */
#include "daemon/base/utf8.h"
#include "daemon/feed/html.h"
#include "daemon/feed/text_priv.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str html = str_of(data, size);
	struct buf text, links, again;
	bool valid = utf8_valid_prefix(html) == html.n;
	buf_init(&text, 64u << 20);
	buf_init(&links, 64u << 20);
	buf_init(&again, 64u << 20);
	html_to_text(html, &text);
	assert(!text.failed && text.n <= 2 * size + 8);
	assert(!valid || utf8_valid_prefix(buf_view(&text)) == text.n);
	buf_clear(&text);
	html_unescape(html, &text);
	assert(!text.failed && (!valid || utf8_valid_prefix(buf_view(&text)) == text.n));
	html_has_markup(html);
	struct str whole = text_links(html, STR("http://e.org/a/b"), &links);
	assert(!valid || utf8_valid_prefix(whole) == whole.n);
	text_links(whole, STR("http://e.org/a/b"), &again);
	assert(!links.failed && !again.failed);
	for (unsigned type = VALUE_PLAIN; type <= VALUE_XHTML; type++) {
		buf_clear(&text);
		text_plain(html, (enum value_type)type, &text);
		assert(!text.failed && !memchr(text.p ? text.p : "", '\n', text.n));
	}
	text_duration(html);
	buf_clear(&text);
	text_base64(html, &text);
	buf_fini(&text);
	buf_fini(&links);
	buf_fini(&again);
	return 0;
}
