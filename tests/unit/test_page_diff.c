/* diff: what went and what came between two texts, in words; and that both can be had back from it. */
#include "daemon/page/diff.h"

#include "daemon/base/attr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct buf out;

static const char *diff(const char *before, const char *after, size_t room)
{
	buf_fini(&out);
	buf_init(&out, 1 << 20);
	diff_write(&out, str_from(before), str_from(after), room);
	buf_byte(&out, '\0');
	assert_false(out.failed);
	return out.p;
}

static void small(void **state)
{
	static const struct {
		const char *before, *after, *wanted;
	} cases[] = {
		{ "", "", "" },
		{ "the same", "the same", "the same" },
		{ "", "new", "<ins>new</ins>" },
		{ "old", "", "<del>old</del>" },
		{ "two persons arrested", "three persons arrested",
		    "<del>two</del><ins>three</ins> persons arrested" },
		{ "a b c", "a c", "a <del>b </del>c" },
		{ "a c", "a b c", "a <ins>b </ins>c" },
		{ "a <b> c", "a <i> c", "a &lt;<del>b</del><ins>i</ins>&gt; c" },
		{ "fine of 20,000", "fine of 30,000.", "fine of <del>20</del><ins>30</ins>,000<ins>.</ins>" },
		{ "\xe8\xad\xa6\xe6\x96\xb9\xe6\x8b\x98", "\xe8\xad\xa6\xe6\x96\xb9\xe6\x8d\x95",
		    "\xe8\xad\xa6\xe6\x96\xb9<del>\xe6\x8b\x98</del><ins>\xe6\x8d\x95</ins>" },
		{ "\xff", "\xfe", "<del>\xef\xbf\xbd</del><ins>\xef\xbf\xbd</ins>" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(diff(cases[i].before, cases[i].after, 10000), cases[i].wanted);
}

/* The text without what stands in one kind of tag, and without the other kind's tags. */
static void keep(const char *html, const char *drop, const char *open, char *to)
{
	char drop_end[8], open_end[8];

	snprintf(drop_end, sizeof(drop_end), "</%s", drop + 1);
	snprintf(open_end, sizeof(open_end), "</%s", open + 1);
	while (*html) {
		if (strncmp(html, drop, 5) == 0)
			html = strstr(html, drop_end) + 6;
		else if (strncmp(html, open, 5) == 0)
			html += 5;
		else if (strncmp(html, open_end, 6) == 0)
			html += 6;
		else
			*to++ = *html++;
	}
	*to = '\0';
}

static void there_and_back(void **state)
{
	char before[200], after[200], got[400];
	uint64_t x = 7;

	(void)state;
	for (unsigned round = 0; round < 5000; round++) {
		char *texts[] = { before, after };

		for (unsigned t = 0; t < 2; t++) {
			unsigned n = 0;

			for (unsigned k = 0; k < round % 60; k++) {
				x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
				texts[t][n++] = "ab  c."[(x >> 40) % 6];
			}
			texts[t][n] = '\0';
		}
		diff(before, after, 10000);
		keep(out.p, "<ins>", "<del>", got);
		assert_string_equal(got, before);
		keep(out.p, "<del>", "<ins>", got);
		assert_string_equal(got, after);
	}
}

static char *many(size_t count, const char *word, const char *last)
{
	struct buf b;
	size_t n;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < count; i++)
		buf_fmt(&b, "%s%zu ", word, i);
	buf_str(&b, str_from(last));
	return buf_take(&b, &n);
}

static void bounded(void **state)
{
	char *x = many(5000, "a", "end"), *y = many(5000, "b", "end"), *z = many(5000, "a", "other");

	(void)state;
	assert_true(strlen(diff(x, y, 4000)) < 4100);
	assert_non_null(strstr(diff(x, z, 4000), "<del>end</del><ins>other</ins>"));
	assert_true(out.n < 400); /* of what stayed only what is near */
	assert_non_null(strstr(out.p, " \xe2\x80\xa6 "));
	free(x);
	free(y);
	free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(bounded),
	};

	buf_init(&out, 1 << 20);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests_name("page: diff", tests, NULL, NULL);
	buf_fini(&out);
	return failed;
}
