/* zone: a time zone: how far local time is from UTC at an instant. From the system's files (RFC 8536) or a POSIX rule. Pure functions. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "daemon/base/arena.h"
#include "daemon/base/err.h"

#include <stdint.h>

#define ZONE_FILE_MAX (256u << 10) /* bytes; the largest that are known have 4 KiB */

struct zone;

/* The contents of a TZif file, version 2 or later. Everything is copied into the arena. */
bool zone_from_file(struct str file, struct arena *a, const struct zone **out, struct err *e) MUST_CHECK;
/* "CET-1CEST,M3.5.0,M10.5.0/3": as in the environment variable TZ. */
bool zone_from_rule(struct str rule, struct arena *a, const struct zone **out, struct err *e) MUST_CHECK;
bool zone_fixed(int32_t east, struct arena *a, const struct zone **out, struct err *e) MUST_CHECK;

/* Seconds east of UTC at this instant (seconds since the epoch); NULL is UTC. */
int32_t zone_offset(const struct zone *z, int64_t at);

#endif
