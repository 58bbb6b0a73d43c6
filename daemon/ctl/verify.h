/* verify: what `gazettectl verify` finds: problems, each with its file and line, and a summary per store. */
#ifndef CTL_VERIFY_H
#define CTL_VERIFY_H

#include "daemon/base/hash.h"
#include "daemon/base/sign.h"
#include "daemon/ctl/print.h"
#include "daemon/ctl/store_walk.h"

struct verify {
	const struct ctl_args *args;
	const char *directory;
	struct printer out;
	uint64_t problems;
	struct sign_key *public_key; /* that must have signed every seal; NULL: none was given */
	bool trusted_found; /* a line or a seal has the hash that args->trusted names */
	bool went; /* a file was deleted while it was looked at */
	uint64_t written; /* the newest record that the daemon's status tells of; 0: it tells nothing */
};

struct verify_sum { /* of one store */
	const char *store;
	uint64_t lines, first, last; /* sequence numbers; 0: none */
	uint64_t problems_before; /* of all stores, when this one began */
	bool on_trust; /* older files are gone: the first link of the chain cannot be checked */
	const char *sealed; /* hash of the newest seal; NULL: there is none */
	uint64_t sealed_to; /* number of the last line under a seal */
	bool unfinished; /* the active file ends without '\n': a line is being written */
};

void verify_problem(struct verify *v, const char *file, uint64_t line, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* Is this hash the one that the caller trusts? */
void verify_trusted(struct verify *v, struct str hash);
void verify_summary(struct verify *v, const struct verify_sum *sum);

/* The lines of one topic's store, in memory until `items` was read. */
struct verify_topic;
struct verify_topics {
	struct verify_topic *at;
	size_t n;
};

/* Reads the topics' stores; before `items`, so that nothing in them can be newer. */
bool verify_topics_read(
    struct verify *v, const struct ctl_list *stores, struct verify_topics *out, struct err *e) MUST_CHECK;
/* One line of `items`, in order. */
void verify_topics_compare(
    struct verify *v, struct verify_topics *t, uint64_t seq, const struct store_line *line);
/* Lines of `items` cannot be read: those of topics up to the next one are taken on trust. */
void verify_topics_pass(struct verify_topics *t);
/* After the last line of `items`. */
void verify_topics_end(struct verify *v, struct verify_topics *t, const struct verify_sum *items);
void verify_topics_free(struct verify_topics *t);

/* Which record of `items` revises which: 4 bytes for each, from the first that is kept. */
struct verify_revises {
	uint64_t first; /* number; 0: none yet */
	struct buf marks; /* u32: of the item's key */
};
#define VERIFY_GAP_MAX 1000000u /* numbers that may be missing and are still counted */
void verify_revises_line(
    struct verify *v, struct verify_revises *r, uint64_t seq, const struct store_line *line);
void verify_revises_free(struct verify_revises *r);

/* A store whose lines are chained; compares topics on the way when given. */
bool verify_chained(
    struct verify *v, const char *store, struct verify_topics *topics, struct err *e) MUST_CHECK;

/* A file that `export --proof` made; false: it could not be read. What it holds does not prove is a problem. */
bool verify_proof(struct verify *v, const char *path, struct err *e) MUST_CHECK;

#endif
