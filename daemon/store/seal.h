/*
 * seal: what is written down of a closed file for ever: NAME-TIME-SEQ.seal beside it, one line of JSON. Which lines it holds, the chain before
 * and behind them, the Merkle root over them, the hash of the seal before it, and, with a key, an Ed25519 signature. It stays when the file
 * is deleted; so the chain of seals has no beginning but the first file's.
 *
 * The signature is over SEAL_DOMAIN and the line up to `,"signature":`; the hash of a seal is SHA-256 over its line without the '\n'.
 * Any thread.
 */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include "daemon/base/buf.h"
#include "daemon/base/sign.h"
#include "daemon/store/merkle.h"
#include "daemon/store/names.h"

#define SEAL_SUFFIX ".seal"
#define SEAL_MAX 2048u /* bytes of one */
#define SEAL_DOMAIN "gazetted seal 1\n"

struct seal { /* names are views into the line */
	struct str store, file; /* the closed file's name, without .zst */
	uint64_t first, last; /* numbers of its lines; there are none missing */
	int64_t bytes;
	char before[SHA256_HEX], chain[SHA256_HEX]; /* before the first line; of the last line */
	char root[SHA256_HEX];
	char previous[SHA256_HEX]; /* hash of the seal of the file before; zeros: there is none */
	struct str key; /* SIGN_ID_HEX digits, or absent */
	uint8_t signature[SIGN_LEN];
	struct str signed_part; /* filled by seal_parse */
};

/* Appends the line with its '\n'; signs when there is a key. */
bool seal_write(struct seal *s, const struct sign_key *key, struct buf *out, struct err *e) MUST_CHECK;
/* A line without '\n', exactly as seal_write makes it. */
bool seal_parse(struct str line, struct seal *out);
void seal_hash(struct str line, char out[SHA256_HEX]);
bool seal_signature_fits(const struct seal *s, const struct sign_key *key);

/* NAME-TIME-SEQ.jsonl[.zst] -> NAME-TIME-SEQ.seal. */
void seal_name(const char *file, char out[NAME_MAX + 1]);

struct seal_lines { /* all seals of one store that are there, oldest first */
	struct buf text; /* their lines, each with '\n'; of what is no seal any line */
	struct buf files; /* struct closed_file: of what each is the seal, by its name */
};
void seal_lines_free(struct seal_lines *l);
bool seals_read(const struct fs *fs, const char *directory, const char *store, struct seal_lines *out,
    struct err *e) MUST_CHECK;

struct seal_job {
	char directory[PATH_MAX];
	struct closed_file file; /* plain or compressed */
	char key_file[PATH_MAX]; /* empty: not signed */
	mode_t mode;
};

/* Files with which it failed; of struct closed_file. */
struct seal_failures {
	struct buf final; /* their lines are not as they were written: no seal can be made */
	struct buf passing; /* want of room, memory, descriptors, the key: to be tried again */
};
/* The oldest file behind the sealed ones, of the stores that `chained` names (NULL behind the last). Of a store with a passing failure there is none. */
bool seal_next(const struct fs *fs, const char *directory, const char *(*chained)(size_t i),
    const struct seal_failures *failures, struct seal_job *job);
/* Is it still to be sealed? Not what failed for good, nor what lies before the newest seal. When in doubt it is. */
bool seal_is_due(const struct fs *fs, const char *directory, const struct closed_file *f,
    const struct seal_failures *failures);
/* Reads the file, checks its chain, writes the seal. ERR_PARSE: its lines are not as they were written. */
bool seal_one(const struct fs *fs, const struct seal_job *job, struct err *e) MUST_CHECK;

#endif
