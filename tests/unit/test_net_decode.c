/* What a body was packed in: every coding whole, cut short, damaged, and larger than the bound. */
#include "daemon/net/decode_priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <brotli/encode.h>
#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#define TEXT_BYTES 200000u
#define BOMB_BYTES (8u << 20)

static char text[TEXT_BYTES];

static void pack_zlib(struct str plain, int window, struct buf *out)
{
	size_t room = plain.n + 4096;
	z_stream z = { .next_in = (Bytef *)(uintptr_t)plain.p,
		.avail_in = (uInt)plain.n,
		.next_out = (Bytef *)buf_reserve(out, room),
		.avail_out = (uInt)room };
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	buf_grown(out, z.total_out);
	deflateEnd(&z);
}

static void pack_gzip(struct str plain, struct buf *out)
{
	pack_zlib(plain, 15 + 16, out);
}

static void pack_deflate(struct str plain, struct buf *out)
{
	pack_zlib(plain, 15, out);
}

static void pack_raw(struct str plain, struct buf *out)
{
	pack_zlib(plain, -15, out);
}

static void pack_zstd(struct str plain, struct buf *out)
{
	size_t room = ZSTD_compressBound(plain.n);
	size_t n = ZSTD_compress(buf_reserve(out, room), room, plain.p, plain.n, 3);
	assert_false(ZSTD_isError(n));
	buf_grown(out, n);
}

static void pack_brotli(struct str plain, struct buf *out)
{
	size_t n = BrotliEncoderMaxCompressedSize(plain.n);
	uint8_t *to = (uint8_t *)buf_reserve(out, n);
	assert_int_equal(
	    BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, plain.n, (const uint8_t *)plain.p, &n, to),
	    BROTLI_TRUE);
	buf_grown(out, n);
}

static const struct coding {
	const char *name;
	void (*pack)(struct str plain, struct buf *out);
} codings[] = {
	{ "gzip", pack_gzip },
	{ "X-GZip", pack_gzip },
	{ "deflate", pack_deflate },
	{ "deflate", pack_raw },
	{ "zstd", pack_zstd },
	{ " br ", pack_brotli },
};

static struct buf packed(const struct coding *c, struct str plain)
{
	struct buf b;
	buf_init(&b, 64u << 20);
	c->pack(plain, &b);
	assert_false(b.failed);
	return b;
}

static enum err_kind decode(const char *encoding, size_t max, struct buf *body)
{
	struct err e = { ERR_NONE };
	struct decoder *d = decoder_new();
	assert_non_null(d);
	if (decode_body(d, str_from(encoding), max, body, &e))
		assert_int_equal(e.kind, ERR_NONE);
	else
		assert_int_not_equal(e.kind, ERR_NONE);
	decoder_free(&d);
	return e.kind;
}

static void test_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codings); i++) {
		struct buf b = packed(&codings[i], str_of(text, TEXT_BYTES));
		assert_true(b.n < TEXT_BYTES);
		assert_int_equal(decode(codings[i].name, 1u << 20, &b), ERR_NONE);
		assert_int_equal(b.n, TEXT_BYTES);
		assert_memory_equal(b.p, text, TEXT_BYTES);
		assert_int_equal(b.limit, 64u << 20);
		buf_fini(&b);
	}
}

static void test_the_bound_is_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codings); i++) {
		struct buf b = packed(&codings[i], str_of(text, TEXT_BYTES));
		assert_int_equal(decode(codings[i].name, TEXT_BYTES, &b), ERR_NONE);
		assert_int_equal(b.n, TEXT_BYTES);
		buf_fini(&b);
		b = packed(&codings[i], str_of(text, TEXT_BYTES));
		assert_int_equal(decode(codings[i].name, TEXT_BYTES - 1, &b), ERR_LIMIT);
		assert_int_equal(b.n, TEXT_BYTES - 1);
		buf_fini(&b);
	}
}

static void test_a_bomb_fills_no_more_than_the_bound(void **state)
{
	char *zeros = calloc(1, BOMB_BYTES);
	(void)state;
	assert_non_null(zeros);
	for (size_t i = 0; i < ARRAY_LEN(codings); i++) {
		struct buf b = packed(&codings[i], str_of(zeros, BOMB_BYTES));
		assert_true(b.n < 100000);
		assert_int_equal(decode(codings[i].name, 300000, &b), ERR_LIMIT);
		assert_true(b.room <= 600000);
		buf_fini(&b);
	}
	free(zeros);
}

/* What came of a body that was cut is handed over: its items are as good as others. Nothing is not an empty document. */
static void test_cut_short(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codings); i++) {
		struct buf b = packed(&codings[i], str_of(text, TEXT_BYTES));
		for (size_t tail = 1; tail < b.n; tail += b.n / 7) {
			struct buf cut;
			buf_init(&cut, b.limit);
			buf_add(&cut, b.p, b.n - tail);
			enum err_kind kind = decode(codings[i].name, 1u << 20, &cut);
			assert_int_equal(kind, cut.n > 0 ? ERR_NONE : ERR_HTTP);
			assert_true(cut.n <= TEXT_BYTES);
			assert_memory_equal(cut.n > 0 ? cut.p : text, text, cut.n);
			if (tail < b.n / 4) /* zstd has blocks of 128 KiB */
				assert_true(cut.n > 0);
			buf_fini(&cut);
		}
		buf_fini(&b);
	}
}

/* A text of nothing is whole. */
static void test_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codings); i++) {
		struct buf b = packed(&codings[i], STR(""));
		assert_true(b.n > 0);
		assert_int_equal(decode(codings[i].name, 1u << 20, &b), ERR_NONE);
		assert_int_equal(b.n, 0);
		buf_fini(&b);
	}
}

static void test_damaged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codings); i++) {
		struct buf b;
		buf_init(&b, 1u << 20);
		buf_str(&b, STR("\xff\xff<rss>not compressed at all</rss>"));
		assert_int_equal(decode(codings[i].name, 1u << 20, &b), ERR_HTTP);
		buf_fini(&b);
	}
}

/* Flipping any byte ends in an error or in at most what is allowed; the sanitizers watch. */
static void test_any_byte_flipped(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codings); i++) {
		struct buf b = packed(&codings[i], str_of(text, 2000));
		for (size_t at = 0; at < b.n; at++) {
			struct buf bad;
			buf_init(&bad, b.limit);
			buf_add(&bad, b.p, b.n);
			bad.p[at] = (char)~bad.p[at];
			(void)decode(codings[i].name, 5000, &bad);
			assert_true(bad.n <= 5000);
			buf_fini(&bad);
		}
		buf_fini(&b);
	}
}

static void test_members_of_gzip(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b, 1u << 20);
	pack_gzip(STR("a long first member, longer than the last"), &b);
	pack_gzip(STR("and last"), &b);
	buf_str(&b, STR("padding"));
	assert_int_equal(decode("gzip", 1000, &b), ERR_NONE);
	assert_true(str_eq(buf_view(&b), STR("a long first member, longer than the lastand last")));
	buf_fini(&b);
}

static void test_codings_on_top_of_each_other(void **state)
{
	struct buf inner = packed(&codings[0], STR("text")), b;
	(void)state;
	buf_init(&b, 1u << 20);
	pack_brotli(buf_view(&inner), &b);
	assert_int_equal(decode("gzip,, identity, br", 1000, &b), ERR_NONE);
	assert_true(str_eq(buf_view(&b), STR("text")));
	assert_int_equal(decode("gzip, gzip, gzip, gzip", 1000, &b), ERR_HTTP);
	assert_int_equal(decode("compress", 1000, &b), ERR_HTTP);
	buf_clear(&b);
	assert_int_equal(decode("gzip", 1000, &b), ERR_NONE);
	assert_int_equal(b.n, 0);
	buf_fini(&inner);
	buf_fini(&b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_the_bound_is_exact),
		cmocka_unit_test(test_a_bomb_fills_no_more_than_the_bound),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_any_byte_flipped),
		cmocka_unit_test(test_members_of_gzip),
		cmocka_unit_test(test_codings_on_top_of_each_other),
	};
	unsigned random = 1;
	for (size_t i = 0; i < TEXT_BYTES; i++) {
		random = random * 1103515245u + 12345u;
		text[i] = "etaoin shrdlu <p>"[(random >> 16) % 17];
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net/decode", tests, NULL, NULL);
}
