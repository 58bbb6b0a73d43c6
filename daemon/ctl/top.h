/* top: the status file as a page that fits a terminal. Knows no terminal: a page is bytes. */
#ifndef CTL_TOP_H
#define CTL_TOP_H

#include "daemon/ctl/print.h"

#include <jansson.h>

enum top_sort { TOP_HEALTH, TOP_NAME, TOP_POLLED, TOP_NEXT, TOP_ITEMS, TOP_FAILURES, TOP_SORTS };

struct top_view {
	unsigned columns, rows; /* of the terminal */
	enum top_sort sort;
	bool reverse;
	size_t first; /* feed at the top of the list; brought into bounds by top_draw */
};

/* Changes the view as the key says. False: quit. */
bool top_key(struct top_view *view, int key) MUST_CHECK;
/* A whole page: at most view->rows lines, none wider than view->columns. Lines are ended by "\r\n", but the last. status NULL: `why` there is none. */
void top_draw(struct printer *p, struct top_view *view, const json_t *status, const char *why, int64_t now);

#endif
