/* verify_revises: what the records of `items` say of each other: a revision and a withdrawal name the record of the same item before them. */
#include "daemon/ctl/verify.h"

#include "daemon/base/hash.h"

#include <stdlib.h>

#define MARKS_MAX ((size_t)1 << 34) /* bytes: 4 for each record */
#define MARK_REVISED 1u

/* The value behind `"name":` at the top of a line; quotes inside of texts are escaped: the name stands in the structure only. */
static struct str value_of(struct str line, struct str name)
{
	size_t at = str_find(line, name, 0);
	struct str rest = str_skip(line, at == SIZE_MAX ? line.n : at + name.n);
	size_t n = 0;
	while (n < rest.n && rest.p[n] != '"' && rest.p[n] != ',' && rest.p[n] != '}')
		n++;
	return str_of(rest.p, n);
}

static uint32_t mark_of(struct str line)
{
	return (uint32_t)hash64(value_of(line, STR("\"key\":\"")), 0) & ~MARK_REVISED;
}

static uint32_t *mark_at(struct verify_revises *r, uint64_t seq)
{
	uint64_t i = seq - r->first;
	return seq >= r->first && i < r->marks.n / sizeof(uint32_t) ? (uint32_t *)(void *)r->marks.p + i
	                                                            : NULL;
}

static void check_revised(struct verify *v, struct verify_revises *r, uint64_t seq,
    const struct store_line *line, struct str revises)
{
	unsigned long long before = 0;
	if (!str_to_u64(revises, &before) || before == 0 || before >= seq) {
		verify_problem(v, line->file, line->number, "revises no record before it");
		return;
	}
	uint32_t *mark = mark_at(r, before);
	if (!mark) /* older files are gone */
		return;
	if ((*mark & ~MARK_REVISED) != mark_of(line->text))
		verify_problem(
		    v, line->file, line->number, "revises seq %llu, which is another item", before);
	else if (*mark & MARK_REVISED)
		verify_problem(
		    v, line->file, line->number, "revises seq %llu, as another record does", before);
	*mark |= MARK_REVISED;
}

/* A replay says again what an earlier record of the same item said. */
static void check_replayed(struct verify *v, struct verify_revises *r, uint64_t seq,
    const struct store_line *line, struct str replays)
{
	unsigned long long before = 0;
	if (!str_to_u64(replays, &before) || before == 0 || before >= seq) {
		verify_problem(v, line->file, line->number, "replays no record before it");
		return;
	}
	const uint32_t *mark = mark_at(r, before);
	if (mark && (*mark & ~MARK_REVISED) != mark_of(line->text))
		verify_problem(
		    v, line->file, line->number, "replays seq %llu, which is another item", before);
}

void verify_revises_line(
    struct verify *v, struct verify_revises *r, uint64_t seq, const struct store_line *line)
{
	struct str kind = value_of(line->text, STR(",\"kind\":\""));
	bool is_new = str_eq(kind, STR("new")), is_replay = str_eq(kind, STR("replay"));
	struct str revises = value_of(line->text, STR(",\"revises\":"));
	uint32_t mark = mark_of(line->text), none = 0;
	if (r->first == 0) {
		buf_init(&r->marks, MARKS_MAX);
		r->first = seq;
	}
	if (is_replay && revises.n == 0)
		check_replayed(v, r, seq, line, value_of(line->text, STR(",\"replays\":")));
	else if ((is_new || is_replay) == (revises.n > 0))
		verify_problem(v, line->file, line->number,
		    revises.n > 0 ? "new or a replay, and yet it revises another" : "revises nothing");
	else if (!is_new)
		check_revised(v, r, seq, line, revises);
	/* Numbers that are missing have been told of; a wild one takes no memory. */
	while (r->first + r->marks.n / sizeof(mark) < seq && seq - r->first < v->written + VERIFY_GAP_MAX &&
	       !r->marks.failed)
		buf_add(&r->marks, &none, sizeof(none));
	if (r->first + r->marks.n / sizeof(mark) == seq)
		buf_add(&r->marks, &mark, sizeof(mark));
}

void verify_revises_free(struct verify_revises *r)
{
	if (r->first)
		buf_fini(&r->marks);
}
