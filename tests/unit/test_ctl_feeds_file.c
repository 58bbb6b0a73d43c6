/* A file of feeds takes another's place: for one editor at a time, durably, with the owner and mode that it had; or it stays as it is. */
#include "daemon/base/attr.h"
#include "daemon/base/buf.h"
#include "daemon/ctl/feeds_file.h"
#include "tests/fake/remove_tree.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define OTHER_UID 12345
#define OTHER_GID 54321

static struct box {
	struct fs fs;
	char folder[64], main_file[96], file[96], edited[128], synced[128];
	const char *refuse; /* of "rename", "sync_dir" */
	bool sound, renamed;
} box;

static int refused(const char *step)
{
	if (!box.refuse || strcmp(box.refuse, step) != 0)
		return 0;
	errno = EIO;
	return -1;
}

static int on_rename(const struct fs *fs, const char *from, const char *to)
{
	if (refused("rename") != 0)
		return -1;
	box.renamed = true;
	return fs_system.rename(fs, from, to);
}

/* Of what was renamed: one before that says nothing. */
static int on_sync_dir(const struct fs *fs, const char *path)
{
	if (box.renamed)
		snprintf(box.synced, sizeof(box.synced), "%s", path);
	return refused("sync_dir") != 0 ? -1 : fs_system.sync_dir(fs, path);
}

static void put(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int set_up(void **state)
{
	(void)state;
	box = (struct box){ .fs = fs_system, .sound = true };
	box.fs.rename = on_rename;
	box.fs.sync_dir = on_sync_dir;
	snprintf(box.folder, sizeof(box.folder), "%s/feeds-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(box.folder));
	snprintf(box.main_file, sizeof(box.main_file), "%s/gazetted.yaml", box.folder);
	snprintf(box.file, sizeof(box.file), "%s/feeds.yaml", box.folder);
	put(box.main_file, "main", 0640);
	put(box.file, "old", 0604);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assert_true(remove_tree(box.folder));
	return 0;
}

static void holds(const char *path, const char *wanted)
{
	struct err e = { 0 };
	struct buf text;
	assert_true(fs_read_file(&fs_system, path, 100, &text, &e));
	assert_true(str_eq(buf_view(&text), str_from(wanted)));
	buf_fini(&text);
}

static feeds_sound_f judge;
static bool judge(void *ctx, const char *edited)
{
	(void)ctx;
	snprintf(box.edited, sizeof(box.edited), "%s", edited);
	holds(edited, "new");
	return box.sound;
}

static bool replace(const char *path, struct err *e)
{
	const struct feeds_change change = {
		.path = path, .like = box.main_file, .text = STR("new"), .is_sound = judge
	};
	*e = (struct err){ 0 };
	return feeds_file_replace(&box.fs, &change, e);
}

static mode_t mode_of(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void test_replaces(void **state)
{
	struct err e;
	struct stat st;
	char number[32];
	(void)state;
	bool root = chown(box.file, OTHER_UID, OTHER_GID) == 0;
	mode_t before = umask(077);
	assert_true(replace(box.file, &e));
	umask(before);
	holds(box.file, "new");
	assert_int_equal(mode_of(box.file), 0604);
	assert_int_equal(stat(box.file, &st), 0);
	assert_int_equal(st.st_uid, root ? OTHER_UID : geteuid());
	assert_int_equal(st.st_gid, root ? OTHER_GID : getegid());
	assert_string_equal(box.synced, box.folder);
	/* A name that no other process takes, and nothing is left under it. */
	snprintf(number, sizeof(number), ".%ld.", (long)getpid());
	assert_non_null(strstr(box.edited, number));
	assert_int_not_equal(access(box.edited, F_OK), 0);
}

static void test_new_file(void **state)
{
	struct err e;
	struct stat st;
	char path[128];
	(void)state;
	bool root = chown(box.main_file, OTHER_UID, OTHER_GID) == 0;
	snprintf(path, sizeof(path), "%s/more.yaml", box.folder);
	assert_true(replace(path, &e));
	holds(path, "new");
	assert_int_equal(mode_of(path), 0640);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, geteuid());
	assert_int_equal(st.st_gid, root ? OTHER_GID : getegid());
}

static void test_stays(void **state)
{
	static const char *const steps[] = { "rename", NULL };
	struct err e;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		box.refuse = steps[i];
		box.sound = steps[i] != NULL;
		assert_false(replace(box.file, &e));
		assert_int_equal(e.kind, steps[i] ? ERR_IO : ERR_NONE); /* what is not sound says so itself */
		holds(box.file, "old");
		assert_int_not_equal(access(box.edited, F_OK), 0);
	}
	/* It is there, and may go again: that is told. */
	box.sound = true;
	box.refuse = "sync_dir";
	assert_false(replace(box.file, &e));
	assert_int_equal(e.kind, ERR_IO);
	holds(box.file, "new");
}

static void test_link(void **state)
{
	struct err e;
	char link[128];
	struct stat st;
	(void)state;
	snprintf(link, sizeof(link), "%s/link.yaml", box.folder);
	assert_int_equal(symlink("feeds.yaml", link), 0);
	assert_true(replace(link, &e));
	holds(box.file, "new");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void test_one_editor(void **state)
{
	struct err e = { 0 };
	char link[128];
	int first, second;
	(void)state;
	snprintf(link, sizeof(link), "%s/link.yaml", box.folder);
	assert_int_equal(symlink("gazetted.yaml", link), 0);
	assert_true(feeds_file_lock(&fs_system, box.main_file, 0, &first, &e));
	assert_false(feeds_file_lock(&fs_system, link, 1, &second, &e)); /* the same under another name */
	assert_int_equal(e.kind, ERR_BUSY);
	assert_int_equal(second, -1);
	assert_non_null(strstr(e.text, box.folder));
	err_clear(&e);
	feeds_file_unlock(&fs_system, &first);
	assert_true(feeds_file_lock(&fs_system, link, 0, &second, &e));
	feeds_file_unlock(&fs_system, &second);
	assert_true(feeds_file_lock(&fs_system, "/nowhere/at all", 0, &first, &e)); /* nothing to edit */
	assert_int_equal(first, -1);
	feeds_file_unlock(&fs_system, &first);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_replaces),
		TEST(test_new_file),
		TEST(test_stays),
		TEST(test_link),
		TEST(test_one_editor),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ctl/feeds_file", tests, NULL, NULL);
}
