/* stores_job: one closed file to seal or to compress, or the active ones to write out, all copied, so that it can be done on any thread. */
#ifndef STORE_STORES_JOB_H
#define STORE_STORES_JOB_H

#include "daemon/store/seal.h"
#include "daemon/store/stores.h"

enum stores_job_kind { STORES_SEAL, STORES_COMPRESS, STORES_WRITE_OUT };

struct stores_job {
	enum stores_job_kind kind;
	struct seal_job seal;
	char path[PATH_MAX + NAME_MAX + 2]; /* to compress; of the folder to write out */
	mode_t mode;
};

/* Any thread. */
bool stores_job_run(const struct fs *fs, const struct stores_job *job, struct err *e) MUST_CHECK;

#endif
