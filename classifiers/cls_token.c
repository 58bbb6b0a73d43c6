/* cls_token: the tokeniser. ASCII words take a short loop over one table; everything else goes by cls_fold. */
#include "classifiers/cls_token.h"

#include <string.h>

#include "classifiers/cls_fold.h"
#include "classifiers/cls_stretch.h"

/* Of a stretch at most; more than the 8 characters that one code point may become (cls_fold_gen.py). */
#define TOKENS_AT_ONCE (CLS_STRETCH / 2)
_Static_assert(CLS_STRETCH <= CLS_WORD_MAX, "what is taken at once has a token in it, and no more room");

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

/* Copies ASCII letters (made small) and digits, eight bytes at a time; returns how many stood there, at most 8. */
static size_t copy_ascii(const unsigned char *p, unsigned char *buf)
{
	uint64_t x, word;

	memcpy(&x, p, 8);
	x = htole64(cls_fold_eight(le64toh(x), &word));
	memcpy(buf, &x, 8);
	word = ~word & CLS_EACH(0x80);
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

/* Characters of three bytes. U+3000 to U+D7FF: kana, ideographs, Hangul and what stands between them. */
static inline bool is_eastern(const unsigned char *p)
{
	return p[0] >= 0xe3 && (p[0] < 0xed || (p[0] == 0xed && p[1] < 0xa0)) && (p[1] & 0xc0) == 0x80 &&
	       (p[2] & 0xc0) == 0x80;
}

/* Whether there may stand a mark that joins the character before. */
static inline bool may_join(const unsigned char *p)
{
	return p[0] == 0xe1 || p[0] == 0xef || (p[0] == 0xe3 && p[1] == 0x82 && p[2] >= 0x99);
}

/* Takes characters that become one character of three bytes each, up to what is not so. */
static void take_eastern(struct cls_tokenizer *t, struct cls_tokens *out)
{
	const unsigned char *p = t->p;

	for (; t->end - p >= 6 && is_eastern(p) && out->n < CLS_BLOCK; p += 3) {
		uint32_t cp = (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
		uint32_t entry = cls_fold_entry(cp), to = entry & CLS_FOLD_VALUE;
		if (entry & CLS_FOLD_MULTI || cls_fold_class(entry) != CLS_CHAR ||
		    (may_join(p + 3) && (cp < 0x3400 || cp >= 0xac00)))
			break;
		to = to ? to : cp;
		if (to < 0x800 || to >= 0x10000)
			break;
		cls_fold_encode(to, out->text + out->used);
		add(t, out, p, p + 3, 3)->flags |= CLS_TOKEN_CHAR;
		t->pos += CLS_CHAR_STEP;
		t->single = false;
	}
	t->p = p;
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

static uint64_t below(size_t n) /* the lowest n bits */
{
	return n < 64 ? (1ull << n) - 1 : UINT64_MAX;
}

/* Up to where a stretch of n bytes can be taken: before what is not ASCII, and before a word that may go on behind the stretch. */
static size_t stretch_end(const struct cls_stretch *s, size_t n, bool last)
{
	size_t end = s->other != 0 ? (size_t)__builtin_ctzll(s->other) : n;

	if (end == 0 || (last && end == n))
		return end;
	uint64_t no_word = ~(s->word << (64 - end));
	return no_word == 0 ? 0 : end - (size_t)__builtin_clzll(no_word);
}

/* Adds the words of which a stretch at p has the bits. Runs of bits are peeled off by their carry, which is faster than going from byte to byte. */
static void add_plain(
    struct cls_tokenizer *t, struct cls_tokens *out, const unsigned char *p, size_t used, uint64_t word)
{
	struct cls_token *k = out->token + out->n;
	uint32_t from = (uint32_t)(p - t->begin), pos = t->pos;
	uint8_t flags = t->flags;

	if (word == 0)
		return;
	while (word != 0) {
		uint64_t carried = word + (word & -word);
		uint32_t start = (uint32_t)__builtin_ctzll(word), end = (uint32_t)__builtin_ctzll(carried);
		*k++ = (struct cls_token){ .start = from + start,
			.end = from + end,
			.pos = pos,
			.off = (uint16_t)(used + start),
			.len = (uint8_t)(end - start),
			.flags = flags };
		pos += CLS_WORD_STEP;
		flags = 0;
		word &= carried;
	}
	out->n = (size_t)(k - out->token);
	t->pos = pos;
	t->flags = 0;
	t->newlines = 0;
	t->single = k[-1].len == 1;
}

/* Takes words of ASCII alone and the marks between them, as far as a stretch reaches: most of most texts. What it cannot take it leaves. */
static void take_plain(struct cls_tokenizer *t, struct cls_tokens *out)
{
	const unsigned char *p = t->p, *bytes = p;
	unsigned char padded[CLS_STRETCH] = { 0 };
	size_t left = (size_t)(t->end - p), n = left < CLS_STRETCH ? left : CLS_STRETCH, used = out->used;
	struct cls_stretch s;

	if (n < CLS_STRETCH)
		bytes = memcpy(padded, p, n);
	cls_stretch_fold(&s, bytes, out->text + used);
	n = stretch_end(&s, n, left < CLS_STRETCH);
	s.word &= below(n);
	for (uint64_t mark = below(n) & ~(s.word | s.space); mark != 0; mark &= mark - 1) {
		size_t at = (size_t)__builtin_ctzll(mark);
		add_plain(t, out, p, used, s.word & below(at));
		s.word &= ~below(at);
		t->p = p + at;
		take_mark(t, cls_fold_class(cls_fold_entry(*t->p)), 1);
	}
	add_plain(t, out, p, used, s.word);
	t->p = p + n;
	out->used = used + n;
}

static void take_other(struct cls_tokenizer *t, struct cls_tokens *out)
{
	const unsigned char *from = t->p;
	uint32_t cp, entry;
	size_t len;

	take_eastern(t, out);
	if (t->p != from)
		return;
	len = cls_fold_decode(t->p, t->end, &cp);
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
	while (t->p < t->end && out->n + TOKENS_AT_ONCE <= CLS_BLOCK) {
		const unsigned char *from = t->p;
		if (*from == ' ') {
			t->p++;
		} else if (word_byte[*from] != 0) {
			take_plain(t, out);
			if (t->p == from)
				take_word(t, out);
		} else {
			take_other(t, out);
		}
	}
	return out->n > 0;
}
