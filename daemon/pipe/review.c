/* review: the ledger's line, and what stands beside it in the journal. */
#include "daemon/pipe/review.h"

#include "daemon/base/date.h"
#include "daemon/base/json.h"

#include <stdlib.h>

#define FORM 1 /* raised only when a field changes its meaning */
#define FORM_TOPIC 2 /* the same, and a topic */
#define FORM_ALSO 3 /* the same, and other records; the topic may be empty */

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

/* Takes its place behind the one before it. */
static char *put(char **end, struct str text)
{
	char *p = *end;

	memcpy(p, text.n ? text.p : "", text.n);
	*end += text.n + 1;
	return p;
}

struct review *review_new(const struct review *from, const struct review_texts *t)
{
	size_t numbers = from->also_count * sizeof(*from->also);
	struct review *r = calloc(1, sizeof(*r) + numbers + t->key.n + t->by.n + t->why.n + t->topic.n + 4);
	char *end;

	if (!r)
		return NULL;
	*r = *from;
	r->also = (uint64_t *)(void *)(r + 1);
	if (numbers)
		memcpy(r->also, from->also, numbers);
	end = (char *)(r->also + from->also_count);
	r->key = put(&end, t->key);
	r->by = put(&end, t->by);
	r->why = put(&end, t->why);
	r->topic = put(&end, t->topic);
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
	if (r->also_count > 0) {
		json_key(w, "also");
		json_open_array(w);
		for (size_t i = 0; i < r->also_count; i++)
			json_u64(w, r->also[i]);
		json_close_array(w);
	}
	json_key_string_opt(w, "topic", str_from(r->topic));
	json_key_string(w, "verdict", str_from(review_verdict_names[r->verdict]));
	json_key_string(w, "by", str_from(r->by));
	json_key_string(w, "why", str_from(r->why));
	chain_line_close(&line);
}

void review_entry_encode(const struct review_entry *x, struct buf *out)
{
	buf_byte(out, x->also.n ? FORM_ALSO : x->topic.n ? FORM_TOPIC : FORM);
	buf_le64(out, x->seq);
	buf_le64(out, (uint64_t)x->at);
	buf_le64(out, x->record);
	buf_byte(out, (char)x->verdict);
	buf_str32(out, x->request);
	if (x->topic.n || x->also.n)
		buf_str32(out, x->topic);
	if (x->also.n)
		buf_str32(out, x->also);
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
	x->topic = form == FORM ? STR("") : rd_str32(&r);
	x->also = form == FORM_ALSO ? rd_str32(&r) : STR("");
	return !r.failed && form >= FORM && form <= FORM_ALSO && verdict < REVIEW_VERDICTS &&
	       x->also.n % 8 == 0;
}
