/* verify_chain: the chain of hashes and the sequence of one store. */
#include "daemon/ctl/progress.h"
#include "daemon/ctl/verify_seals.h"

#include "daemon/store/linked.h"
#include "daemon/store/names.h"
#include "daemon/store/reader.h"
#include "daemon/store/stores.h"

#include <jansson.h>
#include <stdio.h>

struct chained {
	struct verify *v;
	struct verify_topics *topics;
	struct verify_revises revises;
	struct verify_sum sum;
	char hex[SHA256_HEX]; /* of the line before */
	struct seal_check seals;
	struct err *e;
	bool failed;
	bool behind_damage; /* the line before could not be read */
	struct progress progress;
	uint64_t total; /* number of the last record that the daemon counted; 0: nobody knows */
};

static bool is_json(struct str line)
{
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	bool good = json_is_object(record);
	json_decref(record);
	return good;
}

static bool check_hash_fits(const struct chained *c, uint64_t seq, struct str body, struct str stated)
{
	const char *before = c->sum.lines > 0 || seq == 1 ? c->hex : seal_check_before(&c->seals, seq);
	return !before || linked_fits(before, body, stated);
}

static void check_hash(struct chained *c, const struct store_line *line, uint64_t seq)
{
	struct str body, stated;
	if (!linked_split(line->text, &body, &stated)) {
		verify_problem(
		    c->v, line->file, line->number, is_json(line->text) ? "no chain at its end" : "not JSON");
		return;
	}
	/* The first line that is kept: with 1 it must follow the beginning; else a seal vouches for what was before it, or nothing does. */
	if (c->sum.lines == 0 && seq != 1)
		c->sum.on_trust = !seal_check_before(&c->seals, seq);
	if (!c->behind_damage && !check_hash_fits(c, seq, body, stated))
		verify_problem(c->v, line->file, line->number,
		    "chain broken: this line or the one before it was changed");
	memcpy(c->hex, stated.p, SHA256_HEX);
	verify_trusted(c->v, stated);
}

static void check_seq(struct chained *c, const struct store_line *line, uint64_t seq)
{
	uint64_t last = c->sum.last;
	if (seq == 0)
		verify_problem(c->v, line->file, line->number, "no seq");
	else if (c->sum.lines > 0 && seq <= last)
		verify_problem(c->v, line->file, line->number, "seq %llu after %llu", (unsigned long long)seq,
		    (unsigned long long)last);
	else if (c->sum.lines > 0 && seq != last + 1)
		verify_problem(c->v, line->file, line->number, "seq %llu after %llu: %llu missing",
		    (unsigned long long)seq, (unsigned long long)last, (unsigned long long)(seq - last - 1));
}

/* What lies in it is missing in the numbers, which says how much it is; nothing else is made of it. */
static bool note_damage(struct chained *c, const struct store_line *line)
{
	verify_problem(c->v, line->file, line->number, "lines cannot be read: %s", line->damage);
	c->behind_damage = true;
	if (c->topics)
		verify_topics_pass(c->topics);
	c->failed = !seal_check_line(c->v, &c->seals, line, c->e);
	return !c->failed;
}

static bool check_line(void *ctx, const struct store_line *line)
{
	struct chained *c = ctx;
	if (line->damage)
		return note_damage(c, line);
	if (line->torn && line->active) {
		c->sum.unfinished = true;
		return true;
	}
	if (line->torn)
		verify_problem(c->v, line->file, line->number, "the last line is cut off");
	uint64_t seq = reader_line_seq(line->text);
	check_seq(c, line, seq);
	check_hash(c, line, seq);
	c->behind_damage = false;
	if (c->topics && seq > 0) {
		verify_topics_compare(c->v, c->topics, seq, line);
		verify_revises_line(c->v, &c->revises, seq, line);
	}
	c->seals.first = c->seals.first ? c->seals.first : seq;
	c->failed = !seal_check_line(c->v, &c->seals, line, c->e);
	c->sum.first = c->sum.lines == 0 ? seq : c->sum.first;
	c->sum.last = seq > 0 ? seq : c->sum.last;
	c->sum.lines++;
	progress_tell(&c->progress, c->total > 0 ? seq : c->sum.lines, c->total);
	return !c->failed;
}

/* A chain cannot show that its own end was taken away; what the daemon counted can. Without any line, all may have expired. */
static void check_end(struct chained *c)
{
	char file[STORE_NAME_MAX + sizeof(NAMES_SUFFIX)];
	if (c->sum.lines == 0 || c->sum.last >= c->v->written)
		return;
	snprintf(file, sizeof(file), "%s" NAMES_SUFFIX, c->sum.store);
	verify_problem(c->v, file, c->sum.lines,
	    "ends with seq %llu: %llu that the daemon wrote are missing, or wait in the journal",
	    (unsigned long long)c->sum.last, (unsigned long long)(c->v->written - c->sum.last));
}

bool verify_chained(struct verify *v, const char *store, struct verify_topics *topics, struct err *e)
{
	struct chained c = {
		.v = v, .topics = topics, .sum = { .store = store, .problems_before = v->problems }, .e = e
	};
	memset(c.hex, '0', sizeof(c.hex));
	c.total = topics ? v->written : 0;
	progress_begin(&c.progress, store, "lines");
	bool good = seal_check_open(v, store, &c.seals, e) &&
	            store_walk(v->directory, store, check_line, &c, &v->went, e) && !c.failed &&
	            seal_check_end(v, &c.seals, e);
	progress_end(&c.progress);
	verify_revises_free(&c.revises);
	if (good && topics) {
		check_end(&c);
		verify_topics_end(v, topics, &c.sum);
	}
	if (good && c.seals.n > 0 && !c.seals.unread) {
		c.sum.sealed = c.seals.newest;
		c.sum.sealed_to = c.seals.at[c.seals.n - 1].last;
	}
	if (good)
		verify_summary(v, &c.sum);
	seal_check_fini(&c.seals);
	return good;
}
