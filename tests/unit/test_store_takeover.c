/* stores: a closed file that stands there plain and compressed: a start lets go what the other holds, and nothing when in doubt. */
#include "daemon/store/journal.h"
#include "daemon/store/stores.h"
#include "daemon/store/zst.h"
#include "tests/fake/remove_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW 1795255200000
#define PLAIN "items-20261121T101503Z-3.jsonl"
#define OTHER "topic-20261121T101503Z-3.jsonl"

#define TEXT "{\"v\":1,\"seq\":1}\n{\"v\":1,\"seq\":2}\n{\"v\":1,\"seq\":3}\n"
static struct err e;
static char folder[64], path[200], journal_folder[96], stores_folder[96];
static struct stores_report report;

static int set_up(void **ctx)
{
	(void)ctx;
	snprintf(folder, sizeof(folder), "/dev/shm/takeover-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(journal_folder, sizeof(journal_folder), "%s/journal", folder);
	snprintf(stores_folder, sizeof(stores_folder), "%s/stores", folder);
	e = (struct err){ 0 };
	assert_true(fs_make_dirs(&fs_system, stores_folder, 0700, &e));
	return 0;
}

static int tear_down(void **ctx)
{
	(void)ctx;
	remove_tree(folder);
	return 0;
}

static const char *path_in(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", stores_folder, name);
	return path;
}

static void write_file(const char *name, const char *bytes, size_t n)
{
	FILE *f = fopen(path_in(name), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* Both of `name`: the copy of what stands in `packed`, and the plain file with `plain`. */
static void write_twins(const char *name, struct str packed, struct str plain)
{
	write_file(name, packed.p, packed.n);
	assert_true(stores_compress_one(&fs_system, path_in(name), 0640, &e));
	write_file(name, plain.p, plain.n);
}

static void start(const struct fs *fs)
{
	static const char *const names[] = { "items", "topic" };
	const struct journal_options o = { journal_folder, 65536, 8 };
	const struct stores_policy policy = { .directory = stores_folder, .mode = 0640, .compress = true };
	struct journal_recovery r;
	struct journal *j;
	struct stores *s;

	assert_true(journal_open(&fs_system, &o, &j, &r, &e));
	assert_true(stores_open(fs, &policy, j, names, 2, NOW, &s, &report, &e));
	stores_close(&s);
	journal_close(&j);
}

static bool there(const char *name)
{
	return access(path_in(name), F_OK) == 0;
}

static void the_whole_one_stays(void **ctx)
{
	static const struct {
		const char *name;
		struct str packed, plain;
		bool copy_stays, plain_stays;
	} cases[] = {
		{ "both the same", STR(TEXT), STR(TEXT), true, false },
		{ "the copy ends too soon", { TEXT, 16 }, STR(TEXT), false, true },
		{ "the original ends too soon", STR(TEXT), { TEXT, 16 }, true, false },
		{ "the original ends inside a line", STR(TEXT), { TEXT, 20 }, true, false },
		{ "the original is empty", STR(TEXT), { TEXT, 0 }, true, false },
		{ "the copy is empty", { TEXT, 0 }, STR(TEXT), false, true },
		{ "neither holds the other", STR(TEXT), STR("{\"v\":1,\"seq\":1}\n{\"v\":1,\"seq\":9}\n"),
		    true, true },
	};

	(void)ctx;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("# %s\n", cases[i].name);
		write_twins(PLAIN, cases[i].packed, cases[i].plain);
		start(&fs_system);
		assert_int_equal(there(PLAIN ".zst"), cases[i].copy_stays);
		assert_int_equal(there(PLAIN), cases[i].plain_stays);
		assert_int_equal(report.takeovers_finished, !(cases[i].copy_stays && cases[i].plain_stays));
		assert_int_equal(report.note[0] != 0, cases[i].copy_stays && cases[i].plain_stays);
		unlink(path_in(PLAIN));
		unlink(path_in(PLAIN ".zst"));
	}
}

/* Two stores whose files were closed at once under the same number, and one that stands alone. */
static void each_store_for_itself(void **ctx)
{
	(void)ctx;
	write_twins(PLAIN, STR(TEXT), STR(TEXT));
	write_file(OTHER, TEXT, sizeof(TEXT) - 1);
	start(&fs_system);
	assert_true(there(PLAIN ".zst") && !there(PLAIN) && there(OTHER));
	write_twins(PLAIN, STR(TEXT), STR(TEXT));
	write_twins(OTHER, STR(TEXT), STR(TEXT));
	start(&fs_system);
	assert_true(there(PLAIN ".zst") && !there(PLAIN) && there(OTHER ".zst") && !there(OTHER));
	assert_int_equal(report.takeovers_finished, 2);
}

static bool copy_says_the_text(void)
{
	struct zst *z;
	struct buf b;
	bool more = true, same;

	buf_init(&b, 4 * ZST_CHUNK_MAX);
	assert_true(zst_open(&fs_system, path_in(PLAIN ".zst"), &z, &e));
	while (more)
		assert_true(zst_read(z, &b, &more, &e));
	zst_close(&z);
	same = str_eq(buf_view(&b), STR(TEXT));
	buf_fini(&b);
	return same;
}

/* Every byte of the copy, damaged: never does the original go for it. */
static void a_damaged_copy_goes(void **ctx)
{
	char bytes[400];
	size_t n, kept = 0;
	FILE *f;

	(void)ctx;
	write_twins(PLAIN, STR(TEXT), STR(TEXT));
	f = fopen(path_in(PLAIN ".zst"), "rb");
	assert_non_null(f);
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	assert_in_range(n, 40, sizeof(bytes) - 1);
	for (size_t i = 0; i < n; i++) {
		bytes[i] ^= 0x10;
		write_file(PLAIN, TEXT, sizeof(TEXT) - 1);
		write_file(PLAIN ".zst", bytes, n);
		start(&fs_system);
		assert_true(there(PLAIN) != there(PLAIN ".zst"));
		assert_true(there(PLAIN) || copy_says_the_text()); /* a bit that means nothing was hit */
		kept += there(PLAIN);
		bytes[i] ^= 0x10;
	}
	assert_true(kept > n / 2);
}

static const char *refused; /* what the seam below fails with EIO, */
static int watched = -1; /* of the twin that was opened last */
static int synced; /* 1: the copy; 2: and then its folder */
static int originals_gone;

static int open_refusing(const struct fs *fs, const char *name, int flags, mode_t mode)
{
	if (strcmp(refused, "open") == 0 && strstr(name, PLAIN)) {
		errno = EIO;
		return -1;
	}
	watched = strstr(name, PLAIN) ? fs_system.open(fs, name, flags, mode) : watched;
	return strstr(name, PLAIN) ? watched : fs_system.open(fs, name, flags, mode);
}

static ssize_t pread_refusing(const struct fs *fs, int fd, void *p, size_t n, int64_t offset)
{
	if (strcmp(refused, "read") == 0 && fd == watched) {
		errno = EIO;
		return -1;
	}
	return fs_system.pread(fs, fd, p, n, offset);
}

static int sync_refusing(const struct fs *fs, int fd)
{
	if (strcmp(refused, "sync") == 0 && fd == watched) {
		errno = EIO;
		return -1;
	}
	return fs_system.sync(fs, fd);
}

/* Of an original: its copy must be on the disk, under its name. */
static int unlink_watching(const struct fs *fs, const char *name)
{
	if (str_ends(str_from(name), STR(PLAIN))) {
		assert_true(synced == 2);
		originals_gone++;
	}
	return fs_system.unlink(fs, name);
}

static int sync_watching(const struct fs *fs, int fd)
{
	synced = fd == watched ? 1 : synced;
	return fs_system.sync(fs, fd);
}

static int sync_dir_watching(const struct fs *fs, const char *name)
{
	synced += synced == 1;
	return fs_system.sync_dir(fs, name);
}

/* Who was killed right behind the renaming has not synced the folder: a power cut would take the only name away. */
static void the_copy_is_durable_first(void **ctx)
{
	struct fs fs = fs_system;

	(void)ctx;
	refused = "";
	fs.open = open_refusing;
	fs.sync = sync_watching;
	fs.sync_dir = sync_dir_watching;
	fs.unlink = unlink_watching;
	write_twins(PLAIN, STR(TEXT), STR(TEXT));
	synced = originals_gone = 0;
	start(&fs);
	assert_int_equal(originals_gone, 1);
}

static int unlink_refusing(const struct fs *fs, const char *name)
{
	if (strcmp(refused, "unlink") == 0 && strstr(name, PLAIN)) {
		errno = EIO;
		return -1;
	}
	return fs_system.unlink(fs, name);
}

/* What the disk refuses is left for the next start, and said. */
static void a_disk_that_refuses(void **ctx)
{
	static const char *const calls[] = { "open", "read", "sync", "unlink" };
	struct fs fs = fs_system;

	(void)ctx;
	fs.open = open_refusing;
	fs.pread = pread_refusing;
	fs.sync = sync_refusing;
	fs.unlink = unlink_refusing;
	start(&fs_system);
	write_twins(PLAIN, STR(TEXT), STR(TEXT));
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		refused = calls[i];
		watched = -1;
		start(&fs);
		assert_true(there(PLAIN) && there(PLAIN ".zst"));
		assert_true(report.note[0] != 0);
	}
	refused = "";
	start(&fs);
	assert_true(there(PLAIN ".zst") && !there(PLAIN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_whole_one_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_store_for_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_copy_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_copy_is_durable_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_disk_that_refuses, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store/takeover", tests, NULL, NULL);
}
