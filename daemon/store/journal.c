/*
 * journal: the order of the segments, commits to the newest, reads from all. Owns the folder (by a lock) and the newest segment's descriptor.
 * Knows nothing of what entries mean.
 *
 * Why a failed commit can never come back beside, or instead of, the commit that reuses its numbers:
 *  1. A group is found whole or not at all (one checksum), and only under the generation of the file in which it stands; so content from a
 *     file's earlier life is never taken for an entry.
 *  2. Every commit that is reported as failed, for whatever reason, closes its segment for ever; the next one goes to a new segment, whose header
 *     names the first number in it and is durable (file and folder) before anything is written behind it.
 *  3. Reading cuts each segment at the first number of the next. The failed copy has that number or a higher one, so from the moment at which
 *     its numbers can be written again it is out of sight. If we die before that moment, the failed copy may be found and then counts
 *     as committed: nothing else has been acknowledged under its numbers.
 *  4. Within a segment a group is only written when the one before it was synced, and a segment is written in one life only. So at opening
 *     nothing but the last group can be in memory alone (or half on the disk after a failed sync): it is copied to a new segment and
 *     synced there before anybody sees it. The segment that it came from is then cut by rule 3.
 *
 * Two threads without a lock: the ring of segments and the ring of spares have one producer and one consumer each. The committing thread appends
 * segments and takes spares; the main thread removes segments and adds spares. A segment enters the ring with its first committed group,
 * and before next_lsn tells of that group.
 */
#include "daemon/store/journal_priv.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>

#define READ_KEEP (4u << 20) /* bytes of read buffer kept between reads */
#define SMALLER 8 /* of a segment's size when the disk has no room for it: 16 MiB, 2 MiB, 256 KiB, … */

void slot_push(struct journal *j, const struct segment *s)
{
	uint64_t tail = atomic_load(&j->tail);
	struct slot *slot = slot_at(j, tail);

	assert(tail - atomic_load(&j->head) < j->ring_size);
	slot->segment = *s;
	atomic_store(&slot->failed, false);
	atomic_store(&j->tail, tail + 1);
}

void segment_unlink(struct journal *j, uint64_t generation, enum segment_kind kind)
{
	char path[JOURNAL_PATH_MAX];

	segment_path(j->directory, generation, kind, path);
	j->fs->unlink(j->fs, path);
}

/* The first number that is not this segment's: its successor's first, or what is not committed yet. */
static uint64_t slot_below(struct journal *j, uint64_t i, uint64_t tail, uint64_t next)
{
	uint64_t successor = i + 1 < tail ? slot_at(j, i + 1)->segment.first_lsn : next;

	return successor < next ? successor : next;
}

uint64_t journal_next_lsn(const struct journal *j)
{
	return atomic_load(&j->next_lsn);
}

uint64_t journal_first_lsn(const struct journal *j)
{
	uint64_t next = atomic_load(&j->next_lsn), head = atomic_load(&j->head);
	uint64_t first;

	if (head == atomic_load(&j->tail))
		return next;
	first = j->ring[head % j->ring_size].segment.first_lsn;
	return first < next ? first : next;
}

uint64_t journal_bytes(const struct journal *j)
{
	uint64_t total = 0, tail = atomic_load(&j->tail);

	for (uint64_t i = atomic_load(&j->head); i < tail; i++)
		total += (uint64_t)j->ring[i % j->ring_size].segment.size;
	return total;
}

uint64_t journal_lost(const struct journal *j)
{
	return j->lost;
}

void journal_note_gap(struct journal *j, uint64_t from, uint64_t to, bool lost)
{
	struct gap *g = j->gaps;

	if (to <= from)
		return;
	while (g < j->gaps + j->gap_count && g->to != to)
		g++;
	if (g == j->gaps + j->gap_count) {
		j->lost += lost ? to - from : 0;
		if (j->gap_count < GAPS_MAX)
			j->gaps[j->gap_count++] = (struct gap){ from, to };
	} else if (from < g->from) { /* who came before began to read in its middle */
		j->lost += lost ? g->from - from : 0;
		g->from = from;
	}
}

void journal_skip_to(struct journal *j, uint64_t next_lsn)
{
	if (next_lsn <= atomic_load(&j->next_lsn))
		return;
	if (j->active.fd >= 0)
		j->fs->close(j->fs, j->active.fd);
	j->active.fd = -1;
	journal_note_gap(j, atomic_load(&j->next_lsn), next_lsn, false);
	atomic_store(&j->next_lsn, next_lsn);
}

static uint64_t spare_take(struct journal *j, int64_t size)
{
	uint64_t head = atomic_load(&j->spares_head), generation;

	if (size != (int64_t)j->segment_size || head == atomic_load(&j->spares_tail))
		return 0;
	generation = j->spares[head % SPARES_MAX];
	atomic_store(&j->spares_head, head + 1);
	return generation;
}

/* A disk with no room for a whole segment may have some for a small one. */
static bool make_segment(struct journal *j, uint64_t first_lsn, int64_t need, struct err *e)
{
	struct active *a = &j->active;
	int64_t size = need > j->segment_size ? need : j->segment_size;
	struct err why;

	for (;; size = size / SMALLER > need ? page_round((uint64_t)size / SMALLER) : need) {
		err_clear(&why);
		a->segment = (struct segment){ ++j->generation, first_lsn, size };
		if (segment_create(j->fs, j->directory, &a->segment, spare_take(j, size),
		        (struct str){ NULL, 0 }, &a->fd, &why))
			return true;
		if (size == need || (why.sys != ENOSPC && why.sys != EDQUOT))
			return err_set(e, why.kind, 0, "%s", why.text);
	}
}

static bool active_replace(struct journal *j, uint64_t first_lsn, size_t group, struct err *e)
{
	struct active *a = &j->active;

	if (atomic_load(&j->tail) - atomic_load(&j->head) >= j->segments_max)
		return err_set(e, ERR_BUSY, 0, "journal is full: %llu segments wait for their consumers",
		    (unsigned long long)j->segments_max);
	if (a->fd >= 0)
		j->fs->close(j->fs, a->fd);
	a->fd = -1;
	a->in_ring = false;
	a->end = JOURNAL_PAGE;
	return make_segment(j, first_lsn, JOURNAL_PAGE + page_round(group), e);
}

/* Rule 2 above. The file with a failed write is not used again: a second sync of it could claim success for pages that were dropped. */
static bool active_abandon(struct journal *j)
{
	struct active *a = &j->active;

	j->fs->close(j->fs, a->fd);
	a->fd = -1;
	if (a->in_ring)
		atomic_store(&slot_at(j, atomic_load(&j->tail) - 1)->failed, true);
	else
		segment_unlink(j, a->segment.generation, SEGMENT_LIVE);
	return false;
}

bool journal_commit(struct journal *j, const struct journal_group *g, struct err *e)
{
	struct active *a = &j->active;
	size_t total;

	if (g->count == 0)
		return true;
	if (g->first_lsn != atomic_load(&j->next_lsn))
		return err_set(e, ERR_IO, 0, "journal: group starts at %llu, not at %llu",
		    (unsigned long long)g->first_lsn, (unsigned long long)atomic_load(&j->next_lsn));
	if ((a->fd < 0 || page_round(g->bytes.n) > a->segment.size - a->end) &&
	    !active_replace(j, g->first_lsn, g->bytes.n, e))
		return false;
	total = group_seal(g, a->segment.generation);
	if (!fs_write_all(j->fs, a->fd, g->bytes.p, total, a->end, e))
		return active_abandon(j);
	if (j->fs->sync(j->fs, a->fd) < 0) {
		err_set(e, ERR_IO, errno, "journal: sync");
		return active_abandon(j);
	}
	a->end += (int64_t)total;
	if (!a->in_ring)
		slot_push(j, &a->segment);
	a->in_ring = true;
	atomic_store(&j->next_lsn, g->first_lsn + g->count);
	return true;
}

struct reading {
	uint64_t from; /* next number that `each` wants */
	journal_each_f *each;
	void *ctx;
	bool stopped;
};

static bool pass_on(void *ctx, const struct journal_entry *entry)
{
	struct reading *r = ctx;

	r->from = entry->lsn;
	r->stopped = !r->each(r->ctx, entry);
	if (!r->stopped)
		r->from = entry->lsn + 1;
	return !r->stopped;
}

/* Entries of [from, to) were acknowledged and cannot be found. */
static void count_lost(struct journal *j, const struct reading *r, uint64_t from, uint64_t to)
{
	journal_note_gap(j, from > r->from ? from : r->from, to, true);
}

/* The groups of one segment whose numbers are below `below`; a damaged group is passed over. */
static bool read_groups(
    struct journal *j, const struct segment *s, int fd, uint64_t below, struct reading *r, struct err *e)
{
	struct err why = { 0 };
	struct group_header h;
	bool hinted = j->hint.generation == s->generation && j->hint.lsn <= r->from;
	int64_t at = hinted ? j->hint.offset : JOURNAL_PAGE;
	uint64_t expected = hinted ? j->hint.lsn : s->first_lsn;

	while (expected < below && segment_next_group(j->fs, fd, s, &at, expected, below, &h, &why)) {
		bool wanted = h.first_lsn + h.count > r->from;

		j->hint = (struct hint){ s->generation, expected, at };
		if (wanted && !segment_read_group(j->fs, fd, at, &h, &j->read, &why)) {
			if (why.kind != ERR_NONE)
				break;
			at += JOURNAL_PAGE; /* counted as lost when the next whole group shows */
			continue;
		}
		count_lost(j, r, expected, h.first_lsn);
		if (wanted)
			group_walk(j->read.p, h.bytes, h.first_lsn, h.count, r->from, pass_on, r);
		if (r->stopped)
			return true;
		expected = h.first_lsn + h.count;
		at += page_round(GROUP_HEADER + (uint64_t)h.bytes);
	}
	if (why.kind != ERR_NONE)
		return err_set(e, why.kind, why.sys, "%s", why.text);
	count_lost(j, r, expected, below);
	return true;
}

static bool read_segment(
    struct journal *j, const struct segment *s, uint64_t below, struct reading *r, struct err *e)
{
	char path[JOURNAL_PATH_MAX];
	bool ok;
	int fd;

	segment_path(j->directory, s->generation, SEGMENT_LIVE, path);
	fd = j->fs->open(j->fs, path, O_RDONLY, 0);
	if (fd < 0)
		return err_set(e, ERR_IO, errno, "%s: open", path);
	ok = read_groups(j, s, fd, below, r, e);
	j->fs->close(j->fs, fd);
	return ok;
}

bool journal_read(struct journal *j, uint64_t lsn, journal_each_f *each, void *ctx, struct err *e)
{
	uint64_t next = atomic_load(&j->next_lsn), tail = atomic_load(&j->tail), i = atomic_load(&j->head);
	struct reading r = { lsn ? lsn : 1, each, ctx, false };
	bool ok = true;

	if (r.from >= next)
		return true;
	if (i < tail && r.from < slot_at(j, i)->segment.first_lsn)
		return err_set(
		    e, ERR_LIMIT, 0, "journal: entry %llu was recycled", (unsigned long long)r.from);
	for (; ok && !r.stopped && i < tail; i++) {
		uint64_t below = slot_below(j, i, tail, next);

		if (r.from < below)
			ok = read_segment(j, &slot_at(j, i)->segment, below, &r, e);
	}
	if (j->read.room > READ_KEEP)
		buf_fini(&j->read);
	return ok;
}

static void retire(struct journal *j, struct slot *slot)
{
	char from[JOURNAL_PATH_MAX], to[JOURNAL_PATH_MAX];
	uint64_t generation = slot->segment.generation, tail = atomic_load(&j->spares_tail);
	bool room = tail - atomic_load(&j->spares_head) < SPARES_MAX;

	if (!room || atomic_load(&slot->failed) || slot->segment.size != (int64_t)j->segment_size) {
		segment_unlink(j, generation, SEGMENT_LIVE);
		return;
	}
	segment_path(j->directory, generation, SEGMENT_LIVE, from);
	segment_path(j->directory, generation, SEGMENT_SPARE, to);
	if (j->fs->rename(j->fs, from, to) < 0)
		return;
	j->spares[tail % SPARES_MAX] = generation;
	atomic_store(&j->spares_tail, tail + 1);
}

/* A file that could not be removed comes back at the next opening, as older entries that nobody asks for. */
bool journal_release(struct journal *j, uint64_t lsn, struct err *e)
{
	uint64_t head = atomic_load(&j->head), tail = atomic_load(&j->tail);

	(void)e;
	for (; head + 1 < tail && slot_at(j, head + 1)->segment.first_lsn <= lsn + 1; head++) {
		retire(j, slot_at(j, head));
		atomic_store(&j->head, head + 1);
	}
	return true;
}
