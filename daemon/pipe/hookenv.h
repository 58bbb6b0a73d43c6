/*
 * hookenv: what an alert script is told in its environment, from the records that it gets on standard input; or, when it stays, in
 * a line for each delivery.
 */
#ifndef PIPE_HOOKENV_H
#define PIPE_HOOKENV_H

#include "daemon/base/arena.h"
#include "daemon/conf/conf.h"
#include "daemon/store/state_delivery.h"

struct hook_facts {
	const struct conf_alert *alert;
	const struct state_delivery *delivery; /* attempts: from 1 */
};

/* NULL-terminated "NAME=value" strings in the arena; of a stream: what is the same for all of its deliveries.
 * NULL: memory, or the record is none. Values hold no control characters. */
char **hook_environment(const struct hook_facts *f, struct arena *a, struct err *e) MUST_CHECK;

/* What a stream reads: one line with the delivery and its records, in the arena. p NULL: memory. */
struct str hook_line(const struct hook_facts *f, struct arena *a, struct err *e) MUST_CHECK;

#endif
