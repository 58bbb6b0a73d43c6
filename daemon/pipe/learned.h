/*
 * learned: what the polls of a feed have taught of it. Only a poll needs it: between two of them it is packed, and of a feed with little to
 * tell it takes a few bytes. The packed form is for this process alone; feedstate has the one that lasts.
 */
#ifndef PIPE_LEARNED_H
#define PIPE_LEARNED_H

#include "daemon/base/str.h"
#include "daemon/pipe/hints.h"
#include "daemon/pipe/pace.h"
#include "daemon/pipe/quiet.h"
#include "daemon/pipe/tally.h"
#include "daemon/pipe/trust.h"

#include <stdint.h>

struct learned {
	uint64_t newest; /* alias of the first item of the last complete document; 0: none */
	struct tally tally;
	struct trust trust; /* in its 304s */
	struct quiet quiet;
	struct pace pace;
	struct hints hints; /* of the last complete document; this and what follows: most feeds have none */
	uint32_t repairs; /* documents that had to be mended, since its first poll */
	int64_t repaired_at; /* wall ms: the last of them; 0: none */
};

#define LEARNED_PACKED_MAX (sizeof(struct learned) + (sizeof(struct learned) + 7) / 8) /* bytes */

/* Returns how many bytes of `packed` it takes. */
size_t learned_pack(const struct learned *l, char packed[LEARNED_PACKED_MAX]);
/* Absent: nothing was learned yet. */
void learned_unpack(struct str packed, struct learned *out);

#endif
