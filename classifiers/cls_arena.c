/* cls_arena: chunks of memory, growing arrays, errors. */
#include "classifiers/cls_arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CHUNK_BYTES 16384u /* a topic file of usual size needs a few */
#define HINT_WORD_MAX 32 /* bytes; longer words are not compared */

struct cls_chunk {
	struct cls_chunk *next;
	alignas(max_align_t) char data[];
};

void *cls_arena_new(struct cls_arena *a, size_t count, size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t need, want;
	struct cls_chunk *c;
	void *p;

	if (size != 0 && count > (SIZE_MAX / 2 - CHUNK_BYTES) / size)
		return NULL;
	need = (count * size + align - 1) / align * align;
	if (need > a->left) {
		want = need > CHUNK_BYTES ? need : CHUNK_BYTES;
		c = malloc(sizeof *c + want);
		if (c == NULL)
			return NULL;
		c->next = a->chunks;
		a->chunks = c;
		a->p = c->data;
		a->left = want;
	}
	p = a->p;
	a->p += need;
	a->left -= need;
	return memset(p, 0, need);
}

char *cls_arena_text(struct cls_arena *a, const char *p, size_t n)
{
	char *copy = cls_arena_new(a, n + 1, 1);

	if (copy != NULL && n > 0)
		memcpy(copy, p, n);
	return copy;
}

void cls_arena_fini(struct cls_arena *a)
{
	while (a->chunks != NULL) {
		struct cls_chunk *c = a->chunks;
		a->chunks = c->next;
		free(c);
	}
	memset(a, 0, sizeof *a);
}

bool cls_grow_more(void **array, size_t *capacity, size_t need, size_t size)
{
	size_t want = *capacity ? *capacity : 16;
	void *p;

	while (want < need) {
		if (want > SIZE_MAX / 2)
			return false;
		want *= 2;
	}
	if (want > SIZE_MAX / size)
		return false;
	p = realloc(*array, want * size);
	if (p == NULL)
		return false;
	*array = p;
	*capacity = want;
	return true;
}

void *cls_large_pages(void *memory, size_t n)
{
	char *first = (char *)memory + (-(uintptr_t)memory & (CLS_PAGE - 1));

	(void)madvise(first, n, MADV_HUGEPAGE); /* small pages serve too */
	return first;
}

bool cls_fail(struct cls_error *e, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return false;
	e->line = line;
	snprintf(e->file, sizeof e->file, "%s", file ? file : "");
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return false;
}

bool cls_fail_memory(struct cls_error *e)
{
	return cls_fail(e, NULL, 0, "out of memory");
}

/* Edits (insert, delete, replace) that make a into b. Both at most HINT_WORD_MAX long. */
static size_t edits(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[HINT_WORD_MAX + 1];

	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[nb];
}

const char *cls_hint(const char *word, const char *const *names, size_t count)
{
	size_t n = strlen(word), best = n / 3 + 2;
	const char *found = NULL;

	if (n > HINT_WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(names[i]), d;
		if (len > HINT_WORD_MAX)
			continue;
		d = edits(word, n, names[i], len);
		if (d < best) {
			best = d;
			found = names[i];
		}
	}
	return found;
}
