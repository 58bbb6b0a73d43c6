/* cls_token: the tokeniser. ASCII words take a short loop over one table; everything else goes by cls_fold. */
#include "classifiers/cls_token.h"

#include <string.h>

#include "classifiers/cls_fold.h"
#include "classifiers/cls_stretch.h"

#define PEELED 6 /* words at a time: most stretches have seven to twelve */
/* Of a stretch at most, and some that are written beyond them; more than the 8 characters that one code point may become (cls_fold_gen.py). */
#define TOKENS_AT_ONCE (CLS_STRETCH / 2 + PEELED)
_Static_assert(CLS_STRETCH <= CLS_WORD_MAX, "what is taken at once has a token in it, and no more room");

/* What an ASCII byte is inside a word: its small letter or digit; 0 for all others. */
static unsigned char word_byte(unsigned char c)
{
	unsigned char small = c | 0x20;

	if (small >= 'a' && small <= 'z')
		return small;
	return c >= '0' && c <= '9' ? c : 0;
}

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
		return word_byte(*p) != 0;
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
	for (; p < end && (c = word_byte(*p)) != 0; p++)
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
			next = word_byte(*p) != 0 ? p : NULL;
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
static bool stop_is_soft(const struct cls_tokenizer *t, const unsigned char *p, bool single)
{
	if (is_word_at(p + 1, t->end))
		return true;
	return single && p > t->begin && word_byte(p[-1]) != 0 && !is_digit(p[-1]);
}

static bool clause_is_soft(const struct cls_tokenizer *t, const unsigned char *p)
{
	return (*p == ',' || *p == ':') && p > t->begin && is_digit(p[-1]) && p + 1 < t->end &&
	       is_digit(p[1]);
}

static bool dash_is_soft(const struct cls_tokenizer *t, const unsigned char *p, size_t len)
{
	return (p > t->begin && !is_blank(p[-1])) || (p + len < t->end && !is_blank(p[len]));
}

/* What a mark of len bytes at p says of the next token; single: the token before it is one letter. */
static uint8_t mark_flags(
    const struct cls_tokenizer *t, const unsigned char *p, enum cls_class class, size_t len, bool single)
{
	if (class == CLS_SENTENCE && !(*p == '.' && stop_is_soft(t, p, single)))
		return CLS_TOKEN_BREAK | CLS_TOKEN_SENTENCE;
	if ((class == CLS_CLAUSE && !clause_is_soft(t, p)) || (class == CLS_DASH && !dash_is_soft(t, p, len)))
		return CLS_TOKEN_BREAK;
	return 0;
}

/* The second line end in a row ends a sentence. */
static uint8_t line_flags(uint8_t *newlines)
{
	return *newlines < 2 && ++*newlines == 2 ? CLS_TOKEN_BREAK | CLS_TOKEN_SENTENCE : 0;
}

static void take_mark(struct cls_tokenizer *t, enum cls_class class, size_t len)
{
	t->flags |= mark_flags(t, t->p, class, len, t->single);
	if (*t->p == '\n')
		t->flags |= line_flags(&t->newlines);
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

/* Bits that are set. */
static size_t count_bits(uint64_t x)
{
	x -= x >> 1 & CLS_EACH(0x55);
	x = (x & CLS_EACH(0x33)) + (x >> 2 & CLS_EACH(0x33));
	x = (x + (x >> 4)) & CLS_EACH(0x0f);
	return x * CLS_EACH(1) >> 56;
}

/*
 * Writes the words of a stretch that begins at byte `from`; returns how many. Some at a time, without asking whether there are so many: how many words a
 * stretch has cannot be foreseen.
 */
static size_t add_words(const struct cls_tokenizer *t, struct cls_tokens *out, uint32_t from, uint64_t word)
{
	const uint64_t top = 1ull << 63; /* for the lowest bit of nothing */
	uint64_t start = word & ~(word << 1), last = word & ~(word >> 1);
	size_t count = count_bits(start), used = out->used;
	uint32_t pos = t->pos;

	for (struct cls_token *k = out->token + out->n; start != 0;)
		for (int i = 0; i < PEELED; i++, pos += CLS_WORD_STEP) {
			uint32_t at = (uint32_t)__builtin_ctzll(start | top);
			uint32_t end = (uint32_t)__builtin_ctzll(last | top) + 1;
			*k++ = (struct cls_token){ .start = from + at,
				.end = from + end,
				.pos = pos,
				.off = (uint16_t)(used + at),
				.len = (uint8_t)(end - at) };
			start &= start - 1;
			last &= last - 1;
		}
	return count;
}

/* What the marks between a stretch's words say of the words behind them, and of the token behind the stretch. */
static void add_marks(struct cls_tokenizer *t, struct cls_token *first, uint64_t word, uint64_t mark)
{
	uint64_t start = word & ~(word << 1);
	size_t words = count_bits(start), line = 0; /* line: words before the last line end */
	uint8_t behind = words > 0 ? 0 : t->flags, flags;

	first->flags |= words > 0 ? t->flags : 0;
	for (; mark != 0; mark &= mark - 1) {
		size_t at = (size_t)__builtin_ctzll(mark), before;
		const unsigned char *p = t->p + at;
		bool single = at > 0 ? (start >> (at - 1) & 1) != 0 : t->single;

		flags = mark_flags(t, p, cls_fold_class(cls_fold_entry(*p)), 1, single);
		if (flags == 0 && *p != '\n')
			continue;
		before = count_bits(start & below(at));
		if (*p == '\n') {
			t->newlines = before != line ? 0 : t->newlines;
			line = before;
			flags |= line_flags(&t->newlines);
		}
		*(before < words ? &first[before].flags : &behind) |= flags;
	}
	t->newlines = words != line ? 0 : t->newlines;
	t->flags = behind;
}

/* Takes words of ASCII alone and the marks between them, as far as a stretch reaches: most of most texts. What it cannot take it leaves. */
static void take_plain(struct cls_tokenizer *t, struct cls_tokens *out)
{
	const unsigned char *p = t->p, *bytes = p;
	unsigned char padded[CLS_STRETCH] = { 0 };
	size_t left = (size_t)(t->end - p), n = left < CLS_STRETCH ? left : CLS_STRETCH, words;
	struct cls_stretch s;

	if (n < CLS_STRETCH)
		bytes = memcpy(padded, p, n);
	cls_stretch_fold(&s, bytes, n, out->text + out->used);
	n = stretch_end(&s, n, left < CLS_STRETCH);
	s.word &= below(n);
	words = add_words(t, out, (uint32_t)(p - t->begin), s.word);
	add_marks(t, out->token + out->n, s.word, below(n) & ~(s.word | s.space));
	out->n += words;
	out->used += n;
	t->pos += (uint32_t)words * CLS_WORD_STEP;
	t->single = words > 0 ? out->token[out->n - 1].len == 1 : t->single;
	t->p = p + n;
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
		} else if (word_byte(*from) != 0) {
			take_plain(t, out);
			if (t->p == from)
				take_word(t, out);
		} else {
			take_other(t, out);
		}
	}
	return out->n > 0;
}
