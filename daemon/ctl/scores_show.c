/* scores_show: tables for people, JSON for programs. */
#include "daemon/ctl/scores_show.h"

#include "daemon/base/utf8.h"

#include <stdlib.h>

static const struct scores_part everything = { SCORES_ANY, SCORES_ANY, false };
static const struct scores_part clear_ones = { SCORES_ANY, SCORES_ANY, true };

struct mistake {
	double p;
	size_t text;
	bool missed;
};

/* How far on the wrong side. */
static double badness(const struct mistake *m)
{
	return m->missed ? 1 - m->p : m->p;
}

static int worst_first(const void *a, const void *b)
{
	const struct mistake *x = a, *y = b;
	double bx = badness(x), by = badness(y);
	if (bx != by)
		return bx > by ? -1 : 1;
	return (x->text > y->text) - (x->text < y->text);
}

/* The mistakes of a topic, worst first, into `out`; returns how many. */
static size_t mistakes(const struct scores *s, size_t topic, struct buf *out)
{
	buf_init(out, SCORES_MAX);
	for (size_t i = 0; i < s->n; i++) {
		const struct score *c = scores_cell(s, i, topic);
		if ((c->decision == CLS_MATCH) == (c->truth > 0))
			continue;
		struct mistake m = { c->p, i, c->truth > 0 };
		buf_add(out, &m, sizeof(m));
	}
	size_t n = out->n / sizeof(struct mistake);
	if (n > 0)
		qsort(out->p, n, sizeof(struct mistake), worst_first);
	return n;
}

static const char *topic_name(const struct scores *s, size_t topic)
{
	return cls_topic(s->classifier, topic)->name;
}

static bool print_topics(struct printer *p, const struct scores *s)
{
	print_column(p, PRINT_BOLD, STR("topic"), 22);
	print_styled(p, PRINT_BOLD,
	    STR("precision        recall           F1                  AP    ECE   hit wrong missed  "
	        "review(right/wrong)"));
	print_fmt(p, "\n");
	for (size_t i = 0; i < s->topics; i++) {
		struct scores_topic t;
		if (!scores_measure(s, i, everything, &t))
			return false;
		struct scores_interval a = scores_wilson((double)t.hit, (double)(t.hit + t.wrong)),
		                       b = scores_wilson((double)t.hit, (double)(t.hit + t.missed)),
		                       f = scores_f1_interval(&t);
		print_column(p, PRINT_PLAIN, str_from(topic_name(s, i)), 22);
		print_fmt(p, "%.3f %.2f-%.2f  %.3f %.2f-%.2f  %.3f %.3f-%.3f  %.3f  %.3f", t.precision, a.low,
		    a.high, t.recall, b.low, b.high, t.f1, f.low, f.high, t.average_precision, t.ece);
		print_fmt(p, " %5llu %5llu %6llu  %llu/%llu\n", (unsigned long long)t.hit,
		    (unsigned long long)t.wrong, (unsigned long long)t.missed,
		    (unsigned long long)t.review_hit, (unsigned long long)t.review_wrong);
	}
	return true;
}

/* One line per name: how far it is from the whole shows whether all are served alike. */
static bool print_parts(
    struct printer *p, const struct scores *s, const struct score_names *names, bool languages)
{
	struct scores_mean all;
	if (names->n < 2 && !languages)
		return true;
	if (!scores_mean(s, everything, &all))
		return false;
	print_fmt(p, "\n");
	for (size_t i = 0; i < names->n; i++) {
		struct scores_mean m;
		struct scores_part part = everything;
		*(languages ? &part.language : &part.source) = i;
		if (!scores_mean(s, part, &m))
			return false;
		print_fmt(p, "  ");
		print_column(p, PRINT_PLAIN, scores_name(names, i), languages ? 10 : 40);
		print_fmt(p, "%6llu texts %5llu labels  macro F1 %.3f  AP %.3f  %+.3f\n",
		    (unsigned long long)m.texts, (unsigned long long)m.positives, m.f1, m.average_precision,
		    m.f1 - all.f1);
	}
	return true;
}

static bool print_reliability(struct printer *p, const struct scores *s)
{
	print_fmt(p, "\n");
	print_styled(
	    p, PRINT_BOLD, STR("reliability: texts of a probability, and the share of them that belongs"));
	print_fmt(p, "\n");
	for (size_t i = 0; i < s->topics; i++) {
		struct scores_topic t;
		if (!scores_measure(s, i, everything, &t))
			return false;
		print_column(p, PRINT_PLAIN, str_from(topic_name(s, i)), 22);
		for (int b = 0; b < SCORES_BINS; b++)
			if (t.bin_texts[b] > 0)
				print_fmt(p, "  %.2f: %llu, %.2f", t.bin_p[b],
				    (unsigned long long)t.bin_texts[b], t.bin_truth[b]);
		print_fmt(p, "\n");
	}
	return true;
}

static bool print_mistakes(struct printer *p, const struct scores *s, uint64_t wrong)
{
	for (size_t i = 0; i < s->topics && wrong > 0; i++) {
		struct buf list;
		size_t n = mistakes(s, i, &list);
		const struct mistake *m = (const struct mistake *)(const void *)list.p;
		print_fmt(p, "\n");
		print_styled(p, PRINT_BOLD, str_from(topic_name(s, i)));
		print_fmt(p, ": %zu wrong\n", n);
		for (size_t k = 0; k < n && k < wrong && !list.failed; k++) {
			const struct score_text *t = scores_text(s, m[k].text);
			print_fmt(p, "  %s %.3f  ", m[k].missed ? "missed" : "found ", m[k].p);
			print_styled(p, PRINT_CYAN, t->id.n > 0 ? t->id : STR("-"));
			print_fmt(p, "  ");
			print_text(p, utf8_cut(t->title, 200));
			print_fmt(p, "\n");
		}
		bool good = !list.failed;
		buf_fini(&list);
		if (!good)
			return false;
	}
	return true;
}

static uint64_t count_borderline(const struct scores *s)
{
	uint64_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		n += scores_text(s, i)->borderline;
	return n;
}

bool scores_print(struct printer *p, const struct scores *s, uint64_t wrong)
{
	struct scores_mean all, clear;
	if (!print_topics(p, s) || !print_parts(p, s, &s->languages, true) ||
	    !print_parts(p, s, &s->sources, false) || !print_reliability(p, s) ||
	    !print_mistakes(p, s, wrong) || !scores_mean(s, everything, &all) ||
	    !scores_mean(s, clear_ones, &clear))
		return false;
	print_fmt(p, "\n%llu texts, macro F1 %.3f, mean average precision %.3f, ECE %.3f",
	    (unsigned long long)s->n, all.f1, all.average_precision, all.ece);
	print_fmt(
	    p, "; without %llu borderline ones %.3f\n", (unsigned long long)count_borderline(s), clear.f1);
	return true;
}

static void write_number(struct json *w, const char *key, double v)
{
	json_key(w, key);
	json_num(w, v, 4);
}

static void write_interval(struct json *w, const char *key, struct scores_interval i)
{
	json_key(w, key);
	json_open_array(w);
	json_num(w, i.low, 4);
	json_num(w, i.high, 4);
	json_close_array(w);
}

static void write_reliability(struct json *w, const struct scores_topic *t)
{
	json_key(w, "reliability");
	json_open_array(w);
	for (int b = 0; b < SCORES_BINS; b++) {
		json_open_object(w);
		json_key_int(w, "texts", (int64_t)t->bin_texts[b]);
		write_number(w, "probability", t->bin_p[b]);
		write_number(w, "share", t->bin_truth[b]);
		json_close_object(w);
	}
	json_close_array(w);
}

static bool write_mistakes(struct json *w, const struct scores *s, size_t topic, uint64_t wrong)
{
	struct buf list;
	size_t n = mistakes(s, topic, &list);
	const struct mistake *m = (const struct mistake *)(const void *)list.p;
	json_key(w, "mistakes");
	json_open_array(w);
	for (size_t k = 0; k < n && k < wrong && !list.failed; k++) {
		const struct score_text *t = scores_text(s, m[k].text);
		json_open_object(w);
		json_key_string(w, "id", t->id);
		json_key_string(w, "title", t->title);
		json_key_string(w, "kind", m[k].missed ? STR("missed") : STR("wrong"));
		write_number(w, "score", m[k].p);
		json_close_object(w);
	}
	json_close_array(w);
	bool good = !list.failed;
	buf_fini(&list);
	return good;
}

static bool write_topic(struct json *w, const struct scores *s, size_t topic, uint64_t wrong)
{
	struct scores_topic t;
	if (!scores_measure(s, topic, everything, &t))
		return false;
	json_open_object(w);
	json_key_string(w, "topic", str_from(topic_name(s, topic)));
	write_number(w, "precision", t.precision);
	write_number(w, "recall", t.recall);
	write_number(w, "f1", t.f1);
	json_key_int(w, "hit", (int64_t)t.hit);
	json_key_int(w, "wrong", (int64_t)t.wrong);
	json_key_int(w, "missed", (int64_t)t.missed);
	json_key_int(w, "review_hit", (int64_t)t.review_hit);
	json_key_int(w, "review_wrong", (int64_t)t.review_wrong);
	write_interval(w, "precision_95", scores_wilson((double)t.hit, (double)(t.hit + t.wrong)));
	write_interval(w, "recall_95", scores_wilson((double)t.hit, (double)(t.hit + t.missed)));
	write_interval(w, "f1_95", scores_f1_interval(&t));
	write_number(w, "average_precision", t.average_precision);
	write_number(w, "ece", t.ece);
	write_reliability(w, &t);
	bool good = write_mistakes(w, s, topic, wrong);
	json_close_object(w);
	return good;
}

static bool write_parts(struct json *w, const struct scores *s, const struct score_names *names,
    const char *list, const char *name, bool languages)
{
	json_key(w, list);
	json_open_array(w);
	for (size_t i = 0; i < names->n; i++) {
		struct scores_mean m;
		struct scores_part part = everything;
		*(languages ? &part.language : &part.source) = i;
		if (!scores_mean(s, part, &m))
			return false;
		json_open_object(w);
		json_key_string(w, name, scores_name(names, i));
		json_key_int(w, "texts", (int64_t)m.texts);
		json_key_int(w, "labels", (int64_t)m.positives);
		write_number(w, "macro_f1", m.f1);
		write_number(w, "average_precision", m.average_precision);
		json_close_object(w);
	}
	json_close_array(w);
	return true;
}

bool scores_write(struct json *w, const struct scores *s, uint64_t wrong)
{
	struct scores_mean all, clear;
	if (!scores_mean(s, everything, &all) || !scores_mean(s, clear_ones, &clear))
		return false;
	json_key_int(w, "texts", (int64_t)s->n);
	json_key_int(w, "borderline", (int64_t)count_borderline(s));
	write_number(w, "macro_f1", all.f1);
	write_number(w, "macro_f1_clear", clear.f1);
	write_number(w, "mean_average_precision", all.average_precision);
	write_number(w, "ece", all.ece);
	json_key(w, "topics");
	json_open_array(w);
	for (size_t i = 0; i < s->topics; i++)
		if (!write_topic(w, s, i, wrong))
			return false;
	json_close_array(w);
	if (!write_parts(w, s, &s->languages, "languages", "lang", true) ||
	    !write_parts(w, s, &s->sources, "sources", "source", false))
		return false;
	json_key_string(w, "model", str_from(cls_model_id(s->classifier)));
	return true;
}
