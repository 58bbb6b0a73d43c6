/* job: the request frame between the engine and a worker. */
#include "daemon/pipe/job.h"

#define JOB_MAGIC 0x31424a47u /* "GJB1" */

void job_encode(const struct job *job, struct buf *out)
{
	buf_le32(out, JOB_MAGIC);
	buf_le64(out, job->id);
	buf_le32(out, (uint32_t)job->assume_minutes);
	buf_le64(out, (uint64_t)job->cpu_budget_ms);
	buf_str32(out, job->feed);
	buf_str32(out, job->url);
	buf_str32(out, job->language);
	buf_str32(out, job->content_type);
	buf_str32(out, job->content_language);
	buf_str32(out, job->content_location);
	buf_str32(out, job->known);
	buf_str32(out, job->body);
}

/* Empty is absent: a frame does not tell them apart, and nobody needs it to. */
static struct str present(struct str s)
{
	return s.n ? s : (struct str){ NULL, 0 };
}

bool job_decode(struct str frame, struct job *job, struct err *e)
{
	struct rd r = { frame.p, frame.n, false };

	if (rd_le32(&r) != JOB_MAGIC)
		return err_set(e, ERR_PARSE, 0, "job: not a request frame");
	job->id = rd_le64(&r);
	job->assume_minutes = (int32_t)rd_le32(&r);
	job->cpu_budget_ms = (int64_t)rd_le64(&r);
	job->feed = rd_str32(&r);
	job->url = present(rd_str32(&r));
	job->language = present(rd_str32(&r));
	job->content_type = present(rd_str32(&r));
	job->content_language = present(rd_str32(&r));
	job->content_location = present(rd_str32(&r));
	job->known = rd_str32(&r);
	job->body = rd_str32(&r);
	if (r.failed || r.n != 0 || job->known.n % sizeof(uint64_t) != 0)
		return err_set(e, ERR_PARSE, 0, "job: request frame is cut or too long");
	return true;
}
