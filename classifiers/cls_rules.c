/* cls_rules: which hits count. What they add is in cls_rules_score.c. */
#include "classifiers/cls_rules.h"

#include <stdlib.h>
#include <string.h>

struct hits { /* of one set, in order of their ends */
	const struct cls_hit *hit;
	const uint32_t *index;
	uint32_t n;
	uint32_t cursor; /* where the last search ended: hits are asked for in order */
};

static struct hits hits_of(const struct cls_evaluation *v, uint32_t set)
{
	const struct cls_set_hits *s = &v->set[set];

	if (s->count == 0)
		return (struct hits){ 0 };
	return (struct hits){ v->hit, v->set_hit + s->end - s->count, s->count, 0 };
}

static const struct cls_hit *at(const struct hits *h, uint32_t i)
{
	return &h->hit[h->index[i]];
}

/* Moves the cursor to the first hit that ends behind pos. */
static void seek(struct hits *h, uint32_t pos)
{
	while (h->cursor > 0 && at(h, h->cursor - 1)->pos_end > pos)
		h->cursor--;
	while (h->cursor < h->n && at(h, h->cursor)->pos_end <= pos)
		h->cursor++;
}

/* The nearest partner at most `within` half words away, or CLS_PHRASE_NONE. */
static uint32_t near_by(struct hits *h, const struct cls_hit *of, uint32_t within, bool may_overlap)
{
	const uint32_t longest = CLS_PHRASE_WORDS_MAX * CLS_WORD_STEP;
	uint32_t best = CLS_PHRASE_NONE, best_gap = within;

	seek(h, of->pos);
	if (h->cursor > 0) {
		uint32_t gap = of->pos - at(h, h->cursor - 1)->pos_end;
		if (gap <= best_gap) {
			best = h->index[h->cursor - 1];
			best_gap = gap;
		}
	}
	for (uint32_t i = h->cursor; i < h->n; i++) {
		const struct cls_hit *p = at(h, i);
		if (p->pos_end > of->pos_end + best_gap + longest)
			break;
		if (p->pos < of->pos_end && may_overlap)
			return h->index[i];
		if (p->pos < of->pos_end || p->pos - of->pos_end > best_gap)
			continue;
		return h->index[i];
	}
	return best;
}

static bool overlap(const struct cls_hit *a, const struct cls_hit *b)
{
	return a->pos < b->pos_end && b->pos < a->pos_end;
}

/* Any partner in the same sentence. Phrases do not cross sentences, so these are in order too. */
static uint32_t in_sentence(struct hits *h, const struct cls_hit *of, bool may_overlap)
{
	while (h->cursor > 0 && at(h, h->cursor - 1)->sentence >= of->sentence)
		h->cursor--;
	while (h->cursor < h->n && at(h, h->cursor)->sentence < of->sentence)
		h->cursor++;
	for (uint32_t i = h->cursor; i < h->n && at(h, i)->sentence == of->sentence; i++)
		if (may_overlap || !overlap(at(h, i), of))
			return h->index[i];
	return CLS_PHRASE_NONE;
}

static uint32_t anywhere(const struct hits *h, const struct cls_hit *of, bool may_overlap)
{
	for (uint32_t i = 0; i < h->n; i++)
		if (may_overlap || !overlap(at(h, i), of))
			return h->index[i];
	return CLS_PHRASE_NONE;
}

static uint32_t in_passage(struct hits *h, const struct cls_hit *of, bool may_overlap)
{
	uint32_t found = near_by(h, of, CLS_WITHIN_PASSAGE, may_overlap);

	if (found != CLS_PHRASE_NONE)
		return found;
	if (of->sentence == 0)
		return anywhere(h, of, may_overlap);
	for (uint32_t i = 0; i < h->n && at(h, i)->sentence == 0; i++)
		if (may_overlap || !overlap(at(h, i), of))
			return h->index[i];
	return CLS_PHRASE_NONE;
}

static uint32_t find_partner(struct hits *h, const struct cls_hit *of, uint32_t within, bool may_overlap)
{
	if (h->n == 0)
		return CLS_PHRASE_NONE;
	switch (within) {
	case CLS_WITHIN_SENTENCE:
		return in_sentence(h, of, may_overlap);
	case CLS_WITHIN_WHOLE_PASSAGE:
		return in_passage(h, of, may_overlap);
	case CLS_WITHIN_ANYWHERE:
		return anywhere(h, of, may_overlap);
	default:
		return near_by(h, of, within, may_overlap);
	}
}

/* Bytes of the first `lead` characters of the text. */
static uint32_t lead_bytes(struct cls_evaluation *v, uint32_t lead)
{
	size_t i = 0;

	if (v->lead == lead)
		return v->lead_bytes;
	for (uint32_t left = lead; i < v->text.n; i++)
		if (((unsigned char)v->text.p[i] & 0xc0) != 0x80 && left-- == 0)
			break;
	v->lead = lead;
	return v->lead_bytes = (uint32_t)i;
}

static bool is_where(struct cls_evaluation *v, const struct cls_rule *r, const struct cls_hit *h)
{
	bool title = h->sentence == 0;

	switch (r->in) {
	case CLS_IN_TITLE:
		return title;
	case CLS_IN_TEXT:
		return !title;
	case CLS_IN_LEAD:
		return title || h->start < lead_bytes(v, v->rules->topic[r->topic].lead);
	default:
		return true;
	}
}

struct partners { /* of one rule */
	struct hits near[CLS_CONDITIONS_MAX], unless[CLS_CONDITIONS_MAX];
};

/* Whether the hit counts; partner: the first condition's. */
static bool counts(struct cls_evaluation *v, const struct cls_rule *r, struct partners *p,
    const struct cls_hit *h, uint32_t *partner)
{
	*partner = CLS_PHRASE_NONE;
	if (!is_where(v, r, h))
		return false;
	for (uint32_t i = 0; i < r->near_count; i++) {
		uint32_t found = find_partner(&p->near[i], h, r->near[i].within, false);
		if (found == CLS_PHRASE_NONE)
			return false;
		if (i == 0)
			*partner = found;
	}
	for (uint32_t i = 0; i < r->unless_count; i++)
		if (find_partner(&p->unless[i], h, r->unless[i].within, true) != CLS_PHRASE_NONE)
			return false;
	return true;
}

/* Of hits that overlap only the longest stays. */
static void keep_longest(struct cls_evaluation *v, struct cls_fired *f, struct cls_found found)
{
	const struct cls_hit *h = &v->hit[found.hit];

	while (f->count > 0) {
		const struct cls_hit *last = &v->hit[v->found[f->first + f->count - 1].hit];
		if (!overlap(last, h))
			break;
		if (last->pos_end - last->pos >= h->pos_end - h->pos)
			return;
		f->count--;
	}
	v->found[f->first + f->count++] = found;
}

static bool evaluate_rule(struct cls_evaluation *v, uint32_t number)
{
	const struct cls_rule *r = &v->rules->rule[number];
	struct hits own = hits_of(v, r->set);
	struct cls_fired f = { .rule = number, .first = (uint32_t)v->founds };
	struct partners partners;

	for (uint32_t i = 0; i < r->near_count; i++)
		if ((partners.near[i] = hits_of(v, r->near[i].set)).n == 0)
			return true;
	for (uint32_t i = 0; i < r->unless_count; i++)
		partners.unless[i] = hits_of(v, r->unless[i].set);
	if (!cls_grow((void **)&v->found, &v->found_capacity, v->founds + own.n, sizeof *v->found) ||
	    !cls_grow((void **)&v->fired, &v->fired_capacity, v->fireds + 1, sizeof *v->fired))
		return false;
	for (uint32_t i = 0; i < own.n; i++) {
		struct cls_found found = { own.index[i], CLS_PHRASE_NONE };
		if (counts(v, r, &partners, at(&own, i), &found.partner))
			keep_longest(v, &f, found);
	}
	if (f.count == 0)
		return true;
	while (f.titles < f.count && v->hit[v->found[f.first + f.titles].hit].sentence == 0)
		f.titles++;
	f.next = v->topic_fired[r->topic];
	v->founds += f.count;
	v->fired[v->fireds++] = f;
	v->topic_fired[r->topic] = (uint32_t)v->fireds;
	return true;
}

/* The first set with hits from `set` on, or set_count. */
static uint32_t next_touched(const struct cls_evaluation *v, uint32_t set)
{
	uint64_t bits;

	if (set >= v->rules->set_count)
		return v->rules->set_count;
	bits = v->touched[set / 64] & UINT64_MAX << set % 64;
	while (bits == 0) {
		set = (set / 64 + 1) * 64;
		if (set >= v->rules->set_count)
			return v->rules->set_count;
		bits = v->touched[set / 64];
	}
	return set / 64 * 64 + (uint32_t)__builtin_ctzll(bits);
}

static void count_hit(struct cls_evaluation *v, uint32_t set, uint32_t times)
{
	v->set[set].count += times;
	v->touched[set / 64] |= 1ull << set % 64;
}

/* What one hit costs a list: itself, and its rules. */
static size_t pairs_with(const struct cls_rules *r, uint32_t set)
{
	return 1 + r->set_rules[set + 1] - r->set_rules[set];
}

/* What one hit of it costs all of its lists. */
static size_t pairs_of(const struct cls_rules *r, uint32_t phrase)
{
	size_t n = 0;

	for (uint32_t k = r->phrase_sets[phrase]; k < r->phrase_sets[phrase + 1]; k++)
		n += pairs_with(r, r->sets[k]);
	return n;
}

/* Counts the hits of each set. False: there are more pairs than may be. */
static bool count_hits(struct cls_evaluation *v)
{
	const struct cls_rules *r = v->rules;
	size_t pairs = 0;

	for (size_t i = 0; i < v->hits; i++) {
		uint32_t phrase = v->hit[i].phrase;

		for (uint32_t k = r->phrase_sets[phrase]; k < r->phrase_sets[phrase + 1]; k++) {
			count_hit(v, r->sets[k], 1);
			pairs += pairs_with(r, r->sets[k]);
		}
		if (pairs > CLS_PAIRS_MAX)
			return false;
	}
	return true;
}

static void forget_hits(struct cls_evaluation *v)
{
	for (uint32_t s = next_touched(v, 0); s < v->rules->set_count; s = next_touched(v, s + 1))
		v->set[s].count = 0;
	memset(v->touched, 0, (v->rules->set_count + 63) / 64 * sizeof *v->touched);
}

/* The pairs of all phrases when none has more than `level`. */
static size_t pairs_at(const struct cls_evaluation *v, size_t level)
{
	size_t sum = 0;

	for (uint32_t p = 0; p < v->rules->phrase_count; p++) {
		size_t pairs = v->left[p] ? v->left[p] * pairs_of(v->rules, p) : 0;

		sum += pairs < level ? pairs : level;
	}
	return sum;
}

/* One phrase that is everywhere must not hide the others: all get the same share, and who needs less than it loses nothing. */
static bool thin_hits(struct cls_evaluation *v)
{
	const struct cls_rules *r = v->rules;
	size_t level = CLS_PAIRS_MAX;

	if (!cls_grow((void **)&v->left, &v->left_capacity, (size_t)r->phrase_count + 1, sizeof *v->left))
		return false;
	forget_hits(v);
	memset(v->left, 0, r->phrase_count * sizeof *v->left);
	for (size_t i = 0; i < v->hits; i++)
		v->left[v->hit[i].phrase]++;
	while (level > 1 && pairs_at(v, level) > CLS_PAIRS_MAX)
		level /= 2;
	for (uint32_t p = 0; p < r->phrase_count; p++) {
		size_t pairs = v->left[p] ? pairs_of(r, p) : 0;

		if (v->left[p] * pairs > level)
			v->left[p] = level > pairs ? (uint32_t)(level / pairs) : 1;
		for (uint32_t k = r->phrase_sets[p]; v->left[p] && k < r->phrase_sets[p + 1]; k++)
			count_hit(v, r->sets[k], v->left[p]);
	}
	return true;
}

static bool is_passed_over(struct cls_evaluation *v, uint32_t phrase)
{
	if (!v->thinned)
		return false;
	if (v->left[phrase] == 0)
		return true;
	v->left[phrase]--;
	return false;
}

/* Sorts the hits by set: counted, then filled, so that each set's hits stay in order. */
static bool sort_hits(struct cls_evaluation *v)
{
	const struct cls_rules *r = v->rules;
	size_t total = 0;

	v->thinned = !count_hits(v);
	if (v->thinned && !thin_hits(v))
		return false;
	for (uint32_t s = next_touched(v, 0); s < v->rules->set_count; s = next_touched(v, s + 1)) {
		v->set[s].end = total;
		total += v->set[s].count;
	}
	if (!cls_grow((void **)&v->set_hit, &v->set_hit_capacity, total, sizeof *v->set_hit))
		return false;
	for (size_t i = 0; i < v->hits; i++) {
		uint32_t phrase = v->hit[i].phrase;

		if (is_passed_over(v, phrase))
			continue;
		for (uint32_t k = r->phrase_sets[phrase]; k < r->phrase_sets[phrase + 1]; k++)
			v->set_hit[v->set[r->sets[k]].end++] = (uint32_t)i;
	}
	return true;
}

static bool evaluate_touched(struct cls_evaluation *v)
{
	const struct cls_rules *r = v->rules;

	if (!sort_hits(v))
		return false;
	for (uint32_t s = next_touched(v, 0); s < v->rules->set_count; s = next_touched(v, s + 1))
		for (uint32_t i = r->set_rules[s]; i < r->set_rules[s + 1]; i++)
			if (!evaluate_rule(v, i))
				return false;
	return true;
}

static uint32_t count_passages(uint32_t length)
{
	if (length <= 2 * CLS_PASSAGE_STEP)
		return 1;
	return 1 + (length - 2 * CLS_PASSAGE_STEP + CLS_PASSAGE_STEP - 1) / CLS_PASSAGE_STEP;
}

static bool reserve_sets(struct cls_evaluation *v, size_t sets)
{
	if (sets <= v->sets_ready)
		return true;
	if (!cls_grow((void **)&v->set, &v->set_capacity, sets, sizeof *v->set) ||
	    !cls_grow((void **)&v->touched, &v->touched_capacity, (sets + 63) / 64, sizeof *v->touched))
		return false;
	memset(v->set, 0, sets * sizeof *v->set);
	memset(v->touched, 0, (sets + 63) / 64 * sizeof *v->touched);
	v->sets_ready = sets;
	return true;
}

static bool reserve(struct cls_evaluation *v)
{
	const struct cls_rules *r = v->rules;

	if (!reserve_sets(v, r->set_count) || !cls_grow((void **)&v->topic_fired, &v->topic_capacity,
	                                          (size_t)r->topic_count + 1, sizeof *v->topic_fired))
		return false;
	if (!cls_grow((void **)&v->in_passage, &v->in_passage_capacity, v->passages, sizeof *v->in_passage) ||
	    !cls_grow((void **)&v->minus, &v->minus_capacity, v->passages, sizeof *v->minus))
		return false;
	memset(v->topic_fired, 0, r->topic_count * sizeof *v->topic_fired);
	return true;
}

bool cls_rules_evaluate(struct cls_evaluation *v, const struct cls_rules *r, const struct cls_matcher *m,
    struct cls_text text, uint32_t text_pos, uint32_t end_pos)
{
	bool ok;

	v->rules = r;
	v->hit = m->hit;
	v->hits = m->hits;
	v->text = text;
	v->text_pos = text_pos;
	v->passages = count_passages(end_pos - text_pos);
	v->founds = v->fireds = 0;
	v->lead = v->lead_bytes = 0;
	if (!reserve(v))
		return false;
	if (v->hits == 0)
		return true;
	ok = evaluate_touched(v);
	forget_hits(v);
	return ok;
}

void cls_evaluation_fini(struct cls_evaluation *v)
{
	free(v->set);
	free(v->touched);
	free(v->set_hit);
	free(v->left);
	free(v->found);
	free(v->fired);
	free(v->topic_fired);
	free(v->in_passage);
	free(v->minus);
	free(v->evidence);
	memset(v, 0, sizeof *v);
}
