/* buf: growing memory with a ceiling, and a reader of the frames that are written with it. */
#include "daemon/base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_FIRST 256 /* bytes of the first allocation: most lines and URLs fit without a second */
#define BUF_KEPT ((size_t)64 << 10) /* bytes that are kept however few are in use */
#define BUF_SPARE 8 /* times what was in use that is kept of more */

void buf_init(struct buf *b, size_t limit)
{
	*b = (struct buf){ .limit = limit };
}

void buf_fini(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ .limit = b->limit };
}

void buf_clear(struct buf *b)
{
	b->n = 0;
}

void buf_relax(struct buf *b)
{
	if (b->room > BUF_KEPT && b->n < b->room / BUF_SPARE)
		buf_fini(b);
	else
		buf_clear(b);
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->failed = false;
}

static char *fail(struct buf *b)
{
	free(b->p);
	b->p = NULL;
	b->n = 0;
	b->room = 0;
	b->failed = true;
	return NULL;
}

/* Room for n more bytes, doubling; one byte beyond the limit is kept for buf_take's NUL. */
static char *grow(struct buf *b, size_t n)
{
	if (b->failed)
		return NULL;
	if (n > b->limit - b->n)
		return fail(b);
	size_t need = b->n + n;
	size_t room = b->room < BUF_FIRST ? BUF_FIRST : b->room;
	while (room < need)
		room = room > SIZE_MAX / 2 ? need : room * 2;
	if (room > b->limit)
		room = b->limit > BUF_FIRST ? b->limit : BUF_FIRST;
	char *p = realloc(b->p, room);
	if (!p)
		return fail(b);
	b->p = p;
	b->room = room;
	return p + b->n;
}

char *buf_reserve(struct buf *b, size_t n)
{
	if (b->p && n <= b->room - b->n && n <= b->limit - b->n)
		return b->p + b->n;
	return grow(b, n);
}

void buf_grown(struct buf *b, size_t n)
{
	if (b->failed)
		return;
	assert(n <= b->room - b->n);
	b->n += n;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	char *to = buf_reserve(b, n);
	if (!to)
		return;
	memcpy(to, p, n);
	b->n += n;
}

void buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void buf_byte(struct buf *b, char c)
{
	char *to = buf_reserve(b, 1);
	if (!to)
		return;
	*to = c;
	b->n++;
}

void buf_lower(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_byte(b, s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i]);
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *text = NULL;
	int n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		fail(b);
		return;
	}
	buf_add(b, text, (size_t)n);
	free(text);
}

void buf_u64(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	buf_add(b, digits + at, sizeof(digits) - at);
}

static void add_le(struct buf *b, uint64_t v, unsigned bytes)
{
	char *to = buf_reserve(b, bytes);
	if (!to)
		return;
	for (unsigned i = 0; i < bytes; i++)
		to[i] = (char)(uint8_t)(v >> (8 * i));
	b->n += bytes;
}

void buf_le32(struct buf *b, uint32_t v)
{
	add_le(b, v, 4);
}

void buf_le64(struct buf *b, uint64_t v)
{
	add_le(b, v, 8);
}

void buf_str32(struct buf *b, struct str s)
{
	if (s.n > UINT32_MAX) {
		fail(b);
		return;
	}
	buf_le32(b, (uint32_t)s.n);
	buf_str(b, s);
}

void buf_shift(struct buf *b, size_t n)
{
	if (n >= b->n) {
		b->n = 0;
		return;
	}
	if (n == 0)
		return;
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

char *buf_take(struct buf *b, size_t *n)
{
	if (b->failed)
		return NULL;
	/* The NUL stands outside of the limit: it is not contents. */
	if (!b->p || b->n == b->room) {
		char *p = realloc(b->p, b->n + 1);
		if (!p)
			return fail(b);
		b->p = p;
	}
	char *p = b->p;
	p[b->n] = '\0';
	if (n)
		*n = b->n;
	*b = (struct buf){ .limit = b->limit };
	return p;
}

static uint64_t take_le(struct rd *r, unsigned bytes)
{
	if (r->failed || r->n < bytes) {
		r->failed = true;
		r->n = 0;
		return 0;
	}
	uint64_t v = 0;
	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)(uint8_t)r->p[i] << (8 * i);
	r->p += bytes;
	r->n -= bytes;
	return v;
}

uint8_t rd_u8(struct rd *r)
{
	return (uint8_t)take_le(r, 1);
}

uint32_t rd_le32(struct rd *r)
{
	return (uint32_t)take_le(r, 4);
}

uint64_t rd_le64(struct rd *r)
{
	return take_le(r, 8);
}

struct str rd_bytes(struct rd *r, size_t n)
{
	if (r->failed || n > r->n) {
		r->failed = true;
		r->n = 0;
		return (struct str){ NULL, 0 };
	}
	struct str s = { r->p, n };
	r->p += n;
	r->n -= n;
	return s;
}

struct str rd_str32(struct rd *r)
{
	return rd_bytes(r, rd_le32(r));
}
