/* names: the closed files of stores, told from their names. Owns nothing; knows nothing of what stands in them. */
#include "daemon/store/names.h"

#include "daemon/base/date.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define STAMP_LENGTH 16 /* 20261121T101503Z */
#define CLOSED_MAX (64u << 20) /* bytes of one listing: about 200,000 files */

static bool take_number(const char **p, size_t digits, int *out)
{
	*out = 0;
	for (size_t i = 0; i < digits; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return true;
}

static bool stamp_parse(const char *p, int64_t *ms)
{
	int year, month, day, hour, minute, second;

	if (!take_number(&p, 4, &year) || !take_number(&p, 2, &month) || !take_number(&p, 2, &day) ||
	    *p++ != 'T')
		return false;
	if (!take_number(&p, 2, &hour) || !take_number(&p, 2, &minute) || !take_number(&p, 2, &second) ||
	    *p != 'Z')
		return false;
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	*ms = (date_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second) * 1000;
	return true;
}

/* NAME may hold '-' and digits, but never the capital letters of the stamp: the stamp is found from the end. */
bool names_parse(const char *name, struct closed_file *out)
{
	struct str s = str_from(name), number;
	unsigned long long seq;
	size_t dash;

	if (s.n > NAME_MAX)
		return false;
	memcpy(out->name, name, s.n + 1);
	out->compressed = str_ends(s, STR(NAMES_SUFFIX NAMES_ZST));
	if (out->compressed)
		s.n -= sizeof(NAMES_ZST) - 1;
	if (!str_ends(s, STR(NAMES_SUFFIX)))
		return false;
	s.n -= sizeof(NAMES_SUFFIX) - 1;
	for (dash = s.n; dash > 0 && s.p[dash - 1] != '-'; dash--)
		continue;
	if (dash < STAMP_LENGTH + 3 || s.p[dash - STAMP_LENGTH - 2] != '-')
		return false;
	number = str_skip(s, dash);
	if (!str_to_u64(number, &seq) || !stamp_parse(s.p + dash - STAMP_LENGTH - 1, &out->closed_ms))
		return false;
	out->store_length = dash - STAMP_LENGTH - 2;
	out->seq = seq;
	return true;
}

bool names_closed(const char *store, int64_t closed_ms, uint64_t seq, char *out, size_t size)
{
	char stamp[DATE_TEXT_MAX];
	int n;

	stamp[date_format_compact(closed_ms, stamp)] = '\0';
	n = snprintf(out, size, "%s-%s-%llu" NAMES_SUFFIX, store, stamp, (unsigned long long)seq);
	return n > 0 && (size_t)n < size;
}

struct listing {
	const struct fs *fs;
	const char *directory;
	struct str store;
	struct buf *out;
};

static bool list_one(void *ctx, const char *name)
{
	struct listing *l = ctx;
	struct closed_file f = { .size = 0 };

	if (!names_parse(name, &f))
		return true;
	if (l->store.p && !str_eq(l->store, str_of(f.name, f.store_length)))
		return true;
	buf_add(l->out, &f, sizeof(f));
	return !l->out->failed;
}

/* Of one store: by number, which only grows; the clock may have jumped between two rotations. */
static int by_number(const void *a, const void *b)
{
	const struct closed_file *x = a, *y = b;

	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	if (x->closed_ms != y->closed_ms)
		return x->closed_ms < y->closed_ms ? -1 : 1;
	return (int)y->compressed - (int)x->compressed;
}

void names_sort(struct buf *list)
{
	if (list->n > 0)
		qsort(list->p, names_count(list), sizeof(struct closed_file), by_number);
}

static int by_time(const void *a, const void *b)
{
	const struct closed_file *x = a, *y = b;

	int order;

	if (x->closed_ms != y->closed_ms)
		return x->closed_ms < y->closed_ms ? -1 : 1;
	order = by_number(a, b);
	return order ? order : strcmp(x->name, y->name);
}

bool names_older(const struct closed_file *a, const struct closed_file *b)
{
	return by_time(a, b) < 0;
}

static struct str store_of(const struct closed_file *f)
{
	return str_of(f->name, f->store_length);
}

static int by_store(const void *a, const void *b)
{
	int order = str_cmp(store_of(a), store_of(b));

	return order ? order : by_number(a, b);
}

static int by_date(const void *a, const void *b)
{
	const struct closed_file *x = a, *y = b;

	if (x->dated_ms != y->dated_ms)
		return x->dated_ms < y->dated_ms ? -1 : 1;
	if (x->latest_ms != y->latest_ms) /* while the clock is behind, all are of now */
		return x->latest_ms < y->latest_ms ? -1 : 1;
	return by_store(a, b);
}

/* Of one store, by number. */
static void date_store(struct closed_file *f, size_t count, int64_t now_ms)
{
	int64_t latest = INT64_MIN, next = now_ms;

	for (size_t i = 0; i < count; i++) {
		if (f[i].closed_ms <= now_ms && f[i].closed_ms > latest)
			latest = f[i].closed_ms;
		f[i].dated_ms = latest;
		f[i].latest_ms = f[i].closed_ms;
		if (i > 0 && f[i - 1].latest_ms > f[i].latest_ms)
			f[i].latest_ms = f[i - 1].latest_ms;
	}
	for (size_t i = count; i-- > 0;) {
		if (f[i].closed_ms > now_ms)
			f[i].dated_ms = next;
		next = f[i].dated_ms;
	}
}

void names_date(struct buf *list, int64_t now_ms)
{
	struct closed_file *f = (struct closed_file *)(void *)list->p;
	size_t n = names_count(list), end;

	if (n == 0)
		return;
	qsort(f, n, sizeof(*f), by_store);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && str_eq(store_of(&f[i]), store_of(&f[end])); end++)
			continue;
		date_store(f + i, end - i, now_ms);
	}
	qsort(f, n, sizeof(*f), by_date);
}

void names_sizes(const struct fs *fs, const char *directory, struct buf *list)
{
	struct closed_file *f = (struct closed_file *)(void *)list->p;
	char path[2 * PATH_MAX];
	struct fs_stat st;

	for (size_t i = 0; i < names_count(list); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, f[i].name);
		f[i].size = fs->stat(fs, path, &st) == 0 ? st.size : 0;
	}
}

bool names_among(const struct buf *list, const struct closed_file *f)
{
	for (size_t i = 0; i < names_count(list); i++)
		if (strcmp(names_at(list, i)->name, f->name) == 0)
			return true;
	return false;
}

bool names_list(const struct fs *fs, const char *directory, const char *store, struct buf *out, struct err *e)
{
	struct listing l = { fs, directory, str_from(store), out };

	buf_init(out, CLOSED_MAX);
	if (fs->list(fs, directory, list_one, &l) < 0) {
		err_set(e, ERR_IO, errno, "%s: list", directory);
		goto fail;
	}
	if (out->failed) {
		err_nomem(e);
		goto fail;
	}
	if (out->n > 0)
		qsort(out->p, names_count(out), sizeof(struct closed_file), store ? by_number : by_time);
	return true;
fail:
	buf_fini(out);
	return false;
}
