/*
 * engine's inside, shared by its files only. Each file is one chapter of a poll's life:
 * roster.c (which feeds there are, when each is due), poll.c (fetch and answer), commit.c (groups), apply.c (what follows from a durable entry),
 * alerts.c (deliveries), requests.c (what people ask), websub.c (feeds that are pushed), housekeep.c (what is done by the clock),
 * status.c (what is told). engine.c ties them together.
 */
#ifndef PIPE_ENGINE_PRIV_H
#define PIPE_ENGINE_PRIV_H

#include "daemon/base/log.h"
#include "daemon/pipe/alerts_priv.h"
#include "daemon/pipe/cases.h"
#include "daemon/pipe/commit_priv.h"
#include "daemon/pipe/engine.h"
#include "daemon/pipe/entry.h"
#include "daemon/pipe/house_priv.h"
#include "daemon/pipe/manners_priv.h"
#include "daemon/pipe/measure.h"
#include "daemon/pipe/poll_priv.h"
#include "daemon/pipe/requests_priv.h"
#include "daemon/pipe/roster_priv.h"
#include "daemon/pipe/seen.h"
#include "daemon/pipe/tally.h"
#include "daemon/pipe/websub_priv.h"

struct engine {
	struct engine_parts parts; /* conf and classifier as in force */
	const struct ports *ports;
	struct conf *conf; /* held */
	struct roster roster;
	struct heap due;
	struct hosts *hosts;
	struct seen *seen;
	struct cases *cases;
	struct slots polls;
	struct poll *spare; /* their memory, for the next ones */
	unsigned spares;
	unsigned fetching, parsing[HOST_LANES];
	struct commits commits;
	struct alerts alerts;
	struct requests requests;
	struct websub websub;
	struct house house;
	struct buf scratch, window_scratch;
	char *window_text; /* WINDOW_MAX bytes, for state_get */
	int64_t started_at; /* wall ms */
	uint64_t polled, unchanged, failed, items, items_new, revised, withdrawn, held, matches;
	struct delays delays; /* of the news since the start */
	struct measure measures[MEASURES];
	struct engine_loop loop;
	bool draining, round;
	size_t round_left;
	unsigned round_failed;
};

static inline int64_t mono(const struct engine *x)
{
	return clock_mono(x->ports->clock);
}

static inline int64_t wall(const struct engine *x)
{
	return clock_wall(x->ports->clock);
}

/* Whoever waits for the start may wait longer. */
static inline void engine_goes_on(const struct engine *x)
{
	if (x->ports->goes_on)
		x->ports->goes_on(x->ports->goes_on_ctx);
}

static inline struct str feed_name(const struct conf_feed *c)
{
	return str_from(c->name);
}

#endif
