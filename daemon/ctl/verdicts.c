/* verdicts: the ledger read once, as a sorted list. */
#include "daemon/ctl/verdicts.h"

#include "daemon/base/fs.h"
#include "daemon/ctl/intact.h"
#include "daemon/ctl/member.h"
#include "daemon/pipe/review.h"
#include "daemon/pipe/storage.h"
#include "daemon/store/reader.h"

#include <stdlib.h>

#define VERDICTS_MAX ((size_t)1 << 30) /* bytes: some 17 million decisions */

static bool add(struct verdicts *v, const json_t *line, struct arena *arena, struct err *e)
{
	enum review_verdict said;
	struct str topic = member(line, "topic");
	struct verdict one = { .record = (uint64_t)member_number(line, "record"),
		.seq = (uint64_t)member_number(line, "seq"),
		.topic = STR("") };
	if (!review_verdict_from(member(line, "verdict"), &said))
		return true;
	one.confirmed = said == REVIEW_CONFIRMED;
	if (topic.n > 0)
		one.topic = arena_str(arena, topic);
	one.by = arena_str(arena, member(line, "by"));
	one.why = arena_str(arena, member(line, "why"));
	buf_add(&v->list, &one, sizeof(one));
	return (!v->list.failed && !arena_failed(arena)) || err_nomem(e);
}

static int by_record(const void *a, const void *b)
{
	const struct verdict *x = a, *y = b;
	if (x->record != y->record)
		return x->record < y->record ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

bool verdicts_read(struct verdicts *v, const char *directory, struct arena *arena, struct err *e)
{
	struct reader *r = NULL;
	struct reader_line line;
	enum reader_result got = READER_FAILED;
	buf_init(&v->list, VERDICTS_MAX);
	v->n = v->damages = 0;
	bool good = reader_open(&fs_system, directory, STORE_REVIEWS, &r, e);
	while (good && (got = reader_next_whole(r, &line, ctl_tell_damage, &v->damages, e)) == READER_LINE) {
		if (!intact(line.file, line.number, line.text, &v->damages))
			continue;
		json_t *object = json_loadb(line.text.p, line.text.n, JSON_ALLOW_NUL, NULL);
		good = add(v, object, arena, e);
		json_decref(object);
	}
	reader_close(&r);
	if (!good || got != READER_END)
		return false;
	v->n = v->list.n / sizeof(struct verdict);
	if (v->n > 0)
		qsort(v->list.p, v->n, sizeof(struct verdict), by_record);
	return true;
}

void verdicts_free(struct verdicts *v)
{
	buf_fini(&v->list);
	v->n = 0;
}

const struct verdict *verdicts_at(const struct verdicts *v, size_t i)
{
	return (const struct verdict *)(const void *)v->list.p + i;
}

size_t verdicts_first(const struct verdicts *v, uint64_t record)
{
	size_t low = 0, high = v->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (verdicts_at(v, middle)->record < record)
			low = middle + 1;
		else
			high = middle;
	}
	return low < v->n && verdicts_at(v, low)->record == record ? low : v->n;
}

const struct verdict *verdicts_find(const struct verdicts *v, uint64_t record, struct str topic, bool had)
{
	const struct verdict *found = NULL;
	for (size_t i = verdicts_first(v, record); i < v->n && verdicts_at(v, i)->record == record; i++) {
		const struct verdict *one = verdicts_at(v, i);
		if (one->topic.n > 0 ? str_eq(one->topic, topic) : had)
			found = one;
	}
	return found;
}

bool verdicts_walk(struct verdicts *v, const char *directory, verdicts_each_f *each, void *ctx, struct err *e)
{
	struct reader *r = NULL;
	struct reader_line line;
	enum reader_result got = READER_END;
	if (v->n == 0)
		return true;
	uint64_t seq, last = verdicts_at(v, v->n - 1)->record;
	bool good = reader_open(&fs_system, directory, STORE_ITEMS, &r, e) &&
	            reader_seek_seq(r, verdicts_at(v, 0)->record - 1, e);
	while (good && (got = reader_next_whole(r, &line, ctl_tell_damage, &v->damages, e)) == READER_LINE &&
	       (seq = reader_line_seq(line.text)) <= last) {
		/* Without a number it may be one that somebody decided about. */
		if ((seq > 0 && verdicts_first(v, seq) == v->n) ||
		    !intact(line.file, line.number, line.text, &v->damages))
			continue;
		json_t *record = json_loadb(line.text.p, line.text.n, JSON_ALLOW_NUL, NULL);
		good = !record || each(ctx, record, seq, e);
		json_decref(record);
	}
	reader_close(&r);
	return good && got != READER_FAILED;
}
