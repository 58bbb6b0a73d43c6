/*
 * journal_priv: what journal.c, journal_open.c and journal_group.c share: the journal itself, and a group as bytes.
 */
#ifndef STORE_JOURNAL_PRIV_H
#define STORE_JOURNAL_PRIV_H

#include "daemon/store/journal.h"
#include "daemon/store/journal_segment.h"

#include <stdatomic.h>

struct journal_group {
	struct buf
	    bytes; /* room for the header, then the entries; always one page of spare room behind them */
	uint64_t first_lsn;
	uint32_t count;
};

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

#define GAPS_MAX 64 /* beyond that many an entry may be counted once by each who reads */

struct gap { /* entries of [from, to) */
	uint64_t from, to;
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
	struct gap gaps[GAPS_MAX]; /* what was counted already, or never was: each is read by several */
	unsigned gap_count;
};

/* Entries of [from, to) cannot be found. Counts those that no earlier gap has. */
void journal_note_gap(struct journal *j, uint64_t from, uint64_t to, bool lost);

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

#endif
