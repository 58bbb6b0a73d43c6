/*
 * journal: the write-ahead log, the queue and the only truth. Whole entries, durable after one commit, or none.
 * A bounded set of prewritten segment files that are recycled once the checkpoint has passed them.
 *
 * Threads: everything on the main thread, except journal_commit, which may run on one other thread, one commit at a time. While it does,
 * the main thread may use journal_next_lsn, journal_read, journal_release and its own groups, and nothing else.
 */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/fs.h"
#include "daemon/base/str.h"

#include <stdint.h>

#define JOURNAL_LINE_MAX (8u << 20) /* bytes of one line; a record is capped far below by the pipe */
#define JOURNAL_META_MAX (4u << 20) /* bytes of one entry's meta */
#define JOURNAL_GROUP_MAX (1u << 30) /* bytes of one group; far above the largest answer of a worker */
#define JOURNAL_SEGMENT_SIZE (16u << 20) /* default; bytes of one segment file */

struct journal;

struct journal_entry {
	uint64_t lsn; /* log sequence number: 1, 2, 3, … without gaps over all entries */
	uint32_t type; /* the pipe's; opaque here */
	struct str routes; /* names of the stores that get the line, joined by '\n'; empty: none */
	struct str meta; /* the pipe's; opaque here */
	struct str line; /* one line with its '\n', or empty */
};

struct journal_options {
	const char *directory;
	uint32_t segment_size;
	uint32_t segments_max; /* the journal is full (ERR_BUSY) beyond it: consumers lag */
};

/* What opening found; for the log. */
struct journal_recovery {
	uint64_t first_lsn, last_lsn; /* readable; last_lsn == first_lsn - 1: empty */
	uint64_t torn_bytes; /* of an unfinished commit at the end; never acknowledged */
	uint64_t lost; /* entries of the newest segment that are damaged; see journal_lost */
	unsigned damaged_files; /* set aside as *.bad: neither a segment nor a left-over of ours */
};

/* Locks the folder (a second daemon gets ERR_BUSY), finds the end, makes missing folders. */
bool journal_open(const struct fs *fs, const struct journal_options *o, struct journal **out,
    struct journal_recovery *r, struct err *e) MUST_CHECK;
void journal_close(struct journal **j);

uint64_t journal_next_lsn(const struct journal *j);
uint64_t journal_first_lsn(const struct journal *j); /* the oldest that can be read */
uint64_t journal_bytes(const struct journal *j); /* an upper bound of what can be read */

/* Entries that were found damaged (by opening or reading) and skipped, each once; a reader sees the lsn jump. */
uint64_t journal_lost(const struct journal *j);

/* The next entry gets this lsn, unless it is beyond already: for a consumer that knows of more than the journal does, because somebody
 * deleted the journal. No commit may be in flight. */
void journal_skip_to(struct journal *j, uint64_t next_lsn);

/* A group: entries that become durable together. Made on the main thread; owned by the caller. */
struct journal_group;
struct journal_group *journal_group_new(void);
void journal_group_free(struct journal_group **g);
/* Copies. lsn is filled by the group: first_lsn (given at the start) and counting. */
void journal_group_start(struct journal_group *g, uint64_t first_lsn);
bool journal_group_add(struct journal_group *g, const struct journal_entry *entry, struct err *e) MUST_CHECK;
size_t journal_group_count(const struct journal_group *g);
size_t journal_group_bytes(const struct journal_group *g);
typedef bool journal_each_f(void *ctx, const struct journal_entry *entry); /* false: stop */
/* Walks the entries (views into the group). */
bool journal_group_each(const struct journal_group *g, journal_each_f *each, void *ctx);

/* Writes and fdatasyncs. False: nothing of the group counts as written and the journal has put itself into order again (or
 * every later commit fails too: ERR_IO). The group's first lsn must be journal_next_lsn. */
bool journal_commit(struct journal *j, const struct journal_group *g, struct err *e) MUST_CHECK;

/* Reads committed entries from `lsn` on, in order, until `each` returns false or the end. ERR_LIMIT when lsn was recycled already. */
bool journal_read(struct journal *j, uint64_t lsn, journal_each_f *each, void *ctx, struct err *e) MUST_CHECK;

/* Everything up to and including lsn is durable elsewhere: its segments may be recycled. */
bool journal_release(struct journal *j, uint64_t lsn, struct err *e) MUST_CHECK;

#endif
