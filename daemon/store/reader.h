/*
 * reader: the lines of one store, oldest first, over closed (.jsonl, .jsonl.zst) and active files; and following it while it grows and rotates.
 * Read-only; works beside a running daemon. Used by gazettectl and by tests.
 */
#ifndef STORE_READER_H
#define STORE_READER_H

#include "daemon/base/err.h"
#include "daemon/base/fs.h"
#include "daemon/base/str.h"

#include <stdint.h>

struct reader;

struct reader_position { /* a cursor that survives rotation and compression */
	uint64_t seq; /* of the last line read; 0: before the first */
};

bool reader_open(const struct fs *fs, const char *directory, const char *store, struct reader **out,
    struct err *e) MUST_CHECK;
void reader_close(struct reader **r);

/* Start behind this sequence number / not far before the first line that was seen at or after wall_ms: the caller filters lines. Files are
 * named by the time of their rotation, and inside the first one lines are found by halving; both as if every clock had gone at most
 * READER_SLACK_MS back. Without either: at the oldest line. */
#define READER_SLACK_MS 3600000
bool reader_seek_seq(struct reader *r, uint64_t seq, struct err *e) MUST_CHECK;
/* As reader_seek_seq, but found by halving inside the file, whose lines are not counted then. */
void reader_jump_seq(struct reader *r, uint64_t seq);
bool reader_seek_time(struct reader *r, int64_t wall_ms, struct err *e) MUST_CHECK;
/* Start at a closed file such that at least so many bytes of closed files follow. */
bool reader_seek_bytes(struct reader *r, uint64_t bytes, struct err *e) MUST_CHECK;
/* Start so that the last `lines` complete lines follow. */
bool reader_seek_last(struct reader *r, uint64_t lines, struct err *e) MUST_CHECK;

enum reader_result { READER_LINE, READER_END, READER_FAILED };

struct reader_line {
	struct str text; /* without '\n'; until the next call */
	const char *file; /* base name */
	uint64_t number; /* line in that file, from 1; 0: not counted (after reader_seek_last) */
};

/* READER_END: no complete line now; call again after the file grew (a rotation is followed without loss).
 * READER_FAILED: the file, which e names, cannot be read further; called again it goes on behind what is damaged (ERR_PARSE), or with the next file,
 * so that no damage hides what is whole. */
enum reader_result reader_next(struct reader *r, struct reader_line *out, struct err *e) MUST_CHECK;

/* As reader_next, but what is damaged is told (NULL: to nobody) and passed over. */
typedef void reader_damage_f(void *ctx, const char *why);
enum reader_result reader_next_whole(
    struct reader *r, struct reader_line *out, reader_damage_f *tell, void *ctx, struct err *e) MUST_CHECK;

/* The "seq" of a line of ours without parsing all of it; 0 when it has none. */
uint64_t reader_line_seq(struct str line);

/* The "seen_at" or "at" of a line of ours; INT64_MIN when it has none near its beginning. */
int64_t reader_line_time(struct str line);

/* An inotify descriptor that becomes readable when the store may have grown, or -1. Owned by the reader. */
int reader_wait_fd(struct reader *r);

#endif
