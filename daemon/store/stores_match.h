/*
 * stores_match: comparing a file with the journal (stores_match.c) and looking lines up in it (stores_set.c). Private to the stores.
 */
#ifndef STORE_STORES_MATCH_H
#define STORE_STORES_MATCH_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

#include <limits.h>
#include <stdint.h>

#define STORE_PATH_MAX (PATH_MAX + NAME_MAX + 16)

struct store;
struct stores;

enum match_mode {
	MATCH_OLD_FILE, /* bytes of the file that was active at the checkpoint and has been moved */
	MATCH_ACTIVE, /* bytes of the active file */
	MATCH_SET, /* somebody else wrote: lines are looked up, wherever they stand */
	MATCH_APPEND, /* what is left is missing */
};

struct match { /* comparing a file with the journal */
	enum match_mode mode;
	int fd; /* without O_APPEND: holes are filled in place */
	int64_t pos, size;
	bool torn; /* MATCH_SET: unfinished line from pos on */
	bool rewrite; /* a sync failed: every byte is written again */
	struct buf lines; /* MATCH_SET: sorted struct known_line */
	struct buf scratch;
};

/* The file with this number in the stores' folder, under whatever name. */
bool stores_find_inode(struct stores *s, uint64_t inode, char out[STORE_PATH_MAX]);
bool match_begin(struct stores *s, struct store *st, struct err *e) MUST_CHECK;
bool match_line(struct stores *s, struct store *st, struct str line, uint64_t lsn, struct err *e) MUST_CHECK;
bool match_end(struct stores *s, struct store *st, struct err *e) MUST_CHECK;
void match_fini(struct stores *s, struct store *st);

bool set_load(struct stores *s, struct store *st, int fd, int64_t from, int64_t size, int64_t *rest,
    struct err *e) MUST_CHECK;
bool set_load_closed(struct stores *s, struct store *st, struct err *e) MUST_CHECK;
void set_sort(struct store *st);
bool set_take(struct store *st, struct str line); /* true: it stood there; once per copy */

#endif
