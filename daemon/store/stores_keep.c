/*
 * stores_keep: housekeeping of closed files: which to compress next, which to delete. Knows them by name alone.
 * Owns no descriptor.
 */
#include "daemon/store/stores_priv.h"

#include "daemon/store/names.h"

#include <errno.h>
#include <stdio.h>

static bool plain_name(const struct closed_file *f)
{
	return !f->compressed;
}

static bool drop_temporary(void *ctx, const char *name)
{
	struct stores *s = ctx;
	struct str text = str_from(name);
	char whole[NAME_MAX + 1], path[STORE_PATH_MAX];
	struct closed_file f;

	if (!str_starts(text, STR(NAMES_HIDDEN)) || !str_ends(text, STR(NAMES_ZST NAMES_TEMPORARY)) ||
	    text.n > NAME_MAX)
		return true;
	text = str_skip(text, sizeof(NAMES_HIDDEN) - 1);
	snprintf(whole, sizeof(whole), "%.*s", (int)(text.n - (sizeof(NAMES_TEMPORARY) - 1)), text.p);
	if (!names_parse(whole, &f))
		return true;
	snprintf(path, sizeof(path), "%s/%s", s->directory, name);
	s->fs->unlink(s->fs, path);
	return true;
}

/* What a compression that was killed left over; it begins anew. Those that cannot be removed only take room. */
void stores_drop_temporaries(struct stores *s)
{
	s->fs->list(s->fs, s->directory, drop_temporary, s);
}

/* Files are offered in order of time, each once in a round, so that one which cannot be compressed does not hold up the others. */
bool stores_next_to_compress(struct stores *s, char *path, size_t size)
{
	struct err ignored = { 0 };
	struct buf list;
	bool found = false, passed = s->compress_after[0] == '\0';

	if (!s->policy.compress || !names_list(s->fs, s->directory, NULL, &list, &ignored))
		return false;
	for (size_t i = 0; i < names_count(&list) && !found; i++) {
		const struct closed_file *f = names_at(&list, i);

		if (!plain_name(f))
			continue;
		if (passed) {
			int n = snprintf(path, size, "%s/%s", s->directory, f->name);

			found = n > 0 && (size_t)n < size;
			memcpy(s->compress_after, f->name, sizeof(s->compress_after));
		}
		passed |= strcmp(s->compress_after, f->name) == 0;
	}
	buf_fini(&list);
	if (!found)
		s->compress_after[0] = '\0';
	return found;
}

static bool delete_file(struct stores *s, const struct closed_file *f, unsigned *deleted, struct err *e)
{
	char path[STORE_PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", s->directory, f->name);
	if (s->fs->unlink(s->fs, path) < 0 && errno != ENOENT)
		return err_set(e, ERR_IO, errno, "%s: unlink", path);
	++*deleted;
	return true;
}

/* Oldest first, until both bounds hold. */
bool stores_retain(struct stores *s, int64_t now_ms, unsigned *deleted, struct err *e)
{
	const struct stores_policy *p = &s->policy;
	struct buf list;
	int64_t total = 0;
	bool ok = true;

	*deleted = 0;
	if (!names_list(s->fs, s->directory, NULL, &list, e))
		return false;
	names_sizes(s->fs, s->directory, &list);
	for (size_t i = 0; i < names_count(&list); i++)
		total += names_at(&list, i)->size;
	for (size_t i = 0; ok && i < names_count(&list); i++) {
		const struct closed_file *f = names_at(&list, i);
		bool old = p->keep_for_ms > 0 && f->closed_ms < now_ms - p->keep_for_ms;
		bool much = p->keep_total > 0 && total > p->keep_total;

		if (!old && !much)
			continue;
		ok = delete_file(s, f, deleted, e);
		total -= f->size;
	}
	buf_fini(&list);
	return ok;
}
