/* seal_file: which file is next, reading it, writing its seal. Owns what it opens. */
#include "daemon/store/seal.h"

#include "daemon/store/linked.h"
#include "daemon/store/reader.h"
#include "daemon/store/source.h"

#include <errno.h>
#include <stdio.h>

#define SEALS_MAX (256u << 20) /* bytes of all seals of one store: three hundred thousand */
#define SEAL_PATH_MAX (PATH_MAX + NAME_MAX + 2)

void seal_name(const char *file, char out[NAME_MAX + 1])
{
	struct str s = str_from(file);

	if (str_ends(s, STR(NAMES_ZST)))
		s.n -= sizeof(NAMES_ZST) - 1;
	if (str_ends(s, STR(NAMES_SUFFIX)))
		s.n -= sizeof(NAMES_SUFFIX) - 1;
	snprintf(out, NAME_MAX + 1, "%.*s" SEAL_SUFFIX, (int)s.n, s.p);
}

struct gathering {
	struct str store;
	struct buf *list; /* of struct closed_file, named as the files that were sealed */
};

static bool gather(void *ctx, const char *name)
{
	struct gathering *g = ctx;
	struct str s = str_from(name);
	struct closed_file f = { .size = 0 };
	char file[NAME_MAX + 1];

	if (!str_ends(s, STR(SEAL_SUFFIX)) || s.n + sizeof(NAMES_SUFFIX) > NAME_MAX)
		return true;
	snprintf(file, sizeof(file), "%.*s" NAMES_SUFFIX, (int)(s.n - (sizeof(SEAL_SUFFIX) - 1)), name);
	if (names_parse(file, &f) && str_eq(g->store, str_of(f.name, f.store_length)))
		buf_add(g->list, &f, sizeof(f));
	return !g->list->failed;
}

void seal_lines_free(struct seal_lines *l)
{
	buf_fini(&l->text);
	buf_fini(&l->files);
}

/* Sealed files, whether they are still there or not, oldest first. */
static bool list_sealed(
    const struct fs *fs, const char *directory, const char *store, struct buf *list, struct err *e)
{
	struct gathering g = { str_from(store), list };

	buf_init(list, SEALS_MAX);
	if (fs->list(fs, directory, gather, &g) < 0)
		return err_set(e, ERR_IO, errno, "%s: list", directory);
	names_sort(list);
	return !list->failed || err_nomem(e);
}

/* One line, whatever the file says: what is no seal of ours will not be taken for one. */
static bool read_one(
    const struct fs *fs, const char *directory, const char *file, struct buf *out, struct err *e)
{
	char name[NAME_MAX + 1], path[SEAL_PATH_MAX];
	struct err why = { 0 };
	struct buf text;
	struct str line;

	seal_name(file, name);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (!fs_read_file(fs, path, SEAL_MAX, &text, &why) && why.kind != ERR_LIMIT)
		return err_set(e, why.kind, 0, "%s", why.text);
	line = why.kind == ERR_LIMIT ? STR("") : buf_view(&text);
	if (str_ends(line, STR("\n")))
		line.n--;
	for (size_t i = 0; i < line.n; i++)
		buf_byte(out, line.p[i] == '\n' ? ' ' : line.p[i]);
	buf_byte(out, '\n');
	if (why.kind == ERR_NONE)
		buf_fini(&text);
	return !out->failed || err_nomem(e);
}

bool seals_read(
    const struct fs *fs, const char *directory, const char *store, struct seal_lines *out, struct err *e)
{
	bool ok = list_sealed(fs, directory, store, &out->files, e);

	buf_init(&out->text, SEALS_MAX);
	for (size_t i = 0; ok && i < names_count(&out->files); i++)
		ok = read_one(fs, directory, names_at(&out->files, i)->name, &out->text, e);
	if (!ok)
		seal_lines_free(out);
	return ok;
}

/* Nothing younger than a file that is to be tried again: behind a seal none is made for what lies before it. */
static bool next_of(const struct fs *fs, const char *directory, const char *store,
    const struct seal_failures *failures, struct closed_file *out)
{
	struct err ignored = { 0 };
	struct buf sealed = { 0 }, closed = { 0 };
	uint64_t newest;
	bool found = false;

	if (!list_sealed(fs, directory, store, &sealed, &ignored)) {
		buf_fini(&sealed);
		return false;
	}
	newest = sealed.n ? names_at(&sealed, names_count(&sealed) - 1)->seq : 0;
	buf_fini(&sealed);
	if (!names_list(fs, directory, store, &closed, &ignored))
		return false;
	for (size_t i = 0; !found && i < names_count(&closed); i++) {
		found = names_at(&closed, i)->seq > newest &&
		        !names_among(&failures->final, names_at(&closed, i));
		*out = *names_at(&closed, i);
	}
	buf_fini(&closed);
	return found && !names_among(&failures->passing, out);
}

bool seal_next(const struct fs *fs, const char *directory, const char *(*chained)(size_t i),
    const struct seal_failures *failures, struct seal_job *job)
{
	int n = snprintf(job->directory, sizeof(job->directory), "%s", directory);

	for (size_t i = 0; n > 0 && (size_t)n < sizeof(job->directory) && chained(i); i++)
		if (next_of(fs, directory, chained(i), failures, &job->file))
			return true;
	return false;
}

bool seal_is_due(const struct fs *fs, const char *directory, const struct closed_file *f,
    const struct seal_failures *failures)
{
	char name[NAME_MAX + 1], path[SEAL_PATH_MAX], store[NAME_MAX + 1];
	struct err ignored = { 0 };
	struct buf sealed = { 0 };
	struct fs_stat st;
	bool due;

	seal_name(f->name, name);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (fs->stat(fs, path, &st) == 0 || names_among(&failures->final, f))
		return false;
	snprintf(store, sizeof(store), "%.*s", (int)f->store_length, f->name);
	due = !list_sealed(fs, directory, store, &sealed, &ignored) || sealed.n == 0 ||
	      names_at(&sealed, names_count(&sealed) - 1)->seq < f->seq;
	buf_fini(&sealed);
	return due;
}

struct sealing {
	struct seal seal;
	struct merkle tree;
	uint64_t sealed; /* last number under the seal before; 0: none */
	bool linked; /* what stands before the first line is known */
};

static bool take_line(struct sealing *x, struct str line, struct err *e)
{
	struct seal *s = &x->seal;
	uint64_t seq = reader_line_seq(line);
	struct str body, hex;

	if (!linked_split(line, &body, &hex) || seq == 0)
		return err_set(
		    e, ERR_PARSE, 0, "line %llu is not chained", (unsigned long long)x->tree.leaves + 1);
	if (x->tree.leaves == 0) {
		s->first = seq;
		x->linked = seq == x->sealed + 1;
		if (!x->linked)
			memset(s->before, '0', SHA256_HEX);
	} else if (seq != s->last + 1) {
		return err_set(e, ERR_PARSE, 0, "seq %llu after %llu", (unsigned long long)seq,
		    (unsigned long long)s->last);
	}
	if ((x->linked || x->tree.leaves > 0) &&
	    !linked_fits(x->tree.leaves > 0 ? s->chain : s->before, body, hex))
		return err_set(e, ERR_PARSE, 0, "the chain is broken at seq %llu", (unsigned long long)seq);
	memcpy(s->chain, hex.p, SHA256_HEX);
	s->last = seq;
	s->bytes += (int64_t)line.n + 1;
	merkle_add(&x->tree, line);
	return !x->tree.nodes.failed || err_nomem(e);
}

static bool take_lines(struct sealing *x, struct source *from, struct err *e)
{
	enum source_result got;
	struct str line;

	while ((got = source_next(from, &line, e)) == SOURCE_LINE)
		if (!take_line(x, line, e))
			return false;
	if (got == SOURCE_FAILED)
		return false;
	if (source_rest(from, &line))
		return err_set(e, ERR_PARSE, 0, "its last line is cut off");
	return x->tree.leaves > 0 || err_set(e, ERR_PARSE, 0, "it is empty");
}

/* The file may be compressed or deleted while we come to it. */
static bool read_file(const struct fs *fs, const struct seal_job *job, struct sealing *x, struct err *e)
{
	char path[SEAL_PATH_MAX];
	struct err why = { 0 };
	struct source *from = NULL;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s", job->directory, job->file.name);
	if (!source_open(fs, path, job->file.compressed, &from, e))
		return false;
	ok = take_lines(x, from, &why);
	source_close(&from);
	return ok || err_set(e, why.kind, why.sys, "%s: %s", job->file.name, why.text);
}

/* The newest seal of the store, or an empty text. */
static bool read_newest(
    const struct fs *fs, const char *directory, const char *store, struct buf *text, struct err *e)
{
	struct buf list = { 0 };
	bool ok = list_sealed(fs, directory, store, &list, e);
	size_t n = names_count(&list);

	buf_init(text, SEAL_MAX + 1);
	ok = ok && (n == 0 || read_one(fs, directory, names_at(&list, n - 1)->name, text, e));
	buf_fini(&list);
	return ok;
}

/* The seal before this one vouches for what stands before the first line. One that is damaged vouches for nothing, and is followed all the same: or no
 * file would ever be sealed again. */
static bool link_to_previous(
    const struct fs *fs, const struct seal_job *job, struct sealing *x, struct buf *text, struct err *e)
{
	char store[NAME_MAX + 1];
	struct seal previous;
	struct str line;

	memset(x->seal.before, '0', SHA256_HEX);
	memset(x->seal.previous, '0', SHA256_HEX);
	snprintf(store, sizeof(store), "%.*s", (int)job->file.store_length, job->file.name);
	if (!read_newest(fs, job->directory, store, text, e))
		return false;
	if (text->n == 0)
		return true;
	line = str_of(text->p, text->n - 1);
	seal_hash(line, x->seal.previous);
	if (!seal_parse(line, &previous))
		return true;
	memcpy(x->seal.before, previous.chain, SHA256_HEX);
	x->sealed = previous.last;
	return true;
}

static bool write_seal(const struct fs *fs, const struct seal_job *job, struct sealing *x, struct err *e)
{
	char name[NAME_MAX + 1], path[SEAL_PATH_MAX];
	struct sign_key *key = NULL;
	struct merkle_hash root;
	struct str file = str_from(job->file.name);
	struct buf line;
	bool ok = merkle_build(&x->tree, &root, e);

	if (job->file.compressed)
		file.n -= sizeof(NAMES_ZST) - 1;
	x->seal.file = file;
	x->seal.store = str_of(job->file.name, job->file.store_length);
	seal_name(job->file.name, name);
	snprintf(path, sizeof(path), "%s/%s", job->directory, name);
	buf_init(&line, SEAL_MAX);
	if (ok)
		hex_encode(root.p, sizeof(root.p), x->seal.root);
	ok = ok && (job->key_file[0] == '\0' || sign_key_load(fs, job->key_file, true, &key, e)) &&
	     seal_write(&x->seal, key, &line, e) && fs_replace_file(fs, path, buf_view(&line), job->mode, e);
	sign_key_free(&key);
	buf_fini(&line);
	return ok;
}

bool seal_one(const struct fs *fs, const struct seal_job *job, struct err *e)
{
	struct sealing x = { .linked = false };
	struct buf previous = { 0 };
	bool ok;

	merkle_init(&x.tree);
	ok = link_to_previous(fs, job, &x, &previous, e) && read_file(fs, job, &x, e) &&
	     write_seal(fs, job, &x, e);
	buf_fini(&previous);
	merkle_fini(&x.tree);
	return ok;
}
