/* cls_sort: a radix sort from the first byte on, and qsort for those of one head. */
#include "classifiers/cls_sort.h"

#include <stdlib.h>
#include <string.h>

#define FEW 32u /* things: so many are put into their places one by one, sooner than bytes are counted */
#define VALUES 256u /* of a byte */

static void insert(struct cls_sorted *x, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct cls_sorted one = x[i];
		size_t at = i;
		for (; at > 0 && x[at - 1].head > one.head; at--)
			x[at] = x[at - 1];
		x[at] = one;
	}
}

static inline unsigned byte_of(const struct cls_sorted *x, unsigned shift)
{
	return x->head >> shift & (VALUES - 1);
}

/* Into the order of one byte. end: how many have each value, then where those end. */
static void deal(
    struct cls_sorted *x, struct cls_sorted *work, size_t n, unsigned shift, uint32_t end[VALUES])
{
	uint32_t at = 0;

	for (unsigned v = 0; v < VALUES; v++) {
		uint32_t many = end[v];
		end[v] = at;
		at += many;
	}
	for (size_t i = 0; i < n; i++)
		work[end[byte_of(&x[i], shift)]++] = x[i];
	memcpy(x, work, n * sizeof *x);
}

static void by_bytes(struct cls_sorted *x, struct cls_sorted *work, size_t n, unsigned shift);

/* More than a few. */
static void by_byte(struct cls_sorted *x, struct cls_sorted *work, size_t n, unsigned shift)
{
	uint32_t end[VALUES] = { 0 };
	unsigned first = byte_of(x, shift), least = first, most = first;

	for (size_t i = 0; i < n; i++) {
		unsigned v = byte_of(&x[i], shift);
		end[v]++;
		least = v < least ? v : least;
		most = v > most ? v : most;
	}
	if (least < most)
		deal(x, work, n, shift, end);
	else
		end[first] = (uint32_t)n;
	for (uint32_t from = 0, v = least; shift > 0 && v <= most; from = end[v++])
		if (end[v] > from)
			by_bytes(x + from, work, end[v] - from, shift - 8);
}

/* Things whose heads differ in the bytes from `shift` down alone. Depth of the recursion: 16. */
static void by_bytes(struct cls_sorted *x, struct cls_sorted *work, size_t n, unsigned shift)
{
	if (n <= FEW)
		insert(x, n);
	else
		by_byte(x, work, n, shift);
}

bool cls_sort(struct cls_sorted *x, size_t n, cls_sort_f *rest)
{
	struct cls_sorted *work = n > FEW ? malloc(n * sizeof *work) : NULL;

	if (n > FEW && work == NULL)
		return false;
	by_bytes(x, work, n, 56);
	free(work);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && x[end].head == x[i].head;)
			end++;
		if (end - i > 1)
			qsort(x + i, end - i, sizeof *x, rest);
	}
	return true;
}
