/*
 * stores_compress: one closed file to zstd, in frames that can be read one by one. Runs on any thread; owns its two descriptors.
 * A frame ends behind a line and holds about FRAME_SIZE bytes; a seek table (zstd's seekable format) stands in a skippable frame at
 * the end, which `zstd -dc` passes over. The original goes only after the copy was read back and is on the disk under its name.
 */
#include "daemon/store/stores_priv.h"

#include "daemon/base/hash.h"
#include "daemon/store/names.h"
#include "daemon/store/zst.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <zstd.h>

#define FRAME_SIZE (1u << 20) /* bytes of text; what a reader unpacks to see one line of it */
#define COMPRESS_LEVEL 9 /* about a third smaller than 3 on such text, at some 40 MB/s */

struct compression {
	const struct fs *fs;
	int from, to;
	int64_t read, written;
	uint32_t crc; /* of the text */
	struct buf text, packed, table;
	uint32_t frames;
	ZSTD_CCtx *zstd;
};

/* Up to one frame of text, cut behind its last line when more follows. A line that is longer gets a frame of its own length. */
static bool fill(struct compression *c, size_t *n, struct err *e)
{
	for (;;) {
		size_t want = c->text.n < FRAME_SIZE ? FRAME_SIZE - c->text.n : FRAME_SIZE;
		char *p = buf_reserve(&c->text, want);
		ssize_t got = p ? fs_read_full(c->fs, c->from, p, want, c->read) : -1;

		if (!p)
			return err_nomem(e);
		if (got < 0)
			return err_set(e, ERR_IO, errno, "compress: read");
		c->crc = crc32c(c->crc, p, (size_t)got);
		buf_grown(&c->text, (size_t)got);
		c->read += got;
		*n = c->text.n;
		if ((size_t)got < want || c->text.n > JOURNAL_LINE_MAX)
			return true;
		while (*n > 0 && c->text.p[*n - 1] != '\n')
			--*n;
		if (*n > 0)
			return true;
	}
}

static bool put_frame(struct compression *c, size_t n, struct err *e)
{
	size_t bound = ZSTD_compressBound(n), packed;
	char *p;

	buf_clear(&c->packed);
	p = buf_reserve(&c->packed, bound);
	if (!p)
		return err_nomem(e);
	packed = ZSTD_compress2(c->zstd, p, bound, c->text.p, n);
	if (ZSTD_isError(packed))
		return err_set(e, ERR_NOMEM, 0, "compress: %s", ZSTD_getErrorName(packed));
	if (!fs_write_all(c->fs, c->to, p, packed, c->written, e))
		return false;
	c->written += (int64_t)packed;
	c->frames++;
	buf_le32(&c->table, (uint32_t)packed);
	buf_le32(&c->table, (uint32_t)n);
	buf_shift(&c->text, n);
	return true;
}

static bool put_table(struct compression *c, struct err *e)
{
	struct buf b;
	bool ok;

	buf_init(&b, ZST_TABLE_MAX);
	buf_le32(&b, ZST_SKIPPABLE_MAGIC);
	buf_le32(&b, (uint32_t)c->table.n + ZST_FOOTER_SIZE);
	buf_str(&b, buf_view(&c->table));
	buf_le32(&b, c->frames);
	buf_byte(&b, 0);
	buf_le32(&b, ZST_SEEKABLE_MAGIC);
	ok = b.failed || c->table.failed ? err_nomem(e) : fs_write_all(c->fs, c->to, b.p, b.n, c->written, e);
	buf_fini(&b);
	return ok;
}

/* Memory and cables lie now and then; the original is about to go. */
static bool read_back(struct compression *c, const char *path, struct err *e)
{
	struct zst *z = NULL;
	struct buf b;
	uint32_t crc = 0;
	int64_t total = 0;
	bool more = true, ok;

	buf_init(&b, ZST_CHUNK_MAX);
	ok = zst_open(c->fs, path, &z, e);
	while (ok && more) {
		buf_clear(&b);
		ok = zst_read(z, &b, &more, e);
		if (ok)
			crc = crc32c(crc, b.p, b.n);
		total += (int64_t)b.n;
	}
	zst_close(&z);
	buf_fini(&b);
	if (ok && (crc != c->crc || total != c->read))
		return err_set(e, ERR_IO, EIO, "%s: does not read back as it was written", path);
	return ok;
}

static bool compress_all(struct compression *c, const char *path, struct err *e)
{
	size_t n = 0;

	do {
		if (!fill(c, &n, e))
			return false;
		if (n > 0 && !put_frame(c, n, e))
			return false;
	} while (n > 0);
	if (!put_table(c, e))
		return false;
	if (c->fs->sync(c->fs, c->to) < 0)
		return err_set(e, ERR_IO, errno, "%s: sync", path);
	return read_back(c, path, e);
}

static bool compression_start(
    struct compression *c, const char *path, const char *temporary, mode_t mode, struct err *e)
{
	buf_init(&c->text, 2 * (size_t)JOURNAL_LINE_MAX);
	buf_init(&c->packed, 4 * (size_t)JOURNAL_LINE_MAX);
	buf_init(&c->table, ZST_TABLE_MAX);
	c->zstd = ZSTD_createCCtx();
	if (!c->zstd)
		return err_nomem(e);
	ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, COMPRESS_LEVEL);
	ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_checksumFlag, 1);
	c->from = c->fs->open(c->fs, path, O_RDONLY, 0);
	if (c->from < 0)
		return err_set(e, ERR_IO, errno, "%s: open", path);
	c->to = c->fs->open(c->fs, temporary, O_RDWR | O_CREAT | O_TRUNC, mode);
	return c->to >= 0 || err_set(e, ERR_IO, errno, "%s: open", temporary);
}

static void compression_end(struct compression *c)
{
	if (c->from >= 0)
		c->fs->close(c->fs, c->from);
	if (c->to >= 0)
		c->fs->close(c->fs, c->to);
	buf_fini(&c->text);
	buf_fini(&c->packed);
	buf_fini(&c->table);
	ZSTD_freeCCtx(c->zstd);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool take_over(
    const struct fs *fs, const char *path, const char *temporary, const char *to, struct err *e)
{
	char folder[STORE_PATH_MAX];
	int n = (int)(base_name(path) - path);

	snprintf(folder, sizeof(folder), "%.*s", n ? n - 1 : 1, n ? path : ".");
	if (fs->rename(fs, temporary, to) < 0)
		return err_set(e, ERR_IO, errno, "%s: rename", temporary);
	if (fs->sync_dir(fs, folder) < 0)
		return err_set(e, ERR_IO, errno, "%s: sync", folder);
	return fs->unlink(fs, path) == 0 || err_set(e, ERR_IO, errno, "%s: unlink", path);
}

bool stores_compress_one(const struct fs *fs, const char *path, mode_t mode, struct err *e)
{
	struct compression c = { .fs = fs, .from = -1, .to = -1 };
	char to[STORE_PATH_MAX], temporary[STORE_PATH_MAX];
	bool ok;

	snprintf(to, sizeof(to), "%s" NAMES_ZST, path);
	snprintf(temporary, sizeof(temporary), "%.*s" NAMES_HIDDEN "%s" NAMES_ZST NAMES_TEMPORARY,
	    (int)(base_name(path) - path), path, base_name(path));
	ok = compression_start(&c, path, temporary, mode, e) && compress_all(&c, temporary, e);
	compression_end(&c);
	if (ok)
		return take_over(fs, path, temporary, to, e);
	fs->unlink(fs, temporary);
	return false;
}
