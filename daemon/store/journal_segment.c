/*
 * journal_segment: one file of the journal: its name, its header, making it and finding groups in it.
 * Knows nothing of which segments there are. The file's content is written once with zeros (an allocated but unwritten
 * block would cost a metadata write at every sync) and is then only ever overwritten.
 */
#include "daemon/store/journal_priv.h"

#include "daemon/base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#define SEGMENT_MAGIC "GZJOURNL"
#define SEGMENT_HEADER 44u /* bytes: magic, version, generation, first lsn, size, crc */
#define ZERO_CHUNK (1u << 20) /* bytes written at once; large enough that the disk is the limit */
#define GENERATION_DIGITS 16

static const char *const kind_suffix[] = {
	[SEGMENT_LIVE] = ".segment",
	[SEGMENT_SPARE] = ".spare",
	[SEGMENT_TEMPORARY] = ".tmp",
	[SEGMENT_BAD] = ".bad",
};
_Static_assert(ARRAY_LEN(kind_suffix) == SEGMENT_KINDS, "every kind has a suffix");

void segment_path(
    const char *directory, uint64_t generation, enum segment_kind kind, char out[JOURNAL_PATH_MAX])
{
	snprintf(out, JOURNAL_PATH_MAX, "%s/%016llx%s", directory, (unsigned long long)generation,
	    kind_suffix[kind]);
}

bool segment_name_parse(const char *name, uint64_t *generation, enum segment_kind *kind)
{
	char *end;

	if (strspn(name, "0123456789abcdef") != GENERATION_DIGITS)
		return false;
	*generation = strtoull(name, &end, 16);
	for (unsigned i = 0; i < SEGMENT_KINDS; i++) {
		if (strcmp(end, kind_suffix[i]) != 0)
			continue;
		*kind = (enum segment_kind)i;
		return true;
	}
	return false;
}

static bool write_zeros(const struct fs *fs, int fd, int64_t size, struct err *e)
{
	struct buf zeros;
	bool ok = true;
	size_t chunk = size < ZERO_CHUNK ? (size_t)size : ZERO_CHUNK;
	char *p;

	buf_init(&zeros, ZERO_CHUNK);
	p = buf_reserve(&zeros, chunk);
	if (!p)
		return err_nomem(e);
	memset(p, 0, chunk);
	for (int64_t at = 0; ok && at < size; at += (int64_t)chunk) {
		size_t n = size - at < (int64_t)chunk ? (size_t)(size - at) : chunk;

		ok = fs_write_all(fs, fd, p, n, at, e);
	}
	buf_fini(&zeros);
	return ok;
}

static bool write_header(const struct fs *fs, int fd, const struct segment *s, struct err *e)
{
	struct buf b;
	bool ok;

	buf_init(&b, JOURNAL_PAGE);
	buf_str(&b, STR(SEGMENT_MAGIC));
	buf_le32(&b, JOURNAL_VERSION);
	buf_le64(&b, s->generation);
	buf_le64(&b, s->first_lsn);
	buf_le64(&b, (uint64_t)s->size);
	buf_le32(&b, 0);
	if (!b.failed)
		buf_le32(&b, crc32c(0, b.p, b.n));
	while (!b.failed && b.n < JOURNAL_PAGE)
		buf_byte(&b, 0);
	ok = b.failed ? err_nomem(e) : fs_write_all(fs, fd, b.p, b.n, 0, e);
	buf_fini(&b);
	return ok;
}

/* All content is durable before the file gets its live name, for from then on it cuts its predecessor; and the name is durable before anything is
 * committed to it. */
bool segment_create(const struct fs *fs, const char *directory, const struct segment *want, uint64_t spare,
    struct str group, int *fd, struct err *e)
{
	char from[JOURNAL_PATH_MAX], to[JOURNAL_PATH_MAX];
	int flags = spare ? O_RDWR : O_RDWR | O_CREAT | O_EXCL;

	segment_path(
	    directory, spare ? spare : want->generation, spare ? SEGMENT_SPARE : SEGMENT_TEMPORARY, from);
	segment_path(directory, want->generation, SEGMENT_LIVE, to);
	*fd = fs->open(fs, from, flags, 0640);
	if (*fd < 0)
		return err_set(e, ERR_IO, errno, "%s: open", from);
	if (!spare && !write_zeros(fs, *fd, want->size, e))
		goto fail;
	if (!write_header(fs, *fd, want, e) || !fs_write_all(fs, *fd, group.p, group.n, JOURNAL_PAGE, e))
		goto fail;
	if (fs->sync(fs, *fd) < 0) {
		err_set(e, ERR_IO, errno, "%s: sync", from);
		goto fail;
	}
	if (fs->rename(fs, from, to) < 0) {
		err_set(e, ERR_IO, errno, "%s: rename", from);
		goto fail;
	}
	if (fs->sync_dir(fs, directory) < 0) {
		err_set(e, ERR_IO, errno, "%s: sync", directory);
		fs->unlink(fs, to);
		goto fail;
	}
	return true;
fail:
	fs->close(fs, *fd);
	fs->unlink(fs, from);
	*fd = -1;
	return false;
}

static enum segment_check header_decode(struct rd *r, uint64_t generation, struct segment *out)
{
	const char *start = r->p;
	struct str magic = rd_bytes(r, sizeof(SEGMENT_MAGIC) - 1);
	uint32_t version = rd_le32(r);
	uint32_t crc;

	out->generation = rd_le64(r);
	out->first_lsn = rd_le64(r);
	out->size = (int64_t)rd_le64(r);
	rd_le32(r);
	crc = rd_le32(r);
	if (r->failed || !str_eq(magic, STR(SEGMENT_MAGIC)) || crc != crc32c(0, start, SEGMENT_HEADER - 4))
		return SEGMENT_FOREIGN;
	if (version > JOURNAL_VERSION)
		return SEGMENT_NEWER;
	if (out->generation != generation)
		return SEGMENT_RECYCLED;
	return out->first_lsn > 0 ? SEGMENT_OK : SEGMENT_FOREIGN;
}

enum segment_check segment_check(
    const struct fs *fs, const char *path, uint64_t generation, struct segment *out)
{
	char page[SEGMENT_HEADER];
	struct rd r = { page, 0, false };
	int fd = fs->open(fs, path, O_RDONLY, 0);
	ssize_t n;

	if (fd < 0)
		return SEGMENT_UNREADABLE;
	n = fs_read_full(fs, fd, page, sizeof(page), 0);
	fs->close(fs, fd);
	if (n < 0)
		return SEGMENT_UNREADABLE;
	r.n = (size_t)n;
	return header_decode(&r, generation, out);
}

bool segment_next_group(const struct fs *fs, int fd, const struct segment *s, int64_t *offset, uint64_t from,
    uint64_t below, struct group_header *h, struct err *e)
{
	char raw[GROUP_HEADER];

	for (; *offset + JOURNAL_PAGE <= s->size; *offset += JOURNAL_PAGE) {
		ssize_t n = fs_read_full(fs, fd, raw, sizeof(raw), *offset);

		if (n < 0)
			return err_set(e, ERR_IO, errno, "journal: read");
		if (n != (ssize_t)sizeof(raw) || !group_header_decode(raw, h))
			continue;
		if (h->generation == s->generation && h->first_lsn >= from && h->first_lsn < below)
			return true;
	}
	return false;
}

bool segment_read_group(
    const struct fs *fs, int fd, int64_t offset, const struct group_header *h, struct buf *out, struct err *e)
{
	ssize_t n;
	char *p;

	if (out->failed)
		buf_fini(out);
	buf_clear(out);
	p = buf_reserve(out, h->bytes);
	if (!p)
		return err_nomem(e);
	n = fs_read_full(fs, fd, p, h->bytes, offset + GROUP_HEADER);
	if (n < 0)
		return err_set(e, ERR_IO, errno, "journal: read");
	if (n != (ssize_t)h->bytes)
		return false;
	buf_grown(out, h->bytes);
	return group_payload_valid(h, p);
}
