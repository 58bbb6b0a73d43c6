/* json_scan: says yes only to what jansson reads, means the same, and says yes to what our writer writes. */
#include "daemon/base/json.h"
#include "daemon/base/json_run.h"
#include "daemon/base/json_scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#define LINES 3000u
#define CHANGES 12u /* of each line */

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % n;
}

static const char *const specials[] = { "\xe2\x80\xa8", "\xe2\x80\xae", "\xc2\x85", "\xe2\x81\xa6" };
static const char *const pieces[] = { "word ", "Größe ", "網絡釣魚", "\"quoted\"", "back\\slash", "\n", "\t",
	"\x01", "\xf0\x9f\x98\x80", "phishing", "/", "\x7f", "{", "]", ",", ":", "", "привет", "ж", "ไทย",
	"한국어", "שלום", "\xe2\x80\xa8", "\xe2\x80\xae", "\xc2\x85", "\xe2\x81\xa6" };

static void write_text(struct json *w)
{
	struct buf b;

	buf_init(&b, 1u << 16);
	for (uint32_t n = random_below(30); n > 0; n--)
		buf_str(&b, str_from(pieces[random_below(ARRAY_LEN(pieces))]));
	json_str(w, buf_view(&b));
	for (size_t i = 0; i < ARRAY_LEN(specials); i++)
		assert_true(str_find(buf_view(w->out), str_from(specials[i]), 0) == SIZE_MAX);
	buf_fini(&b);
}

static void write_value(struct json *w, unsigned depth)
{
	switch (random_below(depth > 4 ? 5 : 7)) {
	case 0:
	case 1:
		write_text(w);
		break;
	case 2:
		json_int(w, (int64_t)random_below(UINT32_MAX) - 100);
		break;
	case 3:
		json_num(w, (double)random_below(100000) / 7 - 5000, 4);
		break;
	case 4:
		json_bool(w, random_below(2));
		break;
	case 5:
		json_open_array(w);
		for (uint32_t n = random_below(4); n > 0; n--)
			write_value(w, depth + 1);
		json_close_array(w);
		break;
	default:
		json_open_object(w);
		for (uint32_t n = random_below(4); n > 0; n--) {
			json_key(w, n % 2 ? "title" : "topic");
			write_value(w, depth + 1);
		}
		json_close_object(w);
	}
}

static void write_line(struct buf *out)
{
	static const char *const names[] = { "v", "title", "summary", "content_text", "topics", "tit",
		"titles" };
	struct json w;

	buf_clear(out);
	json_init(&w, out);
	json_open_object(&w);
	for (uint32_t n = random_below(9); n > 0; n--) {
		json_key(&w, names[random_below(ARRAY_LEN(names))]);
		write_value(&w, 0);
	}
	json_close_object(&w);
	assert_false(out->failed);
}

/* Does the scanner take it? Then as jansson does. */
static bool compare(struct str line)
{
	struct json_member wanted[] = { { .name = "title" }, { .name = "content_text" } };
	json_t *object = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	bool taken = json_scan(line, wanted, ARRAY_LEN(wanted));
	struct buf scratch;

	buf_init(&scratch, 1u << 16);
	if (taken && !json_is_object(object))
		fail_msg("taken: %.*s", STR_ARG(line));
	for (size_t i = 0; taken && i < ARRAY_LEN(wanted); i++) {
		const json_t *v = json_object_get(object, wanted[i].name);
		struct str text;

		assert_int_equal(v != NULL, wanted[i].value.p != NULL);
		if (!v)
			continue;
		assert_int_equal(json_is_string(v), json_scan_text(wanted[i].value, &scratch, &text));
		if (json_is_string(v) && !str_eq(text, str_of(json_string_value(v), json_string_length(v))))
			fail_msg("%s of %.*s", wanted[i].name, STR_ARG(line));
	}
	buf_fini(&scratch);
	json_decref(object);
	return taken;
}

static void what_is_written_is_taken(void **state)
{
	struct buf line;

	(void)state;
	buf_init(&line, 1u << 20);
	for (unsigned i = 0; i < LINES; i++) {
		write_line(&line);
		if (!compare(buf_view(&line)))
			fail_msg("not taken: %.*s", (int)line.n, line.p);
	}
	buf_fini(&line);
}

/* Bytes changed, taken out, doubled: no damaged line is taken. */
static void what_is_damaged_is_taken_as_jansson_does(void **state)
{
	static const char odd[] = "\"\\{}[],:0-.eu \n\x80\xc3\xff/tn";
	unsigned taken = 0;
	struct buf line, other;

	(void)state;
	buf_init(&line, 1u << 20);
	buf_init(&other, 1u << 20);
	for (unsigned i = 0; i < LINES; i++) {
		write_line(&line);
		for (unsigned k = 0; k < CHANGES; k++) {
			uint32_t at = random_below((uint32_t)line.n), how = random_below(4);

			buf_clear(&other);
			buf_add(&other, line.p, at);
			if (how < 2)
				buf_byte(&other, odd[random_below(sizeof(odd) - 1)]);
			buf_add(&other, line.p + at + (how != 1 && at < line.n),
			    line.n - at - (how != 1 && at < line.n));
			taken += compare(buf_view(&other));
		}
	}
	assert_true(taken > LINES); /* changes inside of texts are no damage */
	buf_fini(&line);
	buf_fini(&other);
}

static void single_lines(void **state)
{
	static const struct {
		const char *line;
		bool taken;
	} cases[] = {
		{ "{}", true },
		{ "{\"title\":\"a\",\"title\":\"b\"}", true },
		{ "{\"title\":\"\\u0000x\\u20ac\\/\"}", true },
		{ "{\"a\":-0.50,\"b\":999999999999999999}", true },
		{ "", false },
		{ "[]", false },
		{ "{", false },
		{ "{\"title\"", false },
		{ "{\"title\":}", false },
		{ "{\"title\":\"a\"", false },
		{ "{\"title\":\"a\"}x", false },
		{ "{\"title\":\"a\",}", false },
		{ "{\"title\":\"\\x\"}", false },
		{ "{\"title\":\"\\u12\"}", false },
		{ "{\"a\":01}", false },
		{ "{\"a\":1.}", false },
		{ "{\"a\":-}", false },
		{ "{\"a\":[1,]}", false },
		{ "{\"a\":nul}", false },
		{ "{ \"a\":1}", false }, /* valid; not as we write it, as all that follow */
		{ "{\"a\":1e5}", false },
		{ "{\"a\":9999999999999999999}", false },
		{ "{\"t\\u0069tle\":1}", false },
		{ "{\"a\":\"\\ud83d\\ude00\"}", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (compare(str_from(cases[i].line)) != cases[i].taken)
			fail_msg("%s", cases[i].line);
}

static void no_stack_is_exhausted(void **state)
{
	struct buf line;

	(void)state;
	buf_init(&line, 1u << 20);
	buf_str(&line, STR("{\"a\":"));
	for (unsigned i = 0; i < 100000; i++)
		buf_byte(&line, '[');
	assert_false(json_scan(buf_view(&line), NULL, 0));
	buf_fini(&line);
}

static void runs_end_at_the_first_that_ends_one(void **state)
{
	static const unsigned char edges[] = { '"', '\\', 0x00, 0x1f, 0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f,
		0x80, 0x9f, 0xa2, 0xdc, 0xff };
	char line[48];

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		size_t n = random_below(sizeof(line)), at = 0;
		bool beyond = false, high = false;

		for (size_t i = 0; i < n; i++) /* many runs have none, so that some go on over blocks */
			line[i] = random_below(12) ? 'a' : (char)edges[random_below(ARRAY_LEN(edges))];
		while (at < n && line[at] != '"' && line[at] != '\\' && (unsigned char)line[at] >= ' ')
			beyond |= (unsigned char)line[at++] >= 0x80;
		if (json_run_skip(line, line + n, &high) != line + at || high != beyond)
			fail_msg("round %u: %zu bytes", round, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_taken),
		cmocka_unit_test(what_is_damaged_is_taken_as_jansson_does),
		cmocka_unit_test(runs_end_at_the_first_that_ends_one),
		cmocka_unit_test(single_lines),
		cmocka_unit_test(no_stack_is_exhausted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("base/json_scan", tests, NULL, NULL);
}
