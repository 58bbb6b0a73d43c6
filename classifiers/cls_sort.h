/*
 * cls_sort: putting things in order by their first eight bytes as one number, and by all of them where those are the same. A comparison whose outcome cannot
 * be foreseen costs more than moving a few bytes, so digits are counted instead. Knows nothing of what it orders.
 */
#ifndef CLS_SORT_H
#define CLS_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cls_sorted {
	uint64_t head;
	void *of; /* what it is the head of */
};

/* Of two struct cls_sorted of one head, as for qsort. */
typedef int cls_sort_f(const void *a, const void *b);

/* False when memory is short; the order is lost then. */
bool cls_sort(struct cls_sorted *x, size_t n, cls_sort_f *rest);

#endif
