/* status_file: parts that are made here and appended there. */
#include "daemon/run/status_file.h"

#include "daemon/base/fs.h"
#include "daemon/base/log.h"

#include <fcntl.h>
#include <stdio.h>

#define NAME "status.json"
#define PART_BYTES (32u << 10) /* of some forty feeds: a millisecond to make */

bool status_file_init(
    struct status_file *f, uv_loop_t *loop, const struct engine *engine, const char *directory, struct err *e)
{
	*f = (struct status_file){ .loop = loop, .engine = engine, .fd = -1 };
	buf_init(&f->part, ENGINE_STATUS_MAX);
	f->work.data = f;
	int n = snprintf(f->path, sizeof(f->path), "%s/" NAME, directory);
	int m = snprintf(f->temporary, sizeof(f->temporary), "%s/" NAME ".tmp", directory);
	return (n > 0 && m > 0 && (size_t)m < sizeof(f->temporary)) ||
	       err_set(e, ERR_CONFIG, 0, "the name of the state's folder is too long");
}

static void close_file(struct status_file *f)
{
	if (f->fd >= 0)
		fs_system.close(&fs_system, f->fd);
	f->fd = -1;
}

static void start_over(struct status_file *f)
{
	close_file(f);
	buf_reset(&f->part);
	f->walk = (struct engine_status_walk){ .begun = false };
	f->whole = f->failed = false;
	f->bytes = 0;
}

/* False: memory. */
static bool make_part(struct status_file *f)
{
	enum engine_status_step step;
	buf_clear(&f->part);
	while ((step = engine_status_part(f->engine, &f->walk, PART_BYTES, &f->part)) == STATUS_STALE)
		start_over(f);
	f->whole = step == STATUS_WHOLE;
	f->bytes += f->part.n;
	return !f->part.failed;
}

/* On a thread of the pool, or after the loop: touches the part, the file and nothing else. */
static void append_part(struct status_file *f)
{
	struct err e = { 0 };
	size_t done;
	if (f->fd < 0)
		f->fd = fs_system.open(
		    &fs_system, f->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, f->mode);
	f->failed = f->fd < 0 || !fs_append_all(&fs_system, f->fd, f->part.p, f->part.n, &done, &e);
	if (!f->whole || f->failed)
		return;
	close_file(f);
	f->failed = fs_system.rename(&fs_system, f->temporary, f->path) != 0;
}

static void end(struct status_file *f)
{
	if (f->failed)
		log_debug("status", LOG_CSTR("file", NAME), LOG_CSTR("result", "not-written"));
	f->last_bytes = f->bytes;
	f->busy = false;
	close_file(f);
	buf_fini(&f->part);
}

static void on_thread(uv_work_t *work)
{
	append_part(work->data);
}

static void go_on(struct status_file *f);

static void begin(struct status_file *f)
{
	f->busy = true;
	f->again = false;
	start_over(f);
	go_on(f);
}

static void on_appended(uv_work_t *work, int status)
{
	struct status_file *f = work->data;
	(void)status; /* never cancelled */
	f->at_work = false;
	if (!f->whole && !f->failed && !f->stopped) {
		go_on(f);
		return;
	}
	end(f);
	if (f->again && !f->stopped)
		begin(f);
}

static void go_on(struct status_file *f)
{
	f->failed = !make_part(f);
	if (f->failed) {
		end(f);
		return;
	}
	f->at_work = true;
	uv_queue_work(f->loop, &f->work, on_thread, on_appended);
}

void status_file_begin(struct status_file *f, mode_t mode)
{
	if (f->stopped)
		return;
	f->again = f->busy;
	if (f->busy)
		return;
	f->mode = mode;
	begin(f);
}

void status_file_stop(struct status_file *f)
{
	f->stopped = true;
}

void status_file_write_last(struct status_file *f, mode_t mode)
{
	f->mode = mode;
	start_over(f);
	do {
		f->failed = !make_part(f);
		if (!f->failed)
			append_part(f);
	} while (!f->whole && !f->failed);
	end(f);
}

void status_file_fini(struct status_file *f)
{
	if (!f->loop) /* it was never begun */
		return;
	close_file(f);
	buf_fini(&f->part);
}
