/* Time zones against the C library's own answers, and damaged files. */
#include "daemon/base/buf.h"
#include "daemon/base/date.h"
#include "daemon/base/fs.h"
#include "daemon/base/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FOLDER "/usr/share/zoneinfo/"

static int64_t instant(const char *text)
{
	int64_t ms;

	assert_true(date_parse_rfc3339(str_from(text), &ms));
	return ms / 1000;
}

static void test_rules(void **state)
{
	static const struct {
		const char *rule, *at;
		int32_t east;
	} rows[] = {
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7200 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600 },
		{ "EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -4 * 3600 },
		{ "EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -5 * 3600 },
		{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-15T00:00:00Z", 11 * 3600 }, /* summer in January */
		{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-15T00:00:00Z", 10 * 3600 },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600 },
		{ "EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00:00Z",
		    3 * 3600 }, /* hours beyond a day */
		{ "XXX-3:30", "2026-07-15T00:00:00Z", 12600 },
		{ "AAA-1BBB,J60,J300", "2024-03-01T01:00:00Z", 7200 }, /* the leap day is not counted */
		{ "AAA-1BBB,59,300", "2024-02-29T01:00:00Z", 7200 }, /* here it is */
	};
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct zone *z = NULL;
		struct err e = { 0 };

		if (!zone_from_rule(str_from(rows[i].rule), a, &z, &e) ||
		    zone_offset(z, instant(rows[i].at)) != rows[i].east)
			fail_msg("row %zu: %s at %s", i, rows[i].rule, rows[i].at);
	}
	arena_free(&a);
}

static void test_bad_rules(void **state)
{
	static const char *const rules[] = { "", "CET", "C-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-99",
		"CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.0.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,M3.5.0,M10.5.0/3x", "<CET-1", "<>1", "CET-1CEST,J0,J5",
		"CET-1CEST,M3.5.0/168,M10.5.0", "CET-99999999999999999999" };
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		const struct zone *z = NULL;
		struct err e = { 0 };

		if (zone_from_rule(str_from(rules[i]), a, &z, &e))
			fail_msg("taken: %s", rules[i]);
		assert_int_equal(e.kind, ERR_PARSE);
	}
	arena_free(&a);
}

static bool load(const char *name, struct arena *a, const struct zone **z)
{
	char path[128];
	struct buf file;
	struct err e = { 0 };
	bool ok;

	snprintf(path, sizeof(path), FOLDER "%s", name);
	if (!fs_read_file(&fs_system, path, ZONE_FILE_MAX, &file, &e))
		return false;
	ok = zone_from_file(buf_view(&file), a, z, &e);
	if (!ok)
		fail_msg("%s %s", path, e.text);
	buf_fini(&file);
	return true;
}

/* The library reads the same files; steps of 11 hours meet every change and both sides of the last one. */
static void test_files_as_libc(void **state)
{
	static const char *const names[] = { "Asia/Hong_Kong", "Europe/Paris", "America/New_York",
		"Australia/Lord_Howe", "Africa/Casablanca", "Asia/Gaza", "America/Sao_Paulo", "UTC" };
	struct arena *a = arena_new(4 << 20);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct zone *z = NULL;

		if (!load(names[i], a, &z)) {
			print_message("# skipped: no %s here\n", names[i]);
			continue;
		}
		setenv("TZ", names[i], 1);
		tzset();
		for (int64_t t = 0; t < INT64_C(4102444800); t += 39600) {
			time_t at = (time_t)t;
			struct tm tm;

			assert_non_null(localtime_r(&at, &tm));
			if (zone_offset(z, t) != (int32_t)tm.tm_gmtoff)
				fail_msg("%s at %lld: %d, not %ld", names[i], (long long)t, zone_offset(z, t),
				    tm.tm_gmtoff);
		}
		unsetenv("TZ");
	}
	arena_free(&a);
}

/* Every cut and every changed byte: an answer or a refusal, never a read beyond the end. */
static void test_damaged_files(void **state)
{
	struct buf file;
	struct err e = { 0 };
	size_t refused = 0;

	(void)state;
	if (!fs_read_file(&fs_system, FOLDER "Europe/Paris", ZONE_FILE_MAX, &file, &e))
		return skip();
	for (size_t n = 0; n < file.n; n++) {
		struct arena *a = arena_new(4 << 20);
		const struct zone *z = NULL;
		struct err why = { 0 };
		char *copy = malloc(n + 1);

		memcpy(copy, file.p, n);
		assert_false(zone_from_file(str_of(copy, n), a, &z, &why));
		free(copy);
		file.p[n] = (char)(file.p[n] ^ 0x41);
		if (zone_from_file(buf_view(&file), a, &z, &why))
			(void)zone_offset(z, 1800000000);
		else
			refused++;
		file.p[n] = (char)(file.p[n] ^ 0x41);
		arena_free(&a);
	}
	assert_true(refused > 50);
	buf_fini(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_bad_rules),
		cmocka_unit_test(test_files_as_libc),
		cmocka_unit_test(test_damaged_files),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
