/* Folding and tokens: what is the same for matching, where boundaries stand, and that places lead back to the original. */
#include "classifiers/cls_fold.h"
#include "classifiers/cls_terms.h"
#include "classifiers/cls_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Tokens as text: words with a space between, '|' before one that begins a phrase anew, '#' before a sentence. */
static void show(const char *text, char *out, size_t size)
{
	static struct cls_tokens t;
	struct cls_tokenizer k;
	size_t n = 0;

	cls_tokenizer_init(&k, text, strlen(text), 0);
	out[0] = '\0';
	while (cls_tokenizer_next(&k, &t))
		for (size_t i = 0; i < t.n; i++) {
			const char *mark = t.token[i].flags & CLS_TOKEN_SENTENCE ? "#"
			                   : t.token[i].flags & CLS_TOKEN_BREAK  ? "|"
			                                                         : "";
			n += (size_t)snprintf(out + n, size - n, "%s%s%.*s", n ? " " : "", n ? mark : "",
			    (int)t.token[i].len, (const char *)t.text + t.token[i].off);
		}
}

struct fold_case {
	const char *name, *text, *want;
};

static const struct fold_case fold_cases[] = {
	{ "case", "Illegal WORKERS", "illegal workers" },
	{ "digits stay in words", "Log4j 2FA 365", "log4j 2fa 365" },
	{ "words longer than eight bytes", "misappropriation ABCDEFGHIJKLMNOP1",
	    "misappropriation abcdefghijklmnop1" },
	{ "hyphens, apostrophes, quotes, slashes separate", "anti-illegal worker's \"job\" and/or",
	    "anti illegal worker s job and or" },
	{ "accents", "Ação é ESPAÑA über naïve Łódź Ørsted", "acao e espana uber naive lodz orsted" },
	{ "accents in pieces", "e\xcc\x81t\xcc\x82", "et" },
	{ "sharp s and ligatures", "Straße ﬁne œuvre Æsop", "strasse fine oeuvre aesop" },
	{ "Turkish and Greek", "İstanbul ısı ΣΊΣΥΦΟΣ", "istanbul isi σισυφοσ" },
	{ "Cyrillic", "Мошенничество ЁЛКА ёж", "мошенничество елка еж" },
	{ "Cyrillic й stays", "Йод й", "йод й" },
	{ "Cyrillic й in pieces", "и\xcc\x86од И\xcc\x86", "йод й" },
	{ "Ukrainian and Belarusian", "їжак ґанок Ўзровень", "іжак ґанок узровень" },
	{ "full width", "ＡＢＣ１２３", "abc123" },
	{ "half-width kana and its marks", "ｶﾞｽ ﾊﾟｽ", "ガ ス パ ス" },
	{ "kana in pieces", "か\xe3\x82\x99", "が" },
	{ "Traditional becomes Simplified", "網絡詐騙", "网 络 诈 骗" },
	{ "Simplified stays", "网络诈骗", "网 络 诈 骗" },
	{ "compatibility ideographs", "\xef\xa4\x80", "岂" },
	{ "Hangul", "불법 취업", "불 법 취 업" },
	{ "Hangul in pieces", "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "한" },
	{ "scripts side by side", "AI詐騙2024年", "ai 诈 骗 2024 年" },
	{ "soft hyphens and direction marks are not there", "sc\xc2\xad\x61m \xe2\x80\xaeonline\xe2\x80\xac",
	    "scam online" },
	{ "Arabic digits", "٢٠٢٤", "2024" },
	{ "ligature of several characters", "㍿", "株 式 会 社" },
	{ "mathematical letters", "\xf0\x9d\x90\x80\xf0\x9d\x90\x81", "ab" },
	{ "nothing", "", "" },
	{ "only marks", " -- \"\" \xe2\x80\x8b ...", "" },
};

static void folds(void **state)
{
	(void)state;
	char out[512];
	for (size_t i = 0; i < sizeof fold_cases / sizeof *fold_cases; i++) {
		show(fold_cases[i].text, out, sizeof out);
		if (strcmp(out, fold_cases[i].want) != 0)
			fail_msg("%s: '%s' instead of '%s'", fold_cases[i].name, out, fold_cases[i].want);
	}
}

static const struct fold_case mark_cases[] = {
	{ "sentence", "one two. Three", "one two #three" },
	{ "clauses", "one, two; three: four (five) six", "one |two |three |four |five |six" },
	{ "quotes are soft", "the \"illegal\" worker", "the illegal worker" },
	{ "Chinese marks", "一。二，三、四「五」", "一 #二 |三 |四 五" },
	{ "Chinese full-width marks", "甲！乙？丙：丁（戊）", "甲 #乙 #丙 |丁 |戊" },
	{ "stop inside", "U.S. citizens at example.com paid 3.5", "u s citizens at example com paid 3 5" },
	{ "stop at the end of a quote", "\xe2\x80\x9cno.\xe2\x80\x9d Yes", "no #yes" },
	{ "numbers", "1,000 at 14:48, ok", "1 000 at 14 48 |ok" },
	{ "dash with spaces",
	    "one - two-three \xe2\x80\x93 four\xe2\x80\x94"
	    "five",
	    "one |two three |four |five" },
	{ "one line end is a space", "one\ntwo\r\nthree", "one two three" },
	{ "blank line", "one\n\ntwo\r\n\r\nthree\n \nfour", "one #two #three #four" },
	{ "many marks", "one...!? two", "one #two" },
};

static void marks(void **state)
{
	(void)state;
	char out[512];
	for (size_t i = 0; i < sizeof mark_cases / sizeof *mark_cases; i++) {
		show(mark_cases[i].text, out, sizeof out);
		if (strcmp(out, mark_cases[i].want) != 0)
			fail_msg("%s: '%s' instead of '%s'", mark_cases[i].name, out, mark_cases[i].want);
	}
}

static void invalid_bytes_separate(void **state)
{
	(void)state;
	char out[512];
	show("a\xff"
	     "b\xc3(c \xe4\xb8 d\xed\xa0\x80"
	     "e\xf8\x88\x80\x80\x80"
	     "f\xc0\xaf"
	     "g\xf4\x90\x80\x80h \xe7",
	    out, sizeof out);
	assert_string_equal(out, "a b |c d e f g h");
}

struct place_case {
	const char *name, *text;
	size_t token;
	const char *want; /* the original bytes of that token */
};

static const struct place_case place_cases[] = {
	{ "ASCII", "two words", 1, "words" },
	{ "accents count as they are", "\xc3\x89t\xc3\xa9 suivant", 1, "suivant" },
	{ "an accented word", "un \xc3\x89t\xc3\xa9.", 1, "\xc3\x89t\xc3\xa9" },
	{ "marks in pieces belong to the word", "e\xcc\x81t x", 0, "e\xcc\x81t" },
	{ "Chinese", "網絡詐騙", 2, "詐" },
	{ "half-width kana with its mark", "aｶﾞｽ", 1, "ｶﾞ" },
	{ "several from one", "x㍿y", 3, "㍿" },
};

static void places(void **state)
{
	(void)state;
	static struct cls_tokens t;
	for (size_t i = 0; i < sizeof place_cases / sizeof *place_cases; i++) {
		const struct place_case *c = &place_cases[i];
		struct cls_tokenizer k;
		cls_tokenizer_init(&k, c->text, strlen(c->text), 0);
		assert_true(cls_tokenizer_next(&k, &t));
		assert_true(c->token < t.n);
		const struct cls_token *w = &t.token[c->token];
		if (w->end - w->start != strlen(c->want) ||
		    memcmp(c->text + w->start, c->want, w->end - w->start) != 0)
			fail_msg("%s: '%.*s'", c->name, (int)(w->end - w->start), c->text + w->start);
	}
}

static void positions_are_half_words(void **state)
{
	(void)state;
	static struct cls_tokens t;
	struct cls_tokenizer k;
	cls_tokenizer_init(&k, "one 二三 four", strlen("one 二三 four"), 10);
	assert_true(cls_tokenizer_next(&k, &t));
	assert_int_equal(t.n, 4);
	const uint32_t want[] = { 10, 12, 13, 14 };
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(t.token[i].pos, want[i]);
	assert_int_equal(k.pos, 16);
}

/* However the text is cut into blocks, and wherever it ends, the tokens are the same. */
static void blocks_do_not_matter(void **state)
{
	(void)state;
	static struct cls_tokens t;
	struct cls_tokenizer k;
	char text[CLS_BLOCK * 3 * 6];
	size_t n = 0, tokens = 0;
	for (size_t i = 0; i < CLS_BLOCK * 3; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, i % 2 ? "\xe4\xb8\x80" : "w%zu ", i % 10);
	cls_tokenizer_init(&k, text, n, 0);
	while (cls_tokenizer_next(&k, &t))
		for (size_t i = 0; i < t.n; i++, tokens++) {
			assert_int_equal(t.token[i].pos, tokens / 2 * 3 + tokens % 2 * 2);
			assert_int_equal(t.token[i].len, tokens % 2 ? 3 : 2);
		}
	assert_int_equal(tokens, CLS_BLOCK * 3);
}

/* Bytes are looked at by 64: whatever comes to stand at the edge of these, a word, a mark, a character of more bytes, it is the same. */
static void edges_do_not_matter(void **state)
{
	(void)state;
	static const char tail[] =
	    " Two of the U.S. firms, 3,500 in\nall - the \"biggest\" naïve-looking Ærø, 網絡 x86.\n\nNo"
	    "  more\tthan 4.5 of AMISAPPROPRIATIONOFALLWORDSTHATARELONGERTHANSIXTYFOURBYTESWHICHISTHEEDGE "
	    "don't Мир; the end. A \xff b\xe7 c:d e: f";
	static struct cls_tokens first, t;
	struct cls_tokenizer k;
	char text[512];

	for (size_t n = 1; n < 200; n++) {
		memset(text, 'q', n);
		memcpy(text + n, tail, sizeof tail);
		cls_tokenizer_init(&k, text, n + sizeof tail - 1, 0);
		assert_true(cls_tokenizer_next(&k, n == 1 ? &first : &t));
		for (size_t i = 1; n > 1 && i < first.n; i++) {
			const struct cls_token *a = &first.token[i], *b = &t.token[i];
			assert_int_equal(t.n, first.n);
			assert_int_equal(a->start + n - 1, b->start);
			assert_int_equal(a->end + n - 1, b->end);
			assert_int_equal(a->pos, b->pos);
			assert_int_equal(a->flags, b->flags);
			assert_int_equal(a->len, b->len);
			assert_memory_equal(first.text + a->off, t.text + b->off, a->len);
		}
	}
	assert_int_equal(first.n, 37);
}

static void long_words_are_cut(void **state)
{
	(void)state;
	static struct cls_tokens t;
	struct cls_tokenizer k;
	size_t n = 1 << 20;
	char *text = malloc(n);
	assert_non_null(text);
	memset(text, 'x', n);
	cls_tokenizer_init(&k, text, n, 0);
	assert_true(cls_tokenizer_next(&k, &t));
	assert_int_equal(t.n, 1);
	assert_int_equal(t.token[0].len, CLS_WORD_MAX);
	assert_int_equal(t.token[0].end, n);
	for (size_t i = 0; i + 1 < n; i += 2)
		memcpy(text + i, "\xd0\xb6", 2);
	cls_tokenizer_init(&k, text, n, 0);
	assert_true(cls_tokenizer_next(&k, &t));
	assert_int_equal(t.n, 1);
	assert_true(t.token[0].len <= CLS_WORD_MAX && t.token[0].len % 2 == 0);
	assert_false(cls_tokenizer_next(&k, &t));
	free(text);
}

/* What a code point becomes must not become something else again, or phrases and texts would differ. */
static void folding_is_stable(void **state)
{
	(void)state;
	for (uint32_t cp = 1; cp < CLS_FOLD_LIMIT; cp++) {
		uint32_t entry = cls_fold_entry(cp), to = entry & CLS_FOLD_VALUE;
		enum cls_class class = cls_fold_class(entry);
		if ((class != CLS_WORD && class != CLS_CHAR) || entry & CLS_FOLD_MULTI || to == 0)
			continue;
		uint32_t again = cls_fold_entry(to);
		if (cls_fold_class(again) != class || (again & (CLS_FOLD_MULTI | CLS_FOLD_VALUE)) != 0)
			fail_msg("U+%04X becomes U+%04X, which becomes something else", cp, to);
	}
}

static void decoding_and_encoding_are_opposites(void **state)
{
	(void)state;
	unsigned char b[4];
	for (uint32_t cp = 0; cp <= 0x10ffff; cp += cp < 0x11000 ? 1 : 257) {
		uint32_t back = 0;
		size_t n = cls_fold_encode(cp, b);
		bool surrogate = cp >= 0xd800 && cp < 0xe000;
		assert_int_equal(cls_fold_decode(b, b + n, &back), surrogate ? 0 : n);
		assert_true(surrogate || back == cp);
		if (n > 1)
			assert_int_equal(cls_fold_decode(b, b + n - 1, &back), 0);
	}
}

static void pieces_of_short_words_are_those_of_any_word(void **state)
{
	(void)state;
	static const unsigned char text[64] = "abcdefghijklmnopqrstuvwxyz0123456789";
	uint32_t shortly[CLS_TERM_PIECES_MAX], any[CLS_TERM_PIECES_MAX];
	for (unsigned n = 1; n <= CLS_TERM_SHORT + 2; n++)
		for (unsigned off = 0; off < 10; off++) {
			struct cls_token k = { .off = (uint16_t)off, .len = (uint8_t)n };
			size_t count = cls_term_long_pieces(text + off, n, any);
			assert_int_equal(count, n - 1);
			assert_int_equal(cls_term_pieces(&k, text, shortly), count);
			assert_memory_equal(shortly, any, count * sizeof *any);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds),
		cmocka_unit_test(marks),
		cmocka_unit_test(invalid_bytes_separate),
		cmocka_unit_test(places),
		cmocka_unit_test(positions_are_half_words),
		cmocka_unit_test(blocks_do_not_matter),
		cmocka_unit_test(edges_do_not_matter),
		cmocka_unit_test(long_words_are_cut),
		cmocka_unit_test(folding_is_stable),
		cmocka_unit_test(decoding_and_encoding_are_opposites),
		cmocka_unit_test(pieces_of_short_words_are_those_of_any_word),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("classifiers/token", tests, NULL, NULL);
}
