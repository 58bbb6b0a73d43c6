/*
 * buf: a growing buffer that is born with its maximum. Sticky on failure: write ten times, check
 * `failed` once. On failure the contents are freed. Not thread-safe.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "daemon/base/attr.h"
#include "daemon/base/str.h"

#include <stdint.h>

struct buf {
	char *p;
	size_t n; /* bytes in use */
	size_t room; /* bytes allocated */
	size_t limit; /* bytes allowed */
	bool failed; /* memory or limit; stays true until buf_fini or buf_reset */
};

void buf_init(struct buf *b, size_t limit); /* allocates nothing */
void buf_fini(struct buf *b); /* frees; leaves an empty buf with the same limit */
void buf_clear(struct buf *b); /* n = 0, keeps the memory; does not clear `failed` */
/* Empties it; a large piece of memory of which little was in use goes back. For buffers that live long and are seldom full. */
void buf_relax(struct buf *b);
void buf_reset(
    struct buf *b); /* the same, and forgets a failure: for buffers that serve one thing after the other */

/* Makes room for n more bytes behind the contents; NULL on failure. Count what was written with buf_grown. */
char *buf_reserve(struct buf *b, size_t n) MUST_CHECK;
void buf_grown(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_byte(struct buf *b, char c);
void buf_lower(struct buf *b, struct str s); /* ASCII only: protocols and hosts */
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_u64(struct buf *b, uint64_t v); /* decimal, without printf */

/* Little-endian integers: the frames between our processes and the journal. */
void buf_le32(struct buf *b, uint32_t v);
void buf_le64(struct buf *b, uint64_t v);

/* Drops the first n bytes (moves the rest down). */
void buf_shift(struct buf *b, size_t n);

static inline struct str buf_view(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

/* Hands the memory over to the caller, who frees it with free(); NUL added behind it. NULL when it failed. */
char *buf_take(struct buf *b, size_t *n) MUST_CHECK;

/* A reader over a slice, sticky on the first short read: for length-prefixed frames that are checked as if hostile. */
struct rd {
	const char *p;
	size_t n;
	bool failed;
};

uint8_t rd_u8(struct rd *r);
uint32_t rd_le32(struct rd *r);
uint64_t rd_le64(struct rd *r);
struct str rd_bytes(struct rd *r, size_t n); /* a view into the slice */
struct str rd_str32(struct rd *r); /* le32 length, then bytes */
void buf_str32(struct buf *b, struct str s);

#endif
