/* fingerprint: tokens as the classifier sees them, but characters as they were written: Traditional and Simplified Chinese are two texts. */
#include "daemon/pipe/fingerprint.h"

#include "daemon/base/hash.h"
#include "daemon/base/hash_words.h"
#include "daemon/base/utf8.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define TOKENS_MAX 8192 /* of a text that are looked at */
#define SHORT_WORDS 24 /* a text of fewer is compared as a headline */
#define SHORT_CHARACTERS 40
#define LEAST_WORDS 4 /* of title and text; what says less is said by many */
#define LEAST_CHARACTERS 10
#define AGREE_WORDS 57 /* of 64 samples: some nine in ten */
#define AGREE_CHARACTERS 60 /* one other character changes three in a row */
#define TITLE_EXTRA 3 /* one part in so many of a title may stand in one of the two alone */

static void set_add(struct fingerprint_set *s, uint64_t hash)
{
	uint16_t h = (uint16_t)(hash >> 48);
	unsigned i = 0;

	while (i < s->count && s->at[i] < h)
		i++;
	if (i == FINGERPRINT_SET || (i < s->count && s->at[i] == h))
		return;
	if (s->count < FINGERPRINT_SET)
		s->count++;
	for (unsigned k = s->count - 1u; k > i; k--)
		s->at[k] = s->at[k - 1];
	s->at[i] = h;
}

/* Capitals of the scripts that have them, near enough: Latin, Greek, Cyrillic, Armenian. */
static bool is_capital(struct str written)
{
	uint32_t cp = (unsigned char)written.p[0];

	if (cp >= 0x80)
		utf8_decode(written, &cp);
	return (cp >= 'A' && cp <= 'Z') || (cp >= 0xc0 && cp <= 0xde && cp != 0xd7) ||
	       (cp >= 0x100 && cp <= 0x17f && cp % 2 == 0) || (cp >= 0x391 && cp <= 0x3a9) ||
	       (cp >= 0x400 && cp <= 0x42f) || (cp >= 0x531 && cp <= 0x556);
}

static void end_number(struct fingerprint_reading *r)
{
	if (r->number)
		set_add(&r->f->numbers, r->number);
	r->number = 0;
}

/* 64 orders of all threes, of which each keeps its first: that which is nearest to a mark of its own. */
static void keep_nearest_plainly(struct fingerprint_reading *r)
{
	for (size_t k = 0; k < r->three_count; k++)
		for (unsigned i = 0; i < FINGERPRINT_SAMPLES; i++) {
			int32_t h = (int32_t)(r->threes[k] ^ r->tools->marks[i]);

			r->minima[i] = h < r->minima[i] ? h : r->minima[i];
		}
}

#if defined(__x86_64__)
#define EIGHT 8 /* orders in a register */
#define AT_ONCE (4 * EIGHT) /* a three is spread over a register once for so many */
_Static_assert(FINGERPRINT_SAMPLES % AT_ONCE == 0, "whole registers");

__attribute__((target("avx2"))) static inline __m256i eight_at(const void *p)
{
	return _mm256_loadu_si256(p);
}

__attribute__((target("avx2"))) static inline __m256i nearer(__m256i nearest, __m256i three, __m256i marks)
{
	return _mm256_min_epi32(nearest, _mm256_xor_si256(three, marks));
}

__attribute__((target("avx2"))) static void keep_nearest_by_eight(struct fingerprint_reading *r)
{
	for (unsigned i = 0; i < FINGERPRINT_SAMPLES; i += AT_ONCE) {
		const uint32_t *m = &r->tools->marks[i];
		int32_t *to = &r->minima[i];
		__m256i marks_a = eight_at(m), marks_b = eight_at(m + EIGHT);
		__m256i marks_c = eight_at(m + 2 * EIGHT), marks_d = eight_at(m + 3 * EIGHT);
		__m256i a = eight_at(to), b = eight_at(to + EIGHT);
		__m256i c = eight_at(to + 2 * EIGHT), d = eight_at(to + 3 * EIGHT);

		for (size_t k = 0; k < r->three_count; k++) {
			__m256i three = _mm256_set1_epi32((int32_t)r->threes[k]);

			a = nearer(a, three, marks_a);
			b = nearer(b, three, marks_b);
			c = nearer(c, three, marks_c);
			d = nearer(d, three, marks_d);
		}
		_mm256_storeu_si256((__m256i_u *)(void *)to, a);
		_mm256_storeu_si256((__m256i_u *)(void *)(to + EIGHT), b);
		_mm256_storeu_si256((__m256i_u *)(void *)(to + 2 * EIGHT), c);
		_mm256_storeu_si256((__m256i_u *)(void *)(to + 3 * EIGHT), d);
	}
}
#endif

static void keep_nearest(struct fingerprint_reading *r)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		keep_nearest_by_eight(r);
	else
#endif
		keep_nearest_plainly(r);
	r->three_count = 0;
}

static void add_token(
    struct fingerprint_reading *r, const struct cls_token *t, struct str folded, struct str written)
{
	bool character = t->flags & CLS_TOKEN_CHAR;
	uint64_t hash = character ? hash64_bytes(written.p, written.n) : hash64_bytes(folded.p, folded.n);
	uint64_t three[3] = { r->last[0], r->last[1], hash };

	r->f->exact = hash64_word(hash, r->f->exact);
	*(character ? &r->characters : &r->words) += 1;
	if (character && number_is_character(&r->tools->numbers, written)) {
		r->number = hash64(written, r->number + 1);
	} else {
		end_number(r);
		if (!character && number_is_word(&r->tools->numbers, folded))
			set_add(&r->f->numbers, hash);
	}
	if (!r->in_text) {
		set_add(&r->f->title, hash);
		return;
	}
	*(character ? &r->text_characters : &r->text_words) += 1;
	if (!character && !(t->flags & CLS_TOKEN_SENTENCE) && is_capital(written))
		set_add(&r->f->names, hash);
	if (r->last[0])
		r->threes[r->three_count++] = (uint32_t)hash64_three(three);
	r->last[0] = r->last[1];
	r->last[1] = hash;
}

static void end_title(struct fingerprint_reading *r)
{
	end_number(r);
	r->f->exact = hash64(STR(""), r->f->exact + 1);
	r->in_text = true;
	r->tokens = 0;
}

void fingerprint_see(struct fingerprint_reading *r, bool in_text, const struct cls_tokens *block)
{
	const char *written = in_text ? r->text.p : r->title.p;

	if (in_text && !r->in_text)
		end_title(r);
	if (r->tokens >= TOKENS_MAX)
		return;
	for (size_t i = 0; i < block->n; i++) {
		const struct cls_token *t = &block->token[i];

		add_token(r, t, str_of(block->text + t->off, t->len),
		    str_of(written + t->start, t->end - t->start));
	}
	keep_nearest(r);
	r->tokens += block->n;
}

static void see_all(struct fingerprint_reading *r, bool in_text, struct str s)
{
	struct cls_tokenizer tokenizer;
	struct cls_tokens block;

	cls_tokenizer_init(&tokenizer, s.p ? s.p : "", s.n, 0);
	while (r->tokens < TOKENS_MAX && cls_tokenizer_next(&tokenizer, &block))
		fingerprint_see(r, in_text, &block);
}

static enum fingerprint_kind kind_of(const struct fingerprint_reading *r)
{
	bool characters = r->characters > r->words;

	if (r->words < LEAST_WORDS && r->characters < LEAST_CHARACTERS)
		return FINGERPRINT_NONE;
	if (r->text_words < SHORT_WORDS && r->text_characters < SHORT_CHARACTERS)
		return FINGERPRINT_SHORT;
	return characters ? FINGERPRINT_CHARACTERS : FINGERPRINT_WORDS;
}

void fingerprint_tools_init(struct fingerprint_tools *t)
{
	number_looks_init(&t->numbers);
	for (unsigned i = 0; i < FINGERPRINT_SAMPLES; i++)
		t->marks[i] = (2 * i + 1) * 0x9e3779b9u;
}

void fingerprint_begin(struct fingerprint_reading *r, const struct fingerprint_tools *t, struct str title,
    struct str text, struct fingerprint *out)
{
	*r = (struct fingerprint_reading){ .f = out, .title = title, .text = text, .tools = t };
	*out = (struct fingerprint){ .kind = FINGERPRINT_NONE };
	for (unsigned i = 0; i < FINGERPRINT_SAMPLES; i++)
		r->minima[i] = INT32_MAX;
}

void fingerprint_finish(struct fingerprint_reading *r)
{
	struct fingerprint *f = r->f;

	if (!r->in_text)
		end_title(r);
	end_number(r);
	f->kind = kind_of(r);
	for (unsigned b = 0; b < FINGERPRINT_BANDS; b++)
		f->bands[b] = (uint32_t)hash64(str_of(&r->minima[4 * b], 4 * sizeof(r->minima[0])), b);
	for (unsigned i = 0; i < FINGERPRINT_SAMPLES; i++)
		f->samples[i] = (uint8_t)r->minima[i];
}

void fingerprint_of(struct str title, struct str text, struct fingerprint *out)
{
	struct fingerprint_tools tools;
	struct fingerprint_reading r;

	fingerprint_tools_init(&tools);
	fingerprint_begin(&r, &tools, title, text, out);
	see_all(&r, false, title);
	end_title(&r);
	see_all(&r, true, text);
	fingerprint_finish(&r);
}

/* Sizes of what stands in one of two sets alone, as far as both are known. */
static void differ(
    const struct fingerprint_set *a, const struct fingerprint_set *b, unsigned *only_a, unsigned *only_b)
{
	unsigned i = 0, k = 0;

	*only_a = *only_b = 0;
	while (i < a->count || k < b->count) {
		if (i < a->count && k < b->count && a->at[i] == b->at[k]) {
			i++;
			k++;
		} else if (k == b->count || (i < a->count && a->at[i] < b->at[k])) {
			if (k == b->count && b->count == FINGERPRINT_SET)
				return;
			++*only_a;
			i++;
		} else {
			if (i == a->count && a->count == FINGERPRINT_SET)
				return;
			++*only_b;
			k++;
		}
	}
}

/* One may say more than the other; neither may say something else. */
static bool agree(const struct fingerprint_set *a, const struct fingerprint_set *b, unsigned extra)
{
	unsigned only_a, only_b;

	differ(a, b, &only_a, &only_b);
	return (only_a == 0 || only_b == 0) && only_a <= extra && only_b <= extra;
}

bool fingerprint_same(const struct fingerprint *a, const struct fingerprint *b)
{
	unsigned most = a->title.count > b->title.count ? a->title.count : b->title.count;
	int equal = 0;

	if (a->kind != b->kind || a->kind == FINGERPRINT_NONE)
		return false;
	if (a->exact == b->exact)
		return true;
	if (a->kind == FINGERPRINT_SHORT || !agree(&a->title, &b->title, most / TITLE_EXTRA) ||
	    !agree(&a->numbers, &b->numbers, FINGERPRINT_SET) ||
	    !agree(&a->names, &b->names, FINGERPRINT_SET))
		return false;
	for (unsigned i = 0; i < FINGERPRINT_SAMPLES; i++)
		equal += a->samples[i] == b->samples[i];
	return equal >= (a->kind == FINGERPRINT_CHARACTERS ? AGREE_CHARACTERS : AGREE_WORDS);
}

static void put_set(const struct fingerprint_set *s, struct buf *out)
{
	char bytes[1 + 2 * FINGERPRINT_SET] = { (char)s->count };

	for (unsigned i = 0; i < FINGERPRINT_SET; i++) {
		bytes[1 + 2 * i] = (char)s->at[i];
		bytes[2 + 2 * i] = (char)(s->at[i] >> 8);
	}
	buf_add(out, bytes, sizeof(bytes));
}

void fingerprint_encode(const struct fingerprint *f, struct buf *out)
{
	buf_byte(out, (char)f->kind);
	buf_le64(out, f->exact);
	for (unsigned b = 0; b < FINGERPRINT_BANDS; b++)
		buf_le32(out, f->bands[b]);
	buf_add(out, f->samples, sizeof(f->samples));
	put_set(&f->title, out);
	put_set(&f->numbers, out);
	put_set(&f->names, out);
}

static bool take_set(struct rd *r, struct fingerprint_set *s)
{
	struct str bytes = rd_bytes(r, 1 + 2 * FINGERPRINT_SET);
	const unsigned char *p = (const unsigned char *)bytes.p;

	if (r->failed)
		return false;
	s->count = p[0];
	for (unsigned i = 0; i < FINGERPRINT_SET; i++)
		s->at[i] = (uint16_t)(p[1 + 2 * i] | p[2 + 2 * i] << 8);
	return s->count <= FINGERPRINT_SET;
}

bool fingerprint_decode(struct str bytes, struct fingerprint *out)
{
	struct rd r = { bytes.p, bytes.n, false };
	uint8_t kind = rd_u8(&r);
	struct str samples;

	*out = (struct fingerprint){ .exact = rd_le64(&r) };
	for (unsigned b = 0; b < FINGERPRINT_BANDS; b++)
		out->bands[b] = rd_le32(&r);
	samples = rd_bytes(&r, sizeof(out->samples));
	if (!take_set(&r, &out->title) || !take_set(&r, &out->numbers) || !take_set(&r, &out->names) ||
	    r.failed || r.n != 0 || kind >= FINGERPRINT_KINDS)
		return false;
	memcpy(out->samples, samples.p, sizeof(out->samples));
	out->kind = (enum fingerprint_kind)kind;
	return true;
}
