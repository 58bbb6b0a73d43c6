/* diff: the longest common run of words, by the plain table, behind what both texts begin and end with. */
#include "daemon/page/diff.h"

#include "daemon/base/utf8.h"
#include "daemon/page/markup.h"

#include <stdlib.h>

#define WORDS_MAX 1500u /* that differ, of one text: the table has 4.5 MB then */
#define STAYED_MAX 240u /* bytes of what stayed that are shown between two changes */

struct words {
	struct str *at;
	size_t count;
};

struct writer {
	struct buf *out;
	size_t end; /* of what may be written */
};

/* Of scripts that put no spaces between words each character is one. */
static bool stands_alone(uint32_t c)
{
	return (c >= 0x2e80 && c < 0xac00) || (c >= 0xf900 && c < 0xfb00) || (c >= 0x20000 && c < 0x40000) ||
	       (c >= 0xe00 && c < 0xf00);
}

static bool is_letter(uint32_t c)
{
	return (c >= 0x80 && !stands_alone(c) && c != 0x3000) || (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Length of the word, or the single character, that `text` begins with. */
static size_t word_length(struct str text)
{
	size_t n = 0;

	while (n < text.n) {
		uint32_t c;
		size_t one = utf8_decode(str_skip(text, n), &c);

		if (!is_letter(c))
			return n ? n : one;
		n += one;
	}
	return n;
}

static bool split(struct str text, struct words *w)
{
	w->count = 0;
	w->at = calloc(text.n + 1, sizeof(struct str));
	for (size_t n; w->at && text.n > 0; text = str_skip(text, n)) {
		n = word_length(text);
		w->at[w->count++] = str_of(text.p, n);
	}
	return w->at != NULL;
}

/* All of them as one slice of their text. */
static struct str joined(const struct str *words, size_t count)
{
	if (count == 0)
		return STR("");
	return str_of(words[0].p, (size_t)(words[count - 1].p - words[0].p) + words[count - 1].n);
}

static bool is_full(const struct writer *w)
{
	return w->out->n >= w->end;
}

static void write_text(struct writer *w, struct str text)
{
	markup_text(w->out, markup_fit(text, is_full(w) ? 0 : w->end - w->out->n));
}

static void write_changed(struct writer *w, const char *tag, struct str text)
{
	if (text.n == 0 || is_full(w))
		return;
	buf_fmt(w->out, "<%s>", tag);
	write_text(w, text);
	buf_fmt(w->out, "</%s>", tag);
}

/* At the edges of the texts only what is near a change is shown. */
static void write_stayed(struct writer *w, struct str text, bool first, bool last)
{
	struct str head = first ? STR("") : utf8_cut(text, STAYED_MAX / 2);

	if (text.n <= STAYED_MAX) {
		write_text(w, text);
		return;
	}
	write_text(w, head);
	if (!is_full(w))
		buf_str(w->out, STR(" … "));
	if (!last)
		write_text(w, utf8_tail(text, STAYED_MAX / 2));
}

/* common[i * (n + 1) + j]: how many words the ends of both texts from i and j on have in common. */
static uint16_t *make_table(const struct words *x, const struct words *y)
{
	size_t row = y->count + 1;
	uint16_t *common = calloc((x->count + 1) * row, sizeof(uint16_t));

	for (size_t i = x->count; common && i-- > 0;)
		for (size_t j = y->count; j-- > 0;) {
			uint16_t down = common[(i + 1) * row + j], right = common[i * row + j + 1];

			if (str_eq(x->at[i], y->at[j]))
				common[i * row + j] = (uint16_t)(common[(i + 1) * row + j + 1] + 1);
			else
				common[i * row + j] = down > right ? down : right;
		}
	return common;
}

/* One step along the table: words that stay, or words that go and words that come. */
static void write_steps(
    struct writer *w, const struct words *x, const struct words *y, const uint16_t *common)
{
	size_t row = y->count + 1, i = 0, j = 0;

	while ((i < x->count || j < y->count) && !is_full(w)) {
		size_t from_i = i, from_j = j;

		while (i < x->count && j < y->count && str_eq(x->at[i], y->at[j]))
			i++, j++;
		if (i > from_i)
			write_stayed(w, joined(&x->at[from_i], i - from_i), false, false);
		from_i = i, from_j = j;
		while ((i < x->count || j < y->count) &&
		       !(i < x->count && j < y->count && str_eq(x->at[i], y->at[j]))) {
			if (j == y->count ||
			    (i < x->count && common[(i + 1) * row + j] >= common[i * row + j + 1]))
				i++;
			else
				j++;
		}
		write_changed(w, "del", joined(x->at + from_i, i - from_i));
		write_changed(w, "ins", joined(y->at + from_j, j - from_j));
	}
}

static void write_middle(struct writer *w, const struct words *x, const struct words *y)
{
	uint16_t *common = x->count <= WORDS_MAX && y->count <= WORDS_MAX ? make_table(x, y) : NULL;

	if (common) {
		write_steps(w, x, y, common);
	} else {
		write_changed(w, "del", joined(x->at, x->count));
		write_changed(w, "ins", joined(y->at, y->count));
	}
	free(common);
}

static void write_words(struct writer *w, const struct words *x, const struct words *y)
{
	size_t shorter = x->count < y->count ? x->count : y->count, head = 0, tail = 0;

	while (head < shorter && str_eq(x->at[head], y->at[head]))
		head++;
	while (tail < shorter - head && str_eq(x->at[x->count - 1 - tail], y->at[y->count - 1 - tail]))
		tail++;
	write_stayed(w, joined(x->at, head), true, false);
	write_middle(w, &(struct words){ x->at + head, x->count - head - tail },
	    &(struct words){ y->at + head, y->count - head - tail });
	write_stayed(w, joined(x->at + x->count - tail, tail), false, true);
}

void diff_write(struct buf *b, struct str before, struct str after, size_t room)
{
	struct writer w = { b, b->n + room };
	struct words x = { NULL, 0 }, y = { NULL, 0 };

	if (split(before, &x) && split(after, &y))
		write_words(&w, &x, &y);
	else
		b->failed = true;
	free(x.at);
	free(y.at);
}
