/* review: the ledger's line, and what stands beside it in the journal. */
#include "daemon/pipe/review.h"

#include "daemon/base/date.h"
#include "daemon/base/json.h"

#include <stdlib.h>

#define FORM 1 /* raised only when a field changes its meaning */

const char *const review_verdict_names[REVIEW_VERDICTS] = {
	[REVIEW_CONFIRMED] = "confirmed", [REVIEW_REJECTED] = "rejected"
};

bool review_verdict_from(struct str name, enum review_verdict *out)
{
	for (int i = 0; i < REVIEW_VERDICTS; i++) {
		if (!str_eq(name, str_from(review_verdict_names[i])))
			continue;
		*out = (enum review_verdict)i;
		return true;
	}
	return false;
}

struct review *review_new(const struct review *from, struct str key, struct str by, struct str why)
{
	size_t room = sizeof(struct review) + key.n + by.n + why.n + 3;
	struct review *r = calloc(1, room);
	char *p;

	if (!r)
		return NULL;
	p = (char *)(r + 1);
	*r = *from;
	r->key = p;
	memcpy(r->key, key.n ? key.p : "", key.n);
	r->by = r->key + key.n + 1;
	memcpy(r->by, by.p, by.n);
	r->why = r->by + by.n + 1;
	memcpy(r->why, why.p, why.n);
	return r;
}

void review_write(const struct review *r, int64_t at, struct chain *chain, struct buf *out)
{
	struct chain_line line;
	struct json *w = chain_line_open(&line, chain, out);
	char text[DATE_TEXT_MAX];

	json_key_string(w, "at", str_of(text, date_format_ms(at, text)));
	json_key(w, "record");
	json_u64(w, r->record);
	json_key_string_opt(w, "key", str_from(r->key));
	json_key_string(w, "verdict", str_from(review_verdict_names[r->verdict]));
	json_key_string(w, "by", str_from(r->by));
	json_key_string(w, "why", str_from(r->why));
	chain_line_close(&line);
}

void review_entry_encode(const struct review_entry *x, struct buf *out)
{
	buf_byte(out, FORM);
	buf_le64(out, x->seq);
	buf_le64(out, (uint64_t)x->at);
	buf_le64(out, x->record);
	buf_byte(out, (char)x->verdict);
	buf_str32(out, x->request);
}

bool review_entry_decode(struct str meta, struct review_entry *x)
{
	struct rd r = { meta.p, meta.n, false };
	uint8_t form = rd_u8(&r), verdict;

	*x = (struct review_entry){ .seq = rd_le64(&r) };
	x->at = (int64_t)rd_le64(&r);
	x->record = rd_le64(&r);
	verdict = rd_u8(&r);
	x->verdict = (enum review_verdict)verdict;
	x->request = rd_str32(&r);
	return !r.failed && form == FORM && verdict < REVIEW_VERDICTS;
}
