/* regex_bound: counts what an expression holds when its repetitions are written out. Owns nothing. */
#include "daemon/ctl/regex_bound.h"

#include <stdint.h>

struct counting {
	struct str s;
	size_t at;
	uint64_t
	    sums[REGEX_MAX + 1]; /* of the open groups, outermost first; each below REGEX_ATOMS_MAX squared */
	size_t depth;
	uint64_t last; /* weight of the atom that a repetition would repeat */
};

/* [abc], with ] as a member when it comes first, and classes such as [:alpha:] inside. */
static void pass_bracket(struct counting *c)
{
	size_t first = c->at + (c->at < c->s.n && c->s.p[c->at] == '^');

	for (c->at = first; c->at < c->s.n && (c->s.p[c->at] != ']' || c->at == first); c->at++) {
		struct str rest = str_skip(c->s, c->at);
		char kind = rest.n > 1 ? rest.p[1] : '\0';
		const char end[2] = { kind, ']' };
		size_t stop;

		if (rest.p[0] != '[' || (kind != ':' && kind != '.' && kind != '='))
			continue;
		stop = str_find(rest, str_of(end, 2), 2);
		if (stop != SIZE_MAX)
			c->at += stop + 1;
	}
	c->at += c->at < c->s.n;
}

static uint64_t number(struct counting *c)
{
	uint64_t n = 0;

	for (; c->at < c->s.n && c->s.p[c->at] >= '0' && c->s.p[c->at] <= '9'; c->at++)
		n = n > REGEX_ATOMS_MAX ? n : n * 10 + (uint64_t)(c->s.p[c->at] - '0');
	return n;
}

/* {3}, {3,} and {3,5} behind an atom: it stands there as often as the larger number says. */
static uint64_t times(struct counting *c)
{
	uint64_t low = number(c), high = low;

	if (c->at < c->s.n && c->s.p[c->at] == ',') {
		c->at++;
		high = number(c);
	}
	while (c->at < c->s.n && c->s.p[c->at] != '}')
		c->at++;
	c->at += c->at < c->s.n;
	high = high > low ? high : low;
	return high > 0 ? high : 1;
}

static bool add(struct counting *c, uint64_t weight)
{
	c->sums[c->depth] += weight;
	c->last = weight;
	return c->sums[c->depth] <= REGEX_ATOMS_MAX;
}

static bool close_group(struct counting *c)
{
	return c->depth == 0 ? add(c, 1) : (c->depth--, add(c, c->sums[c->depth + 1] + 1));
}

static bool repeat(struct counting *c)
{
	uint64_t before = c->last;
	uint64_t all = before * times(c);

	c->sums[c->depth] -= before;
	return add(c, all);
}

static bool take_one(struct counting *c, struct err *e)
{
	char byte = c->s.p[c->at++];

	switch (byte) {
	case '(':
		c->sums[++c->depth] = 0;
		c->last = 0;
		return true;
	case ')':
		return close_group(c);
	case '[':
		pass_bracket(c);
		return add(c, 1);
	case '{':
		return repeat(c);
	case '*':
	case '+':
	case '?':
	case '|':
		return true;
	case '\\':
		if (c->at < c->s.n && c->s.p[c->at] >= '1' && c->s.p[c->at] <= '9')
			return err_set(
			    e, ERR_CONFIG, 0, "an expression with a reference back (\\%c)", c->s.p[c->at]);
		c->at += c->at < c->s.n;
		return add(c, 1);
	default:
		return add(c, 1);
	}
}

bool regex_is_bounded(struct str pattern, struct err *e)
{
	struct counting c = { .s = pattern };

	if (pattern.n > REGEX_MAX)
		return err_set(e, ERR_CONFIG, 0, "an expression of more than %d bytes", REGEX_MAX);
	while (c.at < c.s.n)
		if (!take_one(&c, e))
			return err_set(e, ERR_CONFIG, 0,
			    "an expression of more than %u characters when its repetitions are written out",
			    REGEX_ATOMS_MAX);
	return true;
}
