/* The seam to the disk: short transfers, interruptions and failures of a scripted disk, and the real one in a folder of its own. */
#include "daemon/base/attr.h"
#include "daemon/base/buf.h"
#include "daemon/base/fs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[PATH_MAX];

static int make_folder(void **state)
{
	(void)state;
	const char *base = getenv("TMPDIR");
	snprintf(folder, sizeof(folder), "%s/test-base-fs-XXXXXX", base ? base : "/tmp");
	return mkdtemp(folder) ? 0 : -1;
}

static bool remove_one(void *ctx, const char *name)
{
	char path[2 * PATH_MAX];
	(void)ctx;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return fs_system.unlink(&fs_system, path) == 0 || rmdir(path) == 0 || true;
}

static int remove_folder(void **state)
{
	(void)state;
	fs_system.list(&fs_system, folder, remove_one, NULL);
	return rmdir(folder);
}

static const char *in_folder(const char *name)
{
	static char path[2 * PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* A disk of 64 bytes that takes at most 3 at a time, is interrupted every other call, and is full beyond `full`. */
static struct {
	char bytes[64];
	size_t size, full;
	unsigned calls;
} disk;

static ssize_t take(const void *p, size_t n, size_t offset)
{
	if (disk.calls++ % 2 == 0) {
		errno = EINTR;
		return -1;
	}
	if (offset >= disk.full) {
		errno = ENOSPC;
		return -1;
	}
	n = n > 3 ? 3 : n;
	n = n > disk.full - offset ? disk.full - offset : n;
	memcpy(disk.bytes + offset, p, n);
	disk.size = offset + n > disk.size ? offset + n : disk.size;
	return (ssize_t)n;
}

static ssize_t scripted_pwrite(const struct fs *fs, int fd, const void *p, size_t n, int64_t offset)
{
	(void)fs;
	(void)fd;
	return take(p, n, (size_t)offset);
}

static ssize_t scripted_append(const struct fs *fs, int fd, const void *p, size_t n)
{
	(void)fs;
	(void)fd;
	return take(p, n, disk.size);
}

static ssize_t scripted_pread(const struct fs *fs, int fd, void *p, size_t n, int64_t offset)
{
	(void)fs;
	(void)fd;
	if (disk.calls++ % 2 == 0) {
		errno = EINTR;
		return -1;
	}
	size_t left = (size_t)offset < disk.size ? disk.size - (size_t)offset : 0;
	n = n > 3 ? 3 : n;
	n = n > left ? left : n;
	memcpy(p, disk.bytes + offset, n);
	return (ssize_t)n;
}

static const struct fs scripted = {
	.pread = scripted_pread, .pwrite = scripted_pwrite, .append = scripted_append
};

static void short_writes_are_continued(void **state)
{
	(void)state;
	struct err e = { 0 };
	size_t done = 0;
	char back[64];
	disk.size = 0;
	disk.full = 64;
	assert_true(fs_write_all(&scripted, 0, "0123456789", 10, 5, &e));
	assert_memory_equal(disk.bytes + 5, "0123456789", 10);
	assert_true(fs_append_all(&scripted, 0, "abcdefg", 7, &done, &e));
	assert_int_equal(done, 7);
	assert_int_equal(fs_read_full(&scripted, 0, back, sizeof(back), 5), 17);
	assert_memory_equal(back, "0123456789abcdefg", 17);
}

static void a_full_disk_says_how_far_it_came(void **state)
{
	(void)state;
	struct err e = { 0 };
	size_t done = 0;
	disk.size = 0;
	disk.full = 8;
	assert_false(fs_append_all(&scripted, 0, "0123456789", 10, &done, &e));
	assert_int_equal(done, 8);
	assert_int_equal(e.kind, ERR_IO);
	assert_int_equal(e.sys, ENOSPC);
	err_clear(&e);
	assert_false(fs_write_all(&scripted, 0, "0123456789", 10, 0, &e));
	assert_int_equal(e.sys, ENOSPC);
}

static void files_are_replaced_whole(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct buf out;
	struct fs_stat st;
	assert_true(fs_replace_file(&fs_system, in_folder("a"), STR("first"), 0640, &e));
	assert_true(fs_replace_file(&fs_system, in_folder("a"), STR("second"), 0640, &e));
	assert_true(fs_read_file(&fs_system, in_folder("a"), 100, &out, &e));
	assert_true(str_eq(buf_view(&out), STR("second")));
	assert_int_equal(out.p[out.n], '\0');
	buf_fini(&out);
	assert_int_equal(fs_system.stat(&fs_system, in_folder("a.tmp"), &st), -1);
	assert_false(fs_replace_file(&fs_system, in_folder("none/a"), STR("x"), 0640, &e));
	assert_int_equal(e.sys, ENOENT);
}

static void reading_keeps_to_its_limit(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct buf out;
	assert_true(fs_replace_file(&fs_system, in_folder("b"), STR("0123456789"), 0640, &e));
	assert_true(fs_read_file(&fs_system, in_folder("b"), 10, &out, &e));
	assert_int_equal(out.n, 10);
	buf_fini(&out);
	assert_false(fs_read_file(&fs_system, in_folder("b"), 9, &out, &e));
	assert_int_equal(e.kind, ERR_LIMIT);
	err_clear(&e);
	assert_false(fs_read_file(&fs_system, folder, 9, &out, &e));
	assert_int_equal(e.sys, EISDIR);
	err_clear(&e);
	assert_false(fs_read_file(&fs_system, in_folder("none"), 9, &out, &e));
	assert_int_equal(e.sys, ENOENT);
	err_clear(&e);
	/* A file whose size nobody knows beforehand. */
	assert_true(fs_read_file(&fs_system, "/proc/self/status", 1 << 20, &out, &e));
	assert_true(out.n > 100);
	buf_fini(&out);
}

static void a_pipe_is_refused_without_waiting(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct buf out;
	assert_int_equal(mkfifo(in_folder("pipe"), 0640), 0);
	alarm(10); /* reading would wait for a writer for ever */
	assert_false(fs_read_file(&fs_system, in_folder("pipe"), 9, &out, &e));
	alarm(0);
	assert_int_equal(e.kind, ERR_IO);
	unlink(in_folder("pipe"));
}

static void empty_files_are_read(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct buf out;
	assert_true(fs_replace_file(&fs_system, in_folder("e"), (struct str){ NULL, 0 }, 0640, &e));
	assert_true(fs_read_file(&fs_system, in_folder("e"), 10, &out, &e));
	assert_int_equal(out.n, 0);
	assert_string_equal(out.p, "");
	buf_fini(&out);
}

static void links_are_not_written_through(void **state)
{
	(void)state;
	struct err e = { 0 };
	char path[2 * PATH_MAX];
	assert_true(fs_replace_file(&fs_system, in_folder("target"), STR("t"), 0640, &e));
	snprintf(path, sizeof(path), "%s", in_folder("link"));
	assert_int_equal(symlink("target", path), 0);
	assert_int_equal(fs_system.open(&fs_system, path, O_WRONLY, 0), -1);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(fs_system.open(&fs_system, path, O_RDONLY | O_CREAT, 0600), -1);
	int fd = fs_system.open(&fs_system, path, O_RDONLY, 0);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	fs_system.close(&fs_system, fd);
}

static void folders_are_made_on_the_way(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct fs_stat st;
	char path[2 * PATH_MAX];
	assert_true(fs_make_dirs(&fs_system, in_folder("x/y//z/"), 0755, &e));
	assert_true(fs_make_dirs(&fs_system, in_folder("x/y/z"), 0755, &e));
	assert_int_equal(fs_system.stat(&fs_system, in_folder("x/y/z"), &st), 0);
	assert_true(S_ISDIR(st.mode));
	assert_true(fs_replace_file(&fs_system, in_folder("file"), STR(""), 0644, &e));
	assert_false(fs_make_dirs(&fs_system, in_folder("file"), 0755, &e));
	assert_int_equal(e.sys, ENOTDIR);
	err_clear(&e);
	assert_false(fs_make_dirs(&fs_system, in_folder("file/x"), 0755, &e));
	assert_false(fs_make_dirs(&fs_system, "", 0755, &e));
	static const char *const made[] = { "x/y/z", "x/y", "x" };
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		snprintf(path, sizeof(path), "%s", in_folder(made[i]));
		assert_int_equal(rmdir(path), 0);
	}
}

static char synced[4 * PATH_MAX];

static int note_sync(const struct fs *fs, const char *path)
{
	(void)fs;
	size_t n = strlen(synced);
	snprintf(synced + n, sizeof(synced) - n, "%s\n", path + strlen(folder));
	return fs_system.sync_dir(&fs_system, path);
}

static int fail_sync(const struct fs *fs, const char *path)
{
	(void)fs;
	(void)path;
	errno = EIO;
	return -1;
}

static void names_of_new_folders_are_synced(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct fs noting = fs_system;
	char path[2 * PATH_MAX];
	noting.sync_dir = note_sync;
	assert_true(fs_make_dirs(&noting, in_folder("p/q"), 0755, &e));
	assert_string_equal(synced, "\n/p\n");
	synced[0] = '\0';
	assert_true(fs_make_dirs(&noting, in_folder("p/q"), 0755, &e));
	assert_string_equal(synced, "");
	noting.sync_dir = fail_sync;
	assert_false(fs_make_dirs(&noting, in_folder("p/r"), 0755, &e));
	assert_int_equal(e.sys, EIO);
	static const char *const made[] = { "p/r", "p/q", "p" };
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		snprintf(path, sizeof(path), "%s", in_folder(made[i]));
		assert_int_equal(rmdir(path), 0);
	}
}

static bool count(void *ctx, const char *name)
{
	assert_true(name[0] != '.');
	++*(int *)ctx;
	return *(int *)ctx < 2;
}

static void listing_stops_when_told(void **state)
{
	(void)state;
	struct err e = { 0 };
	int n = 0;
	for (char name[] = "f1"; name[1] < '6'; name[1]++)
		assert_true(fs_replace_file(&fs_system, in_folder(name), STR("x"), 0644, &e));
	assert_int_equal(fs_system.list(&fs_system, folder, count, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(fs_system.list(&fs_system, in_folder("none"), count, &n), -1);
	assert_true(fs_system.free_bytes(&fs_system, folder) > 0);
}

static void one_lock_holds(void **state)
{
	(void)state;
	char path[2 * PATH_MAX];
	snprintf(path, sizeof(path), "%s", in_folder("lock"));
	int a = fs_system.open(&fs_system, path, O_RDWR | O_CREAT, 0600);
	int b = fs_system.open(&fs_system, path, O_RDWR, 0);
	assert_int_equal(fs_system.lock(&fs_system, a), 0);
	assert_int_equal(fs_system.lock(&fs_system, b), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	fs_system.close(&fs_system, a);
	assert_int_equal(fs_system.lock(&fs_system, b), 0);
	fs_system.close(&fs_system, b);
}

static bool lock_first_byte(int fd)
{
	struct flock one = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 1 };
	return fcntl(fd, F_SETLK, &one) == 0;
}

static void a_lock_of_another_process_is_seen_and_left(void **state)
{
	(void)state;
	char path[2 * PATH_MAX], byte = 0;
	int said[2], end[2], status = -1;
	snprintf(path, sizeof(path), "%s", in_folder("held"));
	assert_false(fs_is_unlocked(path)); /* no file: not known */
	int fd = fs_system.open(&fs_system, path, O_RDWR | O_CREAT, 0600);
	assert_true(fs_is_unlocked(path));
	assert_int_equal(pipe(said) | pipe(end), 0);
	pid_t child = fork();
	if (child == 0) {
		close(end[1]);
		bool good = lock_first_byte(fd) && write(said[1], &byte, 1) == 1;
		_exit(good && read(end[0], &byte, 1) == 0 ? 0 : 1);
	}
	assert_true(child > 0);
	assert_int_equal(read(said[0], &byte, 1), 1);
	assert_false(fs_is_unlocked(path));
	assert_true(lock_first_byte(fd)); /* who only asks has taken nothing */
	close(end[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	fs_system.close(&fs_system, fd);
	assert_true(fs_is_unlocked(path));
	close(said[0]);
	close(said[1]);
	close(end[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_writes_are_continued),
		cmocka_unit_test(a_full_disk_says_how_far_it_came),
		cmocka_unit_test(files_are_replaced_whole),
		cmocka_unit_test(reading_keeps_to_its_limit),
		cmocka_unit_test(a_pipe_is_refused_without_waiting),
		cmocka_unit_test(empty_files_are_read),
		cmocka_unit_test(links_are_not_written_through),
		cmocka_unit_test(folders_are_made_on_the_way),
		cmocka_unit_test(names_of_new_folders_are_synced),
		cmocka_unit_test(listing_stops_when_told),
		cmocka_unit_test(one_lock_holds),
		cmocka_unit_test(a_lock_of_another_process_is_seen_and_left),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("base/fs", tests, make_folder, remove_folder);
}
