/* stores_job: one closed file to seal or to compress, or the active ones to write out, all copied, so that it can be done on any thread. */
#ifndef STORE_STORES_JOB_H
#define STORE_STORES_JOB_H

#include "daemon/store/seal.h"
#include "daemon/store/stores.h"

enum stores_job_kind { STORES_SEAL, STORES_COMPRESS, STORES_SYNC, STORES_CHECKPOINT };

struct stores_job {
	enum stores_job_kind kind;
	struct seal_job seal;
	char path[PATH_MAX + NAME_MAX + 2]; /* to compress */
	mode_t mode;
	struct checkpoint_work *work; /* of a sync or a checkpoint: the stores' */
};

/* Any thread. */
bool stores_job_run(const struct fs *fs, const struct stores_job *job, struct err *e) MUST_CHECK;

/* Is it about the files that lines are written to? */
static inline bool stores_job_is_of_active(const struct stores_job *job)
{
	return job->kind == STORES_SYNC || job->kind == STORES_CHECKPOINT;
}

/* stores_checkpoint on another thread: a job to be run, after whose end stores_end_checkpoint is called, whether it failed or not. Between the two
 * only stores_apply, stores_flush, stores_configure and stores_retain may be called; what they put off is done by the next stores_flush. `state`: path of
 * the database whose log is folded into it as well, or "". False: it cannot be prepared. */
bool stores_begin_checkpoint(struct stores *s, const char *state, struct stores_job *job);
/* The same, of which only the files' syncs are done: what has been flushed is on the disk afterwards, and nothing is written down about it. */
bool stores_begin_sync(struct stores *s, struct stores_job *job);
/* worked: what the job returned. lsn: as above. folded: the database has on the disk what was committed to it before the beginning. */
void stores_end_checkpoint(struct stores *s, bool worked, uint64_t *lsn, bool *folded);

#endif
