/* report: formats complaints and finds the word that was probably meant. */
#include "daemon/conf/report_priv.h"

#include "daemon/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

#define COMPLAINT_MAX 1024 /* bytes; names and values in it are cut before */
#define WORD_MAX 40 /* bytes of a word that is compared: longer ones are not typing errors of our keys */

static void tell(const struct conf_report *r, struct conf_place at, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

static void tell(const struct conf_report *r, struct conf_place at, const char *fmt, va_list ap)
{
	char text[COMPLAINT_MAX];
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	if (n < 0)
		text[0] = '\0';
	if ((size_t)n >= sizeof(text))
		text[utf8_cut(str_of(text, sizeof(text) - 1), sizeof(text) - 1).n] = '\0';
	const struct conf_error error = { at.file, at.line, at.column, text };
	r->each(r->ctx, &error);
}

void conf_complain(struct conf_report *r, struct conf_place at, const char *fmt, ...)
{
	r->count++;
	if (r->count > CONF_ERRORS_MAX)
		return;
	va_list ap;
	va_start(ap, fmt);
	tell(r, at, fmt, ap);
	va_end(ap);
	if (r->count < CONF_ERRORS_MAX)
		return;
	const struct conf_error error = { at.file, 0, 0, "too many errors; the rest is not shown" };
	r->each(r->ctx, &error);
}

void conf_remark(const struct conf_report *r, struct conf_place at, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	tell(r, at, fmt, ap);
	va_end(ap);
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;
	return ab < c ? ab : c;
}

/* Edits (insert, delete, replace, swap of neighbours) between two short words. */
static unsigned distance(struct str a, struct str b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0];
	unsigned *last = rows[1];
	unsigned *now = rows[2];
	for (unsigned j = 0; j <= b.n; j++)
		last[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		now[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned cost = a.p[i - 1] != b.p[j - 1];
			now[j] = least(now[j - 1] + 1, last[j] + 1, last[j - 1] + cost);
			bool swapped = i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1];
			if (swapped && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		unsigned *spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b.n];
}

void conf_hint_init(struct conf_hint *h, struct str wrong)
{
	*h = (struct conf_hint){ .wrong = wrong };
	/* One edit in a short word, two in a longer one: more would guess at random. */
	h->best = wrong.n < 5 ? 2 : 3;
	if (wrong.n == 0 || wrong.n > WORD_MAX)
		h->best = 0;
}

void conf_hint_offer(struct conf_hint *h, struct str candidate)
{
	if (h->best == 0 || candidate.n > WORD_MAX || candidate.n > h->wrong.n + h->best ||
	    h->wrong.n > candidate.n + h->best)
		return;
	unsigned d = distance(h->wrong, candidate);
	if (d >= h->best)
		return;
	h->best = d;
	snprintf(h->text, sizeof(h->text), " (did you mean \"%.*s\"?)", STR_ARG(candidate));
}
