/*
 * chain: numbers and hashes that tie the lines of one ledger together: each line's chain is SHA-256 over the chain before it (64 hex digits, zeros
 * before the first) and the line's bytes up to its `,"chain":`.
 */
#ifndef PIPE_CHAIN_H
#define PIPE_CHAIN_H

#include "daemon/base/buf.h"
#include "daemon/base/hash.h"
#include "daemon/base/json.h"

#include <stdint.h>

#define CHAIN_TAIL_LEN (sizeof(",\"chain\":\"") - 1 + SHA256_HEX + sizeof("\"}\n") - 1)

struct chain {
	uint64_t seq; /* of the last line; 0: none yet */
	char hex[SHA256_HEX];
};

void chain_init(struct chain *c);
/* Appends `{"v":1,"seq":N` for the next line. */
void chain_open_line(const struct chain *c, struct buf *out);
/* Appends `,"chain":"…"}` and the line's end to what stands in out from `start` on; the chain moves on. */
void chain_seal_line(struct chain *c, struct buf *out, size_t start);

struct chain_line { /* one that is written member by member */
	struct chain *chain;
	size_t start, members; /* in the buffer: of the line, of its own members */
	struct json w;
};

/* Both of the above in one: the members that stand between number and chain go into what the first returns. */
struct json *chain_line_open(struct chain_line *l, struct chain *c, struct buf *out);
void chain_line_close(struct chain_line *l);

/* The chain after a sealed line. False: it does not end as one. */
bool chain_follow(struct chain *c, uint64_t seq, struct str line);
/* The same of a line without its '\n', as readers give it. */
bool chain_resume(struct chain *c, uint64_t seq, struct str text);

/* Does this line without its '\n' follow it? False also when it is no sealed line. */
bool chain_holds(const struct chain *c, struct str text);

void chain_encode(const struct chain *c, struct buf *out);
bool chain_decode(struct rd *r, struct chain *c);

struct chains { /* of the ledgers, each after its last line */
	struct chain items, polls, letters, events;
};

#define CHAINS_LEN (4 * (8 + SHA256_HEX)) /* bytes encoded */

void chains_init(struct chains *c);
void chains_encode(const struct chains *c, struct buf *out);
/* Ledgers that an older version did not have begin anew. */
bool chains_decode(struct str blob, struct chains *c) MUST_CHECK;

#endif
