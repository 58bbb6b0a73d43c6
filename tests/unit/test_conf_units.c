/* Durations and sizes as people write them, and back. */
#include "daemon/conf/conf.h"
#include "daemon/conf/units_priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
	const char *name, *text;
	int64_t value; /* -1: refused */
	const char *printed; /* NULL: as text */
};

static const struct row durations[] = {
	{ "seconds", "90s", 90000, NULL },
	{ "minutes", "5m", 300000, NULL },
	{ "hours", "2h", 7200000, NULL },
	{ "days", "1d", 86400000, NULL },
	{ "milliseconds", "500ms", 500, NULL },
	{ "nothing needs no unit", "0", 0, NULL },
	{ "nothing with a unit", "0s", 0, "0" },
	{ "parts", "1h30m", 5400000, "90m" },
	{ "all parts", "1d2h3m4s5ms", 93784005, "93784005ms" },
	{ "printed in the largest unit that fits", "120s", 120000, "2m" },
	{ "leading zeros", "007s", 7000, "7s" },
	{ "largest", "9223372036854775807ms", INT64_MAX, NULL },
	{ "no unit", "90", -1, NULL },
	{ "empty", "", -1, NULL },
	{ "unit alone", "s", -1, NULL },
	{ "unknown unit", "5min", -1, NULL },
	{ "upper case", "5M", -1, NULL },
	{ "space between", "5 m", -1, NULL },
	{ "space behind", "5m ", -1, NULL },
	{ "sign", "-5m", -1, NULL },
	{ "fraction", "1.5h", -1, NULL },
	{ "parts in the wrong order", "30m1h", -1, NULL },
	{ "a part twice", "1h1h", -1, NULL },
	{ "number without unit behind a part", "1h30", -1, NULL },
	{ "too large", "9223372036854775808ms", -1, NULL },
	{ "too large by its unit", "9223372036854775807s", -1, NULL },
	{ "too large by the sum", "106751991167d9223372036854775807ms", -1, NULL },
};

static const struct row sizes[] = {
	{ "bytes", "4096", 4096, "4KiB" },
	{ "bytes with unit", "100B", 100, NULL },
	{ "binary", "64MiB", INT64_C(64) << 20, NULL },
	{ "decimal", "10GB", INT64_C(10000000000), "9765625KiB" },
	{ "small k", "1kB", 1000, "1000B" },
	{ "large k", "1KB", 1000, "1000B" },
	{ "kibi", "3KiB", 3072, NULL },
	{ "gibi", "2GiB", INT64_C(2) << 30, NULL },
	{ "tebi", "1TiB", INT64_C(1) << 40, NULL },
	{ "tera", "1TB", INT64_C(1000000000000), "976562500KiB" },
	{ "nothing", "0", 0, NULL },
	{ "largest", "9223372036854775807", INT64_MAX, "9223372036854775807B" },
	{ "mega of what", "64M", -1, NULL },
	{ "small m", "64mb", -1, NULL },
	{ "space", "64 MiB", -1, NULL },
	{ "fraction", "1.5GiB", -1, NULL },
	{ "sign", "-1", -1, NULL },
	{ "empty", "", -1, NULL },
	{ "too large", "9223372036854775808", -1, NULL },
	{ "too large by its unit", "8388608TiB", -1, NULL },
};

typedef bool parse_f(struct str text, int64_t *out);
typedef void print_f(int64_t v, struct buf *out);

static void check(const struct row *rows, size_t count, parse_f *parse, print_f *print)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *r = &rows[i];
		struct buf out;
		int64_t v = -1;
		bool good = parse(str_from(r->text), &v);
		if (good != (r->value >= 0) || v != r->value)
			fail_msg("%s: \"%s\" gave %lld", r->name, r->text, (long long)v);
		if (!good)
			continue;
		buf_init(&out, 64);
		print(v, &out);
		buf_byte(&out, '\0');
		if (strcmp(out.p, r->printed ? r->printed : r->text) != 0)
			fail_msg("%s: \"%s\" was printed as \"%s\"", r->name, r->text, out.p);
		buf_fini(&out);
	}
}

static void test_durations(void **state)
{
	(void)state;
	check(durations, ARRAY_LEN(durations), conf_parse_duration, conf_print_duration);
}

static void test_sizes(void **state)
{
	(void)state;
	check(sizes, ARRAY_LEN(sizes), conf_parse_size, conf_print_size);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_sizes),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("conf/units", tests, NULL, NULL);
}
