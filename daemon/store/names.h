/*
 * names: what the files of a store are called: NAME.jsonl while it is active, NAME-20261121T101503Z-SEQ.jsonl when closed (UTC time of its
 * rotation, sequence number of its last line), then .jsonl.zst. Pure functions and one listing.
 */
#ifndef STORE_NAMES_H
#define STORE_NAMES_H

#include "daemon/base/buf.h"
#include "daemon/base/fs.h"

#include <limits.h>
#include <stdint.h>

#define NAMES_SUFFIX ".jsonl"
#define NAMES_ZST ".zst"
#define NAMES_HIDDEN                                                                                         \
	"." /* before a name while its file is written: wildcards of people who follow the stores pass it over */
#define NAMES_TEMPORARY ".tmp" /* and behind NAMES_ZST */

struct closed_file {
	char name[NAME_MAX + 1];
	size_t store_length; /* bytes of `name` that name the store */
	int64_t closed_ms; /* wall; from the name */
	uint64_t seq;
	bool compressed;
	int64_t size; /* bytes; filled by names_sizes */
	int64_t dated_ms,
	    latest_ms; /* wall; filled by names_date: when it was closed; the latest time up to it */
};

bool names_parse(const char *name, struct closed_file *out);
/* Returns false when it does not fit. */
bool names_closed(const char *store, int64_t closed_ms, uint64_t seq, char *out, size_t size);

/* Closed files of one store (NULL: of all) as an array of struct closed_file in *out, oldest first. Of a file that stands there both
 * plain and compressed, both are listed, the compressed one first. */
bool names_list(
    const struct fs *fs, const char *directory, const char *store, struct buf *out, struct err *e) MUST_CHECK;

/* An array of files of one store, oldest first. */
void names_sort(struct buf *list);
void names_sizes(const struct fs *fs, const char *directory, struct buf *list);
/* Sorts by when each was closed as far as the others of its store tell, and of one store always by number. A clock that was behind, or is now, made no file
 * older than one with a lower number; times that are still to come say nothing: such a file is as young as the next one, or of now. */
void names_date(struct buf *list, int64_t now_ms);
bool names_older(
    const struct closed_file *a, const struct closed_file *b); /* in the order of names_list of all */
bool names_among(const struct buf *list, const struct closed_file *f);

static inline size_t names_count(const struct buf *list)
{
	return list->n / sizeof(struct closed_file);
}

static inline const struct closed_file *names_at(const struct buf *list, size_t i)
{
	return (const struct closed_file *)(const void *)list->p + i;
}

#endif
