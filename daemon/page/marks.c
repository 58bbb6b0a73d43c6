/* marks: spans of all topics, in order, those that overlap left out behind the heavier. */
#include "daemon/page/marks.h"

#include "daemon/base/attr.h"
#include "daemon/page/markup.h"
#include "daemon/page/page_priv.h"

#include <stdlib.h>

#define SPANS_MAX 80u

struct span {
	size_t start, end; /* bytes of the field */
	double weight;
	struct str topic;
};

struct spans {
	struct span at[SPANS_MAX];
	size_t count;
};

static bool overlaps(const struct spans *s, const struct span *x)
{
	for (size_t i = 0; i < s->count; i++)
		if (x->start < s->at[i].end && s->at[i].start < x->end)
			return true;
	return false;
}

static bool is_boundary(struct str text, size_t at)
{
	return at == text.n || ((unsigned char)text.p[at] & 0xc0) != 0x80;
}

/* Heaviest first, as the record lists them. */
static void take(struct spans *s, struct str text, struct str topic, const json_t *evidence)
{
	json_int_t start = member_number(evidence, "start"), length = member_number(evidence, "length");
	struct span x = { .weight = json_number_value(json_object_get(evidence, "weight")), .topic = topic };

	if (start < 0 || length <= 0 || (size_t)start >= text.n || (size_t)length > text.n - (size_t)start)
		return;
	x.start = (size_t)start;
	x.end = x.start + (size_t)length;
	if (s->count < SPANS_MAX && is_boundary(text, x.start) && is_boundary(text, x.end) &&
	    !overlaps(s, &x))
		s->at[s->count++] = x;
}

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void collect(struct spans *s, const json_t *record, const char *field, struct str text)
{
	const json_t *topics = json_object_get(record, "topics");

	s->count = 0;
	for (size_t i = 0; i < json_array_size(topics); i++) {
		const json_t *topic = json_array_get(topics, i), *list = json_object_get(topic, "evidence");

		for (size_t k = 0; k < json_array_size(list); k++)
			if (str_eq(member(json_array_get(list, k), "field"), str_from(field)))
				take(s, text, member(topic, "topic"), json_array_get(list, k));
	}
	qsort(s->at, s->count, sizeof(s->at[0]), by_start);
}

static void write_span(struct buf *b, struct str text, const struct span *x)
{
	buf_fmt(b, "<mark%s title=\"", x->weight < 0 ? " class=\"against\"" : "");
	markup_text(b, x->topic);
	buf_fmt(b, " %+.1f\">", x->weight);
	markup_text(b, str_of(text.p + x->start, x->end - x->start));
	buf_str(b, STR("</mark>"));
}

size_t marks_write(struct buf *b, const json_t *record, const char *field, size_t room)
{
	struct str text = markup_fit(member(record, field), room);
	struct spans *s = malloc(sizeof(*s));
	size_t at = 0;

	if (!s) {
		markup_text(b, text);
		return text.n;
	}
	collect(s, record, field, text);
	for (size_t i = 0; i < s->count; i++) {
		markup_text(b, str_of(text.p + at, s->at[i].start - at));
		write_span(b, text, &s->at[i]);
		at = s->at[i].end;
	}
	markup_text(b, str_skip(text, at));
	free(s);
	return text.n;
}
