/* doctor: looks at what the daemon stands on. Each check tells one line or more; none changes anything. */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include "daemon/conf/conf.h"
#include "daemon/ctl/print.h"

#include <jansson.h>

enum doctor_level { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL, DOCTOR_LEVELS };

struct doctor {
	const struct ctl_args *args;
	const struct conf *conf;
	json_t *status; /* the daemon's; NULL: */
	struct err no_status; /* why there is none */
	struct printer *p;
	bool json;
	unsigned told[DOCTOR_LEVELS];
};

/* One line. hint: what to do, or NULL. */
void doctor_tell(struct doctor *d, enum doctor_level level, const char *check, const char *hint,
    const char *fmt, ...) PRINTF_LIKE(5, 6);

/* doctor_host.c: the machine. */
void doctor_clock(struct doctor *d);
void doctor_limits(struct doctor *d);
void doctor_disk(struct doctor *d);
void doctor_roots(struct doctor *d);
/* doctor_conf.c: what the configuration names. */
void doctor_names(struct doctor *d);
void doctor_permissions(struct doctor *d);
void doctor_proxies(struct doctor *d);
void doctor_service(struct doctor *d);

#endif
