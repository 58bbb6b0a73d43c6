/*
 * hosts: whose turn it is. One queue per host with a small number of requests in flight and a pause between two of them; one bound over all hosts.
 * Turns that are expected to be slow, and those that turn out to be, have a bound of their own beside it: servers that let us wait take no place from
 * others. Knows no feeds and no requests: only turns. All times are monotonic milliseconds.
 */
#ifndef PIPE_HOSTS_H
#define PIPE_HOSTS_H

#include "daemon/base/err.h"
#include "daemon/base/str.h"
#include "daemon/conf/host_rule.h"

#include <stdint.h>

struct hosts;
struct host;

enum host_lane { LANE_PROMPT, LANE_SLOW, HOST_LANES };

/* Lives in its owner: waits from host_wait until hosts_next or host_leave, and is in flight from there until hosts_done. */
struct host_turn {
	struct host_turn *next, *before;
	struct host *host; /* where it waits or is in flight, or NULL */
	int64_t since; /* in flight */
	bool in_flight;
	uint8_t lane; /* enum host_lane; its owner's until it waits; a prompt one may become slow in flight */
};

struct host_limits {
	int64_t concurrency[HOST_LANES]; /* in flight, all hosts */
	int64_t per_host;
	int64_t gap; /* between two starts at one host */
	const struct conf_host_rule *rules; /* for hosts with others; they live until the next hosts_limit */
	size_t rule_count;
	int64_t slow_after; /* in flight for so long, and it is slow; a fifth of it where no slow one waits */
};

bool hosts_new(const struct host_limits *limits, struct hosts **out, struct err *e) MUST_CHECK;
void hosts_free(struct hosts **h);
/* In force at once: a host that rests for its gap rests for the new one, counted from its last start. */
void hosts_limit(struct hosts *h, const struct host_limits *limits);

/* The host of this name ("www.gov.hk:8080"), made when new. Each get is one reference. */
bool hosts_get(struct hosts *h, struct str name, struct host **out, struct err *e) MUST_CHECK;
struct str host_name(const struct host *host); /* valid while there is a reference */
struct host *host_share(struct host *host); /* one more reference */
uint32_t host_references(const struct host *host);
/* Without references it is forgotten, when its hold and its gap are over. */
void hosts_drop(struct hosts *h, struct host **host);

/* Joins the queue of its host; neither waits nor is in flight. */
void host_wait(struct hosts *h, struct host *host, struct host_turn *turn, int64_t now);
void host_leave(struct hosts *h, struct host_turn *turn); /* one that waits nowhere: nothing happens */
bool host_turn_waits(const struct host_turn *turn);

/* The next turn that may be taken now, of those lanes that are open (bits, 1 << lane); or NULL. */
struct host_turn *hosts_next(struct hosts *h, unsigned open, int64_t now);
void hosts_done(struct hosts *h, struct host_turn *turn, int64_t now);

/* A request reached it without a turn of its own: behind a redirect. Its pause counts from `at`. */
void host_asked(struct hosts *h, struct host *host, int64_t at);

/* No start at this host before `until`. Only ever lengthens a hold. */
void host_hold(struct hosts *h, struct host *host, int64_t until);
/* No start before it: a pause or a hold; INT64_MIN: neither. */
int64_t host_rests_until(const struct hosts *h, const struct host *host);
int64_t host_held_until(const struct host *host); /* INT64_MIN: never was */

/* When hosts_next may answer without another call coming first; INT64_MAX: never. */
int64_t hosts_wake(const struct hosts *h, unsigned open, int64_t now);
int64_t hosts_in_flight(const struct hosts *h);

#endif
