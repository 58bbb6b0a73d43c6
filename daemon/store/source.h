/*
 * source: the lines of one file of a store, plain or compressed, from a place on. Knows nothing of other files.
 * Owns its descriptor, so that a file which is renamed, compressed or deleted meanwhile is still read to its end.
 */
#ifndef STORE_SOURCE_H
#define STORE_SOURCE_H

#include "daemon/base/buf.h"
#include "daemon/base/fs.h"

#include <stdint.h>

struct source;

enum source_result { SOURCE_LINE, SOURCE_END, SOURCE_FAILED };

bool source_open(
    const struct fs *fs, const char *path, bool compressed, struct source **out, struct err *e) MUST_CHECK;
void source_close(struct source **s);

/* A complete line without its '\n'; a view until the next call. SOURCE_END: none now (a plain file may grow). A line beyond
 * JOURNAL_LINE_MAX comes in pieces. */
enum source_result source_next(struct source *s, struct str *line, struct err *e) MUST_CHECK;
/* What stands behind the last '\n': the torn end of a file that will not grow any more. False: nothing. */
bool source_rest(struct source *s, struct str *line);

/* After SOURCE_FAILED with ERR_PARSE: goes on behind what is damaged, whose lines are lost; lines are not counted any more. False: nothing of the file
 * can be read behind it. */
bool source_pass_damage(struct source *s);

uint64_t source_number(const struct source *s); /* of the last line, from 1; 0: not counted */
uint64_t source_inode(const struct source *s);

/* A plain file that became shorter than what was read of it is read again from its start. */
bool source_check_cut(struct source *s);

/* Goes to where the last *lines complete lines begin; or, with fewer in the file, to its start; *lines becomes how many follow.
 * Reads from the end, only as far as need be. */
bool source_seek_last(struct source *s, uint64_t *lines, struct err *e) MUST_CHECK;

/* Goes to a line before which only lines stand that `before` says yes to, by halving: of a plain file to some 64 KiB, of a compressed one to a
 * frame. Asks of a few lines only, and relies on their order. */
typedef bool source_before_f(void *ctx, struct str line);
bool source_seek_before(struct source *s, source_before_f *before, void *ctx, struct err *e) MUST_CHECK;

#endif
