/*
 * proof: records and what somebody else needs to check them without our stores (docs/proof.md). Lines of JSON:
 *   {"proof":1,"store":"items","seals":S,"records":R}
 *   S seals as they stand in their files, from the oldest that is used to the newest
 *   R times: {"seq":N,"seal":I,"leaf":L,"path":["…",…]} and the record itself, byte by byte
 */
#ifndef CTL_PROOF_H
#define CTL_PROOF_H

#include "daemon/ctl/command.h"
#include "daemon/ctl/store_walk.h"
#include "daemon/store/seal.h"

struct proof { /* while it is made */
	struct seal_lines lines;
	struct buf offsets; /* size_t: where each seal begins in lines.text */
	struct merkle tree;
	struct buf wanted; /* struct wanted_line; of the file that is passing by */
	struct buf texts;
	struct buf records; /* finished */
	char file[NAME_MAX + 1];
	uint64_t count; /* records in it */
	uint64_t open; /* wanted, but in no sealed file */
	size_t first_seal; /* of those used; SIZE_MAX: none yet */
};

bool proof_begin(struct proof *p, const char *directory, const char *store, struct err *e) MUST_CHECK;
void proof_fini(struct proof *p);
/* Every line of the store passes by, in order. */
bool proof_line(struct proof *p, const struct store_line *line, bool wanted, struct err *e) MUST_CHECK;
/* After the last line: appends the whole proof. */
bool proof_end(struct proof *p, const char *store, struct buf *out, struct err *e) MUST_CHECK;

#endif
