/*
 * seen: which aliases are known, of all feeds, in one table: 16 bytes each at eight ninths full on average. A copy of what the state keeps, for
 * answers without a disk. Never forgets by itself.
 */
#ifndef PIPE_SEEN_H
#define PIPE_SEEN_H

#include "daemon/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* In place of a time: the publisher's last complete document listed it. */
#define SEEN_LISTED UINT32_MAX

struct seen_entry {
	uint64_t alias; /* 0: free */
	uint32_t content; /* hash of what it said when it was recorded */
	uint32_t last; /* wall seconds when it left its feed's window, or SEEN_LISTED */
};

struct seen;

bool seen_new(struct seen **out, struct err *e) MUST_CHECK;
void seen_free(struct seen **s);

/* The entry stays valid until the next seen_add or seen_expire. NULL: unknown. */
struct seen_entry *seen_find(const struct seen *s, uint64_t alias);
/* Room for `count` more, so that seen_add cannot fail. */
bool seen_reserve(struct seen *s, size_t count, struct err *e) MUST_CHECK;
/* Adds or replaces. Its room was reserved; that of all of them, where many come in their order: else they crowd in a part of the table. */
void seen_add(struct seen *s, uint64_t alias, uint32_t content, uint32_t last);
/* Of the aliases from `first` to `last`, forgets those that left before `before` (wall seconds). Returns how many. */
size_t seen_expire(struct seen *s, uint64_t first, uint64_t last, uint32_t before);
size_t seen_count(const struct seen *s);

#endif
