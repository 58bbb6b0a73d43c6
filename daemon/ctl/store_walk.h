/* store_walk: every line of a store, each file once and in order, as they stand on the disk: for looking at them with distrust. */
#ifndef CTL_STORE_WALK_H
#define CTL_STORE_WALK_H

#include "daemon/ctl/command.h"

struct store_line {
	const char *file; /* base name */
	uint64_t number; /* in that file, from 1; 0: behind something damaged, or that itself */
	struct str text; /* without '\n' */
	bool torn; /* no '\n' behind it */
	bool active; /* of the file that may still grow */
	const char *damage; /* no line, but lines that cannot be read, and why; else NULL */
};

typedef bool store_line_f(void *ctx, const struct store_line *line); /* false: stop */

/* A file that is rotated or compressed meanwhile is read once all the same. *went becomes true when one was deleted meanwhile, as retention does: then its
 * lines may be missing between those that were seen. */
bool store_walk(const char *directory, const char *store, store_line_f *each, void *ctx, bool *went,
    struct err *e) MUST_CHECK;

/* Names of all stores in the folder, sorted. */
bool store_names(
    const struct ctl_args *args, const char *directory, struct ctl_list *out, struct err *e) MUST_CHECK;
/* Is there such a store to read? Following may begin before it. False after a complaint, with the exit code. */
bool store_known(const struct ctl_args *args, const char *directory, const char *store, int *code) MUST_CHECK;
bool store_exists(const struct ctl_list *names, const char *store);

#endif
