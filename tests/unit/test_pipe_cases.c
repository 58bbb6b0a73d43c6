/* When two texts are one case: fingerprints of syndicated pairs and of releases made from one template; the index of cases. */
#include "daemon/base/hash.h"
#include "daemon/pipe/cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define ARREST(count, who, day, place)                                                                       \
	"Immigration Department investigators mounted an anti-illegal worker operation codenamed Twilight "  \
	"at several locations in " place " on " day ". During the operation they raided restaurants and "    \
	"construction sites and arrested " count ", who are suspected of having worked without permission. " \
	"The persons arrested comprised " who ". An employer suspected of hiring them was also arrested. "   \
	"The investigation is going on and further arrests are not ruled out, a spokesman said. Employers "  \
	"must take all practicable steps to determine whether a person is lawfully employable."
#define WEATHER(temperature, wind)                                                                           \
	"Here is the latest bulletin issued by the Observatory. At eight o'clock the air temperature "       \
	"was " temperature                                                                                   \
	" degrees Celsius and the relative humidity was high. Mainly cloudy with a few rain "                \
	"patches. It will be cool in the morning. Moderate " wind " winds, fresh offshore at first. The "    \
	"outlook is for sunny intervals in the following couple of days and a large difference of "          \
	"temperatures between day and night."
#define CHINESE(count, day)                                                                                                                                   \
	"入境事務處於" day "在全港多個地點展開反非法勞工行動，拘捕" count                                                                                     \
	"。調查人員搜查了多間食肆、工廠大廈及建築地盤，被捕人士涉嫌未經許可從事僱傭工作，另有僱主涉嫌聘用"    \
	"非法勞工被捕。入境處發言人表示調查仍在進行，不排除有更多人被捕。任何人如受僱從事工作，不論有薪或無" \
	"薪，"                                                                                                                                              \
	"均須持有有效的簽證或進入許可。"
#define RUSSIAN(count, place)                                                                                                                                                     \
	"Сотрудники полиции провели рейд на стройках и рынках города " place " и выявили " count                                                                                  \
	" иностранных граждан, которые работали без разрешения. В отношении работодателя составлен " \
	"протокол, "                                                                                                                                                      \
	"проводится проверка. Нарушителям грозит штраф и выдворение за пределы страны, сообщили в "    \
	"пресс-службе министерства внутренних дел. Рейды будут продолжены до конца месяца."

static const struct pair {
	const char *name, *title, *text, *other_title, *other_text;
	bool same;
} pairs[] = {
	{ "the very same", "Seven persons arrested",
	    ARREST("seven persons", "four men and three women", "Monday", "Kowloon"),
	    "Seven persons arrested",
	    ARREST("seven persons", "four men and three women", "Monday", "Kowloon"), true },
	{ "other capitals, quotes and spaces", "Seven persons arrested",
	    ARREST("seven persons", "four men", "Monday", "Kowloon"), "SEVEN  PERSONS ARRESTED",
	    "  " ARREST("seven  persons", "four men", "Monday", "Kowloon") "\n", true },
	{ "a word more in the title, a line more in the text", "Seven persons arrested in operation",
	    ARREST("seven persons", "four men", "Monday", "Kowloon"),
	    "Seven persons arrested in operation (photo)",
	    ARREST("seven persons", "four men", "Monday", "Kowloon") " Ends.", true },
	{ "another count", "Persons arrested", ARREST("seven persons", "four men", "Monday", "Kowloon"),
	    "Persons arrested", ARREST("eight persons", "four men", "Monday", "Kowloon"), false },
	{ "another count in the title", "Seven persons arrested",
	    ARREST("several persons", "men", "Monday", "Kowloon"), "Eight persons arrested",
	    ARREST("several persons", "men", "Monday", "Kowloon"), false },
	{ "another count in digits", "Persons arrested", ARREST("17 persons", "men", "Monday", "Kowloon"),
	    "Persons arrested", ARREST("18 persons", "men", "Monday", "Kowloon"), false },
	{ "another day", "Persons arrested", ARREST("seven persons", "men", "Monday", "Kowloon"),
	    "Persons arrested", ARREST("seven persons", "men", "Tuesday", "Kowloon"), false },
	{ "another place", "Persons arrested", ARREST("seven persons", "men", "Monday", "Kowloon"),
	    "Persons arrested", ARREST("seven persons", "men", "Monday", "Tsuen Wan"), false },
	{ "two bulletins", "Weather bulletin", WEATHER("18", "northerly"), "Weather bulletin",
	    WEATHER("19", "northerly"), false },
	{ "two weeks", "Statistics for week 45", WEATHER("18", "northerly"), "Statistics for week 46",
	    WEATHER("18", "northerly"), false },
	{ "another notice about the same", "Seven persons arrested",
	    ARREST("seven persons", "four men", "Monday", "Kowloon"), "Seven persons charged after operation",
	    "Seven persons who were arrested on Monday in Kowloon were charged today at the magistracy with "
	    "breach of "
	    "their condition of stay. They were remanded in custody and the case was adjourned until the end "
	    "of next "
	    "month for reports, the court said.",
	    false },
	{ "Chinese", "入境處拘捕七名非法勞工", CHINESE("七人", "星期一"), "入境處拘捕七名非法勞工",
	    CHINESE("七人", "星期一"), true },
	{ "Chinese, other punctuation", "入境處拘捕七名非法勞工", CHINESE("七人", "星期一"),
	    "入境處拘捕七名非法勞工", " " CHINESE("「七人」", "星期一"), true },
	{ "Chinese, another count", "入境處拘捕非法勞工", CHINESE("七人", "星期一"), "入境處拘捕非法勞工",
	    CHINESE("八人", "星期一"), false },
	{ "Chinese, another day", "入境處拘捕非法勞工", CHINESE("七人", "11月21日"), "入境處拘捕非法勞工",
	    CHINESE("七人", "11月22日"), false },
	{ "Traditional and Simplified", "入境事務處拘捕非法勞工", CHINESE("七人", "星期一"),
	    "入境事务处拘捕非法劳工",
	    "入境事务处于星期一在全港多个地点展开反非法劳工行动，拘捕七人。调查人员搜查了多间食肆、工厂大厦及"
	    "建筑地盘，被捕"
	    "人士涉嫌未经许可从事雇佣工作，另有雇主涉嫌聘用非法劳工被捕。入境处发言人表示调查仍在进行，不排除"
	    "有更多人被捕。",
	    false },
	{ "Russian", "Рейд на стройках", RUSSIAN("семь", "Казань"), "РЕЙД НА СТРОЙКАХ",
	    RUSSIAN("семь", "Казань"), true },
	{ "Russian, another count", "Рейд на стройках", RUSSIAN("семь", "Казань"), "Рейд на стройках",
	    RUSSIAN("восемь", "Казань"), false },
	{ "Russian, another place", "Рейд на стройках", RUSSIAN("семь", "Казань"), "Рейд на стройках",
	    RUSSIAN("семь", "Самара"), false },
	{ "a headline", "Police warn of a new wave of phishing mails", "",
	    "Police warn of a new wave of phishing mails", "", true },
	{ "a headline with a word more", "Police warn of a new wave of phishing mails", "",
	    "Police warn again of a new wave of phishing mails", "", false },
	{ "headline and text are not one", "Police warn of phishing", "Read more", "Police warn of",
	    "phishing Read more", false },
	{ "what everybody says", "Press release", "", "Press release", "", false },
	{ "nothing", "", "", "", "", false },
};

static void test_pairs(void **state)
{
	struct fingerprint a, b, c;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, FINGERPRINT_LEN);
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		const struct pair *p = &pairs[i];

		fingerprint_of(str_from(p->title), str_from(p->text), &a);
		fingerprint_of(str_from(p->other_title), str_from(p->other_text), &b);
		if (fingerprint_same(&a, &b) != p->same || fingerprint_same(&b, &a) != p->same)
			fail_msg("%s: %s", p->name, p->same ? "not known again" : "taken for the same");
		buf_clear(&bytes);
		fingerprint_encode(&a, &bytes);
		assert_int_equal(bytes.n, FINGERPRINT_LEN);
		assert_true(fingerprint_decode(buf_view(&bytes), &c));
		assert_int_equal(fingerprint_same(&c, &b), p->same);
	}
	bytes.p[0] = FINGERPRINT_KINDS;
	assert_false(fingerprint_decode(buf_view(&bytes), &c));
	assert_false(fingerprint_decode((struct str){ bytes.p, bytes.n - 1 }, &c));
	buf_fini(&bytes);
}

/* What the state and the log hold of texts must still be found by what a later version makes of the same ones. */
static void test_kept(void **state)
{
	static const char *const pieces[] = {
		"Police arrest 12 in Kowloon raid. Two hundred and forty officers took part, ",
		"警方拘捕十二人，涉及三千萬港元。另有兩名男子被通緝；",
		"Полиция задержала двенадцать человек в Москве. ",
		"Polizei fasst fünf Männer: dreißig Wohnungen in Köln durchsucht! ",
		"カタカナとひらがな、２０２６年。 "
	};
	struct fingerprint f;
	struct buf text, bytes;

	(void)state;
	buf_init(&text, 1u << 16);
	buf_init(&bytes, 1u << 16);
	for (unsigned n = 0; n < 40; n++) {
		buf_str(&text, str_from(pieces[n % ARRAY_LEN(pieces)]));
		buf_fmt(&text, "n%u\n", n * n);
		fingerprint_of(str_from(pieces[n * 3 % ARRAY_LEN(pieces)]), buf_view(&text), &f);
		fingerprint_encode(&f, &bytes);
	}
	assert_int_equal(bytes.n, 40 * FINGERPRINT_LEN);
	assert_true(hash64(buf_view(&bytes), 0) == UINT64_C(0xfe2b865ad78b0fb2));
	buf_fini(&text);
	buf_fini(&bytes);
}

/* Of the words of a text one in a hundred is another one: still the same, and found by its bands; one in ten: not. */
static void test_near(void **state)
{
	unsigned near = 0, far = 0;

	(void)state;
	for (unsigned round = 0; round < 100; round++) {
		struct fingerprint a, b, c;
		struct buf texts[3];
		bool shares = false;

		for (unsigned t = 0; t < 3; t++)
			buf_init(&texts[t], 1u << 16);
		for (unsigned w = 0; w < 400; w++) {
			unsigned word = (w * 7919u + round * 104729u) % 5000;

			buf_fmt(
			    &texts[0], "w%c%c%c ", 'a' + word % 26, 'a' + word / 26 % 26, 'a' + word / 676);
			for (unsigned t = 1; t < 3; t++)
				buf_fmt(&texts[t], "%s%c%c%c ", w % (t == 1 ? 150 : 10) == 9 ? "other" : "w",
				    'a' + word % 26, 'a' + word / 26 % 26, 'a' + word / 676);
		}
		fingerprint_of(STR("The same title of all"), buf_view(&texts[0]), &a);
		fingerprint_of(STR("The same title of all"), buf_view(&texts[1]), &b);
		fingerprint_of(STR("The same title of all"), buf_view(&texts[2]), &c);
		for (unsigned i = 0; i < FINGERPRINT_BANDS; i++)
			shares = shares || a.bands[i] == b.bands[i];
		near += shares && fingerprint_same(&a, &b);
		far += fingerprint_same(&a, &c);
		for (unsigned t = 0; t < 3; t++)
			buf_fini(&texts[t]);
	}
	assert_true(near >= 99);
	assert_int_equal(far, 0);
}

static struct case_item item(uint64_t seq, const char *feed, const char *title, uint32_t at)
{
	struct case_item x = {
		.seq = seq, .at = at, .since = at, .feed = str_from(feed), .url = STR("http://x/\"1")
	};

	memset(x.key, '0', sizeof(x.key));
	memcpy(x.key, &seq, sizeof(seq));
	fingerprint_of(str_from(title), STR(""), &x.print);
	return x;
}

#define HOUR_MS 3600000

static bool known(
    struct cases *c, uint64_t seq, const char *feed, const char *title, uint32_t at, struct buf *sources)
{
	struct case_item x = item(seq, feed, title, at);
	bool found;

	buf_clear(sources);
	found = cases_find(c, &x, 12 * HOUR_MS, sources);
	assert_true(cases_add(c, &x));
	return found;
}

static void test_index(void **state)
{
	struct err e = { .kind = ERR_NONE };
	struct cases *c;
	struct buf s;

	(void)state;
	buf_init(&s, 4096);
	assert_true(cases_new(4, &c, &e));
	assert_false(known(c, 1, "a", "one title of five words", 100, &s));
	assert_false(known(c, 2, "a", "one title of five words", 200, &s)); /* of the same feed */
	assert_true(known(c, 3, "b", "one title of five words", 300, &s));
	assert_true(str_eq(buf_view(&s), STR("[{\"feed\":\"a\",\"seq\":2,\"url\":\"http://x/\\\"1\"}]")));
	assert_true(known(c, 4, "c", "one title of five words", 400, &s));
	assert_true(str_eq(buf_view(&s), STR("[{\"feed\":\"a\",\"seq\":2,\"url\":\"http://x/\\\"1\"},"
	                                     "{\"feed\":\"b\",\"seq\":3,\"url\":\"http://x/\\\"1\"}]")));
	assert_false(
	    known(c, 5, "d", "one title of five words", 200 + 13 * 3600, &s)); /* the window is over */
	assert_int_equal(cases_count(c), 4);
	assert_int_equal(cases_oldest(c), 2);
	cases_rollback(c, 3);
	assert_true(known(c, 4, "c", "one title of five words", 400, &s));
	for (uint64_t i = 10; i < 14; i++) {
		char title[64];

		snprintf(title, sizeof(title), "the title of number %llu", (unsigned long long)i);
		assert_false(known(c, i, "a", title, 500, &s));
	}
	assert_false(
	    known(c, 20, "d", "one title of five words", 600, &s)); /* there is no room for what is older */
	cases_free(&c);
	assert_true(cases_new(0, &c, &e));
	assert_false(known(c, 1, "a", "one title of five words", 100, &s));
	assert_false(known(c, 2, "b", "one title of five words", 100, &s));
	cases_rollback(c, 0);
	cases_free(&c);
	buf_fini(&s);
}

/* As many as there is room for, so that chains meet in the same places: each is found, with its source, over a rollback too. */
static void test_many(void **state)
{
	struct err e = { .kind = ERR_NONE };
	struct cases *c;
	struct buf s;

	(void)state;
	buf_init(&s, 4096);
	assert_true(cases_new(2000, &c, &e));
	for (uint64_t i = 1; i <= 1000; i++) {
		char title[64];

		snprintf(title, sizeof(title), "the title of number %llu", (unsigned long long)i);
		assert_false(known(c, i, "a", title, 100, &s));
	}
	for (unsigned round = 0; round < 2; round++) {
		for (uint64_t i = 1; i <= 1000; i++) {
			char title[64], source[64];

			snprintf(title, sizeof(title), "the title of number %llu", (unsigned long long)i);
			snprintf(
			    source, sizeof(source), "[{\"feed\":\"a\",\"seq\":%llu,", (unsigned long long)i);
			assert_true(known(c, 1000 + i, "b", title, 100, &s));
			assert_true(str_starts(buf_view(&s), str_from(source)));
		}
		assert_int_equal(cases_count(c), 2000);
		cases_rollback(c, 1000);
		assert_int_equal(cases_count(c), 1000);
	}
	cases_free(&c);
	buf_fini(&s);
}

static void test_forms(void **state)
{
	struct case_item x = item(7, "feed", "one title of five words", 9), y;
	struct buf b;

	(void)state;
	buf_init(&b, CASES_ENTRY_MAX);
	case_item_encode(&x, &b);
	assert_true(case_item_decode(buf_view(&b), &y));
	assert_true(y.seq == 7 && y.at == 9 && str_eq(y.feed, x.feed) && str_eq(y.url, x.url));
	assert_true(fingerprint_same(&x.print, &y.print));
	for (size_t n = 0; n < b.n; n++)
		assert_false(case_item_decode((struct str){ b.p, n }, &y));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_forms),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/cases", tests, NULL, NULL);
}
