/*
 * sandbox: what a worker gives up for good before it looks at a byte from the network: new system calls (seccomp), the file
 * system and the network (Landlock, where the kernel has it), memory and files beyond its limits.
 */
#ifndef RUN_SANDBOX_H
#define RUN_SANDBOX_H

#include "daemon/base/err.h"

#include <stdint.h>

/* The calling process, irrevocably. memory_limit: bytes of address space. False: nothing may be parsed here. In
 * builds with a sanitizer, which needs calls of its own, only the file limits are set. */
bool sandbox_enter(int64_t memory_limit, struct err *e) MUST_CHECK;

/* The process is killed (SIGPROF) when it has used this much CPU from now on; 0: no more limit. */
void sandbox_cpu_budget(int64_t milliseconds);

#endif
