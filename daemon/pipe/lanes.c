/*
 * lanes: feeds that let us wait, or whose documents take long to read, take no place from others: not among the requests in flight (hosts), not among the
 * workers. Which they are is what the last poll was like; one that turns out so is moved while it is in flight.
 */
#include "daemon/pipe/engine_priv.h"

#define PARSING_PER_WORKER                                                                                   \
	4 /* jobs handed to the workers per worker: enough that none waits for the network */
#define QUEUED_BYTES_MAX                                                                                     \
	(128u << 20) /* bytes of finished polls that wait for the journal before fetching pauses */
#define READING_SLOW_MS 250 /* ms of a worker for one document; usual ones take a few */

/* Slow ones have a worker less, if there are several. */
static bool may_parse(const struct engine *x, enum host_lane lane)
{
	int64_t workers = x->conf->workers.count - (lane == LANE_SLOW && x->conf->workers.count > 1);

	return x->parsing[lane] < workers * PARSING_PER_WORKER;
}

unsigned lanes_open(const struct engine *x)
{
	if (x->draining || x->house.no_space || x->commits.queued_bytes >= QUEUED_BYTES_MAX ||
	    mono(x) < x->commits.pause_until)
		return 0;
	return (unsigned)may_parse(x, LANE_PROMPT) << LANE_PROMPT | (unsigned)may_parse(x, LANE_SLOW)
	                                                                << LANE_SLOW;
}

unsigned lanes_parsing(const struct engine *x)
{
	return x->parsing[LANE_PROMPT] + x->parsing[LANE_SLOW];
}

enum host_lane lane_of(const struct feed *f)
{
	return f->was_slow || f->reads_slowly || f->state.failures ? LANE_SLOW : LANE_PROMPT;
}

enum host_lane lane_of_push(const struct feed *f)
{
	return f->reads_slowly ? LANE_SLOW : LANE_PROMPT;
}

void lane_note(struct poll *p)
{
	struct feed *f = p->feed;

	if (p->reading)
		f->reads_slowly = p->reading >= READING_SLOW_MS;
	if (!p->pushed && !p->archive)
		f->was_slow =
		    p->answered - p->started >= p->conf->hosts.slow_after || p->reaction == REACT_AGAIN;
}
