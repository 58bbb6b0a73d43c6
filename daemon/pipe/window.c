/*
 * window: per item u64 print, u8 count of aliases and flags, u32 date when there is one, u64 aliases; nothing around it. The first release wrote
 * no flags and so no dates: its windows are read as they are.
 */
#include "daemon/pipe/window.h"

#include "daemon/base/hash.h"

#include <stdlib.h>

#define COUNT_MASK 0x0fu
#define FLAG_DATED 0x80u
#define FLAG_ABSENT 0x40u

static void write_entry(const struct window_entry *x, struct buf *out)
{
	unsigned flags = (x->published ? FLAG_DATED : 0) | (x->absent ? FLAG_ABSENT : 0);

	buf_le64(out, x->print);
	buf_byte(out, (char)(x->alias_count | flags));
	if (x->published)
		buf_le32(out, x->published);
	for (unsigned k = 0; k < x->alias_count; k++)
		buf_le64(out, x->aliases[k]);
}

uint64_t window_write(const struct window_entry *entries, size_t count, struct buf *out)
{
	size_t start = out->n;
	uint64_t hash;

	for (size_t i = 0; i < count; i++)
		write_entry(&entries[i], out);
	if (out->failed)
		return 1;
	hash = hash64(str_of(out->p + start, out->n - start), 0);
	return hash + (hash == 0);
}

static bool read_entry(struct rd *r, struct window_entry *x)
{
	uint8_t head;

	*x = (struct window_entry){ .print = rd_le64(r) };
	head = rd_u8(r);
	x->absent = head & FLAG_ABSENT;
	x->alias_count = head & COUNT_MASK;
	if (x->alias_count > WINDOW_ALIASES_MAX)
		return false;
	if (head & FLAG_DATED)
		x->published = rd_le32(r);
	for (unsigned k = 0; k < x->alias_count; k++)
		x->aliases[k] = rd_le64(r);
	return !r->failed;
}

bool window_read(struct str window, struct buf *entries, struct err *e)
{
	struct rd r = { window.p, window.n, false };
	struct window_entry x;

	while (r.n && read_entry(&r, &x))
		buf_add(entries, &x, sizeof(x));
	return !entries->failed || err_nomem(e);
}

struct window_entry window_entry_of(const struct job_item *item)
{
	struct window_entry x = { .print = item->print };

	if (item->published > 0 && item->published <= UINT32_MAX)
		x.published = (uint32_t)item->published;
	for (unsigned k = 0; k < item->alias_count; k++)
		if (item->aliases[k].use == ALIAS_STRONG)
			x.aliases[x.alias_count++] = item->aliases[k].hash;
	return x;
}

static void add_names(struct str window, bool aliases, struct buf *out)
{
	struct rd r = { window.p, window.n, false };
	struct window_entry x;

	while (r.n && read_entry(&r, &x)) {
		buf_le64(out, x.print);
		for (unsigned k = 0; aliases && k < x.alias_count; k++)
			buf_le64(out, x.aliases[k]);
	}
}

void window_prints(struct str window, struct buf *out)
{
	add_names(window, false, out);
}

void window_names(struct str window, struct buf *out)
{
	add_names(window, true, out);
}

/* The aliases of a window into an array. Returns how many. */
static size_t collect(struct str window, uint64_t *to)
{
	struct rd r = { window.p, window.n, false };
	struct window_entry x;
	size_t count = 0;

	while (r.n && read_entry(&r, &x))
		for (unsigned k = 0; k < x.alias_count; k++)
			to[count++] = x.aliases[k];
	return count;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

bool window_difference(
    struct str from, struct str in, struct buf *scratch, window_alias_f *each, void *ctx, struct err *e)
{
	uint64_t *a, *b;
	size_t an, bn;

	buf_reset(scratch);
	a = (uint64_t *)(void *)buf_reserve(scratch, from.n + in.n + 2 * sizeof(uint64_t));
	if (!a)
		return err_nomem(e);
	an = collect(from, a);
	b = a + an;
	bn = collect(in, b);
	if (bn)
		qsort(b, bn, sizeof(*b), compare);
	for (size_t i = 0; i < an; i++)
		if (!(bn && bsearch(&a[i], b, bn, sizeof(*b), compare)) && !each(ctx, a[i]))
			return false;
	return true;
}
