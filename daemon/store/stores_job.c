/* stores_job: what is to be done to files beside the main thread. Owns the lists of those with which that failed. */
#include "daemon/store/stores_job.h"

#include "daemon/store/names.h"
#include "daemon/store/stores_aside.h"

#include <stdio.h>

static bool next_seal(struct stores *s, struct seal_job *job)
{
	const struct stores_policy *p = &s->policy;

	if (!p->chained || !seal_next(s->fs, s->directory, p->chained, &s->unsealed, job))
		return false;
	snprintf(job->key_file, sizeof(job->key_file), "%s", p->sign_key_file ? p->sign_key_file : "");
	job->mode = p->mode;
	return true;
}

bool stores_next_job(struct stores *s, struct stores_job *job)
{
	bool found, whole_round = s->compress_after[0] == '\0';

	if (s->jobs_done)
		return false;
	job->mode = s->policy.mode;
	job->kind = STORES_SEAL;
	if (next_seal(s, &job->seal))
		return true;
	if (s->compression_rests)
		return false;
	job->kind = STORES_COMPRESS;
	found = stores_next_to_compress(s, job->path, sizeof(job->path));
	s->jobs_done = !found && whole_round && !s->job_failed;
	s->job_failed &= found;
	return found;
}

/* Without memory for the list it is tried again sooner, and retention waits. */
bool stores_job_failed(struct stores *s, const struct stores_job *job, const struct err *why)
{
	const char *slash = strrchr(job->path, '/');
	struct closed_file f = { .size = 0 };

	if (job->kind == STORES_SEAL) {
		bool final = why->kind == ERR_PARSE;

		buf_add(final ? &s->unsealed.final : &s->unsealed.passing, &job->seal.file,
		    sizeof(job->seal.file));
		return final;
	}
	s->job_failed = s->compression_rests = true;
	if (slash && names_parse(slash + 1, &f) && !names_among(&s->uncompressible, &f))
		buf_add(&s->uncompressible, &f, sizeof(f));
	return false;
}

void stores_jobs_again(struct stores *s)
{
	buf_reset(&s->unsealed.passing);
	s->compression_rests = false;
	s->jobs_done = false;
}

bool stores_job_run(const struct fs *fs, const struct stores_job *job, struct err *e)
{
	if (job->kind == STORES_SEAL)
		return seal_one(fs, &job->seal, e);
	if (stores_job_is_of_active(job))
		return checkpoint_run(fs, job->work, e);
	return stores_compress_one(fs, job->path, job->mode, e);
}
