/*
 * window: what a feed's last complete document listed: per item its print and the aliases that are remembered. It tells which items left (and
 * so when their aliases may be forgotten) and spares the workers what is in the log as it is.
 */
#ifndef PIPE_WINDOW_H
#define PIPE_WINDOW_H

#include "daemon/pipe/job.h"

#include <stdint.h>

#define WINDOW_MAX (JOB_LISTED_MAX * (8u + 1u + JOB_ALIASES_MAX * 8u)) /* bytes of one encoded */

/* Appends. Returns its hash (never 0). */
uint64_t window_encode(const struct job_item *items, size_t count, struct buf *out);

/* Appends the prints as little-endian u64. A damaged window gives those before the damage. */
void window_prints(struct str window, struct buf *out);
/* The same with the aliases. */
void window_names(struct str window, struct buf *out);

/* Calls each for every alias that stands in `from` and not in `in`. `scratch` is cleared and used. False: memory, or each said so. */
typedef bool window_alias_f(void *ctx, uint64_t alias);
bool window_difference(struct str from, struct str in, struct buf *scratch, window_alias_f *each, void *ctx,
    struct err *e) MUST_CHECK;

#endif
