/* Any bytes as the main file, and as an OPML list: a snapshot or complaints, never a crash; what was loaded prints as something that loads. */
#include "daemon/conf/conf.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/* One file, wherever it is looked for by its name; no folders. */
struct one_file {
	struct fs fs;
	struct str text;
};

static int open_one(const struct fs *fs, const char *path, int flags, mode_t mode)
{
	(void)fs;
	(void)flags;
	(void)mode;
	if (str_ends(str_from(path), STR("gazetted.yaml")) || str_ends(str_from(path), STR(".opml")))
		return 3;
	errno = ENOENT;
	return -1;
}

static int close_one(const struct fs *fs, int fd)
{
	(void)fs;
	(void)fd;
	return 0;
}

static ssize_t pread_one(const struct fs *fs, int fd, void *p, size_t n, int64_t offset)
{
	const struct one_file *f = (const struct one_file *)(const void *)fs;
	struct str rest = str_skip(f->text, (size_t)offset);
	(void)fd;
	if (n > rest.n)
		n = rest.n;
	if (n > 0)
		memcpy(p, rest.p, n);
	return (ssize_t)n;
}

static int fstat_one(const struct fs *fs, int fd, struct fs_stat *out)
{
	const struct one_file *f = (const struct one_file *)(const void *)fs;
	(void)fd;
	*out = (struct fs_stat){ .size = (int64_t)f->text.n, .mode = 0100755 };
	return 0;
}

static int stat_one(const struct fs *fs, const char *path, struct fs_stat *out)
{
	int fd = open_one(fs, path, 0, 0);
	return fd < 0 ? -1 : fstat_one(fs, fd, out);
}

static int list_none(const struct fs *fs, const char *path, fs_list_f *each, void *ctx)
{
	(void)fs;
	(void)path;
	(void)each;
	(void)ctx;
	errno = ENOENT;
	return -1;
}

static void count(void *ctx, const struct conf_error *error)
{
	unsigned *n = ctx;
	assert(error->text && error->file && error->line >= 0 && error->column >= 0);
	*n += 1;
}

static struct conf *load(struct str text, unsigned *complaints)
{
	struct one_file f = { .fs = { .open = open_one,
		                  .close = close_one,
		                  .pread = pread_one,
		                  .fstat = fstat_one,
		                  .stat = stat_one,
		                  .list = list_none },
		.text = text };
	*complaints = 0;
	return conf_load(&f.fs, "gazetted.yaml", count, complaints);
}

static void fuzz_yaml(struct str text)
{
	unsigned complaints;
	struct buf printed;
	struct conf *c = load(text, &complaints);
	assert(!c == (complaints > 0));
	if (!c)
		return;
	buf_init(&printed, 64u << 20);
	conf_print(c, &printed);
	size_t feeds = c->feed_count;
	conf_drop(&c);
	c = load(buf_view(&printed), &complaints);
	assert(c && c->feed_count == feeds);
	conf_drop(&c);
	buf_fini(&printed);
}

static void fuzz_opml(struct str text)
{
	struct buf out;
	struct err e = { 0 };
	buf_init(&out, 64u << 20);
	if (!conf_opml_to_feeds(text, &out, &e))
		assert(e.kind != ERR_NONE);
	buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_yaml(str_of(data, size));
	fuzz_opml(str_of(data, size));
	return 0;
}
