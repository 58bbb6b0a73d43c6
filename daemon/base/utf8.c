/* utf8: decoding by Unicode's table 3-7, and making text fit for a terminal. Knows no other encoding. */
#include "daemon/base/utf8.h"

#include "daemon/base/attr.h"
#include "daemon/base/utf8_priv.h"

#define REPLACEMENT 0xfffdu
#define BLOCK 16
#define AHEAD 3 /* bytes behind a block that are looked at with it: the rest of its last character */

typedef uint8_t bytes16 __attribute__((vector_size(BLOCK)));

/* What the lead byte promises: length and the bounds of the second byte (the later ones are 80..BF). */
struct lead {
	unsigned length, low, high;
};

static struct lead lead_of(unsigned char c)
{
	if (c < 0xc2 || c > 0xf4)
		return (struct lead){ 0, 0, 0 };
	if (c < 0xe0)
		return (struct lead){ 2, 0x80, 0xbf };
	if (c < 0xf0)
		return (struct lead){ 3, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf };
	return (struct lead){ 4, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf };
}

/* A multi-byte sequence at p: its length when it is whole, else 0 and *part: how long its valid start is (at least 1). */
static size_t sequence(const unsigned char *p, size_t n, size_t *part)
{
	struct lead lead = lead_of(p[0]);
	*part = 1;
	if (lead.length == 0 || n < 2 || p[1] < lead.low || p[1] > lead.high)
		return 0;
	for (*part = 2; *part < lead.length; ++*part)
		if (*part >= n || (p[*part] & 0xc0) != 0x80)
			return 0;
	return lead.length;
}

static bool any(bytes16 v)
{
	uint64_t halves[2];
	memcpy(halves, &v, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

static inline bytes16 load(const unsigned char *p)
{
	bytes16 v;
	memcpy(&v, p, sizeof(v));
	return v;
}

static inline bytes16 continues(bytes16 v)
{
	return (bytes16)((v & 0xc0) == 0x80);
}

/* Sixteen bytes at once, with the three behind them: each that begins a character is followed by what it promises, and of the bytes from the
 * fourth on none continues what was never begun. */
static inline bool block_holds(const unsigned char *p)
{
	bytes16 v = load(p), second = load(p + 1), third = load(p + 2), fourth = load(p + 3);
	if (!any((v | fourth) & 0x80))
		return true;
	bytes16 two = (bytes16)(v >= 0xc0), three = (bytes16)(v >= 0xe0), four = (bytes16)(v >= 0xf0);
	bytes16 bad = (two & ~continues(second)) | (three & ~continues(third)) | (four & ~continues(fourth));
	bad |= continues(fourth) & ~((bytes16)(third >= 0xc0) | (bytes16)(second >= 0xe0) | four);
	bad |= (bytes16)((v & 0xfe) == 0xc0) | (bytes16)(v > 0xf4);
	bad |= (bytes16)(v == 0xe0) & (bytes16)(second < 0xa0);
	bad |= (bytes16)(v == 0xed) & (bytes16)(second > 0x9f);
	bad |= (bytes16)(v == 0xf0) & (bytes16)(second < 0x90);
	bad |= (bytes16)(v == 0xf4) & (bytes16)(second > 0x8f);
	return !any(bad);
}

/* At the start of a character: what block_holds does not see of the first three bytes. */
static bool begins_well(const unsigned char *p)
{
	bool second = (p[1] & 0xc0) == 0x80 && p[0] < 0xc0;
	bool third = (p[2] & 0xc0) == 0x80 && p[1] < 0xc0 && p[0] < 0xe0;
	return (p[0] & 0xc0) != 0x80 && !second && !third;
}

/* Less than two blocks, to the end of the text. */
static bool tail_holds(const unsigned char *p, size_t n)
{
	unsigned char space[2 * BLOCK + AHEAD] = { 0 };
	memcpy(space, p, n);
	return begins_well(space) && block_holds(space) && (n <= BLOCK || block_holds(space + BLOCK));
}

/* How many bytes from the start of a character on are whole characters, as far as blocks tell; 0: look at one. */
static size_t valid_blocks(const unsigned char *p, size_t n)
{
	size_t i = 0;
	if (n >= BLOCK + AHEAD && begins_well(p))
		while (n - i >= BLOCK + AHEAD && block_holds(p + i))
			i += BLOCK;
	while (i > 0 && (p[i] & 0xc0) == 0x80)
		i--;
	return n - i < 2 * BLOCK && tail_holds(p + i, n - i) ? n : i;
}

size_t utf8_valid_prefix(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;
	size_t part;
	while (i < s.n) {
		i += valid_blocks(p + i, s.n - i);
		if (i == s.n)
			break;
		size_t n = p[i] < 0x80 ? 1 : sequence(p + i, s.n - i, &part);
		if (n == 0)
			return i;
		i += n;
	}
	return i;
}

size_t utf8_decode(struct str s, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)s.p;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	size_t part;
	size_t n = sequence(p, s.n, &part);
	if (n == 0) {
		*cp = REPLACEMENT;
		return 1;
	}
	uint32_t value = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		value = value << 6 | (p[i] & 0x3fu);
	*cp = value;
	return n;
}

size_t utf8_bad_length(struct str s)
{
	size_t part;
	(void)sequence((const unsigned char *)s.p, s.n, &part);
	return part;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
	if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		cp = REPLACEMENT;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--, cp >>= 6)
		out[i] = (char)(0x80 | (cp & 0x3f));
	out[0] = (char)((0xf00u >> n & 0xf0u) | cp);
	return n;
}

void utf8_clean(struct str s, struct buf *out)
{
	while (s.n > 0) {
		size_t good = utf8_valid_prefix(s);
		buf_add(out, s.p, good);
		s = str_skip(s, good);
		if (s.n == 0)
			return;
		buf_add(out, "\xef\xbf\xbd", 3);
		s = str_skip(s, utf8_bad_length(s));
	}
}

struct str utf8_cut(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	size_t n = max;
	/* Back to the start of the scalar that the cut would split; ill-formed runs are cut where they stand. */
	for (size_t back = 0; back < 3 && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80; back++)
		n--;
	if (((unsigned char)s.p[n] & 0xc0) == 0x80)
		n = max;
	return (struct str){ s.p, n };
}

struct str utf8_tail(struct str s, size_t max)
{
	struct str tail = str_skip(s, s.n > max ? s.n - max : 0);
	while (tail.n > 0 && tail.n < s.n && ((unsigned char)tail.p[0] & 0xc0) == 0x80)
		tail = str_skip(tail, 1);
	return tail;
}

static bool in_ranges(uint32_t cp, const struct utf8_range *ranges, size_t count)
{
	size_t low = 0;
	size_t high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (cp > ranges[middle].last)
			low = middle + 1;
		else if (cp < ranges[middle].first)
			high = middle;
		else
			return true;
	}
	return false;
}

int utf8_width(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
		return 0;
	if (cp < 0x300)
		return 1;
	if (in_ranges(cp, utf8_zero_width, utf8_zero_width_count))
		return 0;
	return in_ranges(cp, utf8_two_columns, utf8_two_columns_count) ? 2 : 1;
}

/* Sorted. Scalars that move the cursor, turn the direction of what follows, or hide text. */
static const struct utf8_range unprintable[] = {
	{ 0x00, 0x1f }, /* C0: ESC begins every terminal command */
	{ 0x7f, 0x9f }, /* DEL and C1: 9B is a one-byte command start */
	{ 0x61c, 0x61c }, /* Arabic letter mark */
	{ 0x200e, 0x200f }, /* direction marks */
	{ 0x2028, 0x202e }, /* line separators, embeddings and overrides */
	{ 0x2066, 0x2069 }, /* isolates */
	{ 0xfeff, 0xfeff }, /* byte order mark */
	{ 0xfff9, 0xfffb }, /* interlinear annotations */
	{ 0xe0000, 0xe007f }, /* tags: invisible ASCII */
};

static bool is_break(uint32_t cp)
{
	return (cp >= '\t' && cp <= '\r') || cp == 0x85 || cp == 0x2028 || cp == 0x2029;
}

static void add_visible(uint32_t cp, struct buf *out)
{
	if (is_break(cp))
		buf_byte(out, ' ');
	else
		buf_fmt(out, cp < 0x100 ? "\\x%02x" : cp < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)cp);
}

void utf8_for_terminal(struct str s, struct buf *out)
{
	size_t run = 0; /* bytes at the start of s that pass unchanged */
	while (run < s.n) {
		uint32_t cp;
		size_t n = utf8_decode(str_skip(s, run), &cp);
		bool ill_formed = n == 1 && cp == REPLACEMENT;
		if (!ill_formed && !in_ranges(cp, unprintable, ARRAY_LEN(unprintable))) {
			run += n;
			continue;
		}
		buf_add(out, s.p, run);
		if (ill_formed)
			utf8_clean((struct str){ s.p + run, n = utf8_bad_length(str_skip(s, run)) }, out);
		else
			add_visible(cp, out);
		s = str_skip(s, run + n);
		run = 0;
	}
	buf_add(out, s.p, run);
}
