/*
 * A reader and its races: before every single call that it makes on the disk, in turn, the daemon writes, rotates and compresses. Whatever the
 * moment, it gives every line once and in order. tests/fault/check_mutants.sh shows which planted bugs this catches.
 */
#include "daemon/base/attr.h"
#include "daemon/store/journal.h"
#include "daemon/store/reader.h"
#include "daemon/store/stores.h"
#include "tests/fake/remove_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW 1795255200000

struct box {
	struct fs fs; /* the reader's; first: the seam's pointer is ours */
	char folder[80], journal_folder[96], stores_folder[96];
	struct journal *j;
	struct stores *s;
	struct journal_group *g;
	unsigned rotations;
	unsigned calls, strike; /* calls of the reader; the one before which something happens */
	const char *happens;
	unsigned seen; /* number of the last line that was read */
	const char *key; /* under which lines tell their number; the reader knows only "seq" */
};

static struct err e;

/* --- the daemon */

static bool apply(void *ctx, const struct journal_entry *entry)
{
	stores_apply(ctx, entry);
	return true;
}

static void publish(struct box *b)
{
	struct journal_entry entry = { .routes = STR("items") };
	uint64_t lsn = journal_next_lsn(b->j);
	char line[80];
	int n = snprintf(line, sizeof(line), "{\"v\":1,\"%s\":%u}\n", b->key, (unsigned)lsn);

	entry.line = str_of(line, (size_t)n);
	journal_group_start(b->g, lsn);
	assert_true(journal_group_add(b->g, &entry, &e));
	assert_true(journal_commit(b->j, b->g, &e));
	journal_group_each(b->g, apply, b->s);
	assert_true(stores_flush(b->s, NOW, &e));
}

static void rotate(struct box *b)
{
	assert_true(stores_reopen(b->s, true, NOW + ++b->rotations * 1000, &e));
}

static void compress(struct box *b)
{
	char path[400];

	while (stores_next_to_compress(b->s, path, sizeof(path)))
		assert_true(stores_compress_one(&fs_system, path, 0640, &e));
}

typedef void deed_f(struct box *b);
static deed_f *const deeds[] = { ['p'] = publish, ['r'] = rotate, ['c'] = compress };

static void perform(struct box *b, const char *script)
{
	for (; *script; script++)
		deeds[(unsigned char)*script](b);
}

/* --- the reader's disk */

static void call(const struct fs *fs)
{
	struct box *b = (struct box *)(uintptr_t)fs;

	if (++b->calls == b->strike)
		perform(b, b->happens);
}

static int open_hook(const struct fs *fs, const char *path, int flags, mode_t mode)
{
	call(fs);
	return fs_system.open(&fs_system, path, flags, mode);
}

static ssize_t pread_hook(const struct fs *fs, int fd, void *p, size_t n, int64_t offset)
{
	call(fs);
	return fs_system.pread(&fs_system, fd, p, n, offset);
}

static int stat_hook(const struct fs *fs, const char *path, struct fs_stat *out)
{
	call(fs);
	return fs_system.stat(&fs_system, path, out);
}

static int fstat_hook(const struct fs *fs, int fd, struct fs_stat *out)
{
	call(fs);
	return fs_system.fstat(&fs_system, fd, out);
}

static int list_hook(const struct fs *fs, const char *path, fs_list_f *each, void *ctx)
{
	call(fs);
	return fs_system.list(&fs_system, path, each, ctx);
}

/* --- one race */

static void box_open(struct box *b)
{
	static const char *const names[] = { "items" };
	const struct stores_policy policy = { .directory = b->stores_folder, .compress = true, .mode = 0640 };
	const struct journal_options o = { b->journal_folder, 16384, 8 };
	struct journal_recovery recovery;
	struct stores_report report;

	e = (struct err){ 0 };
	snprintf(b->folder, sizeof(b->folder), "%.40s/reader-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->journal_folder, sizeof(b->journal_folder), "%s/j", b->folder);
	snprintf(b->stores_folder, sizeof(b->stores_folder), "%s/s", b->folder);
	assert_true(journal_open(&fs_system, &o, &b->j, &recovery, &e));
	assert_true(stores_open(&fs_system, &policy, b->j, names, 1, NOW, &b->s, &report, &e));
	b->g = journal_group_new();
	assert_non_null(b->g);
	b->fs = fs_system;
	b->fs.open = open_hook;
	b->fs.pread = pread_hook;
	b->fs.stat = stat_hook;
	b->fs.fstat = fstat_hook;
	b->fs.list = list_hook;
}

static void box_close(struct box *b)
{
	journal_group_free(&b->g);
	stores_close(&b->s);
	journal_close(&b->j);
	remove_tree(b->folder);
}

static void read_on(struct box *b, struct reader *r)
{
	struct reader_line line;
	enum reader_result got;

	while ((got = reader_next(r, &line, &e)) == READER_LINE) {
		unsigned seq = (unsigned)strtoul(memrchr(line.text.p, ':', line.text.n) + 1, NULL, 10);

		if (seq != b->seen + 1)
			fail_msg("\"%s\" before call %u: %u after %u in %s", b->happens, b->strike, seq,
			    b->seen, line.file);
		b->seen = seq;
	}
	if (got == READER_FAILED)
		fail_msg("\"%s\" before call %u: %s", b->happens, b->strike, e.text);
}

/* True: the reader made that call. */
static bool race(const char *key, const char *happens, unsigned strike)
{
	struct box b = { .key = key, .happens = happens };
	struct reader *r;
	unsigned calls;

	box_open(&b);
	perform(&b, "pprcpprpp");
	assert_true(reader_open(&b.fs, b.stores_folder, "items", &r, &e));
	b.calls = 0;
	b.strike = strike;
	read_on(&b, r);
	perform(&b, "p");
	read_on(&b, r);
	perform(&b, "prp");
	read_on(&b, r);
	calls = b.calls;
	b.happens = ""; /* quiet again: now everything must come */
	read_on(&b, r);
	read_on(&b, r);
	if (b.seen + 1 != journal_next_lsn(b.j))
		fail_msg("\"%s\" before call %u: ends at %u", happens, strike, b.seen);
	reader_close(&r);
	box_close(&b);
	return calls >= strike;
}

static void races_at_every_call(const char *key, const char *const *scripts)
{
	unsigned races = 0;

	for (; *scripts; scripts++) {
		for (unsigned strike = 1; race(key, *scripts, strike); strike++)
			races++;
	}
	print_message("# %u races\n", races);
	assert_true(races > 100);
}

static void numbered_lines(void **state)
{
	static const char *const scripts[] = { "p", "r", "pr", "prp", "rc", "prcp", "prprp", "prpcrpc",
		NULL };

	(void)state;
	races_at_every_call("seq", scripts);
}

/* Without numbers a file that is compressed under the reader cannot be told from the next. */
static void lines_without_numbers(void **state)
{
	static const char *const scripts[] = { "p", "r", "pr", "prp", NULL };

	(void)state;
	races_at_every_call("n", scripts);
}

static void starts_behind_a_number(void **state)
{
	struct box b = { .key = "seq", .happens = "" };
	struct reader *r;

	(void)state;
	box_open(&b);
	perform(&b, "pppprpppcrppp");
	for (unsigned seq = 0; seq < 10; seq++) {
		assert_true(reader_open(&b.fs, b.stores_folder, "items", &r, &e));
		assert_true(reader_seek_seq(r, seq, &e));
		b.seen = seq;
		read_on(&b, r);
		assert_int_equal(b.seen, 10);
		reader_close(&r);
	}
	box_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_behind_a_number),
		cmocka_unit_test(numbered_lines),
		cmocka_unit_test(lines_without_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fault/store_reader", tests, NULL, NULL);
}
