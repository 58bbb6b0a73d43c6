/* verify_chain: the chain of hashes and the sequence of one store. */
#include "daemon/ctl/verify.h"

#include "daemon/store/names.h"
#include "daemon/store/reader.h"
#include "daemon/store/stores.h"

#include <jansson.h>
#include <stdio.h>

#define CHAIN_KEY ",\"chain\":\""
#define CHAIN_TAIL (sizeof(CHAIN_KEY) - 1 + SHA256_HEX + 2) /* bytes from the key to the closing brace */

struct chained {
	struct verify *v;
	struct verify_topics *topics;
	struct verify_revises revises;
	struct verify_sum sum;
	char hex[SHA256_HEX]; /* of the line before */
};

static bool is_json(struct str line)
{
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	bool good = json_is_object(record);
	json_decref(record);
	return good;
}

/* The stated hash at the end of a line; absent when it does not end so. */
static struct str stated_hash(struct str line)
{
	uint8_t bytes[SHA256_LEN];
	struct str none = { NULL, 0 };
	if (line.n < CHAIN_TAIL)
		return none;
	struct str tail = str_skip(line, line.n - CHAIN_TAIL);
	struct str hex = str_of(tail.p + sizeof(CHAIN_KEY) - 1, SHA256_HEX);
	bool good = str_starts(tail, STR(CHAIN_KEY)) && str_ends(tail, STR("\"}")) &&
	            hex_decode(hex, bytes, sizeof(bytes));
	return good ? hex : none;
}

static bool hash_fits(const struct chained *c, struct str line, struct str stated)
{
	uint8_t digest[SHA256_LEN];
	char hex[SHA256_HEX];
	sha256((const struct str[]){ { c->hex, SHA256_HEX }, { line.p, line.n - CHAIN_TAIL } }, 2, digest);
	hex_encode(digest, sizeof(digest), hex);
	return str_eq(str_of(hex, sizeof(hex)), stated);
}

static void check_hash(struct chained *c, const struct store_line *line, uint64_t seq)
{
	struct str stated = stated_hash(line->text);
	if (!stated.p) {
		verify_problem(
		    c->v, line->file, line->number, is_json(line->text) ? "no chain at its end" : "not JSON");
		return;
	}
	/* The first line that is kept: with 1 it must follow the beginning; else its link is taken on trust. */
	bool first = c->sum.lines == 0;
	c->sum.on_trust = c->sum.on_trust || (first && seq != 1);
	if ((!first || seq == 1) && !hash_fits(c, line->text, stated))
		verify_problem(c->v, line->file, line->number,
		    "chain broken: this line or the one before it was changed");
	memcpy(c->hex, stated.p, SHA256_HEX);
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

static bool check_line(void *ctx, const struct store_line *line)
{
	struct chained *c = ctx;
	if (line->torn && line->active) {
		c->sum.unfinished = true;
		return true;
	}
	if (line->torn)
		verify_problem(c->v, line->file, line->number, "the last line is cut off");
	uint64_t seq = reader_line_seq(line->text);
	check_seq(c, line, seq);
	check_hash(c, line, seq);
	if (c->topics && seq > 0) {
		verify_topics_compare(c->v, c->topics, seq, line);
		verify_revises_line(c->v, &c->revises, seq, line);
	}
	c->sum.first = c->sum.lines == 0 ? seq : c->sum.first;
	c->sum.last = seq > 0 ? seq : c->sum.last;
	c->sum.lines++;
	return true;
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
		.v = v, .topics = topics, .sum = { .store = store, .problems_before = v->problems }
	};
	memset(c.hex, '0', sizeof(c.hex));
	bool good = store_walk(v->directory, store, check_line, &c, e);
	verify_revises_free(&c.revises);
	if (!good)
		return false;
	if (topics) {
		check_end(&c);
		verify_topics_end(v, topics, &c.sum);
	}
	verify_summary(v, &c.sum);
	return true;
}
