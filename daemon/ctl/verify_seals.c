/* verify_seals: a root for each file, compared with its seal. Problems carry the file's name; line 0 is the whole file. */
#include "daemon/ctl/verify_seals.h"

#include <stdio.h>

static void check_link(struct verify *v, const struct seal *s, const struct seal *before, const char *hash)
{
	char name[NAME_MAX + 1], file[NAME_MAX + 1];
	snprintf(file, sizeof(file), "%.*s", STR_ARG(s->file));
	seal_name(file, name);
	if (memcmp(s->previous, hash, SHA256_HEX) != 0)
		verify_problem(v, name, 1,
		    before ? "does not follow the seal before it" : "the seals before it are missing");
	else if (before && s->first == before->last + 1 && memcmp(s->before, before->chain, SHA256_HEX) != 0)
		verify_problem(v, name, 1, "its chain does not go on where the one before it ended");
	if (v->public_key && s->key.n == 0)
		verify_problem(v, name, 1, "is not signed");
	else if (v->public_key && !seal_signature_fits(s, v->public_key))
		verify_problem(v, name, 1, "is not signed by this key");
}

static void take_seal(struct verify *v, struct seal_check *c, struct str line, const char *file)
{
	struct seal *s = &c->at[c->n];
	char zeros[SHA256_HEX], name[NAME_MAX + 1];
	memset(zeros, '0', sizeof(zeros));
	bool first = c->newest[0] == '\0', behind_unread = c->unread;
	c->unread = !seal_parse(line, s) || !str_eq(s->file, str_from(file));
	if (c->unread) {
		seal_name(file, name);
		verify_problem(v, name, 1, "is no seal of this file");
		seal_hash(line, c->newest);
		return;
	}
	check_link(v, s, c->n > 0 && !behind_unread ? s - 1 : NULL, first ? zeros : c->newest);
	seal_hash(line, c->newest);
	verify_trusted(v, str_of(c->newest, SHA256_HEX));
	c->n++;
}

bool seal_check_open(struct verify *v, const char *store, struct seal_check *c, struct err *e)
{
	*c = (struct seal_check){ .n = 0 };
	merkle_init(&c->tree);
	if (!seals_read(&fs_system, v->directory, store, &c->lines, e))
		return false;
	c->at = arena_zalloc(v->args->arena, (names_count(&c->lines.files) + 1) * sizeof(*c->at));
	if (!c->at)
		return err_nomem(e);
	struct str left = buf_view(&c->lines.text);
	for (size_t i = 0; i < names_count(&c->lines.files); i++)
		take_seal(v, c, str_cut(&left, '\n'), names_at(&c->lines.files, i)->name);
	return true;
}

void seal_check_fini(struct seal_check *c)
{
	merkle_fini(&c->tree);
	seal_lines_free(&c->lines);
}

const char *seal_check_before(const struct seal_check *c, uint64_t seq)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->at[i].last + 1 == seq)
			return c->at[i].chain;
	return NULL;
}

static bool is_of(const struct seal *s, const char *file)
{
	struct str name = str_from(file);
	if (str_ends(name, STR(NAMES_ZST)))
		name.n -= sizeof(NAMES_ZST) - 1;
	return str_eq(s->file, name);
}

static void report_missing(struct verify *v, const struct seal *s, uint64_t first)
{
	char file[NAME_MAX + 1];
	if (first == 0 || s->last < first) /* older than what is kept: expired */
		return;
	snprintf(file, sizeof(file), "%.*s", STR_ARG(s->file));
	verify_problem(v, file, 0, "the file is missing: it held seq %llu to %llu",
	    (unsigned long long)s->first, (unsigned long long)s->last);
}

static bool compare(struct verify *v, struct seal_check *c, const struct seal *s, struct err *e)
{
	struct merkle_hash root;
	char hex[SHA256_HEX];
	if (!merkle_build(&c->tree, &root, e))
		return false;
	hex_encode(root.p, sizeof(root.p), hex);
	if (memcmp(hex, s->root, SHA256_HEX) != 0 || c->tree.leaves != s->last - s->first + 1)
		verify_problem(v, c->file, 0,
		    "the file is not the one that was sealed: lines were changed, added or taken out");
	return true;
}

/* The file that passed by has ended. */
static bool end_file(struct verify *v, struct seal_check *c, struct err *e)
{
	size_t i = c->seen;
	while (i < c->n && !is_of(&c->at[i], c->file))
		i++;
	if (c->file[0] == '\0' || c->active)
		return true;
	if (i == c->n) {
		if (c->seen < c->n)
			verify_problem(v, c->file, 0, "the file has no seal, though a later one has");
		return true;
	}
	for (; c->seen < i; c->seen++)
		report_missing(v, &c->at[c->seen], c->first);
	return compare(v, c, &c->at[c->seen++], e);
}

static bool next_file(struct verify *v, struct seal_check *c, const struct store_line *line, struct err *e)
{
	bool ok = end_file(v, c, e);
	merkle_fini(&c->tree);
	merkle_init(&c->tree);
	snprintf(c->file, sizeof(c->file), "%s", line->file);
	c->active = line->active;
	return ok;
}

bool seal_check_line(struct verify *v, struct seal_check *c, const struct store_line *line, struct err *e)
{
	if (strcmp(c->file, line->file) != 0 && !next_file(v, c, line, e))
		return false;
	if (!line->active && c->n > 0)
		merkle_add(&c->tree, line->text);
	return !c->tree.nodes.failed || err_nomem(e);
}

bool seal_check_end(struct verify *v, struct seal_check *c, struct err *e)
{
	bool ok = end_file(v, c, e);
	for (; ok && c->seen < c->n; c->seen++)
		report_missing(v, &c->at[c->seen], c->first);
	return ok;
}
