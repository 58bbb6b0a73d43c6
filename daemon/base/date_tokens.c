/* date_tokens: a date's text as numbers, words and marks; every script's digits and letters are made plain here. Knows no grammar. */
#include "daemon/base/date_priv.h"

#include "daemon/base/utf8.h"

#define WORD_BYTES 48 /* longest folded word: region names of zones have 32 */

struct scan {
	struct str rest;
	bool glued;
	unsigned depth; /* of parentheses: what stands in them is an aside */
};

/* First digit of each run of ten in other scripts. */
static const uint32_t digit_runs[] = { '0', 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10 };

static int digit_of(uint32_t cp)
{
	for (size_t i = 0; i < ARRAY_LEN(digit_runs); i++)
		if (cp >= digit_runs[i] && cp < digit_runs[i] + 10)
			return (int)(cp - digit_runs[i]);
	return -1;
}

/* U+00C0..U+017F without their accents, in lower case; '.' marks what has no single base letter. */
static const char latin[] = "aaaaaaaceeeeiiiidnooooo.ouuuuy.saaaaaaaceeeeiiiidnooooo.ouuuuy.y"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkklllllllllln"
                            "nnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static const struct {
	uint32_t from, to;
} letters[] = {
	{ 0x0218, 's' },
	{ 0x0219, 's' },
	{ 0x021a, 't' },
	{ 0x021b, 't' }, /* Romanian */
	{ 0x0386, 0x03b1 },
	{ 0x0388, 0x03b5 },
	{ 0x0389, 0x03b7 },
	{ 0x038a, 0x03b9 },
	{ 0x038c, 0x03bf },
	{ 0x038e, 0x03c5 },
	{ 0x038f, 0x03c9 },
	{ 0x0390, 0x03b9 },
	{ 0x03aa, 0x03b9 },
	{ 0x03ab, 0x03c5 },
	{ 0x03ac, 0x03b1 },
	{ 0x03ad, 0x03b5 },
	{ 0x03ae, 0x03b7 },
	{ 0x03af, 0x03b9 },
	{ 0x03b0, 0x03c5 },
	{ 0x03ca, 0x03b9 },
	{ 0x03cb, 0x03c5 },
	{ 0x03cc, 0x03bf },
	{ 0x03cd, 0x03c5 },
	{ 0x03ce, 0x03c9 },
	{ 0x03c2, 0x03c3 }, /* final sigma */
	{ 0x0401, 0x0435 },
	{ 0x0451, 0x0435 }, /* Russian yo is written as ye */
	{ 0x0622, 0x0627 },
	{ 0x0623, 0x0627 },
	{ 0x0625, 0x0627 }, /* alef */
	{ 0x2019, '\'' },
	{ 0x02bc, '\'' },
};

static uint32_t fold(uint32_t cp)
{
	if (cp >= 'A' && cp <= 'Z')
		return cp + 32;
	if (cp < 0xc0)
		return cp;
	if (cp < 0xc0 + sizeof(latin) - 1)
		return latin[cp - 0xc0] == '.' ? cp : (unsigned char)latin[cp - 0xc0];
	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		if (letters[i].from == cp)
			return letters[i].to;
	if ((cp >= 0x391 && cp <= 0x3a9) || (cp >= 0x410 && cp <= 0x42f))
		return cp + 32;
	if (cp >= 0x400 && cp <= 0x40f)
		return cp + 80;
	if (cp >= 0xff21 && cp <= 0xff3a)
		return cp - 0xff21 + 'a';
	return cp;
}

static bool is_letter(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z');
	if (cp < 0xc0)
		return false;
	return (cp < 0x250 && cp != 0xd7 && cp != 0xf7) || (cp >= 0x370 && cp < 0x530) ||
	       (cp >= 0x620 && cp < 0x660) || (cp >= 0x671 && cp < 0x6d4) || (cp >= 0x1e00 && cp < 0x2000);
}

static bool is_blank(uint32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0xa0 || (cp >= 0x2000 && cp <= 0x200f) ||
	       cp == 0x202f || cp == 0x3000 || cp == 0xfeff || cp == 0x300 || cp == 0x301;
}

/* Marks of other widths and scripts as the ASCII one. */
static const struct {
	uint32_t from;
	char to;
} marks[] = {
	{ 0xff1a, ':' },
	{ 0xff0f, '/' },
	{ 0xff0d, '-' },
	{ 0xff0e, '.' },
	{ 0xff0c, ',' },
	{ 0xff08, '(' },
	{ 0xff09, ')' },
	{ 0x2010, '-' },
	{ 0x2011, '-' },
	{ 0x2012, '-' },
	{ 0x2013, '-' },
	{ 0x2014, '-' },
	{ 0x2212, '-' },
	{ 0xff0b, '+' },
	{ 0x3001, ',' },
	{ 0x060c, ',' },
	{ 0xb7, ',' },
	{ 0x2022, ',' },
	{ 0xba, ' ' },
	{ 0xaa, ' ' },
	{ 0xb0, ' ' },
	{ 0x2018, '\'' },
};

static char mark_of(uint32_t cp)
{
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (marks[i].from == cp)
			return marks[i].to;
	return cp < 0x80 && cp > ' ' && strchr(":/-.,;()+|'@_[]", (int)cp) ? (char)cp : '\0';
}

static void take_number(struct scan *s, struct date_token *t)
{
	int64_t scale = 100;
	uint32_t cp;
	t->kind = DATE_NUMBER;
	while (s->rest.n > 0) {
		size_t n = utf8_decode(s->rest, &cp);
		int digit = digit_of(cp);
		if (digit < 0)
			return;
		s->rest = str_skip(s->rest, n);
		t->fraction_ms += digit * scale;
		scale /= 10;
		/* More digits than any date has: the count alone refuses it. */
		if (++t->digits <= 15)
			t->value = t->value * 10 + digit;
	}
}

/* "p.m.", "a. m.", "π.μ.": the rest behind the first letter when it reads so. */
static bool take_dotted(struct scan *s, const char *tail)
{
	struct str rest = s->rest;
	if (rest.n > 0 && rest.p[0] == '.')
		rest = str_skip(rest, 1);
	else
		return false;
	while (rest.n > 0 && (rest.p[0] == ' ' || str_starts(rest, STR("\xc2\xa0"))))
		rest = str_skip(rest, rest.p[0] == ' ' ? 1 : 2);
	if (!str_starts_nocase(rest, str_from(tail)))
		return false;
	rest = str_skip(rest, strlen(tail));
	if (rest.n > 0 && is_letter((unsigned char)rest.p[0]))
		return false;
	s->rest = str_skip(rest, rest.n > 0 && rest.p[0] == '.');
	return true;
}

static const struct {
	const char *first, *tail;
	enum date_meaning meaning;
} dotted[] = {
	{ "a", "m", DATE_MEANS_AM },
	{ "p", "m", DATE_MEANS_PM },
	{ "π", "μ", DATE_MEANS_AM },
	{ "μ", "μ", DATE_MEANS_PM },
};

static void take_meaning(struct scan *s, struct str folded, struct date_token *t)
{
	for (size_t i = 0; i < ARRAY_LEN(dotted); i++) {
		if (!str_eq(folded, str_from(dotted[i].first)) || !take_dotted(s, dotted[i].tail))
			continue;
		t->word = (struct date_word){ .meaning = dotted[i].meaning, .weekday = -1 };
		return;
	}
	t->word = date_word_of(folded);
	if (t->upper && t->digits <= 3 && !t->word.zone)
		date_zone_of(folded, &t->word);
}

/* A word goes on over '/' and '_' between letters: "Europe/Brussels", "Asia/Hong_Kong". */
static bool joins(struct str rest)
{
	uint32_t cp;
	if (rest.n < 2 || (rest.p[0] != '/' && rest.p[0] != '_' && rest.p[0] != '\''))
		return false;
	utf8_decode(str_skip(rest, 1), &cp);
	return is_letter(cp);
}

static bool take_word(struct scan *s, struct date_token *t)
{
	char word[WORD_BYTES];
	size_t length = 0;
	uint32_t cp;
	t->kind = DATE_WORD;
	t->upper = true;
	while (s->rest.n > 0) {
		size_t n = utf8_decode(s->rest, &cp);
		if (!is_letter(cp) && !joins(s->rest))
			break;
		/* A 'T' or 'Z' between digits is a word of its own by the digits; letters never split. */
		uint32_t folded = fold(cp);
		t->upper = t->upper && folded != cp;
		if (length + 4 > sizeof(word))
			return false;
		length += utf8_encode(folded, word + length);
		t->digits++;
		s->rest = str_skip(s->rest, n);
	}
	take_meaning(s, (struct str){ word, length }, t);
	return true;
}

/* 〇一二三四五六七八九 in this order, then 十. */
static int numeral_of(uint32_t cp)
{
	static const uint32_t numerals[] = { 0x3007, 0x4e00, 0x4e8c, 0x4e09, 0x56db, 0x4e94, 0x516d, 0x4e03,
		0x516b, 0x4e5d, 0x5341 };
	if (cp == 0x96f6 || cp == 0x25cb)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(numerals); i++)
		if (numerals[i] == cp)
			return (int)i;
	return -1;
}

/* 二〇二四 by place, 二十八 by tens. */
static bool take_numeral(struct scan *s, struct date_token *t)
{
	struct str rest = s->rest;
	uint32_t cp;
	int tens = -1;
	while (rest.n > 0) {
		size_t n = utf8_decode(rest, &cp);
		int v = numeral_of(cp);
		if (v < 0)
			break;
		rest = str_skip(rest, n);
		if (++t->digits > 4 || (v == 10 && tens >= 0))
			return false;
		if (v == 10) {
			tens = t->value == 0 ? 1 : (int)t->value;
			t->value = 0;
		} else {
			t->value = t->value * 10 + v;
		}
	}
	if (t->digits == 0)
		return false;
	if (tens >= 0) {
		t->value += tens * 10;
		t->digits = 2;
	}
	t->kind = DATE_NUMBER;
	s->rest = rest;
	return true;
}

/* The next token, blanks before it skipped. False: a byte that no date holds. *got: there was one. */
static bool next(struct scan *s, struct date_token *t, bool *got)
{
	uint32_t cp = 0;
	size_t n = 0;
	*t = (struct date_token){ .word = { .weekday = -1 } };
	*got = false;
	for (; s->rest.n > 0; s->rest = str_skip(s->rest, n), s->glued = false) {
		n = utf8_decode(s->rest, &cp);
		if (!is_blank(cp))
			break;
	}
	if (s->rest.n == 0)
		return true;
	*got = true;
	t->glued = s->glued;
	t->aside = s->depth > 0;
	s->glued = true;
	if (digit_of(cp) >= 0) {
		take_number(s, t);
		return true;
	}
	if (is_letter(cp))
		return take_word(s, t);
	t->mark = mark_of(cp);
	if (t->mark) {
		t->kind = DATE_MARK;
		s->rest = str_skip(s->rest, n);
		return true;
	}
	t->kind = DATE_WORD;
	n = date_word_cjk(s->rest, &t->word);
	if (n == 0 && take_numeral(s, t))
		return true;
	/* In parentheses anything may be said. */
	if (n == 0 && s->depth > 0)
		n = cp == '\\' && s->rest.n > 1 ? 2 : utf8_decode(s->rest, &cp);
	s->rest = str_skip(s->rest, n);
	return n > 0;
}

size_t date_tokenise(struct str text, struct date_token out[DATE_TOKENS])
{
	struct scan s = { .rest = text };
	size_t count = 0;
	bool got;
	if (text.n > DATE_TEXT_BYTES)
		return 0;
	while (count < DATE_TOKENS) {
		struct date_token *t = &out[count];
		if (!next(&s, t, &got))
			return 0;
		if (!got)
			return count;
		if (t->kind == DATE_MARK && (t->mark == '(' || t->mark == ')')) {
			s.depth = t->mark == '(' ? s.depth + 1 : s.depth - (s.depth > 0);
			s.glued = false;
			continue;
		}
		/* A mark that is only a blank in another shape. */
		if (t->kind == DATE_MARK && t->mark == ' ')
			continue;
		count++;
	}
	return 0;
}
