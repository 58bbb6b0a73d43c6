/*
 * journal_priv: what journal.c, journal_group.c and journal_segment.c share: the two formats on disk and the segment files.
 *
 * A segment file: one page of header, then groups, each at the start of a page and padded with zeros to the end of one. A page is
 * therefore never written twice in one generation: a write that is torn inside a page cannot hurt an acknowledged group.
 */
#ifndef STORE_JOURNAL_PRIV_H
#define STORE_JOURNAL_PRIV_H

#include "daemon/store/journal.h"

#include <limits.h>
#include <stdatomic.h>

#define JOURNAL_PAGE 4096u /* bytes; the unit in which disks and the page cache tear */
#define JOURNAL_VERSION 1u
#define GROUP_HEADER 40u /* bytes */
#define ENTRY_HEADER 16u /* bytes */
#define JOURNAL_PATH_MAX (PATH_MAX + 32)

struct journal_group {
	struct buf
	    bytes; /* room for the header, then the entries; always one page of spare room behind them */
	uint64_t first_lsn;
	uint32_t count;
};

struct group_header {
	uint64_t generation; /* of the segment: content of its earlier lives never fits */
	uint64_t first_lsn;
	uint32_t count; /* entries */
	uint32_t bytes; /* of the entries */
	uint32_t crc; /* of the entries */
};

enum segment_kind { SEGMENT_LIVE, SEGMENT_SPARE, SEGMENT_TEMPORARY, SEGMENT_BAD, SEGMENT_KINDS };

struct segment {
	uint64_t generation; /* unique for ever; also the file's name */
	uint64_t first_lsn;
	int64_t size; /* bytes of the file */
};

static inline int64_t page_round(uint64_t n)
{
	return (int64_t)((n + JOURNAL_PAGE - 1) / JOURNAL_PAGE * JOURNAL_PAGE);
}

#define SPARES_MAX 8u /* files kept for reuse; a power of two. A checkpoint rarely frees more at once */

struct slot {
	struct segment segment;
	atomic_bool failed; /* the disk refused it once: never used again */
};

struct active { /* the committing thread's */
	struct segment segment;
	int fd; /* -1: the next commit makes a segment */
	int64_t end; /* where the next group goes */
	bool in_ring;
};

struct hint { /* where the last read stopped: the main thread's */
	uint64_t generation, lsn;
	int64_t offset;
};

struct journal {
	const struct fs *fs;
	char *directory;
	uint32_t segment_size;
	uint64_t segments_max;
	int lock_fd;

	struct slot *ring;
	uint64_t ring_size;
	_Atomic uint64_t head; /* oldest; moved by the main thread */
	_Atomic uint64_t tail; /* one beyond the newest; moved by the committing thread */
	_Atomic uint64_t next_lsn;
	uint64_t generation; /* last one given; committing thread */
	struct active active;

	uint64_t spares[SPARES_MAX];
	_Atomic uint64_t spares_head,
	    spares_tail; /* taken by the committing thread; added by the main thread */

	struct buf read; /* main thread, as all below */
	struct hint hint;
	uint64_t lost;
};

static inline struct slot *slot_at(struct journal *j, uint64_t i)
{
	return &j->ring[i % j->ring_size];
}

void slot_push(struct journal *j, const struct segment *s);
/* A left-over that cannot be removed is harmless and is tried again at the next opening. */
void segment_unlink(struct journal *j, uint64_t generation, enum segment_kind kind);

/* Fills in header and padding, in the group's own memory; returns the bytes to write. */
size_t group_seal(const struct journal_group *g, uint64_t generation);
bool group_header_decode(const char *p, struct group_header *h);
bool group_payload_valid(const struct group_header *h, const char *payload);
/* False: `each` said stop, or the payload is malformed. */
bool group_walk(const char *payload, size_t n, uint64_t first_lsn, uint32_t count, uint64_t from,
    journal_each_f *each, void *ctx);

void segment_path(
    const char *directory, uint64_t generation, enum segment_kind kind, char out[JOURNAL_PATH_MAX]);
bool segment_name_parse(const char *name, uint64_t *generation, enum segment_kind *kind);

/* Makes a durable segment out of `spare` (a generation; 0: none, writes zeros once) and leaves it open in *fd. `group`, sealed for it, may stand
 * in it from the start. */
bool segment_create(const struct fs *fs, const char *directory, const struct segment *want, uint64_t spare,
    struct str group, int *fd, struct err *e) MUST_CHECK;

enum segment_check { SEGMENT_OK, SEGMENT_FOREIGN, SEGMENT_RECYCLED, SEGMENT_NEWER, SEGMENT_UNREADABLE };
enum segment_check segment_check(
    const struct fs *fs, const char *path, uint64_t generation, struct segment *out);

/* Finds the group at *offset, or the next one behind damage whose lsn lies in [from, below). Moves *offset to it. False: none, or e is
 * filled: what cannot be read now is not taken for damage, it may be there tomorrow. */
bool segment_next_group(const struct fs *fs, int fd, const struct segment *s, int64_t *offset, uint64_t from,
    uint64_t below, struct group_header *h, struct err *e);
/* Reads its entries into out (replacing what is there). False with e filled: memory, disk; false without: damaged. */
bool segment_read_group(const struct fs *fs, int fd, int64_t offset, const struct group_header *h,
    struct buf *out, struct err *e) MUST_CHECK;

#endif
