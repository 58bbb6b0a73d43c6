/* list: lists of names that grow in an arena. */
#include "daemon/ctl/command.h"

#include <stdlib.h>

/* The room is the next power of two: no member of its own is needed for it. */
bool ctl_list_add(struct arena *arena, struct ctl_list *list, const char *value)
{
	if ((list->n & (list->n - 1)) == 0) {
		const char **grown = arena_alloc(arena, (list->n ? 2 * list->n : 1) * sizeof(*grown));
		if (!grown)
			return false;
		if (list->n > 0)
			memcpy(grown, list->at, list->n * sizeof(*grown));
		list->at = grown;
	}
	list->at[list->n++] = value;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void ctl_list_sort(struct ctl_list *list)
{
	if (list->n > 1)
		qsort(list->at, list->n, sizeof(*list->at), by_name);
}
