/*
 * stores_checkpoint: the small file that says, for every store, up to which byte and entry it is on the disk for certain.
 * Guarded by a checksum, replaced by rename. Little-endian: magic, version, applied lsn, count, then the stores, crc of all before it.
 */
#include "daemon/store/stores_aside.h"

#include "daemon/base/hash.h"

#include <errno.h>
#include <stdio.h>

#define CHECKPOINT_NAME ".checkpoint"
#define CHECKPOINT_MAGIC "GZSTORES"
#define CHECKPOINT_VERSION 1u
#define CHECKPOINT_MAX (1u << 20) /* bytes; STORES_MAX records are a sixth of it */

void checkpoint_path(const struct stores *s, char out[STORE_PATH_MAX])
{
	snprintf(out, STORE_PATH_MAX, "%s/" CHECKPOINT_NAME, s->directory);
}

static void record_encode(struct buf *b, const struct store *st, const struct synced *synced)
{
	buf_str32(b, str_from(st->name));
	buf_le64(b, synced->inode);
	buf_le64(b, (uint64_t)synced->offset);
	buf_le64(b, synced->lsn);
	buf_le32(b, synced->print);
	buf_le64(b, (uint64_t)st->started_ms);
	buf_le64(b, st->last_seq);
}

void checkpoint_encode(const struct stores *s, const struct checkpoint_work *w, struct buf *b)
{
	buf_init(b, CHECKPOINT_MAX);
	buf_str(b, STR(CHECKPOINT_MAGIC));
	buf_le32(b, CHECKPOINT_VERSION);
	buf_le64(b, stores_reached(s));
	buf_le32(b, (uint32_t)s->count);
	for (size_t i = 0; i < s->count; i++)
		record_encode(b, s->list[i], w ? &w->files[i].next : &s->list[i]->synced);
	if (!b->failed)
		buf_le32(b, crc32c(0, b->p, b->n));
}

bool checkpoint_write(struct stores *s, struct err *e)
{
	char path[STORE_PATH_MAX];
	struct buf b;
	bool ok;

	checkpoint_path(s, path);
	checkpoint_encode(s, NULL, &b);
	ok = b.failed ? err_nomem(e) : fs_replace_file(s->fs, path, buf_view(&b), s->policy.mode, e);
	buf_fini(&b);
	return ok;
}

static bool record_decode(struct stores *s, struct rd *r, struct err *e)
{
	struct str name = rd_str32(r);
	struct store *st;

	if (r->failed)
		return true;
	st = stores_add(s, name, 0, e);
	if (!st)
		return false;
	st->synced.inode = rd_le64(r);
	st->synced.offset = (int64_t)rd_le64(r);
	st->synced.lsn = rd_le64(r);
	st->synced.print = rd_le32(r);
	st->started_ms = (int64_t)rd_le64(r);
	st->last_seq = rd_le64(r);
	return true;
}

static bool contents_decode(struct stores *s, struct str all, bool *valid, struct err *e)
{
	struct rd r = { all.p, all.n, false }, tail;
	uint32_t version, count;

	*valid = false;
	if (all.n < sizeof(CHECKPOINT_MAGIC) + 4)
		return true;
	tail = (struct rd){ all.p + all.n - 4, 4, false };
	if (rd_le32(&tail) != crc32c(0, all.p, all.n - 4))
		return true;
	if (!str_eq(rd_bytes(&r, sizeof(CHECKPOINT_MAGIC) - 1), STR(CHECKPOINT_MAGIC)))
		return true;
	version = rd_le32(&r);
	if (version > CHECKPOINT_VERSION)
		return err_set(
		    e, ERR_CONFIG, 0, "%s/" CHECKPOINT_NAME ": written by a newer version", s->directory);
	s->applied_lsn = rd_le64(&r);
	count = rd_le32(&r);
	for (uint32_t i = 0; i < count && !r.failed; i++) {
		if (!record_decode(s, &r, e))
			return false;
	}
	*valid = !r.failed;
	return true;
}

/* A checkpoint that is missing or damaged is no error: then all that the journal holds is looked up in the files. */
bool checkpoint_load(struct stores *s, struct err *e)
{
	char path[STORE_PATH_MAX];
	struct fs_stat info;
	struct buf b;
	bool ok, valid;

	checkpoint_path(s, path);
	s->unknown_past = true;
	if (s->fs->stat(s->fs, path, &info) < 0)
		return errno == ENOENT || err_set(e, ERR_IO, errno, "%s", path);
	if (info.size > CHECKPOINT_MAX) {
		stores_note(s, "%s is damaged", CHECKPOINT_NAME);
		return true;
	}
	if (!fs_read_file(s->fs, path, CHECKPOINT_MAX, &b, e))
		return false;
	ok = contents_decode(s, buf_view(&b), &valid, e);
	buf_fini(&b);
	s->unknown_past = !valid;
	if (ok && !valid)
		stores_note(s, "%s is damaged", CHECKPOINT_NAME);
	return ok;
}
