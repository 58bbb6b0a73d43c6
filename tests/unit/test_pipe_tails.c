/* tails: which ends recur, how they are told apart, and how much of a text may be lost. */
#include "daemon/pipe/tails.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define LONG "The council met in the morning and talked until the evening about a matter of no weight"

/* Where `text` ends for a document that has it and `count` times the text `other`. */
static size_t end_of(const char *text, const char *other, unsigned count)
{
	struct tails t;
	size_t end;

	tails_init(&t, 16);
	tails_add(&t, str_from(text));
	for (unsigned i = 0; i < count; i++)
		tails_add(&t, str_from(other));
	tails_settle(&t);
	assert_false(t.prints.failed);
	end = tails_end(&t, str_from(text));
	tails_fini(&t);
	return end;
}

struct end_case {
	const char *name, *text, *other;
	size_t lost; /* bytes */
};

static const struct end_case end_cases[] = {
	{ "a sentence", LONG ". Call the hotline.", LONG " again. Call the hotline.", 17 },
	{ "a line", LONG "\nSource: the office", LONG " again\nSource: the office", 18 },
	{ "two of them", LONG ". Read more. Call us.", LONG " again. Read more. Call us.", 19 },
	{ "in another order", LONG ". Read more. Call us.", LONG " again. Call us. Read more.", 19 },
	{ "only up to what is its own", LONG ". Read more. Good bye. Call us.",
	    LONG " again. Read more. Call us.", 8 },
	{ "its own at the end", LONG ". Call us. Good bye.", LONG ". Call us.", 0 },
	{ "numbers and case are one", LONG ". Call 1234 NOW!", LONG " again. Call 99 now.", 14 },
	{ "marks behind it", LONG ". Call us. ***", LONG " again. Call us.", 12 },
	{ "Chinese", "議會早上開會直至傍晚討論一項並不重要的事宜。查詢請致電熱線。",
	    "議會再次開會直至傍晚討論一項並不重要的事宜。查詢請致電熱線。", 24 },
	{ "more than a third", "We met. Call the hotline of the office at once.",
	    "We met again. Call the hotline of the office at once.", 0 },
	{ "all of it", "Call the hotline.", "Call the hotline.", 0 },
	{ "no sentence but one", LONG, LONG, 0 },
	{ "a point inside of a word", LONG ". See a.example", LONG " again. See a.example", 13 },
	{ "nothing", "", "", 0 },
	{ "marks alone", "... ... ... ...", "... ... ... ...", 0 },
};

static void what_recurs_is_lost(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(end_cases) / sizeof(end_cases[0]); i++) {
		const struct end_case *c = &end_cases[i];
		size_t end = end_of(c->text, c->other, TAILS_ITEMS - 1);

		if (strlen(c->text) - end != c->lost)
			fail_msg("%s: %zu bytes lost, not %zu", c->name, strlen(c->text) - end, c->lost);
		end = end_of(c->text, c->other, TAILS_ITEMS - 2);
		if (end != strlen(c->text))
			fail_msg("%s: lost with too few texts", c->name);
	}
}

/* What one text says twice is said by one text. */
static void one_text_counts_once(void **state)
{
	struct tails t;

	(void)state;
	tails_init(&t, 4);
	for (unsigned i = 0; i < TAILS_ITEMS - 1; i++)
		tails_add(&t, STR(LONG ". " LONG ". Call us. Call us. Call us. Call us."));
	tails_settle(&t);
	assert_int_equal(tails_end(&t, STR(LONG ". Call us.")), sizeof(LONG ". Call us.") - 1);
	tails_fini(&t);
}

/* Of a long text only its end is looked at; what is the last piece is told. */
static void pieces_are_bounded(void **state)
{
	struct tails t;
	char text[4096] = "";
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "Piece %c%c is here. ", 'a' + i % 26, 'a' + i / 26);
	tails_init(&t, TAILS_ITEMS);
	for (unsigned i = 0; i < TAILS_ITEMS; i++)
		assert_int_not_equal(tails_add(&t, str_of(text, n)), 0);
	assert_int_equal(t.prints.n, TAILS_ITEMS * TAILS_PIECES * sizeof(uint64_t));
	tails_settle(&t);
	assert_int_equal(
	    n - tails_end(&t, str_of(text, n)), TAILS_PIECES * (sizeof("Piece aa is here. ") - 1));
	tails_fini(&t);
}

/* What is passed over sixteen at a time begins no piece, and is passed over whole. */
static void no_beginning_is_passed_over(void **state)
{
	static const char *const parts[] = { "a", "bcdefghijklmnopqrs", ". ", "! B", "\n", "\t", "。", "！",
		"的話", "カナ", "é", "\xe3", "\xef\xbc" };
	uint64_t seed = 20261129;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		char bytes[400];
		size_t n = 0, least, end;
		struct str text;

		while (n < 300 && (seed = hash64(str_of(&seed, sizeof(seed)), 1)) % 24 != 0) {
			const char *part = parts[seed / 24 % (sizeof(parts) / sizeof(parts[0]))];

			memcpy(bytes + n, part, strlen(part));
			n += strlen(part);
		}
		text = str_of(bytes, n);
		least = n / 3;
		for (size_t from = n; from > least; from = end - 1) {
			end = skip_letters(text, least, from);
			assert_true(end >= least && end <= from);
			for (size_t at = end; at < from; at++)
				assert_false(begins_piece(text, at));
			if (end == least)
				break;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_recurs_is_lost),
		cmocka_unit_test(one_text_counts_once),
		cmocka_unit_test(pieces_are_bounded),
		cmocka_unit_test(no_beginning_is_passed_over),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tails", tests, NULL, NULL);
}
