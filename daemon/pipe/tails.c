/* tails: pieces are found from the end backwards, and told apart by a hash of their letters. */
#include "daemon/pipe/tails.h"

#include "daemon/base/hash.h"

#include <stdlib.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define FOLDED_MAX 512u /* bytes of a piece that tell it apart */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_sentence(char c)
{
	return c == '.' || c == '!' || c == '?';
}

/* Chinese and Japanese end a sentence without a blank. */
static bool ends_wide(struct str before)
{
	return str_ends(before, STR("。")) || str_ends(before, STR("！")) || str_ends(before, STR("？"));
}

/* Asked of every byte of a text's last third, and behind most of them stands a letter. */
static bool follows_letter(struct str text, size_t at)
{
	unsigned char last = (unsigned char)text.p[at - 1], lead = at > 2 ? (unsigned char)text.p[at - 3] : 0;

	return last < 0x80 ? last > ' ' : lead != 0xe3 && lead != 0xef;
}

static bool begins_piece(struct str text, size_t at)
{
	struct str before = { text.p, at };

	if (at == 0 || text.p[at - 1] == '\n')
		return true;
	if (follows_letter(text, at) || is_space(text.p[at]))
		return false;
	return (is_space(text.p[at - 1]) && at > 1 && ends_sentence(text.p[at - 2])) || ends_wide(before);
}

#if defined(__SSE2__)
#define SIXTEEN 16

/* Past those before `end` and not before `least` that stand behind a letter, sixteen at a time. */
static size_t skip_letters(struct str text, size_t least, size_t end)
{
	while (end - least >= SIXTEEN && end >= SIXTEEN + 3) {
		const char *p = text.p + end - SIXTEEN;
		__m128i last = _mm_loadu_si128((const __m128i_u *)(const void *)(p - 1));
		__m128i lead = _mm_loadu_si128((const __m128i_u *)(const void *)(p - 3));
		__m128i blank = _mm_cmpeq_epi8(_mm_min_epu8(last, _mm_set1_epi8(' ')), last);
		__m128i wide = _mm_or_si128(_mm_cmpeq_epi8(lead, _mm_set1_epi8((char)0xe3)),
		    _mm_cmpeq_epi8(lead, _mm_set1_epi8((char)0xef)));
		unsigned others = (unsigned)_mm_movemask_epi8(_mm_or_si128(blank, wide));

		if (others)
			return end - (size_t)(__builtin_clz(others) - SIXTEEN);
		end -= SIXTEEN;
	}
	return end;
}
#else
static size_t skip_letters(struct str text, size_t least, size_t end)
{
	(void)text, (void)least;
	return end;
}
#endif

static char fold(char c)
{
	char small = (char)(c | 0x20), mark = c >= '0' && c <= '9' ? '0' : ' ';

	mark = small >= 'a' && small <= 'z' ? small : mark;
	return (unsigned char)c < 0x80 ? mark : c;
}

/* Letters without their case, every number the same, one blank for all between. 0: nothing that could be told apart. */
static uint64_t print_of(struct str piece)
{
	char folded[FOLDED_MAX];
	char before = ' ';
	size_t n = 0;

	/* What is told apart here cannot be foreseen: each byte is written, and by what it is the next is written over it. */
	for (size_t i = 0; i < piece.n && n < sizeof(folded); i++) {
		char c = fold(piece.p[i]);

		folded[n] = c;
		n += c != before || (c != '0' && c != ' ');
		before = c;
	}
	if (n > 0 && folded[n - 1] == ' ')
		n--;
	return n > 0 ? hash64(str_of(folded, n), 0) | 1 : 0;
}

struct piece {
	size_t start;
	uint64_t print;
};

/* The last pieces of a text, the last one first; only of its last third. Marks without letters belong to the piece before them. */
static unsigned pieces_of(struct str text, struct piece out[TAILS_PIECES])
{
	size_t end = text.n, least = text.n - text.n / TAILS_SHARE;
	unsigned n = 0;

	for (size_t at = text.n; (at = skip_letters(text, least, at)) > least && n < TAILS_PIECES;) {
		uint64_t print;

		at--;
		if (!begins_piece(text, at))
			continue;
		print = print_of(str_of(text.p + at, end - at));
		if (print == 0)
			continue;
		out[n++] = (struct piece){ at, print };
		end = at;
	}
	return n;
}

void tails_init(struct tails *t, size_t texts)
{
	buf_init(&t->prints, texts * TAILS_PIECES * sizeof(uint64_t));
}

void tails_fini(struct tails *t)
{
	buf_fini(&t->prints);
}

uint64_t tails_add(struct tails *t, struct str text)
{
	struct piece pieces[TAILS_PIECES];
	unsigned n = pieces_of(text, pieces);

	for (unsigned i = 0; i < n; i++) {
		bool again = false;

		for (unsigned k = 0; k < i; k++)
			again = again || pieces[k].print == pieces[i].print;
		if (!again)
			buf_add(&t->prints, &pieces[i].print, sizeof(pieces[i].print));
	}
	return n > 0 ? pieces[0].print : 0;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static size_t count_of(const struct tails *t)
{
	return t->prints.n / sizeof(uint64_t);
}

void tails_settle(struct tails *t)
{
	if (count_of(t) > 0)
		qsort(t->prints.p, count_of(t), sizeof(uint64_t), compare);
}

bool tails_recurs(const struct tails *t, uint64_t print)
{
	const uint64_t *all = (const uint64_t *)(const void *)t->prints.p;
	size_t low = 0, high = count_of(t);

	if (print == 0)
		return false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (all[middle] < print)
			low = middle + 1;
		else
			high = middle;
	}
	return count_of(t) - low >= TAILS_ITEMS && all[low + TAILS_ITEMS - 1] == print;
}

size_t tails_end(const struct tails *t, struct str text)
{
	struct piece pieces[TAILS_PIECES];
	unsigned n = pieces_of(text, pieces);
	size_t end = text.n;

	for (unsigned i = 0; i < n && tails_recurs(t, pieces[i].print); i++)
		end = pieces[i].start;
	return end;
}
