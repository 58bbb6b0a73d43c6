/* cls_memo: making the memo, and entries of it. */
#include "classifiers/cls_memo.h"

#include <stdlib.h>

#define CACHE_LINE 64u /* bytes */

bool cls_memo_open(struct cls_memo *memo, const struct cls_phrases *p, const struct cls_model *m, uint64_t of)
{
	size_t stride = sizeof(struct cls_memo_word) + (m != NULL ? m->cells - 1 : 0) * sizeof(int32_t);
	size_t places = CLS_MEMO_PLACES;
	void *memory = memo->memory;

	memo->phrases = p;
	memo->model = m;
	if (memory != NULL && memo->of == of)
		return true;
	stride = (stride + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	while (places * stride > CLS_MEMO_BYTES)
		places /= 2;
	if (!cls_grow(&memory, &memo->capacity, places * stride + CLS_PAGE, 1) || memory == NULL)
		return false;
	memo->memory = memory;
	memo->place = cls_large_pages(memory, places * stride);
	memset(memo->place, 0, places * stride);
	memo->mask = places - 1;
	memo->stride = stride;
	memo->of = of;
	return true;
}

void cls_memo_make(const struct cls_memo *memo, struct cls_memo_word *w, const struct cls_memo_key *key,
    const struct cls_token *k, const unsigned char *text)
{
	w->key = *key;
	if (k->len > CLS_MEMO_LONGEST)
		w->key = (struct cls_memo_key){ 0 };
	w->seen = cls_phrases_see(memo->phrases, text + k->off, k->len);
	if (memo->model != NULL)
		cls_model_word(memo->model, cls_term_word(key->hash), k, text, &w->sums);
}

void cls_memo_fini(struct cls_memo *memo)
{
	free(memo->memory);
	memset(memo, 0, sizeof *memo);
}
