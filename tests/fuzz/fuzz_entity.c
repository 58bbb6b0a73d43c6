/*
 * References of all kinds: names and numbers of HTML, XML's own five, entities that a document declares. What stands before the first NUL is an
 * internal subset, the rest is text: first for each reader of references alone, then both as a document.
 */
#include "daemon/base/utf8.h"
#include "daemon/feed/chardata_priv.h"
#include "daemon/feed/feed.h"
#include "daemon/feed/html.h"
#include "daemon/feed/html_reference_priv.h"
#include "daemon/feed/repair_entities_priv.h"

#include <assert.h>
#include <stdint.h>

/* What is made of references is text: valid, and without characters that steer a terminal. */
static void is_plain(struct str s)
{
	assert(utf8_valid_prefix(s) == s.n);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		assert(c >= 0x20 || c == '\t' || c == '\n' || c == '\r');
		assert(c != 0xc2 || (unsigned char)s.p[i + 1] >= 0xa0);
	}
}

static void one_reference(struct str s)
{
	char strict[8], loose[8];
	size_t strict_length = 0, loose_length = 0;
	size_t strict_took = html_reference(s, true, strict, &strict_length);
	size_t loose_took = html_reference(s, false, loose, &loose_length);
	assert(strict_took <= s.n && loose_took <= s.n && strict_length <= 7 && loose_length <= 7);
	is_plain(str_of(loose, loose_took > 0 ? loose_length : 0));
	if (strict_took > 0)
		assert(strict_took == loose_took && strict_length == loose_length &&
		       memcmp(strict, loose, strict_length) == 0);
}

/* The same by the other reader, one reference after the other. */
static void by_references(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n;) {
		char text[8];
		size_t length = 0,
		       took = s.p[i] == '&' ? html_reference(str_skip(s, i), true, text, &length) : 0;
		if (took > 0 && length == 0) {
			buf_byte(out, '\x7f'); /* HTML leaves it out, XML allows it */
		} else if (took > 0) {
			buf_add(out, text, length);
		} else if (s.p[i] == '\r') {
			buf_byte(out, '\n');
			i += i + 1 < s.n && s.p[i + 1] == '\n';
		} else {
			buf_byte(out, s.p[i]);
		}
		i += took > 0 ? took : 1;
	}
}

static void both_agree(struct str s)
{
	struct buf one, other;
	buf_init(&one, 1u << 24);
	buf_init(&other, 1u << 24);
	char *to = buf_reserve(&one, s.n + CHARDATA_SLACK);
	size_t n = to ? chardata_decode(s, to) : SIZE_MAX;
	if (n != SIZE_MAX) {
		by_references(s, &other);
		assert(n <= s.n && str_eq(str_of(to, n), buf_view(&other)));
	}
	buf_clear(&other);
	html_unescape(s, &other);
	assert(
	    !other.failed && (utf8_valid_prefix(s) != s.n || utf8_valid_prefix(buf_view(&other)) == other.n));
	buf_fini(&one);
	buf_fini(&other);
}

static void declared(struct str subset, struct str s)
{
	static struct entities e;
	struct str text;
	entities_read(&e, subset);
	assert(e.n <= ENTITIES_MAX);
	for (size_t i = 0; i < e.n; i++) {
		struct str value = e.list[i].value;
		assert(e.list[i].name.n > 0 && value.n <= ENTITY_VALUE_MAX &&
		       str_find_byte(value, '&', 0) == SIZE_MAX);
	}
	for (size_t i = 0; (i = str_find_byte(s, '&', i)) != SIZE_MAX; i++) {
		one_reference(str_skip(s, i));
		assert(entities_find(&e, str_skip(s, i), &text) <= s.n - i);
	}
}

static bool on_item(void *ctx, const struct feed_item *it)
{
	(void)ctx;
	is_plain(it->title);
	is_plain(it->content_text);
	is_plain(it->summary);
	return true;
}

static void document(struct str subset, struct str s)
{
	struct buf out;
	struct feed_meta m;
	struct err e = { .kind = ERR_NONE };
	buf_init(&out, 1u << 24);
	struct arena *arena = arena_new(64u << 20);
	if (subset.n > 0)
		buf_fmt(&out, "<!DOCTYPE rss [%.*s]>", STR_ARG(subset));
	buf_fmt(&out, "<rss version='2.0'><channel><item><title>%.*s</title><description>", STR_ARG(s));
	buf_fmt(&out, "%.*s%.*s</description></item></channel></rss>", STR_ARG(s), STR_ARG(s));
	struct feed_input in = { .body = buf_view(&out) };
	if (!feed_parse(&in, on_item, NULL, arena, &m, &e))
		assert(e.kind == ERR_PARSE);
	arena_free(&arena);
	buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_of(data, size), subset = { NULL, 0 };
	size_t nul = str_find_byte(text, '\0', 0);
	feed_init();
	if (nul != SIZE_MAX) {
		subset = str_of(text.p, nul);
		text = str_skip(text, nul + 1);
	}
	declared(subset, text);
	both_agree(text);
	document(subset, text);
	return 0;
}
