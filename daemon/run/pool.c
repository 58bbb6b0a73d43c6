/* pool: workers under the loop. Owns the processes, their pipes and the jobs' frames; knows no topics and no feeds. */
#include "daemon/run/pool.h"
#include "daemon/base/log.h"
#include "daemon/pipe/job.h"
#include "daemon/run/spawn.h"
#include "daemon/run/wire.h"
#include "daemon/run/worker.h"

#include <stdlib.h>
#include <unistd.h>

#define WORKERS_MAX 64 /* processes; conf allows no more */
#define OVERSTAY_FACTOR 10 /* wall time allowed per CPU time: a busy machine is no crime */
#define OVERSTAY_EXTRA_MS 5000 /* … and a little for start-up */
#define ANSWER_MAX (JOB_ANSWER_MAX + 1024u)
#define READ_ROOM (64u << 10) /* bytes asked for at a time */
#define KEEP_BUFFER (512u << 10) /* bytes; most answers are smaller, and a large one's memory is given back */
#define NS_PER_MS 1000000
#define RESPAWN_PAUSE_MS 1000 /* between tries when the system starts no process */

enum { USUAL, SLOW, QUEUES }; /* of jobs */

struct pending {
	uint64_t id;
	bool slow;
	uint64_t given; /* ns of the loop's clock */
	struct buf frame;
	struct pending *next;
};

struct worker_slot {
	struct pool *pool;
	struct channel *channel; /* NULL: no process */
};

/* One process and its pipe; outlives its slot until libuv has closed the handles. */
struct channel {
	struct worker_slot *slot; /* NULL once given up */
	pid_t pid;
	uv_pipe_t pipe;
	uv_timer_t overstay;
	unsigned open_handles;
	struct buf in;
	struct pending *job;
	bool proven; /* it has answered: its sandbox and its topics are in order */
	bool writing; /* libuv still has `write` */
	uv_write_t write;
	unsigned char header[WIRE_HEADER];
	struct buf topics; /* the first frame, until it is written */
	uv_write_t first;
	unsigned char first_header[WIRE_HEADER];
};

struct pool {
	uv_loop_t *loop;
	struct pool_events events;
	struct worker_slot slots[WORKERS_MAX];
	size_t count;
	int64_t cpu_limit;
	struct buf topics; /* frame for new workers */
	struct pending *head[QUEUES], **tail[QUEUES];
	unsigned last; /* which queue had its turn */
	uv_timer_t respawn;
	bool closing;
};

static void give_jobs(struct pool *p);
static void on_respawn(uv_timer_t *t);

static void pending_free(struct pending **j)
{
	if (*j == NULL)
		return;
	buf_fini(&(*j)->frame);
	free(*j);
	*j = NULL;
}

static void on_handle_closed(uv_handle_t *h)
{
	struct channel *c = h->data;
	if (--c->open_handles > 0)
		return;
	buf_fini(&c->in);
	buf_fini(&c->topics);
	pending_free(&c->job);
	free(c);
}

/* Ends the process and starts closing; says how it ended. */
static void channel_end(struct channel *c, char *words, size_t size)
{
	if (c->slot != NULL)
		c->slot->channel = NULL;
	c->slot = NULL;
	spawn_reap(c->pid, words, size);
	uv_close((uv_handle_t *)&c->pipe, on_handle_closed);
	uv_close((uv_handle_t *)&c->overstay, on_handle_closed);
}

static void channel_lost(struct channel *c, const char *because)
{
	char words[96], why[160];
	struct pool *p = c->slot->pool;
	struct pending *job = c->job;
	pid_t pid = c->pid;
	c->job = NULL;
	channel_end(c, words, sizeof(words));
	snprintf(why, sizeof(why), "%s%s%s", because, *because ? ": " : "", words);
	log_warn("worker", LOG_INT("pid", pid), LOG_CSTR("result", "lost"), LOG_CSTR("reason", why));
	if (job != NULL)
		p->events.lost(p->events.ctx, job->id, why);
	/* libuv may still hold the frame for writing: it is freed when the handles are closed. */
	c->job = job;
	/* One that dies before it has ever answered is no accident: the next one would die too, and at once. */
	if (c->proven)
		give_jobs(p);
	else
		uv_timer_start(&p->respawn, on_respawn, RESPAWN_PAUSE_MS, 0);
}

static void on_overstay(uv_timer_t *t)
{
	channel_lost(t->data, "gave no answer in time");
}

static void on_room(uv_handle_t *h, size_t suggested, uv_buf_t *out)
{
	struct channel *c = h->data;
	(void)suggested;
	char *room = buf_reserve(&c->in, READ_ROOM);
	*out = uv_buf_init(room, room ? READ_ROOM : 0);
}

static void take_answer(struct channel *c, enum wire_type type, struct str payload, size_t used)
{
	struct pool *p = c->slot->pool;
	struct pending *job = c->job;
	if (type != WIRE_ANSWER || job == NULL || c->writing) {
		channel_lost(c, "spoke out of turn");
		return;
	}
	uv_timer_stop(&c->overstay);
	c->proven = true;
	c->job = NULL;
	int64_t took = (int64_t)(uv_hrtime() - job->given) / NS_PER_MS;
	p->events.answer(p->events.ctx, job->id, payload, took);
	buf_shift(&c->in, used);
	if (c->in.n == 0 && c->in.room > KEEP_BUFFER)
		buf_fini(&c->in);
	pending_free(&job);
	give_jobs(p);
}

/* The frame is with the kernel, and libuv has not said so yet: a quick worker has answered in the same turn of the loop. */
static bool is_being_told(const struct channel *c)
{
	return c->writing && uv_stream_get_write_queue_size((const uv_stream_t *)&c->pipe) == 0;
}

static void take_input(struct channel *c)
{
	enum wire_type type;
	struct str payload;
	size_t used;
	if (is_being_told(c))
		return;
	switch (wire_take(buf_view(&c->in), ANSWER_MAX, &type, &payload, &used)) {
	case WIRE_MORE:
		return;
	case WIRE_BROKEN:
		channel_lost(c, "answered with too much");
		return;
	case WIRE_FRAME:
		take_answer(c, type, payload, used);
		return;
	}
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct channel *c = s->data;
	(void)b;
	if (c->slot == NULL)
		return;
	if (n < 0) {
		channel_lost(c, n == UV_ENOBUFS ? "answered with too much" : "");
		return;
	}
	buf_grown(&c->in, (size_t)n);
	take_input(c);
}

static void on_job_written(uv_write_t *w, int status)
{
	struct channel *c = w->handle->data;
	(void)status; /* a failure shows as the end of the stream, which on_read takes care of */
	c->writing = false;
	if (c->slot != NULL && c->in.n > 0)
		take_input(c);
}

/* False: libuv did not take it; the end of the stream follows. */
static bool send_frame(struct channel *c, uv_write_t *w, unsigned char *header, enum wire_type type,
    const struct buf *frame, uv_write_cb done)
{
	wire_header(type, frame->n, header);
	uv_buf_t parts[2] = { uv_buf_init((char *)header, WIRE_HEADER),
		uv_buf_init(frame->p, (unsigned)frame->n) };
	return uv_write(w, (uv_stream_t *)&c->pipe, parts, 2, done) == 0;
}

static struct channel *channel_new(struct worker_slot *slot)
{
	struct pool *p = slot->pool;
	struct channel *c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->slot = slot;
	buf_init(&c->in, ANSWER_MAX + READ_ROOM);
	buf_init(&c->topics, p->topics.limit);
	buf_str(&c->topics, buf_view(&p->topics));
	uv_pipe_init(p->loop, &c->pipe, 0);
	uv_timer_init(p->loop, &c->overstay);
	c->open_handles = 2;
	c->pipe.data = c->overstay.data = c;
	return c;
}

/* NULL with the reason in e. */
static struct channel *worker_start(struct worker_slot *slot, struct err *e)
{
	int fd;
	pid_t pid;
	char words[96];
	if (!spawn_self("--worker", &pid, &fd, e))
		return NULL;
	struct channel *c = channel_new(slot);
	if (c != NULL)
		c->pid = pid;
	if (c == NULL || c->topics.failed || uv_pipe_open(&c->pipe, fd) != 0) {
		close(fd);
		if (c == NULL)
			spawn_reap(pid, words, sizeof(words));
		else
			channel_end(c, words, sizeof(words));
		err_nomem(e);
		return NULL;
	}
	slot->channel = c;
	(void)send_frame(c, &c->first, c->first_header, WIRE_TOPICS, &c->topics, NULL);
	uv_read_start((uv_stream_t *)&c->pipe, on_room, on_read);
	return c;
}

static void on_respawn(uv_timer_t *t)
{
	give_jobs(t->data);
}

static size_t slow_running(const struct pool *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->count; i++) {
		const struct channel *c = p->slots[i].channel;
		n += c != NULL && c->job != NULL && c->job->slow;
	}
	return n;
}

/* The queues take turns, as far as there is a worker for slow jobs; QUEUES: nothing may begin. */
static unsigned next_queue(const struct pool *p)
{
	size_t most = p->count > 1 ? p->count - 1 : 1;
	bool slow = p->head[SLOW] != NULL && slow_running(p) < most;
	if (slow && (p->last == USUAL || p->head[USUAL] == NULL))
		return SLOW;
	return p->head[USUAL] != NULL ? USUAL : QUEUES;
}

static struct pending *dequeue(struct pool *p, unsigned queue)
{
	struct pending *job = p->head[queue];
	p->head[queue] = job->next;
	if (p->head[queue] == NULL)
		p->tail[queue] = &p->head[queue];
	job->next = NULL;
	return job;
}

static void give_one(struct pool *p, struct channel *c)
{
	unsigned queue = next_queue(p);
	if (queue == QUEUES)
		return;
	struct pending *job = dequeue(p, queue);
	p->last = queue;
	job->given = uv_hrtime();
	c->job = job;
	c->writing = send_frame(c, &c->write, c->header, WIRE_JOB, &job->frame, on_job_written);
	uint64_t patience = (uint64_t)(p->cpu_limit * OVERSTAY_FACTOR + OVERSTAY_EXTRA_MS);
	uv_timer_start(&c->overstay, on_overstay, patience, 0);
}

static void give_jobs(struct pool *p)
{
	struct err e = { 0 };
	for (size_t i = 0; i < p->count && !p->closing; i++) {
		struct worker_slot *slot = &p->slots[i];
		struct channel *c = slot->channel ? slot->channel : worker_start(slot, &e);
		if (c == NULL) {
			log_warn("worker", LOG_CSTR("result", "not-started"), LOG_CSTR("reason", e.text));
			uv_timer_start(&p->respawn, on_respawn, RESPAWN_PAUSE_MS, 0);
			return;
		}
		if (c->job == NULL)
			give_one(p, c);
	}
}

/* All of it or nothing: new workers must never get half the topics. */
static bool pool_take_conf(struct pool *p, const struct conf *conf, struct err *e)
{
	struct buf topics;
	buf_init(&topics, WIRE_PAYLOAD_MAX);
	worker_topics_encode(conf, &topics);
	if (topics.failed)
		return err_nomem(e);
	buf_fini(&p->topics);
	p->topics = topics;
	p->count = conf->workers.count < WORKERS_MAX ? (size_t)conf->workers.count : WORKERS_MAX;
	p->cpu_limit = conf->workers.cpu_limit;
	return true;
}

bool pool_open(uv_loop_t *loop, const struct conf *conf, const struct pool_events *events, struct pool **out,
    struct err *e)
{
	struct pool *p = calloc(1, sizeof(*p));
	if (p == NULL)
		return err_nomem(e);
	p->loop = loop;
	p->events = *events;
	for (unsigned queue = 0; queue < QUEUES; queue++)
		p->tail[queue] = &p->head[queue];
	for (size_t i = 0; i < WORKERS_MAX; i++)
		p->slots[i].pool = p;
	buf_init(&p->topics, WIRE_PAYLOAD_MAX);
	uv_timer_init(loop, &p->respawn);
	p->respawn.data = p;
	*out = p;
	if (!pool_take_conf(p, conf, e))
		goto failed;
	for (size_t i = 0; i < p->count; i++)
		if (worker_start(&p->slots[i], e) == NULL)
			goto failed;
	return true;
failed:
	pool_close(out);
	return false;
}

static void on_pool_closed(uv_handle_t *h)
{
	free(h->data);
}

void pool_close(struct pool **pp)
{
	struct pool *p = *pp;
	char words[96];
	if (p == NULL)
		return;
	*pp = NULL;
	p->closing = true;
	for (size_t i = 0; i < WORKERS_MAX; i++)
		if (p->slots[i].channel != NULL)
			channel_end(p->slots[i].channel, words, sizeof(words));
	for (unsigned queue = 0; queue < QUEUES; queue++) {
		while (p->head[queue] != NULL) {
			struct pending *job = dequeue(p, queue);
			pending_free(&job);
		}
	}
	buf_fini(&p->topics);
	uv_close((uv_handle_t *)&p->respawn, on_pool_closed);
}

static void enqueue(struct pool *p, struct pending *job)
{
	unsigned queue = job->slow ? SLOW : USUAL;
	*p->tail[queue] = job;
	p->tail[queue] = &job->next;
}

bool pool_submit(struct pool *p, uint64_t id, bool slow, struct buf *frame, struct err *e)
{
	struct pending *job = frame->failed ? NULL : calloc(1, sizeof(*job));
	if (job == NULL)
		return err_nomem(e);
	job->id = id;
	job->slow = slow;
	job->frame = *frame;
	buf_init(frame, frame->limit);
	enqueue(p, job);
	give_jobs(p);
	return true;
}

/* The old worker may still be reading the frame, so the new one gets a copy. */
static bool requeue(struct pool *p, const struct pending *old)
{
	struct pending *job = calloc(1, sizeof(*job));
	if (job == NULL)
		return false;
	job->id = old->id;
	job->slow = old->slow;
	buf_init(&job->frame, old->frame.limit);
	buf_str(&job->frame, buf_view(&old->frame));
	if (job->frame.failed) {
		pending_free(&job);
		return false;
	}
	enqueue(p, job);
	return true;
}

bool pool_reload(struct pool *p, const struct conf *conf, struct err *e)
{
	char words[96];
	if (!pool_take_conf(p, conf, e))
		return false;
	for (size_t i = 0; i < WORKERS_MAX; i++) {
		struct channel *c = p->slots[i].channel;
		if (c == NULL)
			continue;
		uint64_t id = c->job ? c->job->id : 0;
		bool lost = c->job != NULL && !requeue(p, c->job);
		channel_end(c, words, sizeof(words));
		if (lost)
			p->events.lost(p->events.ctx, id, "out of memory");
	}
	give_jobs(p);
	return true;
}
