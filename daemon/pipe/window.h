/*
 * window: what a feed's last complete document listed: per item its print, its date and the aliases that are remembered. It tells which items
 * left (and so when their aliases may be forgotten, or that they were withdrawn) and spares the workers what is in the log as it is.
 */
#ifndef PIPE_WINDOW_H
#define PIPE_WINDOW_H

#include "daemon/pipe/job.h"

#include <stdint.h>

#define WINDOW_ALIASES_MAX 6 /* of one item: three of its newest text, the rest former ones */
#define WINDOW_MAX (JOB_LISTED_MAX * (8u + 1u + 4u + WINDOW_ALIASES_MAX * 8u)) /* bytes of one encoded */

struct window_entry {
	uint64_t print; /* 0: it is not in the log as it is listed */
	uint32_t published; /* wall seconds; 0: not known */
	bool absent; /* the last document did not list it, and should have */
	unsigned alias_count;
	uint64_t aliases[WINDOW_ALIASES_MAX];
};

/* Appends. Returns its hash (never 0). */
uint64_t window_write(const struct window_entry *entries, size_t count, struct buf *out);
/* Appends struct window_entry, in the order of the document. A damaged window gives those before the damage. False: memory. */
bool window_read(struct str window, struct buf *entries, struct err *e) MUST_CHECK;
static inline const struct window_entry *window_entries(const struct buf *entries, size_t *count)
{
	*count = entries->n / sizeof(struct window_entry);
	return (const struct window_entry *)(const void *)entries->p;
}
/* An item as it is listed now, under its own names. */
struct window_entry window_entry_of(const struct job_item *item);

/* Appends the prints as little-endian u64. A damaged window gives those before the damage. */
void window_prints(struct str window, struct buf *out);
/* The same with the aliases. */
void window_names(struct str window, struct buf *out);

/* Calls each for every alias that stands in `from` and not in `in`. `scratch` is cleared and used. False: memory, or each said so. */
typedef bool window_alias_f(void *ctx, uint64_t alias);
bool window_difference(struct str from, struct str in, struct buf *scratch, window_alias_f *each, void *ctx,
    struct err *e) MUST_CHECK;

#endif
