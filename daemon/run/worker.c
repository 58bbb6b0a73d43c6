/* worker: topics in, sandbox on, jobs in, answers out. Owns its classifier and scratch; knows no file and no network. */
#include "daemon/run/worker.h"
#include "classifiers/classify.h"
#include "daemon/base/log.h"
#include "daemon/base/utf8.h"
#include "daemon/feed/feed.h"
#include "daemon/pipe/job.h"
#include "daemon/pipe/look.h"
#include "daemon/run/sandbox.h"
#include "daemon/run/spawn.h"
#include "daemon/run/wire.h"

#include <sysexits.h>

#define KEEP_BUFFER (4u << 20) /* bytes; a worker that met one huge body gives the rest back to the system */

struct worker {
	int fd;
	struct classifier *classifier;
	struct cls_scratch *scratch;
	struct buf in, out;
	struct buf model; /* learned weights that the classifier reads */
};

void worker_topics_encode(const struct conf *conf, struct buf *out)
{
	buf_le64(out, (uint64_t)conf->workers.memory_limit);
	buf_le32(out, (uint32_t)conf->topic_count);
	for (size_t i = 0; i < conf->topic_count; i++) {
		buf_str32(out, str_from(conf->topics[i].file));
		buf_str32(out, conf->topics[i].yaml);
	}
	buf_str32(out, conf->model_bytes);
}

/* The frame is not kept, and a model is read where it lies. */
static bool take_model(struct worker *w, struct cls_builder *b, struct str bytes)
{
	struct cls_error problem;
	if (bytes.n == 0)
		return true;
	buf_init(&w->model, bytes.n);
	buf_str(&w->model, bytes);
	return !w->model.failed && cls_builder_model(b, "model", w->model.p, w->model.n, &problem);
}

/* The parent has compiled the same files: whatever fails here is a lack of memory. */
static bool take_topics(struct worker *w, int64_t *memory_limit)
{
	struct cls_error problem;
	struct rd r = { w->in.p, w->in.n, false };
	struct cls_builder *builder = cls_builder_new();
	*memory_limit = (int64_t)rd_le64(&r);
	uint32_t count = rd_le32(&r);
	for (uint32_t i = 0; i < count && builder != NULL && !r.failed; i++) {
		char name[sizeof(problem.file)];
		struct str file = utf8_cut(rd_str32(&r), sizeof(name) - 1), yaml = rd_str32(&r);
		memcpy(name, file.p, file.n);
		name[file.n] = '\0';
		if (!cls_builder_add(builder, name, yaml.p, yaml.n, &problem))
			cls_builder_free(&builder);
	}
	struct str model = rd_str32(&r);
	if (builder == NULL || r.failed || !take_model(w, builder, model)) {
		cls_builder_free(&builder);
		return false;
	}
	w->scratch = cls_scratch_new();
	return cls_build(&builder, &w->classifier, &problem) && w->scratch != NULL;
}

static bool do_job(struct worker *w, struct err *e)
{
	struct job job;
	if (!job_decode(buf_view(&w->in), &job, e))
		return false;
	sandbox_cpu_budget(job.cpu_budget_ms);
	return job_run(&job, w->classifier, w->scratch, &w->out, e);
}

static bool do_look(struct worker *w, struct err *e)
{
	struct look look;
	if (!look_decode(buf_view(&w->in), &look, e))
		return false;
	sandbox_cpu_budget(look.cpu_budget_ms);
	return look_run(&look, &w->out, e);
}

static bool answer_one(struct worker *w)
{
	struct err e = { 0 };
	buf_clear(&w->out);
	bool ran = (look_is_frame(buf_view(&w->in)) ? do_look : do_job)(w, &e);
	sandbox_cpu_budget(0);
	return ran && wire_write(w->fd, WIRE_ANSWER, buf_view(&w->out), &e);
}

static void give_back(struct buf *b)
{
	if (b->room > KEEP_BUFFER)
		buf_fini(b);
}

static int work(struct worker *w)
{
	enum wire_type type;
	int64_t memory_limit;
	struct err e = { 0 };
	if (!wire_read(w->fd, WIRE_PAYLOAD_MAX, &type, &w->in, &e) || type != WIRE_TOPICS)
		return EX_PROTOCOL;
	if (!take_topics(w, &memory_limit))
		return EX_OSERR;
	if (!sandbox_enter(memory_limit, &e)) {
		log_error("worker", LOG_CSTR("result", "no-sandbox"), LOG_CSTR("reason", e.text));
		return EX_OSERR;
	}
	for (;;) {
		if (!wire_read(w->fd, WIRE_PAYLOAD_MAX, &type, &w->in, &e))
			return e.kind == ERR_NONE ? EX_OK : EX_IOERR;
		if (type != WIRE_JOB || !answer_one(w))
			return EX_PROTOCOL;
		give_back(&w->in);
		give_back(&w->out);
	}
}

int worker_run(int fd)
{
	struct worker w = { .fd = fd };
	spawn_child_begin("gazetted-parse");
	feed_init_for_sandbox();
	buf_init(&w.in, WIRE_PAYLOAD_MAX);
	buf_init(&w.out, WIRE_PAYLOAD_MAX);
	int status = work(&w);
	cls_scratch_free(&w.scratch);
	cls_free(&w.classifier);
	buf_fini(&w.model);
	buf_fini(&w.in);
	buf_fini(&w.out);
	return status;
}
