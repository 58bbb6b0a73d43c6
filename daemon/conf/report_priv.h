/* report: complaints with their place. Counts them, stops after a screenful or ten. */
#ifndef CONF_REPORT_PRIV_H
#define CONF_REPORT_PRIV_H

#include "daemon/conf/conf.h"

#define CONF_ERRORS_MAX 1000 /* complaints of one load; a broken list of feeds could make one per feed */

struct conf_place {
	const char *file;
	int line, column; /* from 1; 0: none */
};

struct conf_report {
	conf_report_f *each;
	void *ctx;
	unsigned count;
};

void conf_complain(struct conf_report *r, struct conf_place at, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Is said, and is no error. */
void conf_remark(const struct conf_report *r, struct conf_place at, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* " (did you mean \"X\"?)" for the nearest of the candidates that were offered, or "". */
#define CONF_HINT_MAX 128 /* bytes of a hint */
struct conf_hint {
	struct str wrong;
	unsigned best; /* distance of the nearest so far */
	char text[CONF_HINT_MAX];
};
void conf_hint_init(struct conf_hint *h, struct str wrong);
void conf_hint_offer(struct conf_hint *h, struct str candidate);

#endif
