/* gazettectl top: every page fits its terminal, whatever feeds are called; the order is that of the key. */
#include "daemon/ctl/terminal.h"
#include "daemon/ctl/top.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1795256103000) /* 2026-11-21T10:15:03Z */

static const char page[] =
    "{\"version\":\"1\",\"at\":\"2026-11-21T10:15:00.000Z\",\"counts\":{\"feeds\":4,\"feeds_ok\":3,\"feeds_"
    "failing\":1},"
    "\"feeds\":["
    "{\"name\":\"b-ok\",\"health\":\"ok\",\"title\":\"政府新聞公報政府新聞公報政府新聞公報政府新聞公報\","
    "\"items\":5,\"last_status\":200,"
    "\"last_poll\":\"2026-11-21T10:14:00.000Z\",\"next_due\":\"2026-11-21T10:20:00.000Z\"},"
    "{\"name\":\"香港政府新聞網香港政府新聞網香港政府新聞網\",\"health\":\"ok\",\"title\":\"שלום "
    "עולם\",\"items\":9,"
    "\"last_poll\":\"2026-11-21T10:13:00.000Z\",\"next_due\":\"2026-11-21T10:16:00.000Z\"},"
    "{\"name\":\"z-bad\",\"health\":\"failing\",\"error\":\"\\u001b[2J\\u202eHTTP "
    "503\\n\",\"failures\":7,\"items\":1},"
    "{\"name\":\"a-new\",\"health\":\"waiting\",\"items\":0}]}";

static struct printer printer;
static json_t *status;

static int prepare(void **state)
{
	(void)state;
	status = json_loads(page, 0, NULL);
	buf_init(&printer.out, 1 << 20);
	return status ? 0 : -1;
}

static int clean(void **state)
{
	(void)state;
	json_decref(status);
	buf_fini(&printer.out);
	return 0;
}

static struct str draw(struct top_view *v)
{
	buf_reset(&printer.out);
	top_draw(&printer, v, status, "none", NOW);
	assert_false(printer.out.failed);
	return buf_view(&printer.out);
}

/* Without what clears the rest of a line: the only escape that may stand there. */
static struct str bare(struct str line)
{
	if (str_ends(line, STR("\r")))
		line.n--;
	if (str_ends(line, STR("\x1b[K")))
		line.n -= 3;
	return line;
}

static void pages_fit_every_terminal(void **state)
{
	(void)state;
	for (unsigned columns = 1; columns < 220; columns++) {
		for (unsigned rows = 1; rows < 14; rows++) {
			struct top_view v = { .columns = columns, .rows = rows };
			struct str rest = draw(&v);
			unsigned lines = 0;
			for (; rest.p; lines++) {
				struct str line = bare(str_cut(&rest, '\n'));
				if (print_width(line) > columns)
					fail_msg("%u columns: %zu in '%.*s'", columns, print_width(line),
					    STR_ARG(line));
				assert_int_equal(str_find_byte(line, '\x1b', 0), SIZE_MAX);
			}
			if (lines > rows)
				fail_msg("%u rows: %u lines", rows, lines);
		}
	}
}

/* Where the name of each feed stands in the page. */
static void order_is(struct top_view *v, const char *first, const char *second)
{
	struct str text = draw(v);
	size_t a = str_find(text, str_from(first), 0), b = str_find(text, str_from(second), 0);
	if (a == SIZE_MAX || b == SIZE_MAX || a > b)
		fail_msg("%s is not before %s", first, second);
}

static void keys_sort(void **state)
{
	static const struct {
		int key;
		const char *first, *second;
	} rows[] = {
		{ 'h', "z-bad", "a-new" },
		{ 'n', "a-new", "b-ok" },
		{ 'p', "b-ok", "香港" },
		{ 'd', "香港", "b-ok" },
		{ 'i', "香港", "b-ok" },
		{ 'f', "z-bad", "a-new" },
	};
	struct top_view v = { .columns = 120, .rows = 24 };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(top_key(&v, rows[i].key));
		order_is(&v, rows[i].first, rows[i].second);
		assert_true(top_key(&v, 'r'));
		order_is(&v, rows[i].second, rows[i].first);
		assert_true(top_key(&v, 'r'));
	}
}

static void keys_move_within_bounds(void **state)
{
	struct top_view v = { .columns = 80, .rows = 8, .sort = TOP_NAME }; /* two feeds at a time */
	(void)state;
	assert_true(str_find(draw(&v), STR("a-new"), 0) != SIZE_MAX);
	assert_true(str_find(draw(&v), STR("z-bad"), 0) == SIZE_MAX);
	for (int i = 0; i < 9; i++)
		assert_true(top_key(&v, ' '));
	draw(&v);
	assert_int_equal(v.first, 2);
	assert_true(top_key(&v, 'k'));
	draw(&v);
	assert_int_equal(v.first, 1);
	assert_true(top_key(&v, 'b'));
	assert_int_equal(v.first, 0);
	assert_true(top_key(&v, 'k') && top_key(&v, 'j'));
	assert_int_equal(v.first, 1);
	assert_true(top_key(&v, 'g'));
	assert_int_equal(v.first, 0);
	assert_true(top_key(&v, TERMINAL_NOTHING));
	assert_false(top_key(&v, 'q'));
	assert_false(top_key(&v, TERMINAL_END));
}

static void what_is_wrong_is_said(void **state)
{
	struct top_view v = { .columns = 120, .rows = 24 };
	(void)state;
	assert_true(str_find(draw(&v), STR("is well"), 0) != SIZE_MAX);
	assert_true(str_find(draw(&v), STR("\\x1b[2J\\u202eHTTP 503"), 0) != SIZE_MAX);
	buf_reset(&printer.out);
	top_draw(&printer, &v, status, "none", NOW + 300000);
	assert_true(str_find(buf_view(&printer.out), STR("is not running"), 0) != SIZE_MAX);
	buf_reset(&printer.out);
	top_draw(&printer, &v, NULL, "status.json: No such file", NOW);
	assert_true(str_find(buf_view(&printer.out), STR("status.json: No such file"), 0) != SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_fit_every_terminal),
		cmocka_unit_test(keys_sort),
		cmocka_unit_test(keys_move_within_bounds),
		cmocka_unit_test(what_is_wrong_is_said),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ctl/top", tests, prepare, clean);
}
