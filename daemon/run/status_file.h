/*
 * status_file: the status file, part by part: the loop makes a part, a thread of the pool appends it, then the loop makes the next, so that it is never
 * held up by ten thousand feeds. A reader finds the last whole file, or the one before. Not synced: what stands in it describes a moment.
 */
#ifndef RUN_STATUS_FILE_H
#define RUN_STATUS_FILE_H

#include "daemon/pipe/status.h"

#include <sys/types.h>
#include <uv.h>

struct status_file {
	uv_loop_t *loop;
	const struct engine *engine;
	uv_work_t work;
	struct engine_status_walk walk;
	struct buf part; /* the thread's while `at_work` */
	int fd; /* likewise; -1: not open */
	mode_t mode;
	bool busy, at_work; /* between the first and the last part; on one of them */
	bool whole, failed; /* the last part; it could not be written */
	bool again; /* another one was asked for meanwhile */
	bool stopped;
	size_t bytes, last_bytes; /* of this one so far; of the last whole one */
	char path[4096], temporary[4096];
};

/* Loop thread, like all others. False: the folder's name is too long. */
bool status_file_init(struct status_file *f, uv_loop_t *loop, const struct engine *engine,
    const char *directory, struct err *e) MUST_CHECK;
/* Begins one; when one is under way, another follows it. */
void status_file_begin(struct status_file *f, mode_t mode);
/* No further part is made; wait until it is not `at_work`. */
void status_file_stop(struct status_file *f);
/* The whole at once, when the loop has ended. */
void status_file_write_last(struct status_file *f, mode_t mode);
void status_file_fini(struct status_file *f); /* zeros too */

#endif
