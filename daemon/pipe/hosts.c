/*
 * hosts: each host with somebody waiting stands in one of two places: in `ready`, first come first served, when it may start now, or in the
 * heap `later` until its pause is over. One that has its fill in flight stands in neither: hosts_done brings it back.
 */
#include "daemon/pipe/hosts.h"

#include "daemon/base/hash.h"
#include "daemon/pipe/heap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct host {
	struct heap_node later;
	struct host *next_ready;
	struct host *next_in_bucket;
	struct host_turn *first, *last;
	int64_t free_at; /* no start before it: the gap, or a hold */
	int64_t held_until;
	uint32_t in_flight, references;
	bool is_ready;
	size_t name_len;
	char name[];
};

struct hosts {
	struct host_limits limits;
	struct heap later;
	struct host *ready, *ready_last;
	struct host **buckets;
	uint32_t bucket_mask;
	uint32_t count;
	int64_t in_flight;
};

#define BUCKETS_MIN 64u

bool hosts_new(const struct host_limits *limits, struct hosts **out, struct err *e)
{
	struct hosts *h = calloc(1, sizeof(*h));

	if (!h)
		return err_nomem(e);
	h->buckets = calloc(BUCKETS_MIN, sizeof(struct host *));
	if (!h->buckets) {
		free(h);
		return err_nomem(e);
	}
	h->bucket_mask = BUCKETS_MIN - 1;
	h->limits = *limits;
	*out = h;
	return true;
}

void hosts_free(struct hosts **h)
{
	struct hosts *all = *h;

	if (!all)
		return;
	for (uint32_t i = 0; i <= all->bucket_mask; i++)
		for (struct host *x = all->buckets[i], *next; x; x = next) {
			next = x->next_in_bucket;
			free(x);
		}
	free(all->buckets);
	heap_fini(&all->later);
	free(all);
	*h = NULL;
}

static uint32_t bucket_of(const struct hosts *h, struct str name)
{
	return (uint32_t)hash64(name, 0) & h->bucket_mask;
}

/* A table that cannot grow only gets slower. */
static void grow(struct hosts *h)
{
	uint32_t old = h->bucket_mask + 1;
	struct host **from = h->buckets, **to = calloc((size_t)old * 2, sizeof(struct host *));

	if (!to)
		return;
	h->buckets = to;
	h->bucket_mask = old * 2 - 1;
	for (uint32_t i = 0; i < old; i++)
		for (struct host *x = from[i], *next; x; x = next) {
			uint32_t b = bucket_of(h, str_of(x->name, x->name_len));

			next = x->next_in_bucket;
			x->next_in_bucket = to[b];
			to[b] = x;
		}
	free(from);
}

static struct host *host_new(struct str name)
{
	struct host *x = calloc(1, sizeof(*x) + name.n + 1);

	if (!x)
		return NULL;
	memcpy(x->name, name.p, name.n);
	x->name_len = name.n;
	x->free_at = INT64_MIN;
	x->held_until = INT64_MIN;
	return x;
}

bool hosts_get(struct hosts *h, struct str name, struct host **out, struct err *e)
{
	struct host *x = h->buckets[bucket_of(h, name)];
	uint32_t b;

	while (x && !str_eq(str_of(x->name, x->name_len), name))
		x = x->next_in_bucket;
	if (!x) {
		x = host_new(name);
		if (!x || !heap_reserve(&h->later, h->count + 1, e)) {
			free(x);
			return err_nomem(e);
		}
		if (h->count++ > h->bucket_mask)
			grow(h);
		b = bucket_of(h, name);
		x->next_in_bucket = h->buckets[b];
		h->buckets[b] = x;
	}
	x->references++;
	*out = x;
	return true;
}

struct host *host_share(struct host *host)
{
	host->references++;
	return host;
}

uint32_t host_references(const struct host *host)
{
	return host->references;
}

void hosts_drop(struct hosts *h, struct host **host)
{
	struct host *x = *host;
	struct host **link;

	*host = NULL;
	if (!x || --x->references > 0)
		return;
	assert(!x->first && x->in_flight == 0);
	link = &h->buckets[bucket_of(h, str_of(x->name, x->name_len))];
	while (*link != x)
		link = &(*link)->next_in_bucket;
	*link = x->next_in_bucket;
	heap_remove(&h->later, &x->later);
	h->count--;
	free(x);
}

static void make_ready(struct hosts *h, struct host *x)
{
	x->is_ready = true;
	x->next_ready = NULL;
	if (h->ready_last)
		h->ready_last->next_ready = x;
	else
		h->ready = x;
	h->ready_last = x;
}

static void unready(struct hosts *h, struct host *x)
{
	struct host *before = NULL;

	if (!x->is_ready)
		return;
	for (struct host *at = h->ready; at != x; at = at->next_ready)
		before = at;
	if (before)
		before->next_ready = x->next_ready;
	else
		h->ready = x->next_ready;
	if (h->ready_last == x)
		h->ready_last = before;
	x->is_ready = false;
}

/* Puts the host where it belongs after anything changed. */
static void place(struct hosts *h, struct host *x, int64_t now)
{
	if (!x->first || x->in_flight >= h->limits.per_host) {
		unready(h, x);
		heap_remove(&h->later, &x->later);
	} else if (x->free_at > now) {
		unready(h, x);
		heap_set(&h->later, &x->later, x->free_at);
	} else if (!x->is_ready) {
		heap_remove(&h->later, &x->later);
		make_ready(h, x);
	}
}

void hosts_limit(struct hosts *h, const struct host_limits *limits)
{
	h->limits = *limits;
	for (uint32_t i = 0; i <= h->bucket_mask; i++)
		for (struct host *x = h->buckets[i]; x; x = x->next_in_bucket)
			place(h, x, INT64_MIN);
}

void host_wait(struct hosts *h, struct host *host, struct host_turn *turn, int64_t now)
{
	assert(!turn->host);
	turn->host = host;
	turn->next = NULL;
	if (host->last)
		host->last->next = turn;
	else
		host->first = turn;
	host->last = turn;
	place(h, host, now);
}

static void unlink_turn(struct host *x, struct host_turn *turn)
{
	struct host_turn *before = NULL;

	for (struct host_turn *at = x->first; at != turn; at = at->next)
		before = at;
	if (before)
		before->next = turn->next;
	else
		x->first = turn->next;
	if (x->last == turn)
		x->last = before;
	turn->next = NULL;
	turn->host = NULL;
}

void host_leave(struct hosts *h, struct host_turn *turn)
{
	struct host *x = turn->host;

	if (!x)
		return;
	unlink_turn(x, turn);
	if (!x->first)
		place(h, x, INT64_MIN);
}

static void wake_rested(struct hosts *h, int64_t now)
{
	struct heap_node *n;

	while ((n = heap_first(&h->later)) && n->due <= now)
		place(h, HEAP_OWNER(n, struct host, later), now);
}

struct host_turn *hosts_next(struct hosts *h, int64_t now)
{
	struct host *x;
	struct host_turn *turn;

	wake_rested(h, now);
	if (!h->ready || h->in_flight >= h->limits.concurrency)
		return NULL;
	x = h->ready;
	turn = x->first;
	unready(h, x); /* its next turn comes after the other hosts' */
	unlink_turn(x, turn);
	x->in_flight++;
	h->in_flight++;
	if (x->free_at < now + h->limits.gap)
		x->free_at = now + h->limits.gap;
	place(h, x, now);
	return turn;
}

void hosts_done(struct hosts *h, struct host *host, int64_t now)
{
	assert(host->in_flight > 0 && h->in_flight > 0);
	host->in_flight--;
	h->in_flight--;
	place(h, host, now);
}

void host_hold(struct hosts *h, struct host *host, int64_t until)
{
	if (until > host->held_until)
		host->held_until = until;
	if (until <= host->free_at)
		return;
	host->free_at = until;
	place(h, host, INT64_MIN);
}

int64_t host_held_until(const struct host *host)
{
	return host->held_until;
}

int64_t hosts_wake(const struct hosts *h, int64_t now)
{
	struct heap_node *n = heap_first(&h->later);

	if (h->in_flight >= h->limits.concurrency)
		return INT64_MAX;
	if (h->ready)
		return now;
	return n ? n->due : INT64_MAX;
}

int64_t hosts_in_flight(const struct hosts *h)
{
	return h->in_flight;
}
