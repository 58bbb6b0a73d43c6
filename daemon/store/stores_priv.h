/*
 * stores_priv: what the files of the module `stores` share. One struct store is one active file and its place in the journal.
 *
 * Where a store stands is a cursor: `tail_lsn` is the last line that is wholly in the file, `partial` bytes of the next one stand behind it.
 * While `lagging`, pending is empty and the lines come from the journal again, either behind that cursor or, after something that makes
 * it doubtful (a start, a failed sync), behind the last synced one; the bytes that stand there are then compared with the journal.
 */
#ifndef STORE_STORES_PRIV_H
#define STORE_STORES_PRIV_H

#include "daemon/base/buf.h"
#include "daemon/store/seal.h"
#include "daemon/store/stores.h"
#include "daemon/store/stores_match.h"

#include <limits.h>

#define STORES_MAX 1024u /* stores; topics are tens */
#define STORE_PENDING_MAX                                                                                    \
	(16u << 20) /* bytes; two of the largest lines. Beyond: read again from the journal */
#define STORE_WRITE_SIZE (1u << 20) /* bytes gathered before an append while catching up */
#define STORE_CATCH_UP_MAX (256u << 20) /* bytes appended in one flush; the main loop waits for it */
#define PRINT_SIZE 256 /* bytes before the synced offset, whose checksum tells whether it is the same file */

struct synced { /* on the disk for certain */
	uint64_t inode; /* 0: none yet */
	int64_t offset;
	uint64_t lsn;
	uint32_t print;
};

struct mark { /* one line in pending */
	uint64_t lsn, seq;
	size_t end;
};

struct store {
	char name[STORE_NAME_MAX + 1];
	int fd; /* O_APPEND; -1: closed */
	uint64_t inode;
	int64_t size;
	int64_t started_ms; /* wall: when the active file was begun */
	uint64_t last_seq; /* of the last line in the file; 0: lines have none */

	uint64_t tail_lsn;
	size_t partial;
	struct buf pending, marks; /* marks: struct mark */
	bool lagging;
	bool doubtful; /* the cursor in memory cannot be trusted: start at `synced` */
	bool rewrite; /* a sync failed since */
	bool failed; /* in this pass */
	bool dirty; /* written since the last sync */
	bool folder_dirty; /* made or renamed since the folder was synced */
	struct synced synced;
	struct match match;
};

struct stores {
	const struct fs *fs;
	struct journal *journal;
	char directory[PATH_MAX];
	int lock_fd; /* of the folder; -1: not locked */
	struct stores_policy policy; /* its directory points to the above */
	struct store **list;
	size_t count;
	uint64_t applied_lsn;
	uint64_t missed_lsn; /* first entry whose store could not be made (memory); 0: none */
	bool unknown_past; /* no checkpoint was there, and not every store has been looked through since */
	bool open;
	bool checkpoint_due; /* something moved under us: tell the disk soon */
	struct checkpoint_work *work; /* while another thread makes a checkpoint; else NULL */
	bool jobs_done; /* nothing was closed since nothing was left to do */
	bool job_failed, compression_rests; /* this round gets another one; not until stores_jobs_again */
	struct seal_failures unsealed;
	struct buf uncompressible; /* struct closed_file; they are tried again all the same */
	char compress_after[NAME_MAX + 1]; /* where stores_next_to_compress goes on */
	struct stores_report report;
};

static inline bool store_behind(const struct store *st)
{
	return st->lagging || st->pending.n > 0;
}

/* Every store knows of all entries up to this one. */
static inline uint64_t stores_reached(const struct stores *s)
{
	return s->missed_lsn ? s->missed_lsn - 1 : s->applied_lsn;
}

bool stores_lock(struct stores *s, struct err *e) MUST_CHECK; /* false: another daemon writes there */
void stores_note(struct stores *s, const char *fmt, ...) PRINTF_LIKE(2, 3); /* the first one stays */
struct store *stores_find(struct stores *s, struct str name);
struct store *stores_add(struct stores *s, struct str name, uint64_t lsn, struct err *e) MUST_CHECK;

void store_path(const struct stores *s, const char *name, char out[STORE_PATH_MAX]);
bool store_attach(
    struct stores *s, struct store *st, struct err *e) MUST_CHECK; /* opens or makes the active file */
void store_detach(struct stores *s, struct store *st);
/* Has somebody moved, cut or lengthened the file? Puts the store into order again. */
bool store_look(struct stores *s, struct store *st, int64_t now_ms, struct err *e) MUST_CHECK;
void store_take(struct store *st, struct str line, uint64_t lsn); /* onto pending; lags when that is full */
bool store_write(struct stores *s, struct store *st, struct err *e) MUST_CHECK; /* pending to the file */
void store_lag(struct store *st, bool doubtful);
bool store_seal(
    struct stores *s, struct store *st, struct err *e) MUST_CHECK; /* '\n' behind a line that is not ours */
bool store_sync(struct stores *s, struct store *st, struct err *e) MUST_CHECK; /* fsync; moves `synced` */
bool store_rotate(struct stores *s, struct store *st, bool force, int64_t now_ms, struct err *e) MUST_CHECK;

/* Brings lagging stores forward. False: one could not be. */
bool stores_catch_up(struct stores *s, uint64_t bytes_max, struct err *e) MUST_CHECK;

/* What a killed compression left over: half a copy, or a whole one beside its original. Best effort; what cannot be done is noted. */
void stores_drop_temporaries(struct stores *s);
void stores_finish_takeovers(struct stores *s);

bool checkpoint_load(struct stores *s, struct err *e) MUST_CHECK;
bool checkpoint_write(struct stores *s, struct err *e) MUST_CHECK;

#endif
