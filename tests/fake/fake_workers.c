/* fake_workers: a queue of frames. */
#include "tests/fake/fake_workers.h"

#include <assert.h>
#include <stdlib.h>

#define PARSE_MS 5 /* virtual, as long as nothing else is said */

void fake_workers_init(struct fake_workers *w, struct virtual_clock *clock, const struct classifier *c)
{
	*w = (struct fake_workers){
		.clock = clock, .classifier = c, .scratch = cls_scratch_new(), .takes = PARSE_MS
	};
	w->jobs = calloc(FAKE_JOBS_MAX, sizeof(*w->jobs));
	assert(w->jobs && w->scratch);
}

void fake_workers_forget(struct fake_workers *w)
{
	while (w->count)
		buf_fini(&w->jobs[--w->count].frame);
}

void fake_workers_fini(struct fake_workers *w)
{
	fake_workers_forget(w);
	free(w->jobs);
	cls_scratch_free(&w->scratch);
}

static bool on_submit(void *ctx, uint64_t id, bool slow, struct buf *frame, struct err *e)
{
	struct fake_workers *w = ctx;

	(void)slow;
	if (w->count == FAKE_JOBS_MAX)
		return err_set(e, ERR_BUSY, 0, "too many jobs");
	w->jobs[w->count++] = (struct fake_job){ id, w->clock->mono + w->takes, *frame };
	buf_init(frame, frame->limit);
	w->runs++;
	return true;
}

struct port_workers fake_workers_port(struct fake_workers *w)
{
	return (struct port_workers){ w, on_submit };
}

int64_t fake_workers_next(const struct fake_workers *w)
{
	return w->count ? w->jobs[0].due : INT64_MAX;
}

static void run(struct fake_workers *w, const struct fake_job *j, fake_answered_f *give, void *ctx)
{
	struct err e = { .kind = ERR_NONE };
	struct job job;
	struct buf out;
	bool ok;

	buf_init(&out, JOB_ANSWER_MAX);
	ok = job_decode(buf_view(&j->frame), &job, &e);
	assert(ok && job.id == j->id);
	w->stubs_known += job.known.n / 8;
	ok = job_run(&job, w->classifier, w->scratch, &out, &e);
	assert(ok);
	if (w->damage) {
		w->damage--;
		out.n -= out.n / 3;
	}
	give(ctx, j->id, buf_view(&out), NULL);
	buf_fini(&out);
}

bool fake_workers_deliver(struct fake_workers *w, fake_answered_f *give, void *ctx)
{
	struct fake_job j;

	if (fake_workers_next(w) > w->clock->mono)
		return false;
	j = w->jobs[0];
	w->count--;
	memmove(w->jobs, w->jobs + 1, w->count * sizeof(*w->jobs));
	if (w->lose) {
		w->lose--;
		give(ctx, j.id, (struct str){ NULL, 0 }, "ended by signal 9");
	} else {
		run(w, &j, give, ctx);
	}
	buf_fini(&j.frame);
	return true;
}
