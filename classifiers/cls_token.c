/* cls_token: the tokeniser. ASCII words take a short loop over one table; everything else goes by cls_fold. */
#include "classifiers/cls_token.h"

#include <endian.h>
#include <string.h>

#include "classifiers/cls_fold.h"

#define CLS_CHARS_MAX 8 /* characters that one code point may become; the table's maker checks it */

/* What an ASCII byte is inside a word: its small letter or digit; 0 for all others. */
static const unsigned char word_byte[256] = {
	['0'] = '0',
	['1'] = '1',
	['2'] = '2',
	['3'] = '3',
	['4'] = '4',
	['5'] = '5',
	['6'] = '6',
	['7'] = '7',
	['8'] = '8',
	['9'] = '9',
	['a'] = 'a',
	['b'] = 'b',
	['c'] = 'c',
	['d'] = 'd',
	['e'] = 'e',
	['f'] = 'f',
	['g'] = 'g',
	['h'] = 'h',
	['i'] = 'i',
	['j'] = 'j',
	['k'] = 'k',
	['l'] = 'l',
	['m'] = 'm',
	['n'] = 'n',
	['o'] = 'o',
	['p'] = 'p',
	['q'] = 'q',
	['r'] = 'r',
	['s'] = 's',
	['t'] = 't',
	['u'] = 'u',
	['v'] = 'v',
	['w'] = 'w',
	['x'] = 'x',
	['y'] = 'y',
	['z'] = 'z',
	['A'] = 'a',
	['B'] = 'b',
	['C'] = 'c',
	['D'] = 'd',
	['E'] = 'e',
	['F'] = 'f',
	['G'] = 'g',
	['H'] = 'h',
	['I'] = 'i',
	['J'] = 'j',
	['K'] = 'k',
	['L'] = 'l',
	['M'] = 'm',
	['N'] = 'n',
	['O'] = 'o',
	['P'] = 'p',
	['Q'] = 'q',
	['R'] = 'r',
	['S'] = 's',
	['T'] = 't',
	['U'] = 'u',
	['V'] = 'v',
	['W'] = 'w',
	['X'] = 'x',
	['Y'] = 'y',
	['Z'] = 'z',
};

void cls_tokenizer_init(struct cls_tokenizer *t, const char *text, size_t n, uint32_t pos)
{
	t->begin = (const unsigned char *)text;
	t->p = t->begin;
	t->end = t->begin + n;
	t->pos = pos;
	t->flags = CLS_TOKEN_BREAK | CLS_TOKEN_SENTENCE;
	t->newlines = 0;
	t->single = false;
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_word_at(const unsigned char *p, const unsigned char *end)
{
	uint32_t cp;

	if (p == end)
		return false;
	if (*p < 0x80)
		return word_byte[*p] != 0;
	return cls_fold_decode(p, end, &cp) != 0 && cls_fold_class(cls_fold_entry(cp)) == CLS_WORD;
}

static struct cls_token *add(struct cls_tokenizer *t, struct cls_tokens *out, const unsigned char *from,
    const unsigned char *to, size_t len)
{
	struct cls_token *k = &out->token[out->n++];

	k->start = (uint32_t)(from - t->begin);
	k->end = (uint32_t)(to - t->begin);
	k->pos = t->pos;
	k->off = (uint16_t)out->used;
	k->len = (uint8_t)len;
	k->flags = t->flags;
	out->used += len;
	t->flags = 0;
	t->newlines = 0;
	return k;
}

/* Appends what the code point becomes to a word; what is beyond CLS_WORD_MAX is left out. */
static size_t put_word(unsigned char *buf, size_t n, uint32_t cp, uint32_t entry)
{
	const uint32_t *multi = &cls_fold_multi[entry & CLS_FOLD_VALUE];
	uint32_t count = entry & CLS_FOLD_MULTI ? multi[0] : 1;

	for (uint32_t i = 0; i < count && n + 4 <= CLS_WORD_MAX; i++) {
		uint32_t to = entry & CLS_FOLD_MULTI ? multi[i + 1] : entry & CLS_FOLD_VALUE;
		n += cls_fold_encode(to ? to : cp, buf + n);
	}
	return n;
}

#define EACH(byte) (0x0101010101010101u * (byte)) /* the byte in all eight places */

/* Copies ASCII letters (made small) and digits, eight bytes at a time; returns how many stood there, at most 8. */
static size_t copy_ascii(const unsigned char *p, unsigned char *buf)
{
	uint64_t x, small, letter, digit, word;

	memcpy(&x, p, 8);
	x = le64toh(x);
	small = (x | EACH(0x20)) & EACH(0x7f);
	letter = (small + EACH(0x80 - 'a')) & ~(small + EACH(0x7f - 'z'));
	digit = ((x & EACH(0x7f)) + EACH(0x80 - '0')) & ~((x & EACH(0x7f)) + EACH(0x7f - '9'));
	letter &= ~x & EACH(0x80);
	word = letter | (digit & ~x & EACH(0x80));
	x |= letter >> 2; /* 0x80 becomes the bit of small letters, 0x20 */
	x = htole64(x);
	memcpy(buf, &x, 8);
	word = ~word & EACH(0x80);
	return word == 0 ? 8 : (size_t)__builtin_ctzll(word) / 8;
}

/* Copies a run of ASCII letters and digits to buf[*n]; returns its end. What is beyond CLS_WORD_MAX is left out. */
static const unsigned char *copy_run(
    const unsigned char *p, const unsigned char *end, unsigned char *buf, size_t *n)
{
	unsigned char c;

	while (end - p >= 8 && *n + 8 <= CLS_WORD_MAX) {
		size_t len = copy_ascii(p, buf + *n);
		*n += len;
		p += len;
		if (len < 8)
			return p;
	}
	for (; p < end && (c = word_byte[*p]) != 0; p++)
		if (*n < CLS_WORD_MAX)
			buf[(*n)++] = c;
	return p;
}

/* Letters of two bytes that become one of two bytes: Cyrillic, Greek, Hebrew, Arabic. */
static const unsigned char *copy_pairs(
    const unsigned char *p, const unsigned char *end, unsigned char *buf, size_t *n)
{
	while (end - p >= 2 && (p[0] & 0xe0) == 0xc0 && (p[1] & 0xc0) == 0x80 && *n + 4 <= CLS_WORD_MAX) {
		uint32_t cp = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu), entry = cls_fold_entry(cp);
		uint32_t to = entry & (CLS_FOLD_MULTI | CLS_FOLD_VALUE);
		if (cls_fold_class(entry) != CLS_WORD || cp < 0x80)
			break;
		to = to ? to : cp;
		if (to < 0x80 || to >= 0x800)
			break;
		buf[(*n)++] = (unsigned char)(0xc0 | to >> 6);
		buf[(*n)++] = (unsigned char)(0x80 | (to & 0x3f));
		p += 2;
	}
	return p;
}

/* Any other code point; NULL when the word does not go on with it. */
static const unsigned char *copy_other(
    const unsigned char *p, const unsigned char *end, unsigned char *buf, size_t *n)
{
	uint32_t cp, entry;
	size_t len = cls_fold_decode(p, end, &cp);
	enum cls_class class;

	if (len == 0)
		return NULL;
	entry = cls_fold_entry(cp);
	class = cls_fold_class(entry);
	if (class == CLS_WORD)
		*n = put_word(buf, *n, cp, entry);
	else if (class == CLS_BREVE && *n >= 2 && memcmp(buf + *n - 2, "\xd0\xb8", 2) == 0)
		buf[*n - 1] = 0xb9; /* и and a breve are й */
	else if (class != CLS_IGNORE && class != CLS_BREVE)
		return NULL;
	return p + len;
}

/* Reads one word from t->p, where a letter or digit stands. */
static void take_word(struct cls_tokenizer *t, struct cls_tokens *out)
{
	const unsigned char *from = t->p, *p = t->p, *next = t->p;
	unsigned char *buf = out->text + out->used;
	size_t n = 0;

	while (next != NULL) {
		p = next;
		if (p < t->end && *p < 0x80)
			p = copy_run(p, t->end, buf, &n);
		p = copy_pairs(p, t->end, buf, &n);
		if (p == t->end)
			break;
		if (*p < 0x80)
			next = word_byte[*p] != 0 ? p : NULL;
		else
			next = copy_other(p, t->end, buf, &n);
	}
	t->p = p;
	t->single = n == 1;
	add(t, out, from, p, n);
	t->pos += CLS_WORD_STEP;
}

/* Joins marks that follow the character (sound marks of kana, Hangul in pieces). */
static uint32_t join_marks(const unsigned char **p, const unsigned char *end, uint32_t cp)
{
	uint32_t mark, joined;
	size_t len;

	while (*p < end && **p >= 0xe1 && (len = cls_fold_decode(*p, end, &mark)) != 0 &&
	       (joined = cls_fold_compose(cp, mark)) != 0) {
		*p += len;
		cp = joined;
	}
	return cp;
}

static void take_char(
    struct cls_tokenizer *t, struct cls_tokens *out, uint32_t cp, uint32_t entry, const unsigned char *next)
{
	const uint32_t *multi = &cls_fold_multi[entry & CLS_FOLD_VALUE];
	uint32_t count = entry & CLS_FOLD_MULTI ? multi[0] : 1;
	uint32_t value = entry & CLS_FOLD_VALUE;
	const unsigned char *from = t->p;

	if (!(entry & CLS_FOLD_MULTI)) {
		cp = value ? value : cp;
		if ((cp >= 0x3041 && cp < 0x3100) || (cp >= 0x1100 && cp < 0x1113) ||
		    (cp >= 0xac00 && cp < 0xd7a4))
			cp = join_marks(&next, t->end, cp);
	}
	for (uint32_t i = 0; i < count; i++) {
		size_t len =
		    cls_fold_encode(entry & CLS_FOLD_MULTI ? multi[i + 1] : cp, out->text + out->used);
		add(t, out, from, next, len)->flags |= CLS_TOKEN_CHAR;
		t->pos += CLS_CHAR_STEP;
	}
	t->single = false;
	t->p = next;
}

/* A full stop inside a word or number, and one that shortens a word ("U.S."), end nothing. */
static bool stop_is_soft(const struct cls_tokenizer *t)
{
	const unsigned char *p = t->p;

	if (is_word_at(p + 1, t->end))
		return true;
	return t->single && p > t->begin && word_byte[p[-1]] != 0 && !is_digit(p[-1]);
}

static bool clause_is_soft(const struct cls_tokenizer *t)
{
	const unsigned char *p = t->p;

	return (*p == ',' || *p == ':') && p > t->begin && is_digit(p[-1]) && p + 1 < t->end &&
	       is_digit(p[1]);
}

static bool dash_is_soft(const struct cls_tokenizer *t, size_t len)
{
	const unsigned char *p = t->p;

	return (p > t->begin && !is_blank(p[-1])) || (p + len < t->end && !is_blank(p[len]));
}

static void take_mark(struct cls_tokenizer *t, enum cls_class class, size_t len)
{
	if (class == CLS_SPACE && *t->p == '\n' && t->newlines < 2 && ++t->newlines == 2)
		t->flags |= CLS_TOKEN_BREAK | CLS_TOKEN_SENTENCE;
	else if (class == CLS_SENTENCE && !(*t->p == '.' && stop_is_soft(t)))
		t->flags |= CLS_TOKEN_BREAK | CLS_TOKEN_SENTENCE;
	else if (class == CLS_CLAUSE && !clause_is_soft(t))
		t->flags |= CLS_TOKEN_BREAK;
	else if (class == CLS_DASH && !dash_is_soft(t, len))
		t->flags |= CLS_TOKEN_BREAK;
	t->p += len;
}

static void take_other(struct cls_tokenizer *t, struct cls_tokens *out)
{
	uint32_t cp, entry;
	size_t len = cls_fold_decode(t->p, t->end, &cp);

	if (len == 0) {
		t->p++;
		return;
	}
	entry = cls_fold_entry(cp);
	switch (cls_fold_class(entry)) {
	case CLS_WORD:
		take_word(t, out);
		break;
	case CLS_CHAR:
		take_char(t, out, cp, entry, t->p + len);
		break;
	default:
		take_mark(t, cls_fold_class(entry), len);
	}
}

bool cls_tokenizer_next(struct cls_tokenizer *t, struct cls_tokens *out)
{
	out->n = 0;
	out->used = 0;
	while (t->p < t->end && out->n + CLS_CHARS_MAX <= CLS_BLOCK) {
		if (*t->p == ' ')
			t->p++;
		else if (word_byte[*t->p] != 0)
			take_word(t, out);
		else
			take_other(t, out);
	}
	return out->n > 0;
}
