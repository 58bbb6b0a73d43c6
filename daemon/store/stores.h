/*
 * stores: the files that people tail. Each store is an active file with a fixed name (NAME.jsonl), rotated by size and time to
 * NAME-20261121T101503Z-SEQ.jsonl, compressed to .jsonl.zst when closed, kept by age and total size.
 *
 * Derived from the journal and only ever rolled forward: after a crash the missing bytes of a torn line are appended, a hole left by a power
 * cut is filled in place, nothing is truncated, no line is written twice. A reader never sees a bad line.
 * Main thread, except stores_compress_one and stores_job_run.
 */
#ifndef STORE_STORES_H
#define STORE_STORES_H

#include "daemon/base/err.h"
#include "daemon/base/fs.h"
#include "daemon/store/journal.h"

#include <stdint.h>

#define STORES_NOTE_MAX 200 /* bytes, its NUL included */
#define STORE_NAME_MAX 64 /* bytes; [a-z0-9-]+ */

struct stores;

struct stores_policy {
	const char *directory;
	int64_t rotate_size; /* bytes of the active file; 0: never by size */
	int64_t rotate_every_ms; /* 0: never by time */
	bool compress;
	int64_t keep_for_ms; /* 0: for ever */
	int64_t keep_total; /* bytes of all closed files of all stores; 0: no bound */
	int64_t
	    keep_free; /* bytes of the disk that deleting old files shall keep free; 0: none is deleted for that */
	int64_t keep_hard; /* as keep_total, and even those go that something waits for */
	mode_t mode; /* of files, e.g. 0640 */
	const char *(*chained)(
	    size_t i); /* stores whose closed files get a seal; NULL behind the last. NULL: none */
	const char *sign_key_file; /* that signs them, or NULL */
};

struct stores_report { /* what opening repaired; for the log */
	unsigned torn_lines_completed;
	unsigned holes_filled;
	uint64_t lines_rolled_forward;
	unsigned takeovers_finished; /* closed files that stood there plain and compressed */
	char note[STORES_NOTE_MAX]; /* anything odd, e.g. "items.jsonl is shorter than its checkpoint" */
};

/* Opens all stores named in routes of the journal plus `names`, and rolls them forward from the journal. */
bool stores_open(const struct fs *fs, const struct stores_policy *p, struct journal *j,
    const char *const *names, size_t count, int64_t now_ms, struct stores **out, struct stores_report *report,
    struct err *e) MUST_CHECK;
void stores_close(struct stores **s); /* checkpoints when it can */

/* Anything odd that was met since the last call or since opening reported, the first of it: a file that somebody else moved, cut or lengthened, lines
 * that are not in the journal any more. False: nothing. */
bool stores_take_note(struct stores *s, char out[STORES_NOTE_MAX]);

/* New policy or names after a reload. */
bool stores_configure(struct stores *s, const struct stores_policy *p, const char *const *names, size_t count,
    struct err *e) MUST_CHECK;

/* Takes the line of a committed entry; written by stores_flush. A store that lags (disk full) catches up from the journal by
 * itself at a later flush; the entry is not lost. */
void stores_apply(struct stores *s, const struct journal_entry *entry);

/* write(2) of what was applied, rotation where it is due. False: some store lags; e says which (first). Call again later. */
bool stores_flush(struct stores *s, int64_t now_ms, struct err *e) MUST_CHECK;

/* What was written so far is on the disk afterwards. No checkpoint: a start looks at it all the same. */
bool stores_sync(struct stores *s, struct err *e) MUST_CHECK;

/* fsync of all stores, then the checkpoint file. *lsn: everything up to it is durable in the stores. */
bool stores_checkpoint(struct stores *s, uint64_t *lsn, struct err *e) MUST_CHECK;

/* SIGUSR1: close and reopen by name (an outside logrotate moved the file), rotate when `rotate`. */
bool stores_reopen(struct stores *s, bool rotate, int64_t now_ms, struct err *e) MUST_CHECK;

/* Reads one of the stores from its beginning; as the reader does that stands beside the daemon. */
struct reader;
bool stores_reader(const struct stores *s, const char *store, struct reader **out, struct err *e) MUST_CHECK;

/* Housekeeping of closed files in small steps, one at a time: first its seal, then its compression. False: nothing to do now. */
struct stores_job; /* stores_job.h */
bool stores_next_job(struct stores *s, struct stores_job *job);
/* True: that is final in this life, as for a file whose lines are not as they were written. A seal that failed for want of something is made when
 * stores_jobs_again was called; until then no younger file of its store gets one. Nor is anything compressed until then after a compression that failed. */
bool stores_job_failed(struct stores *s, const struct stores_job *job, const struct err *why);
void stores_jobs_again(struct stores *s);
/* Next closed file to compress, or false; the path is the caller's buffer. */
bool stores_next_to_compress(struct stores *s, char *path, size_t size);
/* Any thread: PATH -> PATH.zst by way of a temporary file, fsync, rename, unlink. Keeps PATH on failure. */
bool stores_compress_one(const struct fs *fs, const char *path, mode_t mode, struct err *e) MUST_CHECK;

enum stores_reason {
	STORES_HARD,
	STORES_AGE,
	STORES_SIZE,
	STORES_SPACE,
	STORES_REASONS
}; /* first that holds */
const char *stores_reason_name(enum stores_reason why);

struct stores_retained {
	unsigned files[STORES_REASONS]; /* deleted */
	int64_t bytes[STORES_REASONS];
	unsigned held; /* would have gone, but something still waits for them: try again soon */
};

/* Deletes what is too old or too much, oldest first. Kept until then: what is still to be sealed or compressed, and the files of a store that
 * does not know for certain where it stands. free_bytes of the disk; negative: not known. */
bool stores_retain(struct stores *s, int64_t now_ms, int64_t free_bytes, struct stores_retained *out,
    struct err *e) MUST_CHECK;

#endif
