/* window: per item u64 print, u8 count, u64 aliases; nothing around it. */
#include "daemon/pipe/window.h"

#include "daemon/base/hash.h"

#include <stdlib.h>

uint64_t window_encode(const struct job_item *items, size_t count, struct buf *out)
{
	size_t start = out->n;
	uint64_t hash;

	for (size_t i = 0; i < count; i++) {
		const struct job_item *item = &items[i];
		uint8_t n = 0;

		for (unsigned k = 0; k < item->alias_count; k++)
			n = (uint8_t)(n + (item->aliases[k].use == ALIAS_STRONG));
		buf_le64(out, item->print);
		buf_byte(out, (char)n);
		for (unsigned k = 0; k < item->alias_count; k++)
			if (item->aliases[k].use == ALIAS_STRONG)
				buf_le64(out, item->aliases[k].hash);
	}
	if (out->failed)
		return 1;
	hash = hash64(str_of(out->p + start, out->n - start), 0);
	return hash + (hash == 0);
}

static void add_names(struct str window, bool aliases, struct buf *out)
{
	struct rd r = { window.p, window.n, false };

	while (r.n && !r.failed) {
		uint64_t print = rd_le64(&r);
		uint8_t n = rd_u8(&r);
		struct str names = rd_bytes(&r, n * sizeof(uint64_t));

		if (r.failed)
			return;
		buf_le64(out, print);
		if (aliases)
			buf_str(out, names);
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
	size_t count = 0;

	while (r.n && !r.failed) {
		uint8_t n;

		rd_le64(&r);
		n = rd_u8(&r);
		for (uint8_t k = 0; k < n; k++) {
			uint64_t alias = rd_le64(&r);

			if (!r.failed)
				to[count++] = alias;
		}
	}
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
