/* verify_proof: what `export --proof` made, checked by somebody who trusts a key or one hash and nothing else. */
#include "daemon/ctl/proof.h"
#include "daemon/ctl/verify.h"
#include "daemon/store/reader.h"

#include <jansson.h>

#define FILE_MAX ((size_t)2 << 30) /* bytes */

struct checking {
	struct verify *v;
	const char *path;
	struct str left;
	uint64_t line;
	struct seal *seals;
	size_t count;
	size_t vouched; /* so many of them, from the first, are vouched for */
	struct verify_sum sum;
	bool gaps;
};

static bool next_line(struct checking *c, struct str *out)
{
	if (c->left.n == 0)
		return false;
	*out = str_cut(&c->left, '\n');
	c->line++;
	return true;
}

static bool bad(struct checking *c, const char *why)
{
	verify_problem(c->v, c->path, c->line, "%s", why);
	return false;
}

static uint64_t count_in(const json_t *object, const char *key)
{
	json_int_t v = json_integer_value(json_object_get(object, key));
	return v > 0 ? (uint64_t)v : 0;
}

/* Each seal holds the hash of the one before it; so the newest that is trusted vouches for all before it. */
static bool check_seals(struct checking *c, struct err *e)
{
	char before[SHA256_HEX];
	struct str line;
	c->seals = arena_zalloc(c->v->args->arena, (c->count + 1) * sizeof(*c->seals));
	if (!c->seals)
		return err_nomem(e);
	for (size_t i = 0; i < c->count; i++) {
		struct seal *s = &c->seals[i];
		bool found = c->v->trusted_found;
		if (!next_line(c, &line) || !seal_parse(line, s) || !str_eq(s->store, str_from(c->sum.store)))
			return bad(c, "no seal of this store");
		if (i > 0 && memcmp(s->previous, before, SHA256_HEX) != 0)
			return bad(c, "does not follow the seal before it");
		seal_hash(line, before);
		verify_trusted(c->v, str_of(before, SHA256_HEX));
		if ((!found && c->v->trusted_found) ||
		    (c->v->public_key && seal_signature_fits(s, c->v->public_key)))
			c->vouched = i + 1;
	}
	return true;
}

static unsigned read_path(const json_t *array, struct merkle_hash path[MERKLE_LEVELS])
{
	size_t n = json_array_size(array);
	for (size_t i = 0; i < n && n <= MERKLE_LEVELS; i++) {
		const char *hex = json_string_value(json_array_get(array, i));
		if (!hex || !hex_decode(str_from(hex), path[i].p, sizeof(path[i].p)))
			return MERKLE_LEVELS + 1;
	}
	return n <= MERKLE_LEVELS ? (unsigned)n : MERKLE_LEVELS + 1;
}

static bool record_fits(struct checking *c, const json_t *place, struct str record)
{
	struct merkle_hash path[MERKLE_LEVELS], root;
	uint64_t leaf = count_in(place, "leaf"), seal = count_in(place, "seal");
	unsigned length = read_path(json_object_get(place, "path"), path);
	char hex[SHA256_HEX];
	if (seal >= c->count || length > MERKLE_LEVELS)
		return bad(c, "its place cannot be read");
	const struct seal *s = &c->seals[seal];
	uint64_t seq = reader_line_seq(record);
	if (seq != s->first + leaf || seq != count_in(place, "seq"))
		return bad(c, "the record does not have the number of its place");
	if (c->sum.lines > 0 && seq <= c->sum.last)
		return bad(c, "its number is not above that of the record before it");
	if (!merkle_climb(record, leaf, s->last - s->first + 1, path, length, &root))
		return bad(c, "its path has a wrong length");
	hex_encode(root.p, sizeof(root.p), hex);
	if (memcmp(hex, s->root, SHA256_HEX) != 0)
		return bad(c, "the record is not the one that was sealed");
	if (seal >= c->vouched)
		return bad(c, "neither the key nor the trusted hash vouches for its seal");
	c->gaps |= c->sum.lines > 0 && seq != c->sum.last + 1;
	c->sum.first = c->sum.lines ? c->sum.first : seq;
	c->sum.last = seq;
	c->sum.lines++;
	return true;
}

static void check_records(struct checking *c, uint64_t count)
{
	struct str place, record;
	for (uint64_t i = 0; i < count; i++) {
		if (!next_line(c, &place) || !next_line(c, &record)) {
			bad(c, "the file is cut off");
			return;
		}
		json_t *read = json_loadb(place.p, place.n, 0, NULL);
		record_fits(c, read, record);
		json_decref(read);
	}
	if (c->left.n > 0)
		bad(c, "there is more behind the last record");
}

static void check_all(struct checking *c, const json_t *head, struct err *e)
{
	const char *store = json_string_value(json_object_get(head, "store"));
	c->sum.store = arena_cstr(c->v->args->arena, str_from(store ? store : ""));
	c->count = count_in(head, "seals");
	if (count_in(head, "proof") != 1 || !c->sum.store || c->count > c->left.n) {
		bad(c, "no proof of a form that this version knows");
		return;
	}
	if (check_seals(c, e))
		check_records(c, count_in(head, "records"));
	if (c->sum.lines == 0)
		bad(c, "it proves no record");
	verify_summary(c->v, &c->sum);
	if (!c->v->args->json && c->v->problems == 0)
		print_fmt(&c->v->out, "%s\n",
		    c->gaps ? "a selection: records between them were left out"
		            : "consecutive: none is missing between the first and the last");
}

bool verify_proof(struct verify *v, const char *path, struct err *e)
{
	struct checking c = { .v = v, .path = path };
	struct buf text;
	struct str head;
	if (!fs_read_file(&fs_system, path, FILE_MAX, &text, e))
		return false;
	c.left = buf_view(&text);
	json_t *read = next_line(&c, &head) ? json_loadb(head.p, head.n, 0, NULL) : NULL;
	check_all(&c, read, e);
	json_decref(read);
	buf_fini(&text);
	return e->kind == ERR_NONE;
}
