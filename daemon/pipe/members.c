/* members: hashing what a reader would call the same alike. */
#include "daemon/pipe/members.h"

#include "daemon/base/bytes8.h"
#include "daemon/base/date.h"
#include "daemon/base/hash.h"
#include "daemon/base/url.h"
#include "daemon/base/utf8.h"

#include <endian.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static const char *const names[] = {
	[MEMBER_ID] = "id",
	[MEMBER_URL] = "url",
	[MEMBER_TITLE] = "title",
	[MEMBER_SUMMARY] = "summary",
	[MEMBER_TEXT] = "content_text",
	[MEMBER_PUBLISHED] = "date_published",
	[MEMBER_MODIFIED] = "date_modified",
};
_Static_assert(ARRAY_LEN(names) == MEMBERS, "a name for every member");

const char *member_name(enum member_of_item m)
{
	return names[m];
}

static uint32_t present(uint64_t hash)
{
	uint32_t h = (uint32_t)hash;

	return h + (h == 0);
}

/* Spaces of all widths, and marks that take none: servers of one publisher differ in them. */
static bool is_blank(uint32_t cp)
{
	if (cp < 0x80)
		return cp <= ' ';
	return cp == 0xa0 || cp == 0xad || (cp >= 0x2000 && cp <= 0x200f) || cp == 0x2028 || cp == 0x2029 ||
	       cp == 0x202f || cp == 0x205f || cp == 0x3000 || cp == 0xfeff;
}

/* How many bytes the blank has that stands here; 0: none does. Few bytes can begin one, so most are not looked at as characters. */
static size_t blank_length(struct str s)
{
	unsigned char first = (unsigned char)s.p[0];
	uint32_t cp = first;
	size_t bytes = 1;

	if (first > ' ' && first != 0xc2 && first != 0xe2 && first != 0xe3 && first != 0xef)
		return 0;
	if (first >= 0x80)
		bytes = utf8_decode(s, &cp);
	return is_blank(cp) ? bytes : 0;
}

/* Of eight bytes that are no ASCII those that begin no blank. The ones that may are c2, e2, e3 and ef. */
static uint64_t plain_highs(uint64_t x)
{
	return x & BYTES8_HIGHS &
	       ~(bytes8_zeros(x ^ BYTES8_ONES * 0xc2) | bytes8_zeros((x | BYTES8_ONES) ^ BYTES8_ONES * 0xe3) |
	           bytes8_zeros(x ^ BYTES8_ONES * 0xef));
}

/* High bits of those of eight bytes that are copied as they are: what begins no blank, and a single space before such a byte. The last of the eight is
 * not known to be single. */
static uint64_t plain_bytes(uint64_t x)
{
	uint64_t plain = ((x & ~BYTES8_HIGHS) + BYTES8_ONES * (0x7f - ' ')) & ~x & BYTES8_HIGHS;

	if (x & BYTES8_HIGHS)
		plain |= plain_highs(x);
	return plain | (bytes8_zeros(x ^ BYTES8_ONES * ' ') & plain >> 8);
}

#if defined(__SSE2__)
#define SIXTEEN 16

/* The same of sixteen: a bit for each. */
static unsigned plain_of_sixteen(__m128i x)
{
	__m128i two = _mm_cmpeq_epi8(x, _mm_set1_epi8((char)0xc2));
	__m128i three = _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(1)), _mm_set1_epi8((char)0xe3));
	__m128i last = _mm_cmpeq_epi8(x, _mm_set1_epi8((char)0xef));
	__m128i highs = _mm_andnot_si128(_mm_or_si128(_mm_or_si128(two, three), last), x);
	unsigned plain =
	    (unsigned)_mm_movemask_epi8(_mm_or_si128(highs, _mm_cmpgt_epi8(x, _mm_set1_epi8(' '))));

	return plain | ((unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8(' '))) & plain >> 1);
}

static size_t copy_sixteens(const char *from, size_t left, char *to)
{
	size_t n = 0;

	for (size_t run = SIXTEEN; run >= SIXTEEN - 1 && left - n >= SIXTEEN; n += run) {
		__m128i x = _mm_loadu_si128((const __m128i_u *)(const void *)(from + n));

		_mm_storeu_si128((__m128i_u *)(void *)(to + n), x);
		run = (size_t)__builtin_ctz(~plain_of_sixteen(x) | 1u << SIXTEEN);
	}
	return n;
}
#else
static size_t copy_sixteens(const char *from, size_t left, char *to)
{
	(void)from, (void)left, (void)to;
	return 0;
}
#endif

/* Copies the byte that stands there, which begins no blank, and plain ones behind it. There is room for `left` bytes. */
static size_t copy_plain(const char *from, size_t left, char *to)
{
	size_t n = 1;

	*to = *from;
	n += copy_sixteens(from + n, left - n, to + n);
	for (size_t run = 8; run >= 7 && left - n >= 8; n += run) {
		uint64_t x, others;

		memcpy(&x, from + n, 8);
		memcpy(to + n, &x, 8);
		others = plain_bytes(le64toh(x)) ^ BYTES8_HIGHS;
		run = others ? (size_t)__builtin_ctzll(others) / 8 : 8;
	}
	return n;
}

/* Runs of white space as one blank, none at the ends: never longer than what it was. Gives how long. */
static size_t squeeze(struct str s, char *to)
{
	bool gap = false;
	size_t n = 0;

	for (size_t i = 0, run; i < s.n; i += run) {
		run = blank_length(str_of(s.p + i, s.n - i));
		if (run) {
			gap = n != 0;
			continue;
		}
		if (gap)
			to[n++] = ' ';
		gap = false;
		run = copy_plain(s.p + i, s.n - i, to + n);
		n += run;
	}
	return n;
}

static uint32_t text_hash(struct str s, struct buf *scratch)
{
	char *to;
	size_t n;

	buf_clear(scratch);
	to = buf_reserve(scratch, s.n + 1);
	n = to ? squeeze(s, to) : 0;
	return n ? present(hash64(str_of(to, n), 0)) : 0;
}

/* A link in its canonical form; but http and https are told apart: their flip is worth one record. */
static uint32_t name_hash(struct str s, struct buf *scratch)
{
	s = str_trim(s);
	if (s.n == 0 || s.n > URL_MAX || !url_is_http(s))
		return s.n ? present(hash64(s, 0)) : 0;
	buf_clear(scratch);
	url_canonical(s, scratch);
	return present(hash64(buf_view(scratch), 1 + str_starts_nocase(s, STR("https:"))));
}

static uint32_t date_hash(int64_t ms)
{
	int64_t s = ms / 1000;

	return ms == DATE_NONE ? 0 : present((uint64_t)s);
}

void members_of(const struct said *said, struct buf *scratch, uint32_t out[MEMBERS])
{
	out[MEMBER_ID] = name_hash(said->id, scratch);
	out[MEMBER_URL] = name_hash(said->url, scratch);
	out[MEMBER_TITLE] = text_hash(said->title, scratch);
	out[MEMBER_SUMMARY] = text_hash(said->summary, scratch);
	out[MEMBER_TEXT] = text_hash(said->text, scratch);
	out[MEMBER_PUBLISHED] = date_hash(said->published);
	out[MEMBER_MODIFIED] = date_hash(said->modified);
}

uint32_t members_version(const uint32_t members[MEMBERS])
{
	return present(hash64(str_of(members, MEMBER_PUBLISHED * sizeof(members[0])), 0));
}
