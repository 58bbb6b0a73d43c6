/* Buffers and arenas keep to their limits and stay failed once they failed; the frame reader never reads past its slice. */
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void grows_to_its_limit(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 1000);
	for (int i = 0; i < 1000; i++)
		buf_byte(&b, 'x');
	assert_false(b.failed);
	assert_int_equal(b.n, 1000);
	buf_byte(&b, 'y');
	assert_true(b.failed);
	assert_null(b.p);
	buf_str(&b, STR("more"));
	assert_int_equal(b.n, 0);
	assert_null(buf_reserve(&b, 1));
	assert_null(buf_take(&b, NULL));
	buf_fini(&b);
	assert_false(b.failed);
	assert_int_equal(b.limit, 1000);
}

static void reset_forgets_a_failure(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 4);
	buf_str(&b, STR("abc"));
	buf_clear(&b);
	buf_str(&b, STR("abcde"));
	assert_true(b.failed);
	buf_clear(&b);
	assert_true(b.failed);
	buf_reset(&b);
	buf_str(&b, STR("abcd"));
	assert_true(!b.failed && str_eq(buf_view(&b), STR("abcd")));
	buf_reset(&b);
	assert_true(b.n == 0 && b.p != NULL);
	buf_fini(&b);
}

/* A large piece of memory goes back once little of it is in use; what is in use, or is small, stays. */
static void relaxes(void **state)
{
	static char megabyte[1 << 20];
	struct buf b;
	(void)state;
	buf_init(&b, 2u << 20);
	buf_add(&b, megabyte, sizeof(megabyte));
	buf_relax(&b);
	assert_int_equal(b.n, 0);
	assert_true(b.room >= sizeof(megabyte));
	buf_add(&b, megabyte, sizeof(megabyte) / 4);
	buf_relax(&b);
	assert_true(b.room >= sizeof(megabyte));
	buf_str(&b, STR("few"));
	buf_relax(&b);
	assert_int_equal(b.room, 0);
	buf_str(&b, STR("few"));
	buf_relax(&b);
	assert_int_equal(b.n, 0);
	assert_true(b.room > 0);
	assert_false(b.failed);
	buf_fini(&b);
}

static void small_limits_hold(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 3);
	buf_str(&b, STR("abc"));
	assert_false(b.failed);
	buf_byte(&b, 'd');
	assert_true(b.failed);
	buf_fini(&b);
	buf_init(&b, 0);
	buf_add(&b, "", 0);
	assert_false(b.failed);
	buf_byte(&b, 'x');
	assert_true(b.failed);
	buf_fini(&b);
}

static void huge_requests_fail(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, SIZE_MAX);
	buf_str(&b, STR("abc"));
	assert_null(buf_reserve(&b, SIZE_MAX - 1));
	assert_true(b.failed);
	buf_fini(&b);
}

static void writes_numbers(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 200);
	buf_u64(&b, 0);
	buf_byte(&b, ' ');
	buf_u64(&b, UINT64_MAX);
	buf_fmt(&b, " %s-%d", "f", -7);
	assert_true(str_eq(buf_view(&b), STR("0 18446744073709551615 f--7")));
	buf_fini(&b);
}

static void shifts(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 100);
	buf_str(&b, STR("abcdef"));
	buf_shift(&b, 2);
	assert_true(str_eq(buf_view(&b), STR("cdef")));
	buf_shift(&b, 0);
	assert_int_equal(b.n, 4);
	buf_shift(&b, 99);
	assert_int_equal(b.n, 0);
	buf_fini(&b);
}

static void taken_memory_ends_with_nul(void **state)
{
	(void)state;
	struct buf b;
	size_t n = 7;
	buf_init(&b, 256);
	char *p = buf_take(&b, &n);
	assert_non_null(p);
	assert_int_equal(n, 0);
	assert_string_equal(p, "");
	free(p);
	for (int i = 0; i < 256; i++)
		buf_byte(&b, 'z');
	p = buf_take(&b, &n);
	assert_int_equal(n, 256);
	assert_int_equal(strlen(p), 256);
	free(p);
	assert_null(b.p);
	buf_fini(&b);
}

static void frames_come_back(void **state)
{
	(void)state;
	struct buf b;
	buf_init(&b, 100);
	buf_byte(&b, (char)200);
	buf_le32(&b, 0xdeadbeef);
	buf_le64(&b, UINT64_C(0x0102030405060708));
	buf_str32(&b, STR("name"));
	struct rd r = { b.p, b.n, false };
	assert_int_equal(rd_u8(&r), 200);
	assert_true(rd_le32(&r) == 0xdeadbeef);
	assert_true(rd_le64(&r) == UINT64_C(0x0102030405060708));
	assert_true(str_eq(rd_str32(&r), STR("name")));
	assert_false(r.failed);
	assert_int_equal(r.n, 0);
	assert_int_equal(rd_u8(&r), 0);
	assert_true(r.failed);
	buf_fini(&b);
}

static void short_frames_fail_for_good(void **state)
{
	(void)state;
	struct rd r = { "\x05\0\0\0abcd", 8, false };
	assert_null(rd_str32(&r).p);
	assert_true(r.failed);
	assert_int_equal(rd_bytes(&r, 0).n, 0);
	assert_int_equal(rd_u8(&r), 0);
	struct rd wide = { "\xff\xff\xff\xff", 4, false };
	assert_null(rd_str32(&wide).p);
	assert_true(wide.failed);
}

static void arena_aligns_and_keeps(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	char *first = NULL;
	for (size_t i = 0; i < 3000; i++) {
		char *p = arena_alloc(a, i % 97);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		memset(p, (int)i, i % 97);
		if (i == 5)
			first = p;
	}
	assert_int_equal(first[4], 5);
	struct str s = arena_str(a, STR("copy"));
	assert_string_equal(s.p, "copy");
	assert_int_equal(((char *)arena_zalloc(a, 50))[49], 0);
	assert_false(arena_failed(a));
	arena_free(&a);
	assert_null(a);
	arena_free(&a);
}

static void arena_stops_at_its_limit(void **state)
{
	(void)state;
	struct arena *a = arena_new(10000);
	size_t got = 0;
	while (arena_alloc(a, 100))
		got += 100;
	assert_in_range(got, 8000, 10000);
	assert_true(arena_failed(a));
	assert_null(arena_alloc(a, 1)); /* sticky, although a byte would fit */
	assert_null(arena_str(a, STR("x")).p);
	assert_null(arena_cstr(a, (struct str){ "x", SIZE_MAX }));
	arena_reset(a);
	assert_false(arena_failed(a));
	assert_int_equal(arena_used(a), 0);
	assert_non_null(arena_alloc(a, 100));
	assert_null(arena_alloc(a, SIZE_MAX));
	arena_free(&a);
}

static void arena_fits_one_whole(void **state)
{
	(void)state;
	struct arena *a = arena_new(10000);
	assert_non_null(arena_alloc(a, 10000));
	assert_null(arena_alloc(a, 1));
	arena_free(&a);
}

static void first_error_wins(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_false(err_set(&e, ERR_PARSE, 0, "%s: no root", "feed"));
	assert_false(err_set(&e, ERR_IO, 5, "later"));
	assert_int_equal(e.kind, ERR_PARSE);
	assert_string_equal(e.text, "feed: no root");
	err_clear(&e);
	assert_int_equal(e.kind, ERR_NONE);
	assert_false(err_set_line(&e, ERR_CONFIG, 12, "what"));
	assert_int_equal(e.line, 12);
	assert_false(err_set(NULL, ERR_IO, 0, "nobody listens"));
}

static void error_tells_the_systems_reason(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_false(err_set(&e, ERR_IO, 2, "/etc/x"));
	assert_string_equal(e.text, "/etc/x: No such file or directory");
	assert_int_equal(e.sys, 2);
}

static void error_cuts_between_letters(void **state)
{
	(void)state;
	/* 3-byte letters at every phase: the end is never half a letter. */
	for (int shift = 0; shift < 3; shift++) {
		char wide[400] = "aaa";
		for (size_t at = (size_t)shift; at + 4 < sizeof(wide); at += 3)
			memcpy(wide + at, "\xe5\xad\x97", 3);
		struct err e = { 0 };
		assert_false(err_set(&e, ERR_PARSE, 2, "%s", wide));
		const char *reason = strstr(e.text, ": No such file or directory");
		assert_non_null(reason);
		assert_int_equal((reason - e.text - shift) % 3, 0);
		assert_in_range(strlen(e.text), 225, sizeof(e.text) - 1);
		err_clear(&e);
		assert_false(err_set(&e, ERR_PARSE, 0, "%s", wide));
		assert_int_equal((strlen(e.text) - (size_t)shift) % 3, 0);
	}
}

static void kinds_have_names(void **state)
{
	(void)state;
	for (int k = 0; k < ERR_KINDS; k++)
		assert_non_null(err_kind_name((enum err_kind)k));
	assert_string_equal(err_kind_name(ERR_LIMIT), "limit");
	assert_string_equal(err_kind_name((enum err_kind)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_to_its_limit),
		cmocka_unit_test(reset_forgets_a_failure),
		cmocka_unit_test(relaxes),
		cmocka_unit_test(small_limits_hold),
		cmocka_unit_test(huge_requests_fail),
		cmocka_unit_test(writes_numbers),
		cmocka_unit_test(shifts),
		cmocka_unit_test(taken_memory_ends_with_nul),
		cmocka_unit_test(frames_come_back),
		cmocka_unit_test(short_frames_fail_for_good),
		cmocka_unit_test(arena_aligns_and_keeps),
		cmocka_unit_test(arena_stops_at_its_limit),
		cmocka_unit_test(arena_fits_one_whole),
		cmocka_unit_test(first_error_wins),
		cmocka_unit_test(error_tells_the_systems_reason),
		cmocka_unit_test(error_cuts_between_letters),
		cmocka_unit_test(kinds_have_names),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
