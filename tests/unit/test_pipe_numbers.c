/* Every row of the tables of numbers: in order, as the classifier's tokens are, and known again past the looks that keep most words from the search. */
#include "daemon/pipe/number_words.c"

#include "classifiers/cls_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

static bool is_number(const struct number_looks *l, const char *word)
{
	char room[64] = { 0 }; /* 16 bytes may be read from the beginning of any */

	assert_true(snprintf(room, sizeof(room), "%s", word) < (int)sizeof(room) - 16);
	return number_is_word(l, str_from(room));
}

static bool is_row(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(number_words); i++)
		if (strcmp(number_words[i], word) == 0)
			return true;
	return false;
}

static void test_words(void **state)
{
	struct number_looks l;

	(void)state;
	number_looks_init(&l);
	for (size_t i = 0; i < ARRAY_LEN(number_words); i++) {
		const char *word = number_words[i];
		char longer[64], shorter[64];

		if (i > 0 && str_cmp(str_from(number_words[i - 1]), str_from(word)) >= 0)
			fail_msg("'%s' does not stand behind '%s'", word, number_words[i - 1]);
		if (!is_number(&l, word))
			fail_msg("'%s' is not known", word);
		snprintf(longer, sizeof(longer), "%sx", word);
		snprintf(shorter, sizeof(shorter), "%.*s", (int)strlen(word) - 1, word);
		if (is_number(&l, longer))
			fail_msg("'%s' is taken for a number", longer);
		if (is_number(&l, shorter) != is_row(shorter))
			fail_msg("'%s' is judged by its beginning", shorter);
	}
}

/* A row that the tokenizer would write otherwise could never be found. */
static void test_words_are_tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(number_words); i++) {
		struct str word = str_from(number_words[i]);
		struct cls_tokenizer tokenizer;
		struct cls_tokens t;

		cls_tokenizer_init(&tokenizer, word.p, word.n, 0);
		if (!cls_tokenizer_next(&tokenizer, &t) || t.n != 1 || t.token[0].flags & CLS_TOKEN_CHAR ||
		    !str_eq(word, str_of(t.text + t.token[0].off, t.token[0].len)))
			fail_msg("'%s' is not a token as it stands", word.p);
	}
}

static void test_characters(void **state)
{
	struct number_looks l;
	size_t found = 0;

	(void)state;
	number_looks_init(&l);
	for (uint32_t cp = 0x80; cp <= 0x10ffff; cp++) {
		char bytes[4];

		if (number_is_character(&l, str_of(bytes, utf8_encode(cp, bytes))))
			assert_int_equal(cp, number_characters[found++]);
	}
	assert_int_equal(found, ARRAY_LEN(number_characters));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_words_are_tokens),
		cmocka_unit_test(test_characters),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/numbers", tests, NULL, NULL);
}
