/* What is remembered of an item, there and back; what counts as a change of it; and who is missed in a document. */
#include "daemon/base/date.h"
#include "daemon/pipe/listing.h"
#include "daemon/pipe/remembered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static void members(struct said said, uint32_t out[MEMBERS])
{
	struct buf scratch;

	buf_init(&scratch, 1u << 20);
	if (said.published == 0)
		said.published = said.modified = DATE_NONE;
	members_of(&said, &scratch, out);
	buf_fini(&scratch);
}

static const struct change {
	const char *name;
	struct said before, after;
	uint32_t changed;
} changes[] = {
	{ "nothing", { .title = { "a", 1 } }, { .title = { "a", 1 } }, 0 },
	{ "white space", { .text = { " a  b\n", 6 } }, { .text = { "a b", 3 } }, 0 },
	{ "a space that does not break, and one of no width",
	    { .text = { "a\xc2\xa0"
	                "b\xe2\x80\x8b",
	          7 } },
	    { .text = { "a b", 3 } }, 0 },
	{ "a letter", { .text = { "a b", 3 } }, { .text = { "a c", 3 } }, 1u << MEMBER_TEXT },
	{ "a space is no letter", { .text = { "a b", 3 } }, { .text = { "ab", 2 } }, 1u << MEMBER_TEXT },
	{ "a tracking parameter", { .url = { "http://x.example/1?utm_source=rss", 33 } },
	    { .url = { "http://x.example/1", 18 } }, 0 },
	{ "https", { .url = { "http://x.example/1", 18 } }, { .url = { "https://x.example/1", 19 } },
	    1u << MEMBER_URL },
	{ "a date", { .title = { "a", 1 }, .published = 1000, .modified = 1000 },
	    { .title = { "a", 1 }, .published = 2000, .modified = 1000 }, 1u << MEMBER_PUBLISHED },
	{ "an id that went", { .id = { "a", 1 } }, { .title = { "a", 1 } },
	    1u << MEMBER_ID | 1u << MEMBER_TITLE },
};

/* Wherever in a text it stands, and whatever stands around it. */
static void test_white_space(void **state)
{
	static const char *const blanks[] = { " ", "  ", "\n", "\t ", " \xc2\xa0", "\xe2\x80\x89",
		"\xe3\x80\x80 ", "\xef\xbb\xbf" };
	static const char letters[] =
	    "abcdefgh!"
	    "jklmnop\xd0\xb6\xd1\x83\xd0\xba\xe8\xad\xa6\xe6\x96\xb9\xe3\x82\xab\xef\xbd\xb6\xc3\xa9";
	char plain[2 * sizeof(letters)], text[2 * sizeof(letters) + 8];

	(void)state;
	for (size_t at = 1; at < sizeof(letters) - 3; at++) {
		uint32_t a[MEMBERS], b[MEMBERS], kept[MEMBERS];

		while (((unsigned char)letters[at] & 0xc0) == 0x80) /* between characters */
			at++;
		snprintf(plain, sizeof(plain), "%.*s %s", (int)at, letters, letters + at);
		members((struct said){ .text = str_from(plain) }, a);
		for (size_t i = 0; i < ARRAY_LEN(blanks); i++) {
			snprintf(text, sizeof(text), "%.*s%s%s", (int)at, letters, blanks[i], letters + at);
			members((struct said){ .text = str_from(text) }, b);
			assert_int_equal(a[MEMBER_TEXT], b[MEMBER_TEXT]);
		}
		members((struct said){ .text = str_of(plain, strlen(plain) - 2) }, kept);
		assert_int_not_equal(a[MEMBER_TEXT], kept[MEMBER_TEXT]);
	}
}

/* What the state holds of items is compared with what a later version makes of them. */
static void test_kept(void **state)
{
	static const char text[] =
	    "Zwölf  Männer\n\nin Köln festgenommen.\t警方拘捕十二人，\xe3\x80\x80另有兩名  .";
	uint32_t m[MEMBERS];

	(void)state;
	members((struct said){ .text = str_from(text),
	            .url = STR("https://x.example/%7Ea%2f{b}?c=d%zz&utm_id=1") },
	    m);
	assert_int_equal(m[MEMBER_TEXT], 0xa23ccca5);
	assert_int_equal(m[MEMBER_URL], 0x8096149a);
}

static void test_members(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		uint32_t a[MEMBERS], b[MEMBERS], changed = 0;

		members(changes[i].before, a);
		members(changes[i].after, b);
		for (unsigned m = 0; m < MEMBERS; m++)
			changed |= (uint32_t)(a[m] != b[m]) << m;
		if (changed != changes[i].changed)
			fail_msg("%s: %#x", changes[i].name, changed);
		/* Dates alone make no version. */
		assert_int_equal(members_version(a) == members_version(b),
		    (changed & (MEMBERS_NAMES | MEMBERS_TEXTS)) == 0);
	}
}

static void test_forms(void **state)
{
	const uint64_t first[] = { 1, 2 }, second[] = { 3, 2 };
	const uint32_t text[MEMBERS] = { 1, 2, 3, 4, 5, 6, 7 }, other[MEMBERS] = { 1, 2, 3, 4, 8, 6, 7 };
	struct remembered r = { .seq = 9, .withdrawn_at = 10 }, back;
	struct buf b;

	(void)state;
	memset(r.key, 'k', sizeof(r.key));
	memset(r.case_key, 'c', sizeof(r.case_key));
	remembered_add_aliases(&r, first, 2);
	remembered_add_text(&r, text, STR(",\"id\":\"1\""));
	remembered_add_aliases(&r, second, 2);
	remembered_add_text(&r, other, STR(",\"id\":\"2\""));
	remembered_add_topic(&r, STR("one"), false);
	remembered_add_topic(&r, STR("one"), true);
	remembered_add_topic(&r, STR("two"), false);
	remembered_count(&r, 86400000);
	remembered_count(&r, 86400001);
	buf_init(&b, REMEMBERED_MAX);
	remembered_encode(&r, &b);
	assert_true(remembered_decode(buf_view(&b), &back));
	assert_int_equal(back.seq, 9);
	assert_true(str_eq(back.head, STR(",\"id\":\"2\"")));
	assert_int_equal(back.alias_count, 3);
	assert_true(back.aliases[0] == 3 && back.aliases[1] == 2 && back.aliases[2] == 1);
	assert_int_equal(back.topic_count, 2);
	assert_true((back.topics[0] & 1) == 1 && (back.topics[1] & 1) == 0);
	assert_true(back.day == 1 && back.today == 2 && back.withdrawn_at == 10);
	assert_memory_equal(back.versions, r.versions, sizeof(r.versions));
	assert_memory_equal(back.members, other, sizeof(other));
	for (size_t n = 0; n < b.n; n++)
		assert_false(remembered_decode((struct str){ b.p, n }, &back));
	for (uint64_t i = 0; i < 20; i++) /* names are a few, the newest */
		remembered_add_aliases(&r, &i, 1);
	assert_int_equal(r.alias_count, REMEMBERED_ALIASES);
	assert_int_equal(r.aliases[0], 19);
	buf_fini(&b);
}

struct missing {
	const char *name;
	const char *before, *now; /* a letter for each item; capitals have a date: A the newest */
	bool trusted;
	size_t missed;
};

static const struct missing missings[] = {
	{ "nothing left", "abc", "abc", true, 0 },
	{ "new ones at the top", "abc", "xyabc", true, 0 },
	{ "the end aged out", "abcde", "xabc", true, 0 },
	{ "the beginning aged out, where the newest are last", "abcde", "cdex", true, 0 },
	{ "one from the middle", "abcde", "abde", true, 1 },
	{ "in a document that is damaged", "abcde", "abde", false, 0 },
	{ "the first, without dates", "abcde", "bcde", true, 0 },
	{ "the first, by its date", "ABCDE", "BCDE", true, 1 },
	{ "the last, by its date", "ABCDE", "ABCD", true, 0 },
	{ "the first of a document that runs up", "EDCBA", "DCBA", true, 0 },
	{ "the last of it", "EDCBA", "EDCB", true, 1 },
	{ "in no order of dates", "CAEBD", "CEBD", true, 0 },
	{ "more than stayed", "abcdefgh", "ah", true, 0 },
	{ "all", "abcde", "vwxyz", true, 0 },
	{ "two in order, one in each half", "abcdefgh", "acdefh", true, 2 },
	{ "of none", "", "abc", true, 0 },
	{ "all of all", "abc", "", true, 0 },
};

static struct job_item listed(char letter)
{
	struct job_item item = { .alias_count = 1, .print = (uint64_t)letter };

	item.aliases[0] = (struct job_alias){ (uint64_t)letter, ALIAS_STRONG };
	item.published = letter <= 'Z' ? 1000000 - 1000 * letter : 0;
	return item;
}

static void test_missing(void **state)
{
	struct err e = { .kind = ERR_NONE };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(missings); i++) {
		const struct missing *m = &missings[i];
		struct window_entry before[16];
		struct job_item now[16];
		bool held[16] = { false };
		struct listing l = { .before = before, .now = now, .held = held, .trusted = m->trusted };
		size_t count;

		for (; m->before[l.before_count]; l.before_count++) {
			struct job_item item = listed(m->before[l.before_count]);

			before[l.before_count] = window_entry_of(&item);
		}
		for (; m->now[l.now_count]; l.now_count++)
			now[l.now_count] = listed(m->now[l.now_count]);
		listing_init(&l);
		assert_true(listing_compare(&l, &e));
		window_entries(&l.window, &count);
		if (l.missed != m->missed || count != l.now_count + l.missed || l.withdrawn.n)
			fail_msg("%s: %zu missed", m->name, l.missed);
		listing_fini(&l);
	}
}

/* The largest document, with every hundredth missing: found by a table, not by looking through all for each. */
static void test_many(void **state)
{
	struct err e = { .kind = ERR_NONE };
	struct window_entry *before = calloc(JOB_LISTED_MAX, sizeof(*before));
	struct job_item *now = calloc(JOB_LISTED_MAX, sizeof(*now));
	bool *held = calloc(JOB_LISTED_MAX, sizeof(*held));
	struct listing l = { .before = before, .now = now, .held = held, .trusted = true };
	size_t count;

	(void)state;
	for (uint64_t i = 1; i <= JOB_LISTED_MAX; i++) {
		struct job_item item = { .alias_count = 1, .print = i };

		item.aliases[0] = (struct job_alias){ i, ALIAS_STRONG };
		before[l.before_count++] = window_entry_of(&item);
		if (i % 100 != 50)
			now[l.now_count++] = item;
	}
	listing_init(&l);
	assert_true(listing_compare(&l, &e));
	assert_int_equal(l.missed, JOB_LISTED_MAX / 100);
	assert_int_equal(window_entries(&l.window, &count)[49].print, 50); /* where it stood */
	assert_int_equal(count, JOB_LISTED_MAX);
	listing_fini(&l);
	free(before);
	free(now);
	free(held);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_white_space),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_many),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/remembered", tests, NULL, NULL);
}
