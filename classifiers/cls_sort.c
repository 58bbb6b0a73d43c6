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
static void deal(struct cls_sorted *x, struct cls_sorted *work, size_t n, unsigned shift, size_t end[VALUES])
{
	size_t at = 0;

	for (unsigned v = 0; v < VALUES; v++) {
		size_t many = end[v];
		end[v] = at;
		at += many;
	}
	for (size_t i = 0; i < n; i++)
		work[end[byte_of(&x[i], shift)]++] = x[i];
	memcpy(x, work, n * sizeof *x);
}

/* Things whose heads differ in the bytes from `shift` down alone. Depth of the recursion: 8. */
static void by_bytes(struct cls_sorted *x, struct cls_sorted *work, size_t n, unsigned shift)
{
	size_t end[VALUES] = { 0 };

	if (n <= FEW) {
		insert(x, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		end[byte_of(&x[i], shift)]++;
	if (end[byte_of(x, shift)] < n)
		deal(x, work, n, shift, end);
	else
		end[0] = n; /* one part, whatever its byte is */
	for (size_t from = 0, v = 0; shift > 0 && from < n; from = end[v++])
		if (end[v] > from)
			by_bytes(x + from, work, end[v] - from, shift - 8);
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
