/* Frames between our processes: whole, cut, too large, and hostile. */
#include "daemon/run/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

static void crosses_whole(void **state)
{
	int pair[2];
	struct err e = { 0 };
	struct buf in;
	enum wire_type type;
	(void)state;
	buf_init(&in, 1024);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_true(wire_write(pair[0], WIRE_JOB, STR("body\0with NUL"), &e));
	assert_true(wire_write(pair[0], WIRE_ANSWER, STR(""), &e));
	assert_true(wire_read(pair[1], 1024, &type, &in, &e));
	assert_int_equal(type, WIRE_JOB);
	assert_true(str_eq(buf_view(&in), STR("body\0with NUL")));
	assert_true(wire_read(pair[1], 1024, &type, &in, &e));
	assert_int_equal(type, WIRE_ANSWER);
	assert_int_equal(in.n, 0);
	close(pair[0]);
	assert_false(wire_read(pair[1], 1024, &type, &in, &e));
	assert_int_equal(e.kind, ERR_NONE);
	close(pair[1]);
	buf_fini(&in);
}

/* The sizes around that of a piece, which is no matter of the reader's. */
static void crosses_in_any_size(void **state)
{
	static char text[100000];
	static const size_t sizes[] = { 1, 16375, 16376, 16377, 16384, sizeof(text) };
	int pair[2];
	struct err e = { 0 };
	struct buf in;
	enum wire_type type;
	(void)state;
	buf_init(&in, sizeof(text));
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		assert_true(wire_write(pair[0], WIRE_JOB, str_of(text, sizes[i]), &e));
		assert_true(wire_read(pair[1], sizeof(text), &type, &in, &e));
		assert_true(str_eq(buf_view(&in), str_of(text, sizes[i])));
	}
	close(pair[0]);
	close(pair[1]);
	buf_fini(&in);
}

static void goes_in_one_piece(void **state)
{
	char room[64];
	int pair[2];
	struct err e = { 0 };
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	assert_true(wire_write(pair[0], WIRE_JOB, STR("body"), &e));
	assert_int_equal(recv(pair[1], room, sizeof(room), 0), WIRE_HEADER + 4);
	close(pair[0]);
	close(pair[1]);
}

static void refuses_what_is_cut_or_too_large(void **state)
{
	static const struct {
		const char *name;
		struct str bytes;
		enum err_kind kind;
	} cases[] = {
		{ "cut in the header", { "\4\0\0", 3 }, ERR_PARSE },
		{ "cut in the payload", { "\4\0\0\0\2\0\0\0ab", 10 }, ERR_PARSE },
		{ "longer than the limit", { "\xff\xff\xff\xff\2\0\0\0", 8 }, ERR_LIMIT },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int pair[2];
		struct err e = { 0 };
		struct buf in;
		enum wire_type type;
		buf_init(&in, 1024);
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		assert_int_equal(send(pair[0], cases[i].bytes.p, cases[i].bytes.n, 0), cases[i].bytes.n);
		close(pair[0]);
		if (wire_read(pair[1], 1024, &type, &in, &e) || e.kind != cases[i].kind)
			fail_msg("%s: kind %s", cases[i].name, err_kind_name(e.kind));
		close(pair[1]);
		buf_fini(&in);
	}
}

static void is_taken_piece_by_piece(void **state)
{
	static const char bytes[] = "\3\0\0\0\5\0\0\0xyzREST";
	enum wire_type type;
	struct str payload;
	size_t used;
	(void)state;
	for (size_t n = 0; n < 11; n++)
		assert_int_equal(wire_take(str_of(bytes, n), 16, &type, &payload, &used), WIRE_MORE);
	assert_int_equal(wire_take(str_of(bytes, 15), 16, &type, &payload, &used), WIRE_FRAME);
	assert_int_equal(type, WIRE_HOOK_RESULT);
	assert_true(str_eq(payload, STR("xyz")));
	assert_int_equal(used, 11);
	assert_int_equal(wire_take(str_of(bytes, 15), 2, &type, &payload, &used), WIRE_BROKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crosses_whole),
		cmocka_unit_test(crosses_in_any_size),
		cmocka_unit_test(goes_in_one_piece),
		cmocka_unit_test(refuses_what_is_cut_or_too_large),
		cmocka_unit_test(is_taken_piece_by_piece),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("run/wire", tests, NULL, NULL);
}
