/* feedstate: copying, writing and reading it. */
#include "daemon/pipe/feedstate.h"

#include <stdlib.h>
#include <string.h>

#define FORM 1 /* raised only when a field changes its meaning */
#define FLAG_KNOWN 1
#define FLAG_HOLDS_HOST 2
#define TEXT_MAX 4096 /* bytes of one string that are kept */

static const char *const result_names[] = {
	[POLL_OK] = "ok",
	[POLL_UNCHANGED] = "unchanged",
	[POLL_FAILED] = "failed",
	[POLL_BLOCKED] = "blocked",
};
_Static_assert(ARRAY_LEN(result_names) == POLL_RESULTS, "a name for every result");

const char *poll_result_name(enum poll_result r)
{
	return result_names[r];
}

void feedstate_fini(struct feedstate *f)
{
	free(f->etag);
	free(f->last_modified);
	free(f->validator_url);
	free(f->error);
	*f = (struct feedstate){ .etag = NULL };
}

bool feedstate_set(char **field, struct str value, struct err *e)
{
	char *copy = NULL;

	if (value.n) {
		copy = strndup(value.p, value.n);
		if (!copy)
			return err_nomem(e);
	}
	free(*field);
	*field = copy;
	return true;
}

bool feedstate_copy(const struct feedstate *from, struct feedstate *to, struct err *e)
{
	*to = *from;
	to->etag = to->last_modified = to->validator_url = to->error = NULL;
	if (feedstate_set(&to->etag, str_from(from->etag), e) &&
	    feedstate_set(&to->last_modified, str_from(from->last_modified), e) &&
	    feedstate_set(&to->validator_url, str_from(from->validator_url), e) &&
	    feedstate_set(&to->error, str_from(from->error), e))
		return true;
	feedstate_fini(to);
	return false;
}

void feedstate_forget_validators(struct feedstate *f)
{
	free(f->etag);
	free(f->last_modified);
	free(f->validator_url);
	f->etag = f->last_modified = f->validator_url = NULL;
	f->body = 0;
}

static void put_text(struct buf *out, const char *z)
{
	struct str s = str_from(z);

	if (s.n > TEXT_MAX)
		s.n = TEXT_MAX;
	buf_str32(out, s);
}

void feedstate_encode(const struct feedstate *f, struct buf *out)
{
	buf_byte(out, FORM);
	buf_byte(out, (char)((f->known ? FLAG_KNOWN : 0) | (f->holds_host ? FLAG_HOLDS_HOST : 0)));
	buf_byte(out, (char)f->result);
	buf_le32(out, f->status);
	buf_le32(out, f->failures);
	buf_le32(out, f->items);
	buf_le64(out, f->url);
	buf_le64(out, f->body);
	buf_le64(out, f->window);
	buf_le64(out, f->newest);
	buf_le64(out, (uint64_t)f->polled_at);
	buf_le64(out, (uint64_t)f->success_at);
	buf_le64(out, (uint64_t)f->failing_since);
	buf_le64(out, (uint64_t)f->due_at);
	buf_le64(out, (uint64_t)f->hold_until);
	put_text(out, f->etag);
	put_text(out, f->last_modified);
	put_text(out, f->error);
	put_text(out, f->validator_url);
	buf_le32(out, f->pages);
}

bool feedstate_decode(struct str blob, struct feedstate *out, struct err *e)
{
	struct rd r = { blob.p, blob.n, false };
	uint8_t form = rd_u8(&r), flags = rd_u8(&r);
	struct str etag, last_modified, error, validator_url;

	*out = (struct feedstate){ .result = rd_u8(&r) };
	out->known = flags & FLAG_KNOWN;
	out->holds_host = flags & FLAG_HOLDS_HOST;
	out->status = (uint16_t)rd_le32(&r);
	out->failures = rd_le32(&r);
	out->items = rd_le32(&r);
	out->url = rd_le64(&r);
	out->body = rd_le64(&r);
	out->window = rd_le64(&r);
	out->newest = rd_le64(&r);
	out->polled_at = (int64_t)rd_le64(&r);
	out->success_at = (int64_t)rd_le64(&r);
	out->failing_since = (int64_t)rd_le64(&r);
	out->due_at = (int64_t)rd_le64(&r);
	out->hold_until = (int64_t)rd_le64(&r);
	etag = rd_str32(&r);
	last_modified = rd_str32(&r);
	error = rd_str32(&r);
	validator_url = rd_str32(&r);
	out->pages = r.n ? rd_le32(&r) : 0;
	if (r.failed || form != FORM || out->result >= POLL_RESULTS) {
		*out = (struct feedstate){ .etag = NULL };
		return err_set(
		    e, ERR_PARSE, 0, "what was remembered of a feed is of form %u or damaged", form);
	}
	if (feedstate_set(&out->etag, etag, e) && feedstate_set(&out->last_modified, last_modified, e) &&
	    feedstate_set(&out->error, error, e) && feedstate_set(&out->validator_url, validator_url, e))
		return true;
	feedstate_fini(out);
	return false;
}
