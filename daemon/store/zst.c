/* zst: a stream of text out of a zstd file. A file without a (valid) seek table is still read from its start. */
#include "daemon/store/zst.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define INPUT_SIZE (128u << 10) /* bytes read at once */

struct zst {
	const struct fs *fs;
	int fd;
	int64_t offset; /* of the next read */
	ZSTD_DStream *zstd;
	ZSTD_inBuffer in;
	bool inside; /* a frame is unfinished */
	int64_t frame_at; /* where it begins, or the one that was read last */
	uint32_t frames;
	struct buf table; /* frames + 1 offsets, int64_t */
	char input[INPUT_SIZE];
};

static uint32_t le32_at(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static bool table_decode(struct zst *z, const char *p, uint32_t frames, size_t entry, int64_t end)
{
	int64_t at = 0;

	for (uint32_t i = 0; i <= frames; i++) {
		buf_add(&z->table, &at, sizeof(at));
		if (i < frames)
			at += le32_at(p + i * entry);
	}
	return !z->table.failed && at == end;
}

/* Silent about everything that does not fit: the table only saves time. */
static void load_table(struct zst *z)
{
	struct fs_stat st;
	char footer[ZST_FOOTER_SIZE];
	struct buf b;
	uint32_t frames;
	size_t entry, size;
	char *p;

	if (z->fs->fstat(z->fs, z->fd, &st) < 0 || st.size < (int64_t)ZST_FOOTER_SIZE + 8)
		return;
	if (fs_read_full(z->fs, z->fd, footer, sizeof(footer), st.size - (int64_t)sizeof(footer)) !=
	    (ssize_t)sizeof(footer))
		return;
	frames = le32_at(footer);
	entry = (unsigned char)footer[4] & 0x80 ? 12 : 8;
	if (le32_at(footer + 5) != ZST_SEEKABLE_MAGIC || frames > ZST_TABLE_MAX / 12)
		return;
	size = frames * entry;
	if (st.size < (int64_t)(size + ZST_FOOTER_SIZE + 8))
		return;
	buf_init(&b, ZST_TABLE_MAX);
	p = buf_reserve(&b, size + 1);
	if (p &&
	    fs_read_full(z->fs, z->fd, p, size, st.size - (int64_t)(size + ZST_FOOTER_SIZE)) ==
	        (ssize_t)size &&
	    table_decode(z, p, frames, entry, st.size - (int64_t)(size + ZST_FOOTER_SIZE + 8)))
		z->frames = frames;
	buf_fini(&b);
}

bool zst_open(const struct fs *fs, const char *path, struct zst **out, struct err *e)
{
	struct zst *z = malloc(sizeof(*z));

	*out = NULL;
	if (!z)
		return err_nomem(e);
	memset(z, 0, offsetof(struct zst, input));
	z->fs = fs;
	buf_init(&z->table, 4 * (size_t)ZST_TABLE_MAX);
	z->in.src = z->input;
	z->fd = fs->open(fs, path, O_RDONLY, 0);
	z->zstd = z->fd < 0 ? NULL : ZSTD_createDStream();
	if (z->fd < 0)
		err_set(e, ERR_IO, errno, "%s: open", path);
	else if (!z->zstd)
		err_nomem(e);
	if (!z->zstd) {
		zst_close(&z);
		return false;
	}
	load_table(z);
	*out = z;
	return true;
}

void zst_close(struct zst **out)
{
	struct zst *z = *out;

	if (!z)
		return;
	if (z->fd >= 0)
		z->fs->close(z->fs, z->fd);
	ZSTD_freeDStream(z->zstd);
	buf_fini(&z->table);
	free(z);
	*out = NULL;
}

static bool refill(struct zst *z, bool *ended, struct err *e)
{
	ssize_t n = fs_read_full(z->fs, z->fd, z->input, sizeof(z->input), z->offset);

	if (n < 0 && errno == EISDIR)
		return err_set(e, ERR_PARSE, 0, "it is a folder");
	if (n < 0)
		return err_set(e, ERR_IO, errno, "zstd: read");
	z->in.size = (size_t)n;
	z->in.pos = 0;
	z->offset += n;
	*ended = n == 0;
	return true;
}

bool zst_read(struct zst *z, struct buf *out, bool *more, struct err *e)
{
	char *p = buf_reserve(out, ZST_CHUNK_MAX);
	ZSTD_outBuffer o = { p, ZST_CHUNK_MAX, 0 };
	bool ended = false;

	*more = true;
	if (!p)
		return err_nomem(e);
	while (o.pos < o.size) {
		size_t rc, before = o.pos;

		if (z->in.pos == z->in.size && !refill(z, &ended, e))
			return false;
		if (ended && !z->inside)
			break;
		if (!z->inside)
			z->frame_at = z->offset - (int64_t)(z->in.size - z->in.pos);
		rc = ZSTD_decompressStream(z->zstd, &o, &z->in);
		if (ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation)
			return err_nomem(e); /* the file may be whole */
		if (ZSTD_isError(rc))
			return err_set(e, ERR_PARSE, 0, "zstd: %s", ZSTD_getErrorName(rc));
		z->inside = rc != 0;
		if (ended && o.pos == before)
			return err_set(e, ERR_PARSE, 0, "zstd: the file ends inside a frame");
		if (!z->inside &&
		    o.pos > 0) /* what is whole is not held up by what may be damaged behind it */
			break;
	}
	*more = !(ended && !z->inside);
	buf_grown(out, o.pos);
	return true;
}

uint32_t zst_frames(const struct zst *z)
{
	return z->frames;
}

static int64_t frame_at(const struct zst *z, uint32_t frame)
{
	int64_t at;

	memcpy(&at, z->table.p + frame * sizeof(at), sizeof(at));
	return at;
}

bool zst_pass_frame(struct zst *z)
{
	for (uint32_t i = 1; i < z->frames; i++) {
		if (frame_at(z, i) <= z->frame_at)
			continue;
		zst_seek_frame(z, i);
		return true;
	}
	return false;
}

void zst_seek_frame(struct zst *z, uint32_t frame)
{
	assert(frame == 0 || frame < z->frames);
	z->offset = z->frame_at = frame > 0 ? frame_at(z, frame) : 0;
	z->in.pos = z->in.size = 0;
	z->inside = false;
	ZSTD_DCtx_reset(z->zstd, ZSTD_reset_session_only);
}
