/* evidence: sums of weights, and a line for each piece. */
#include "daemon/ctl/evidence.h"

#include <math.h>

#define AROUND 60 /* bytes of text shown on each side of the words that counted */

static bool is_continuation(struct str s, size_t at)
{
	return at < s.n && ((unsigned char)s.p[at] & 0xc0) == 0x80;
}

/* The words with what stands around them, on one line. */
static void print_context(struct printer *p, struct str field, const struct cls_evidence *e)
{
	size_t start = e->start < field.n ? e->start : field.n;
	size_t end = field.n - start < e->length ? field.n : start + e->length;
	size_t from = start > AROUND ? start - AROUND : 0;
	size_t to = field.n - end > AROUND ? end + AROUND : field.n;
	while (is_continuation(field, from))
		from++;
	while (is_continuation(field, to))
		to--;
	print_text(p, from > 0 ? STR("…") : STR(""));
	print_text(p, str_of(field.p + from, start - from));
	if (!p->colour)
		print_text(p, STR("["));
	print_styled(p, PRINT_MARK, str_of(field.p + start, end - start));
	if (!p->colour)
		print_text(p, STR("]"));
	print_text(p, str_of(field.p + end, to - end));
	print_text(p, to < field.n ? STR("…") : STR(""));
}

void evidence_print(struct printer *p, struct str title, struct str text, const struct cls_evidence *e)
{
	print_style(p, e->weight < 0 ? PRINT_RED : PRINT_GREEN);
	print_fmt(p, "    %+6.2f", e->weight);
	print_style(p, PRINT_PLAIN);
	print_fmt(p, "  %-6s ", cls_by_name(e->by));
	if (e->line > 0)
		print_fmt(p, "line %-4d ", e->line);
	else
		print_fmt(p, "%-10s", "");
	print_fmt(p, "%s: ", e->field == CLS_FIELD_TITLE ? "title" : "text");
	print_context(p, e->field == CLS_FIELD_TITLE ? title : text, e);
	print_fmt(p, "\n");
}

struct str evidence_words(struct str title, struct str text, const struct cls_evidence *e)
{
	struct str rest = str_skip(e->field == CLS_FIELD_TITLE ? title : text, e->start);
	return str_of(rest.p, e->length < rest.n ? e->length : rest.n);
}

static double log_odds(double score)
{
	double bounded = score < 1e-6 ? 1e-6 : score > 1 - 1e-6 ? 1 - 1e-6 : score;
	return log(bounded / (1 - bounded));
}

double evidence_gap(const struct cls_topic *topic, const struct cls_result *r)
{
	return log_odds(topic->match) - log_odds(r->score);
}

size_t evidence_flip(const struct cls_topic *topic, const struct cls_result *r,
    const struct cls_evidence *out[CLS_EVIDENCE_MAX])
{
	bool match = r->decision == CLS_MATCH;
	double gap = evidence_gap(topic, r), needed = match ? -gap : gap, sum = 0;
	size_t n = 0;
	for (size_t i = 0; i < r->evidence_count && (match ? sum <= needed : sum < needed); i++) {
		double weight = match ? r->evidence[i].weight : -r->evidence[i].weight;
		if (weight <= 0)
			continue;
		sum += weight;
		out[n++] = &r->evidence[i];
	}
	return (match ? sum > needed : sum >= needed) ? n : 0;
}
