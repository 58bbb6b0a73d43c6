/* verify_seals: the seals of one store against its files, while its lines pass by. */
#ifndef CTL_VERIFY_SEALS_H
#define CTL_VERIFY_SEALS_H

#include "daemon/ctl/verify.h"
#include "daemon/store/seal.h"

struct seal_check {
	struct seal_lines lines;
	struct seal *at; /* those that can be read, oldest first */
	size_t n, seen; /* of which the first `seen` are dealt with */
	struct merkle tree; /* of the file that is passing by */
	char file[NAME_MAX + 1];
	uint64_t first; /* number of the first line that is kept; 0: none yet */
	bool active;
	char newest[SHA256_HEX]; /* hash of the newest seal; the first byte is 0: there is none */
	bool unread; /* the newest is damaged */
};

/* Reads the seals, checks how they hang together and who signed them. */
bool seal_check_open(struct verify *v, const char *store, struct seal_check *c, struct err *e) MUST_CHECK;
void seal_check_fini(struct seal_check *c);

/* The chain before this line, when a seal vouches for it: of a store whose older files are gone. */
const char *seal_check_before(const struct seal_check *c, uint64_t seq);
bool seal_check_line(
    struct verify *v, struct seal_check *c, const struct store_line *line, struct err *e) MUST_CHECK;
/* After the last line. */
bool seal_check_end(struct verify *v, struct seal_check *c, struct err *e) MUST_CHECK;

#endif
