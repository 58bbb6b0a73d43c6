/* fake_workers: job_run in this process, its answers after a virtual delay. Can lose jobs as a crashed worker does. */
#ifndef FAKE_WORKERS_H
#define FAKE_WORKERS_H

#include "daemon/pipe/job.h"
#include "daemon/pipe/ports.h"
#include "tests/fake/virtual_clock.h"

#define FAKE_JOBS_MAX 1024

struct fake_workers {
	struct virtual_clock *clock;
	const struct classifier *classifier;
	struct cls_scratch *scratch;
	struct fake_job {
		uint64_t id;
		int64_t due;
		struct buf frame;
	} * jobs;
	size_t count;
	int64_t takes; /* ms for a job */
	uint64_t runs, stubs_known; /* jobs that came, and known prints that came with them */
	unsigned lose; /* so many of the next jobs */
	unsigned damage; /* so many of the next answers are cut */
};

void fake_workers_init(struct fake_workers *w, struct virtual_clock *clock, const struct classifier *c);
void fake_workers_fini(struct fake_workers *w);
void fake_workers_forget(struct fake_workers *w);
struct port_workers fake_workers_port(struct fake_workers *w);
int64_t fake_workers_next(const struct fake_workers *w);

typedef void fake_answered_f(void *ctx, uint64_t id, struct str frame, const char *lost);
bool fake_workers_deliver(struct fake_workers *w, fake_answered_f *give, void *ctx);

#endif
