/* verdict: what became of a reload, for whoever asked for it: a file of the state's folder that the next one replaces. Main thread. */
#ifndef RUN_VERDICT_H
#define RUN_VERDICT_H

#include "daemon/base/buf.h"
#include "daemon/conf/conf.h"

#define VERDICT_FILE "reload.json"

struct verdict {
	struct buf complaints; /* JSON objects, separated by commas; the first that fit */
	unsigned left_out; /* complaints behind those */
	struct buf changes, needs_restart; /* in words */
};

void verdict_init(struct verdict *v);
void verdict_fini(struct verdict *v);
/* Logs it, too. ctx: the verdict. */
conf_report_f verdict_complain;
/*
 * {"v":1,"at":…,"request":…,"reloaded":…,"changes":…,"needs_restart":…,"complaints":[{"file":…,"line":…,"column":…,"reason":…}],
 * "left_out":…}
 */
void verdict_write(const struct verdict *v, bool reloaded, const char *request, int64_t now, struct buf *out);

#endif
