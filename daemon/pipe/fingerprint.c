/* fingerprint: tokens as the classifier sees them, but characters as they were written: Traditional and Simplified Chinese are two texts. */
#include "daemon/pipe/fingerprint.h"

#include "classifiers/cls_token.h"
#include "daemon/base/hash.h"
#include "daemon/base/utf8.h"

#include <stdlib.h>

#define TOKENS_MAX 8192 /* of a text that are looked at */
#define SHORT_WORDS 24 /* a text of fewer is compared as a headline */
#define SHORT_CHARACTERS 40
#define LEAST_WORDS 4 /* of title and text; what says less is said by many */
#define LEAST_CHARACTERS 10
#define AGREE_WORDS 57 /* of 64 samples: some nine in ten */
#define AGREE_CHARACTERS 60 /* one other character changes three in a row */
#define TITLE_EXTRA 3 /* one part in so many of a title may stand in one of the two alone */

/* Folded as the tokens are; sorted. In the languages of the shipped topics; Chinese and Japanese have characters for it. */
static const char *const number_words[] = {
	"acht",
	"achtzig",
	"anim",
	"apat",
	"belas",
	"billion",
	"catorce",
	"catorze",
	"cem",
	"cent",
	"cero",
	"cien",
	"ciento",
	"cinco",
	"cincuenta",
	"cinq",
	"cinquante",
	"cinquenta",
	"cuarenta",
	"cuatro",
	"dalawa",
	"dalawang",
	"delapan",
	"deux",
	"dez",
	"diez",
	"dix",
	"doce",
	"dois",
	"dos",
	"douze",
	"doze",
	"dozen",
	"drei",
	"dreissig",
	"dua",
	"duas",
	"eight",
	"eighteen",
	"eighth",
	"eighty",
	"ein",
	"eine",
	"eleven",
	"elf",
	"empat",
	"enam",
	"fifteen",
	"fifth",
	"fifty",
	"first",
	"five",
	"forty",
	"four",
	"fourteen",
	"fourth",
	"funf",
	"funfzig",
	"huit",
	"hundert",
	"hundred",
	"isa",
	"juta",
	"lima",
	"limang",
	"mil",
	"mille",
	"million",
	"millionen",
	"millon",
	"millones",
	"neuf",
	"neun",
	"neunzig",
	"nine",
	"nineteen",
	"ninety",
	"ninth",
	"nove",
	"noventa",
	"nueve",
	"ochenta",
	"ocho",
	"oito",
	"once",
	"one",
	"onze",
	"pito",
	"pitong",
	"puluh",
	"quarante",
	"quarenta",
	"quatorze",
	"quatre",
	"quatro",
	"quince",
	"quinze",
	"ratus",
	"ribu",
	"sampu",
	"sampung",
	"satu",
	"sebelas",
	"sechs",
	"sechzig",
	"second",
	"seis",
	"seize",
	"sembilan",
	"sept",
	"sepuluh",
	"sesenta",
	"sete",
	"setenta",
	"seven",
	"seventeen",
	"seventh",
	"seventy",
	"sieben",
	"siebzig",
	"siete",
	"six",
	"sixteen",
	"sixth",
	"sixty",
	"siyam",
	"soixante",
	"tatlo",
	"tatlong",
	"tausend",
	"ten",
	"tenth",
	"third",
	"thirteen",
	"thirty",
	"thousand",
	"three",
	"tiga",
	"trece",
	"treinta",
	"treize",
	"trente",
	"tres",
	"treze",
	"trinta",
	"trois",
	"tujuh",
	"twelve",
	"twenty",
	"two",
	"um",
	"uma",
	"un",
	"una",
	"uno",
	"veinte",
	"vier",
	"vierzig",
	"vingt",
	"vinte",
	"walo",
	"walong",
	"zehn",
	"zero",
	"zwanzig",
	"zwei",
	"zwolf",
	"восемь",
	"два",
	"двадцать",
	"две",
	"двенадцать",
	"двое",
	"девять",
	"десять",
	"один",
	"одиннадцать",
	"одна",
	"пятеро",
	"пять",
	"пятьдесят",
	"семеро",
	"семь",
	"сорок",
	"сто",
	"три",
	"тридцать",
	"трое",
	"тысяча",
	"тысячи",
	"четверо",
	"четыре",
	"шестеро",
	"шесть",
};

static const uint32_t number_characters[] = { 0x3007, 0x4e00, 0x4e03, 0x4e07, 0x4e09, 0x4e24, 0x4e5d, 0x4e8c,
	0x4e94, 0x4ebf, 0x5104, 0x5169, 0x516b, 0x516d, 0x5341, 0x5343, 0x534a, 0x56db, 0x767e, 0x842c,
	0x96f6 };

struct reading {
	struct fingerprint *f;
	uint32_t marks[FINGERPRINT_SAMPLES]; /* spread evenly */
	int32_t minima[FINGERPRINT_SAMPLES];
	uint64_t last[2]; /* the two tokens before */
	uint64_t number; /* characters of a number so far; 0: none */
	size_t words, characters; /* of title and text */
	size_t text_words, text_characters;
};

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

/* Most are told apart by their first byte, and every word of every text is looked up. */
static int compare_word(const void *key, const void *row)
{
	struct str word = *(const struct str *)key;
	const char *number = *(const char *const *)row;
	int first = (unsigned char)word.p[0] - (unsigned char)number[0];

	return first ? first : str_cmp(word, str_from(number));
}

static bool is_number(struct str word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] >= '0' && word.p[i] <= '9')
			return true;
	return word.n && bsearch(&word, number_words, ARRAY_LEN(number_words), sizeof(number_words[0]),
	                     compare_word) != NULL;
}

static bool is_number_character(struct str written)
{
	uint32_t cp;

	utf8_decode(written, &cp);
	for (size_t i = 0; i < ARRAY_LEN(number_characters); i++)
		if (number_characters[i] == cp)
			return true;
	return false;
}

/* Capitals of the scripts that have them, near enough: Latin, Greek, Cyrillic, Armenian. */
static bool is_capital(struct str written)
{
	uint32_t cp;

	utf8_decode(written, &cp);
	return (cp >= 'A' && cp <= 'Z') || (cp >= 0xc0 && cp <= 0xde && cp != 0xd7) ||
	       (cp >= 0x100 && cp <= 0x17f && cp % 2 == 0) || (cp >= 0x391 && cp <= 0x3a9) ||
	       (cp >= 0x400 && cp <= 0x42f) || (cp >= 0x531 && cp <= 0x556);
}

static void end_number(struct reading *r)
{
	if (r->number)
		set_add(&r->f->numbers, r->number);
	r->number = 0;
}

/* 64 orders of all threes, of which each keeps its first: that which is nearest to a mark of its own. */
static void add_three(struct reading *r, uint64_t hash)
{
	for (unsigned i = 0; i < FINGERPRINT_SAMPLES; i++) {
		int32_t h = (int32_t)((uint32_t)hash ^ r->marks[i]);

		r->minima[i] = h < r->minima[i] ? h : r->minima[i];
	}
}

static void add_token(
    struct reading *r, bool in_title, const struct cls_token *t, struct str folded, struct str written)
{
	bool character = t->flags & CLS_TOKEN_CHAR;
	uint64_t hash = hash64(character ? written : folded, 0);
	uint64_t three[3] = { r->last[0], r->last[1], hash };

	r->f->exact = hash64(str_of(&hash, sizeof(hash)), r->f->exact);
	*(character ? &r->characters : &r->words) += 1;
	if (character && is_number_character(written)) {
		r->number = hash64(written, r->number + 1);
	} else {
		end_number(r);
		if (!character && is_number(folded))
			set_add(&r->f->numbers, hash);
	}
	if (in_title) {
		set_add(&r->f->title, hash);
		return;
	}
	*(character ? &r->text_characters : &r->text_words) += 1;
	if (!character && !(t->flags & CLS_TOKEN_SENTENCE) && is_capital(written))
		set_add(&r->f->names, hash);
	if (r->last[0])
		add_three(r, hash64(str_of(three, sizeof(three)), 0));
	r->last[0] = r->last[1];
	r->last[1] = hash;
}

static void read_text(struct reading *r, bool in_title, struct str s)
{
	struct cls_tokenizer tokenizer;
	struct cls_tokens block;
	size_t count = 0;

	cls_tokenizer_init(&tokenizer, s.p ? s.p : "", s.n, 0);
	while (count < TOKENS_MAX && cls_tokenizer_next(&tokenizer, &block)) {
		for (size_t i = 0; i < block.n; i++) {
			const struct cls_token *t = &block.token[i];

			add_token(r, in_title, t, str_of(block.text + t->off, t->len),
			    str_of(s.p + t->start, t->end - t->start));
		}
		count += block.n;
	}
	end_number(r);
}

static enum fingerprint_kind kind_of(const struct reading *r)
{
	bool characters = r->characters > r->words;

	if (r->words < LEAST_WORDS && r->characters < LEAST_CHARACTERS)
		return FINGERPRINT_NONE;
	if (r->text_words < SHORT_WORDS && r->text_characters < SHORT_CHARACTERS)
		return FINGERPRINT_SHORT;
	return characters ? FINGERPRINT_CHARACTERS : FINGERPRINT_WORDS;
}

void fingerprint_of(struct str title, struct str text, struct fingerprint *out)
{
	struct reading r = { .f = out };

	*out = (struct fingerprint){ .kind = FINGERPRINT_NONE };
	for (unsigned i = 0; i < FINGERPRINT_SAMPLES; i++) {
		r.marks[i] = (2 * i + 1) * 0x9e3779b9u;
		r.minima[i] = INT32_MAX;
	}
	read_text(&r, true, title);
	out->exact = hash64(STR(""), out->exact + 1); /* where the title ends */
	read_text(&r, false, text);
	out->kind = kind_of(&r);
	for (unsigned b = 0; b < FINGERPRINT_BANDS; b++)
		out->bands[b] = (uint32_t)hash64(str_of(&r.minima[4 * b], 4 * sizeof(r.minima[0])), b);
	for (unsigned i = 0; i < FINGERPRINT_SAMPLES; i++)
		out->samples[i] = (uint8_t)r.minima[i];
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
