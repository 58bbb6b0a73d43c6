/* replay: what a request may say of a record, and how it is written. */
#include "daemon/pipe/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define KEY "0123456789abcdef0123456789abcdef"
#define TOPICS "[{\"topic\":\"t\",\"score\":0.9,\"decision\":\"match\",\"evidence\":[]}]"
#define RECORD(feed, key, topics, model, rest)                                                               \
	"{\"feed\":\"" feed "\",\"key\":\"" key "\",\"topics\":" topics ",\"model\":\"" model "\"," rest "}"
#define WITH(rest) RECORD("a", KEY, TOPICS, "m", rest)

static const struct {
	const char *name, *record;
	bool good;
} records[] = {
	{ "the least", WITH("\"replays\":7"), true },
	{ "with what records have",
	    WITH("\"replays\":1,\"title\":\"T\",\"tags\":[\"x\"],\"case\":\"" KEY "\""), true },
	{ "no object", "[]", false },
	{ "no number", WITH("\"title\":\"T\""), false },
	{ "a number that is a text", WITH("\"replays\":\"7\""), false },
	{ "number 0", WITH("\"replays\":0"), false },
	{ "a number below", WITH("\"replays\":-1"), false },
	{ "a record that is not there yet", WITH("\"replays\":8"), false },
	{ "a member of lines alone", WITH("\"replays\":7,\"seq\":9"), false },
	{ "a chain", WITH("\"replays\":7,\"chain\":\"00\""), false },
	{ "a kind", WITH("\"replays\":7,\"kind\":\"new\""), false },
	{ "a revision", WITH("\"replays\":7,\"revises\":6"), false },
	{ "a title that is none", WITH("\"replays\":7,\"title\":7"), false },
	{ "an empty text", WITH("\"replays\":7,\"title\":\"\""), false },
	{ "a case that is none", WITH("\"replays\":7,\"case\":\"x\""), false },
	{ "nested without end", WITH("\"replays\":7,\"tags\":[[[[[[[[[]]]]]]]]]"), false },
	{ "a feed of no name", RECORD("../a", KEY, TOPICS, "m", "\"replays\":7"), false },
	{ "a key in capitals", RECORD("a", "0123456789ABCDEF0123456789ABCDEF", TOPICS, "m", "\"replays\":7"),
	    false },
	{ "a short key", RECORD("a", "0123", TOPICS, "m", "\"replays\":7"), false },
	{ "other topics in force", RECORD("a", KEY, TOPICS, "n", "\"replays\":7"), false },
	{ "no topic", RECORD("a", KEY, "[]", "m", "\"replays\":7"), false },
	{ "another topic",
	    RECORD("a", KEY, "[{\"topic\":\"u\",\"score\":1,\"decision\":\"match\"}]", "m", "\"replays\":7"),
	    false },
	{ "a topic for review",
	    RECORD("a", KEY, "[{\"topic\":\"t\",\"score\":1,\"decision\":\"review\"}]", "m", "\"replays\":7"),
	    false },
	{ "a topic without a score",
	    RECORD("a", KEY, "[{\"topic\":\"t\",\"decision\":\"match\"}]", "m", "\"replays\":7"), false },
	{ "two topics",
	    RECORD(
	        "a", KEY, "[{\"topic\":\"t\",\"score\":1,\"decision\":\"match\"},{}]", "m", "\"replays\":7"),
	    false },
};

static void test_refusal(void **state)
{
	const struct replay_bounds bounds = { .topic = STR("t"), .model = STR("m"), .last = 7 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		json_t *record = json_loads(records[i].record, 0, NULL);
		const char *why = replay_refusal(record, &bounds);

		if (!record || (why == NULL) != records[i].good)
			fail_msg("%s: %s", records[i].name, why ? why : "taken");
		json_decref(record);
	}
}

/* What retention took is known no more, nor whether it was replayed. */
static void test_not_kept(void **state)
{
	const struct replay_bounds bounds = { .topic = STR("t"), .model = STR("m"), .first = 6, .last = 9 };
	json_t *record = json_loads(WITH("\"replays\":5"), 0, NULL);

	(void)state;
	assert_string_equal(replay_refusal(record, &bounds), "there is no such record any more");
	json_decref(record);
	record = json_loads(WITH("\"replays\":6"), 0, NULL);
	assert_null(replay_refusal(record, &bounds));
	json_decref(record);
}

/* Whatever order and form it came in: ours, on one line, and without what is of a line itself. */
static void test_written(void **state)
{
	static const char given[] =
	    "{\"seq\":3,\"case\":\"c\",\"title\":\"a\\nb \\u202e\\u0000c\",\"replays\":3,\n\"feed\":\"f\","
	    "\"topics\":[{\"score\":0.5, \"n\":[1,true,false,null]}],\"chain\":\"x\"}";
	static const char wanted[] =
	    "{\"feed\":\"f\",\"title\":\"a\\nb \\u202e\\u0000c\",\"topics\":[{\"score\":0.5000,"
	    "\"n\":[1,true,false,null]}],\"replays\":3,\"case\":\"c\"}";
	json_t *record = json_loads(given, JSON_ALLOW_NUL, NULL);
	struct json w;
	struct buf out;

	(void)state;
	assert_non_null(record);
	buf_init(&out, 4096);
	json_init(&w, &out);
	json_open_object(&w);
	replay_write_members(&w, record);
	json_close_object(&w);
	buf_byte(&out, 0);
	assert_false(out.failed);
	assert_string_equal(out.p, wanted);
	buf_fini(&out);
	json_decref(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusal),
		cmocka_unit_test(test_not_kept),
		cmocka_unit_test(test_written),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
