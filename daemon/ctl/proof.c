/* proof: gathers the wanted lines of one file after the other, with their way to the root that the file's seal names. */
#include "daemon/ctl/proof.h"

#include "daemon/base/json.h"
#include "daemon/store/reader.h"

#include <stdio.h>

#define PROOF_MAX ((size_t)1 << 30) /* bytes of one proof */

struct wanted_line {
	uint64_t leaf, seq;
	size_t start, length; /* in texts */
};

bool proof_begin(struct proof *p, const char *directory, const char *store, struct err *e)
{
	*p = (struct proof){ .first_seal = SIZE_MAX };
	merkle_init(&p->tree);
	buf_init(&p->offsets, PROOF_MAX);
	buf_init(&p->wanted, PROOF_MAX);
	buf_init(&p->texts, PROOF_MAX);
	buf_init(&p->records, PROOF_MAX);
	if (!seals_read(&fs_system, directory, store, &p->lines, e))
		return false;
	for (size_t at = 0; at < p->lines.text.n; at = str_find_byte(buf_view(&p->lines.text), '\n', at) + 1)
		buf_add(&p->offsets, &at, sizeof(at));
	return !p->offsets.failed || err_nomem(e);
}

void proof_fini(struct proof *p)
{
	merkle_fini(&p->tree);
	seal_lines_free(&p->lines);
	buf_fini(&p->offsets);
	buf_fini(&p->wanted);
	buf_fini(&p->texts);
	buf_fini(&p->records);
}

static struct str seal_at(const struct proof *p, size_t i)
{
	size_t at;
	memcpy(&at, p->offsets.p + i * sizeof(at), sizeof(at));
	struct str rest = str_skip(buf_view(&p->lines.text), at);
	return str_cut(&rest, '\n');
}

/* The seal of the file that passed by; false: it has none. */
static bool find_seal(const struct proof *p, struct seal *out, size_t *i)
{
	struct str name = str_from(p->file);
	if (str_ends(name, STR(NAMES_ZST)))
		name.n -= sizeof(NAMES_ZST) - 1;
	for (*i = 0; *i < p->offsets.n / sizeof(size_t); ++*i)
		if (seal_parse(seal_at(p, *i), out) && str_eq(out->file, name))
			return true;
	return false;
}

static void put_record(struct proof *p, const struct wanted_line *w, size_t seal)
{
	struct merkle_hash path[MERKLE_LEVELS];
	unsigned length = merkle_path(&p->tree, w->leaf, path);
	struct json j;
	json_init(&j, &p->records);
	json_open_object(&j);
	json_key(&j, "seq");
	json_u64(&j, w->seq);
	json_key(&j, "seal");
	json_u64(&j, seal);
	json_key(&j, "leaf");
	json_u64(&j, w->leaf);
	json_key(&j, "path");
	json_open_array(&j);
	for (unsigned i = 0; i < length; i++) {
		char hex[SHA256_HEX];
		hex_encode(path[i].p, sizeof(path[i].p), hex);
		json_str(&j, str_of(hex, sizeof(hex)));
	}
	json_close_array(&j);
	json_close_object(&j);
	buf_byte(&p->records, '\n');
	buf_str(&p->records, str_of(p->texts.p + w->start, w->length));
	buf_byte(&p->records, '\n');
	p->count++;
}

static bool put_file(struct proof *p, struct err *e)
{
	size_t n = p->wanted.n / sizeof(struct wanted_line), i;
	struct merkle_hash root;
	struct seal seal;
	char hex[SHA256_HEX];
	if (n == 0)
		return true;
	if (!find_seal(p, &seal, &i)) {
		p->open += n;
		return true;
	}
	if (!merkle_build(&p->tree, &root, e))
		return false;
	hex_encode(root.p, sizeof(root.p), hex);
	if (memcmp(hex, seal.root, SHA256_HEX) != 0)
		return err_set(
		    e, ERR_PARSE, 0, "%s: not as it was sealed; `gazettectl verify` tells more", p->file);
	p->first_seal = p->first_seal < i ? p->first_seal : i;
	for (size_t k = 0; k < n; k++)
		put_record(p, (const struct wanted_line *)(const void *)p->wanted.p + k, i - p->first_seal);
	return !p->records.failed ||
	       err_set(e, ERR_LIMIT, 0, "the proof is larger than %zu bytes", PROOF_MAX);
}

bool proof_line(struct proof *p, const struct store_line *line, bool wanted, struct err *e)
{
	if (strcmp(p->file, line->file) != 0) {
		if (!put_file(p, e))
			return false;
		snprintf(p->file, sizeof(p->file), "%s", line->file);
		merkle_fini(&p->tree);
		merkle_init(&p->tree);
		buf_clear(&p->wanted);
		buf_clear(&p->texts);
	}
	if (wanted) {
		struct wanted_line w = { p->tree.leaves, reader_line_seq(line->text), p->texts.n,
			line->text.n };
		buf_str(&p->texts, line->text);
		buf_add(&p->wanted, &w, sizeof(w));
	}
	if (!line->active)
		merkle_add(&p->tree, line->text);
	return !(p->tree.nodes.failed || p->texts.failed || p->wanted.failed) || err_nomem(e);
}

bool proof_end(struct proof *p, const char *store, struct buf *out, struct err *e)
{
	struct json j;
	if (!put_file(p, e))
		return false;
	size_t seals = p->offsets.n / sizeof(size_t);
	size_t first = p->first_seal < seals ? p->first_seal : seals;
	json_init(&j, out);
	json_open_object(&j);
	json_key_int(&j, "proof", 1);
	json_key_string(&j, "store", str_from(store));
	json_key(&j, "seals");
	json_u64(&j, seals - first);
	json_key(&j, "records");
	json_u64(&j, p->count);
	json_close_object(&j);
	buf_byte(out, '\n');
	for (size_t i = first; i < seals; i++) {
		buf_str(out, seal_at(p, i));
		buf_byte(out, '\n');
	}
	buf_str(out, buf_view(&p->records));
	return !out->failed || err_nomem(e);
}
