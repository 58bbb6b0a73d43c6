/*
 * hosts: each host with somebody waiting stands in one of two places: in `ready`, first come first served, when it may start now (once for each lane that
 * somebody waits in), or in the heap `later` until its pause is over. One that has its fill in flight stands in neither: hosts_done brings it back.
 * One that nobody refers to is forgotten, but no sooner than its pause is over: until then it stands in `later` too.
 */
#include "daemon/pipe/hosts.h"

#include "daemon/base/hash.h"
#include "daemon/pipe/heap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct host { /* idle ones are as many as feeds, or nearly */
	struct host *next_ready[HOST_LANES];
	struct host *next_in_bucket;
	struct host_turn *first[HOST_LANES]; /* whose `before` is the last */
	int64_t asked_at; /* the last time; INT64_MIN: never */
	int64_t held_until;
	struct heap_node later;
	uint32_t rule; /* of the limits' rules, from 1; 0: none is for this host */
	uint32_t in_flight, references;
	uint32_t name_len;
	bool is_ready[HOST_LANES];
	char name[];
};

struct hosts {
	struct host_limits limits;
	struct heap later;
	struct host *ready[HOST_LANES], *ready_last[HOST_LANES];
	struct host_turn
	    *running; /* in flight and prompt, in the order of their starts; its `before` is the last */
	struct host **buckets;
	uint32_t bucket_mask;
	uint32_t count;
	int64_t in_flight[HOST_LANES];
	enum host_lane last_lane; /* that had its turn */
};

#define BUCKETS_MIN 64u
#define LENT_SOONER 5 /* times as soon as slow_after: with its 5 s later than most answers come */

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

struct str host_name(const struct host *x)
{
	return str_of(x->name, x->name_len);
}

static void find_rule(const struct host_limits *limits, struct host *x)
{
	const struct conf_host_rule *rule =
	    conf_host_rule_for(limits->rules, limits->rule_count, host_name(x));

	x->rule = rule ? (uint32_t)(rule - limits->rules) + 1 : 0;
}

static int64_t gap_of(const struct hosts *h, const struct host *x)
{
	return x->rule ? h->limits.rules[x->rule - 1].gap : h->limits.gap;
}

static int64_t most_of(const struct hosts *h, const struct host *x)
{
	return x->rule ? h->limits.rules[x->rule - 1].per_host : h->limits.per_host;
}

/* No start before it. */
int64_t host_rests_until(const struct hosts *h, const struct host *x)
{
	int64_t asked = x->asked_at == INT64_MIN ? INT64_MIN : x->asked_at + gap_of(h, x);

	return asked > x->held_until ? asked : x->held_until;
}

static struct host *host_new(const struct host_limits *limits, struct str name)
{
	struct host *x = calloc(1, offsetof(struct host, name) + name.n + 1);

	if (!x)
		return NULL;
	memcpy(x->name, name.p, name.n);
	x->name_len = (uint32_t)name.n;
	x->asked_at = INT64_MIN;
	x->held_until = INT64_MIN;
	find_rule(limits, x);
	return x;
}

bool hosts_get(struct hosts *h, struct str name, struct host **out, struct err *e)
{
	struct host *x = h->buckets[bucket_of(h, name)];
	uint32_t b;

	while (x && !str_eq(host_name(x), name))
		x = x->next_in_bucket;
	if (!x) {
		x = host_new(&h->limits, name);
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

static bool waits(const struct host *x)
{
	return x->first[LANE_PROMPT] || x->first[LANE_SLOW];
}

static void forget(struct hosts *h, struct host *x)
{
	struct host **link = &h->buckets[bucket_of(h, host_name(x))];

	while (*link != x)
		link = &(*link)->next_in_bucket;
	*link = x->next_in_bucket;
	heap_remove(&h->later, &x->later);
	h->count--;
	free(x);
}

static void make_ready(struct hosts *h, struct host *x, enum host_lane lane)
{
	x->is_ready[lane] = true;
	x->next_ready[lane] = NULL;
	if (h->ready_last[lane])
		h->ready_last[lane]->next_ready[lane] = x;
	else
		h->ready[lane] = x;
	h->ready_last[lane] = x;
}

static void unready(struct hosts *h, struct host *x, enum host_lane lane)
{
	struct host *before = NULL;

	if (!x->is_ready[lane])
		return;
	for (struct host *at = h->ready[lane]; at != x; at = at->next_ready[lane])
		before = at;
	if (before)
		before->next_ready[lane] = x->next_ready[lane];
	else
		h->ready[lane] = x->next_ready[lane];
	if (h->ready_last[lane] == x)
		h->ready_last[lane] = before;
	x->is_ready[lane] = false;
}

/* Puts the host where it belongs after anything changed. */
static void place(struct hosts *h, struct host *x, int64_t now)
{
	bool may_wait = waits(x) && most_of(h, x) > x->in_flight;
	int64_t until = host_rests_until(h, x);
	bool rests = until > now;

	for (enum host_lane lane = 0; lane < HOST_LANES; lane++) {
		if (!may_wait || rests || !x->first[lane])
			unready(h, x, lane);
		else if (!x->is_ready[lane])
			make_ready(h, x, lane);
	}
	if ((may_wait || x->references == 0) && rests)
		heap_set(&h->later, &x->later, until);
	else
		heap_remove(&h->later, &x->later);
}

/* Over or not, a pause is ended by wake_rested: here nobody knows the time. */
void hosts_drop(struct hosts *h, struct host **host)
{
	struct host *x = *host;

	*host = NULL;
	if (!x || --x->references > 0)
		return;
	assert(!waits(x) && x->in_flight == 0);
	if (host_rests_until(h, x) == INT64_MIN)
		forget(h, x);
	else
		place(h, x, INT64_MIN);
}

void hosts_limit(struct hosts *h, const struct host_limits *limits)
{
	h->limits = *limits;
	for (uint32_t i = 0; i <= h->bucket_mask; i++)
		for (struct host *x = h->buckets[i]; x; x = x->next_in_bucket) {
			find_rule(limits, x);
			place(h, x, INT64_MIN);
		}
}

/* At the end of a list, whichever it is. */
static void append(struct host_turn **first, struct host_turn *turn)
{
	struct host_turn *head = *first;

	turn->next = NULL;
	turn->before = head ? head->before : turn;
	if (head)
		head->before->next = turn;
	else
		*first = turn;
	(*first)->before = turn;
}

static void take_out(struct host_turn **first, struct host_turn *turn)
{
	struct host_turn *head = *first;

	if (turn == head)
		*first = turn->next;
	else
		turn->before->next = turn->next;
	if (turn->next)
		turn->next->before = turn->before;
	else
		head->before = turn->before;
	turn->next = turn->before = NULL;
}

bool host_turn_waits(const struct host_turn *turn)
{
	return turn->host && !turn->in_flight;
}

void host_wait(struct hosts *h, struct host *host, struct host_turn *turn, int64_t now)
{
	assert(!turn->host);
	turn->host = host;
	append(&host->first[turn->lane], turn);
	place(h, host, now);
}

void host_leave(struct hosts *h, struct host_turn *turn)
{
	struct host *x = turn->host;

	if (!host_turn_waits(turn))
		return;
	take_out(&x->first[turn->lane], turn);
	turn->host = NULL;
	if (!x->first[turn->lane])
		place(h, x, INT64_MIN);
}

static void wake_rested(struct hosts *h, int64_t now)
{
	struct heap_node *n;

	while ((n = heap_first(&h->later)) && heap_due(&h->later, n) <= now) {
		struct host *x = HEAP_OWNER(n, struct host, later);

		if (x->references)
			place(h, x, now);
		else
			forget(h, x);
	}
}

static bool has_room(const struct hosts *h, enum host_lane lane)
{
	return h->in_flight[lane] < h->limits.concurrency[lane];
}

/* The one that has been in flight for longest, where another waits for its place; or NULL. */
static struct host_turn *in_the_way(const struct hosts *h)
{
	return h->ready[LANE_PROMPT] && !has_room(h, LANE_PROMPT) && has_room(h, LANE_SLOW) ? h->running
	                                                                                    : NULL;
}

/* Where no slow one waits for its place it is lent sooner: within slow_after a few servers that stall come to hold most of the prompt ones'. */
static int64_t patience(const struct hosts *h)
{
	return h->ready[LANE_SLOW] ? h->limits.slow_after : h->limits.slow_after / LENT_SOONER;
}

/* When it gives its place away; INT64_MAX: never. */
static int64_t gives_way_at(const struct hosts *h)
{
	const struct host_turn *turn = in_the_way(h);

	return turn ? turn->since + patience(h) : INT64_MAX;
}

static void make_way(struct hosts *h, int64_t now)
{
	struct host_turn *turn;

	while ((turn = in_the_way(h)) && turn->since + patience(h) <= now) {
		take_out(&h->running, turn);
		turn->lane = LANE_SLOW;
		h->in_flight[LANE_PROMPT]--;
		h->in_flight[LANE_SLOW]++;
	}
}

static bool may_start(const struct hosts *h, enum host_lane lane, unsigned open)
{
	return (open & 1u << lane) && h->ready[lane] && has_room(h, lane);
}

static struct host_turn *start(struct hosts *h, enum host_lane lane, int64_t now)
{
	struct host *x = h->ready[lane];
	struct host_turn *turn = x->first[lane];

	assert(turn); /* a host is ready in a lane only while somebody waits there */
	h->last_lane = lane;
	unready(h, x, lane); /* its next turn comes after the other hosts' */
	take_out(&x->first[lane], turn);
	turn->in_flight = true;
	turn->since = now;
	if (lane == LANE_PROMPT)
		append(&h->running, turn);
	x->in_flight++;
	h->in_flight[lane]++;
	x->asked_at = now;
	place(h, x, now);
	return turn;
}

struct host_turn *hosts_next(struct hosts *h, unsigned open, int64_t now)
{
	enum host_lane other = h->last_lane == LANE_PROMPT ? LANE_SLOW : LANE_PROMPT;

	wake_rested(h, now);
	make_way(h, now);
	if (may_start(h, other, open))
		return start(h, other, now);
	return may_start(h, h->last_lane, open) ? start(h, h->last_lane, now) : NULL;
}

void hosts_done(struct hosts *h, struct host_turn *turn, int64_t now)
{
	struct host *host = turn->host;

	assert(turn->in_flight && host->in_flight > 0 && h->in_flight[turn->lane] > 0);
	if (turn->lane == LANE_PROMPT)
		take_out(&h->running, turn);
	turn->host = NULL;
	turn->in_flight = false;
	host->in_flight--;
	h->in_flight[turn->lane]--;
	place(h, host, now);
}

void host_asked(struct hosts *h, struct host *host, int64_t at)
{
	if (at <= host->asked_at)
		return;
	host->asked_at = at;
	place(h, host, INT64_MIN);
}

void host_hold(struct hosts *h, struct host *host, int64_t until)
{
	if (until <= host->held_until)
		return;
	host->held_until = until;
	place(h, host, INT64_MIN);
}

int64_t host_held_until(const struct host *host)
{
	return host->held_until;
}

int64_t hosts_wake(const struct hosts *h, unsigned open, int64_t now)
{
	struct heap_node *n = heap_first(&h->later);
	int64_t rested = n ? heap_due(&h->later, n) : INT64_MAX, way = gives_way_at(h);

	if (may_start(h, LANE_PROMPT, open) || may_start(h, LANE_SLOW, open))
		return now;
	if (!has_room(h, LANE_PROMPT) && !has_room(h, LANE_SLOW))
		return way;
	return rested < way ? rested : way;
}

int64_t hosts_in_flight(const struct hosts *h)
{
	return h->in_flight[LANE_PROMPT] + h->in_flight[LANE_SLOW];
}
