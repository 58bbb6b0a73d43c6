/*
 * loop: libuv's loop, with all that libuv would otherwise fetch later and abort without: its table of descriptors and the threads of its pool.
 */
#ifndef RUN_LOOP_H
#define RUN_LOOP_H

#include "daemon/base/err.h"

#include <uv.h>

/* Has room for handles on this many descriptors. Where libuv aborts in here for want of memory, threads or descriptors, the process says so and ends
 * with EX_OSERR. */
bool loop_open(uv_loop_t *loop, unsigned descriptors, struct err *e) MUST_CHECK;

#endif
