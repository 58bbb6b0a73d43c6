/*
 * stores_keep: housekeeping of closed files: which to compress next, which to delete. Knows them by name alone.
 * Owns no descriptor.
 */
#include "daemon/store/stores_priv.h"

#include "daemon/store/names.h"
#include "daemon/store/seal.h"

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
	struct closed_file after;
	bool found = false, all = !names_parse(s->compress_after, &after);

	if (!s->policy.compress || !names_list(s->fs, s->directory, NULL, &list, &ignored))
		return false;
	for (size_t i = 0; i < names_count(&list) && !found; i++) {
		const struct closed_file *f = names_at(&list, i);

		int n;

		if (!plain_name(f) || !(all || names_older(&after, f)))
			continue;
		n = snprintf(path, size, "%s/%s", s->directory, f->name);
		found = n > 0 && (size_t)n < size;
		memcpy(s->compress_after, f->name, sizeof(s->compress_after));
	}
	buf_fini(&list);
	if (!found)
		s->compress_after[0] = '\0';
	return found;
}

static bool is_chained(const struct stores *s, const struct closed_file *f)
{
	for (size_t i = 0; s->policy.chained && s->policy.chained(i); i++)
		if (str_eq(str_from(s->policy.chained(i)), str_of(f->name, f->store_length)))
			return true;
	return false;
}

/* Its seal or its compression is still to come. What could not be done is not waited for. */
static bool awaits_job(const struct stores *s, const struct closed_file *f)
{
	if (is_chained(s, f) && seal_is_due(s->fs, s->directory, f, &s->unsealed))
		return true;
	return s->policy.compress && plain_name(f) && !names_among(&s->uncompressible, f);
}

/* Its lines may be looked up in it: where this store stands is not known for certain. */
static bool is_looked_up(struct stores *s, const struct closed_file *f)
{
	const struct store *st = stores_find(s, str_of(f->name, f->store_length));

	return st && st->lagging && (st->doubtful || s->unknown_past);
}

struct keeping {
	struct stores *s;
	int64_t now_ms, total; /* bytes of what is there */
	int64_t lacking; /* bytes to free; not above 0: none */
	struct stores_retained *out;
};

static bool must_go(const struct keeping *k, const struct closed_file *f, enum stores_reason *why)
{
	const struct stores_policy *p = &k->s->policy;
	int64_t old = k->now_ms - p->keep_for_ms;
	const bool holds[] = {
		[STORES_HARD] = p->keep_hard > 0 && k->total > p->keep_hard,
		[STORES_AGE] = p->keep_for_ms > 0 && (f->dated_ms < old),
		[STORES_SIZE] = p->keep_total > 0 && k->total > p->keep_total,
		[STORES_SPACE] = k->lacking > 0,
	};

	for (size_t i = 0; i < ARRAY_LEN(holds); i++) {
		*why = (enum stores_reason)i;
		if (holds[i])
			return true;
	}
	return false;
}

static bool delete_file(struct keeping *k, const struct closed_file *f, enum stores_reason why, struct err *e)
{
	char path[STORE_PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", k->s->directory, f->name);
	if (k->s->fs->unlink(k->s->fs, path) < 0 && errno != ENOENT)
		return err_set(e, ERR_IO, errno, "%s: unlink", path);
	k->total -= f->size;
	k->lacking -= f->size;
	k->out->files[why]++;
	k->out->bytes[why] += f->size;
	return true;
}

/* While the oldest waits for its job, a younger one shall not go in its place. A folder of a file's name goes by nobody's hand but its maker's: it is told,
 * and is no reason to keep the others. */
static bool retain_all(struct keeping *k, const struct buf *list, struct err *e)
{
	struct err failed = { 0 };
	enum stores_reason why;
	bool ok = true;

	for (size_t i = 0; i < names_count(list); i++)
		k->total += names_at(list, i)->size;
	for (size_t i = 0; i < names_count(list); i++) {
		const struct closed_file *f = names_at(list, i);

		if (!must_go(k, f, &why))
			continue;
		if (why != STORES_HARD && awaits_job(k->s, f)) {
			k->out->held++;
			return true;
		}
		if (why != STORES_HARD && is_looked_up(k->s, f))
			k->out->held++;
		else if (!delete_file(k, f, why, &failed)) {
			ok = err_set(e, failed.kind, 0, "%s", failed.text);
			if (failed.sys != EISDIR)
				return false;
			err_clear(&failed);
		}
	}
	return ok;
}

bool stores_retain(
    struct stores *s, int64_t now_ms, int64_t free_bytes, struct stores_retained *out, struct err *e)
{
	struct keeping k = { .s = s, .now_ms = now_ms, .out = out };
	struct buf list;
	bool ok;

	*out = (struct stores_retained){ .held = 0 };
	if (free_bytes >= 0 && s->policy.keep_free > 0)
		k.lacking = s->policy.keep_free - free_bytes;
	if (!names_list(s->fs, s->directory, NULL, &list, e))
		return false;
	names_sizes(s->fs, s->directory, &list);
	names_date(&list, now_ms);
	ok = retain_all(&k, &list, e);
	buf_fini(&list);
	return ok;
}

const char *stores_reason_name(enum stores_reason why)
{
	static const char *const names[] = { "hard", "age", "size", "space" };

	_Static_assert(ARRAY_LEN(names) == STORES_REASONS, "a name for each");
	return names[why];
}
