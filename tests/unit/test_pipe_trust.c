/* Whether 304s are believed: one row is the life of one feed, answer by answer. */
#include "daemon/base/attr.h"
#include "daemon/base/str.h"
#include "daemon/pipe/trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define START INT64_C(1795996800000) /* wall ms */
#define ANSWERS_MAX 12

static const struct conf_fetch conf = { .probe_after = 3, .probe_gap = DAY, .mistrust_for = 7 * DAY };

/* What comes, and whether it was news under other validators (NEWS), under the same (HIDDEN; FORCED: and the whole was asked for by others), or no news. */
enum answer { UNCHANGED, SAME, NEWS, HIDDEN, FORCED };

/* What is seen after it. WHOLE: the next request is one for the whole document; LOST: 304s are not believed now; LIE: it has just been found; OPEN: the old
 * validators are to be sent once more. */
enum { WHOLE = 1, LOST = 2, LIE = 4, OPEN = 8 };

static const struct {
	const char *name;
	struct step {
		int64_t after; /* ms since the one before */
		enum answer answer;
		unsigned sees;
	} steps[ANSWERS_MAX];
	size_t count;
} lives[] = {
	{ "probed after so many 304s, and not before",
	    { { 0, SAME, 0 }, { 12 * HOUR, UNCHANGED, 0 }, { 12 * HOUR, UNCHANGED, 0 },
	        { HOUR, UNCHANGED, WHOLE }, { HOUR, SAME, 0 }, { HOUR, UNCHANGED, 0 } },
	    6 },
	{ "and not too soon",
	    { { 0, SAME, 0 }, { HOUR, UNCHANGED, 0 }, { HOUR, UNCHANGED, 0 }, { HOUR, UNCHANGED, 0 },
	        { 21 * HOUR - 1, UNCHANGED, 0 }, { 1, UNCHANGED, WHOLE } },
	    6 },
	{ "a document between begins anew",
	    { { 0, SAME, 0 }, { DAY, UNCHANGED, 0 }, { HOUR, UNCHANGED, 0 }, { HOUR, NEWS, 0 },
	        { DAY, UNCHANGED, 0 }, { HOUR, UNCHANGED, 0 } },
	    6 },
	{ "a probe that finds the validators unchanged convicts",
	    { { 0, SAME, 0 }, { DAY, UNCHANGED, 0 }, { HOUR, UNCHANGED, 0 }, { HOUR, UNCHANGED, WHOLE },
	        { HOUR, HIDDEN, WHOLE | LOST | LIE }, { 7 * DAY - 1, HIDDEN, WHOLE | LOST }, { 1, SAME, 0 } },
	    7 },
	{ "one that finds others leaves it open",
	    { { 0, SAME, 0 }, { DAY, UNCHANGED, 0 }, { HOUR, UNCHANGED, 0 }, { HOUR, UNCHANGED, WHOLE },
	        { HOUR, NEWS, OPEN }, { HOUR, NEWS, 0 }, { HOUR, UNCHANGED, 0 } },
	    7 },
	{ "and a 304 to the old ones convicts",
	    { { 0, SAME, 0 }, { DAY, UNCHANGED, 0 }, { HOUR, UNCHANGED, 0 }, { HOUR, UNCHANGED, WHOLE },
	        { HOUR, NEWS, OPEN }, { HOUR, UNCHANGED, WHOLE | LOST | LIE },
	        { HOUR, UNCHANGED, WHOLE | LOST }, { HOUR, HIDDEN, WHOLE | LOST } },
	    8 },
	{ "a probe without news proves nothing",
	    { { 0, SAME, 0 }, { DAY, UNCHANGED, 0 }, { HOUR, UNCHANGED, 0 }, { HOUR, UNCHANGED, WHOLE },
	        { HOUR, SAME, 0 }, { DAY, UNCHANGED, 0 }, { HOUR, UNCHANGED, 0 },
	        { HOUR, UNCHANGED, WHOLE } },
	    8 },
	{ "nor does one that was asked for whole after no 304",
	    { { 0, SAME, 0 }, { HOUR, FORCED, 0 }, { HOUR, UNCHANGED, 0 } }, 3 },
	{ "a clock that was set back asks for the whole",
	    { { 0, SAME, 0 }, { -DAY, UNCHANGED, 0 }, { 0, UNCHANGED, 0 }, { 0, UNCHANGED, WHOLE } }, 4 },
	{ "and mistrusts nobody for ever",
	    { { 0, SAME, 0 }, { DAY, UNCHANGED, 0 }, { HOUR, UNCHANGED, 0 }, { HOUR, UNCHANGED, WHOLE },
	        { HOUR, HIDDEN, WHOLE | LOST | LIE }, { -30 * DAY, UNCHANGED, 0 } },
	    6 },
};

/* What is remembered lives through a restart after each answer. */
static void restart(struct trust *t)
{
	struct buf b;
	struct rd r;

	buf_init(&b, 1000);
	trust_encode(t, &b);
	assert_int_equal(b.n, TRUST_LEN);
	r = (struct rd){ b.p, b.n, false };
	*t = (struct trust){ .unmodified = 99 };
	trust_decode(&r, t);
	assert_false(r.failed);
	assert_int_equal(r.n, 0);
	buf_fini(&b);
}

static unsigned answered(struct trust *t, enum answer a, const struct conf_fetch *c, int64_t now)
{
	struct trust_document d = { .probe = a == FORCED || trust_asks_whole(t, c, now),
		.changed = a != SAME,
		.same_validators = a != NEWS };
	unsigned sees = 0;

	if (a == UNCHANGED)
		sees |= trust_not_modified(t, c, now) ? LIE : 0;
	else
		switch (trust_document(t, &d, c, now)) {
		case TRUST_LOST:
			sees |= LIE;
			break;
		case TRUST_OPEN:
			sees |= OPEN;
			break;
		case TRUST_KEPT:
			break;
		}
	restart(t);
	sees |= trust_asks_whole(t, c, now) ? WHOLE : 0;
	return sees | (trust_is_lost(t, c, now) ? LOST : 0);
}

static void test_lives(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lives); i++) {
		struct trust t = { .whole_at = 0 };
		int64_t now = START;

		for (size_t k = 0; k < lives[i].count; k++) {
			const struct step *s = &lives[i].steps[k];
			unsigned sees;

			now += s->after;
			sees = answered(&t, s->answer, &conf, now);
			if (sees != s->sees)
				fail_msg(
				    "%s: answer %zu: sees %u, not %u", lives[i].name, k + 1, sees, s->sees);
		}
	}
}

static void test_never_probed(void **state)
{
	struct conf_fetch c = conf;
	struct trust t = { .whole_at = 0 };

	(void)state;
	c.probe_after = 0;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(answered(&t, UNCHANGED, &c, START + i * DAY), 0);
	t.unmodified = UINT32_MAX; /* it does not begin again at nought */
	assert_int_equal(answered(&t, UNCHANGED, &conf, START + 1000 * DAY), WHOLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_never_probed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/trust", tests, NULL, NULL);
}
