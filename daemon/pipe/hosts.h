/*
 * hosts: whose turn it is. One queue per host with a small number of requests in flight and a pause between two of them; one bound over all hosts.
 * Knows no feeds and no requests: only turns. All times are monotonic milliseconds.
 */
#ifndef PIPE_HOSTS_H
#define PIPE_HOSTS_H

#include "daemon/base/err.h"
#include "daemon/base/str.h"

#include <stdint.h>

struct hosts;
struct host;

struct host_turn { /* lives in its owner; queued from host_wait until hosts_next or host_leave */
	struct host_turn *next;
	struct host *host; /* where it waits, or NULL */
};

struct host_limits {
	int64_t concurrency; /* in flight, all hosts */
	int64_t per_host;
	int64_t gap; /* between two starts at one host */
};

bool hosts_new(const struct host_limits *limits, struct hosts **out, struct err *e) MUST_CHECK;
void hosts_free(struct hosts **h);
void hosts_limit(struct hosts *h, const struct host_limits *limits);

/* The host of this name ("www.gov.hk:8080"), made when new. Each get is one reference. */
bool hosts_get(struct hosts *h, struct str name, struct host **out, struct err *e) MUST_CHECK;
struct host *host_share(struct host *host); /* one more reference */
uint32_t host_references(const struct host *host);
void hosts_drop(struct hosts *h, struct host **host);

/* Joins the queue of its host. */
void host_wait(struct hosts *h, struct host *host, struct host_turn *turn, int64_t now);
void host_leave(struct hosts *h, struct host_turn *turn); /* one that waits nowhere: nothing happens */

/* The next turn that may be taken now, or NULL. It counts as in flight until hosts_done. */
struct host_turn *hosts_next(struct hosts *h, int64_t now);
void hosts_done(struct hosts *h, struct host *host, int64_t now);

/* No start at this host before `until`. Only ever lengthens a hold. */
void host_hold(struct hosts *h, struct host *host, int64_t until);
int64_t host_held_until(const struct host *host); /* INT64_MIN: never was */

/* When hosts_next may answer without another call coming first; INT64_MAX: never. */
int64_t hosts_wake(const struct hosts *h, int64_t now);
int64_t hosts_in_flight(const struct hosts *h);

#endif
