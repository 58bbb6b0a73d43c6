/* What is remembered: feed states, windows, entries' metas, chains: there and back, and damaged at every byte. */
#include "daemon/pipe/chain.h"
#include "daemon/pipe/entry.h"
#include "daemon/pipe/feedstate.h"
#include "daemon/pipe/ledger.h"
#include "daemon/pipe/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#define RESUME "https://there.example/feed"

static void fill(struct feedstate *f)
{
	struct err e = { .kind = ERR_NONE };
	struct learned l = { .newest = 4,
		.repaired_at = 13,
		.repairs = 3,
		.hints = { 3600, 0xf0, 1 },
		.pace = { .news = 1.5f, .watched = 20, .hours = { 1, 2 }, .days = { 0, 65535 } },
		.tally = { 7, 3, 9000 } };

	*f = (struct feedstate){ .url = 1,
		.body = 2,
		.window = 3,
		.polled_at = 5,
		.success_at = 6,
		.failing_since = 7,
		.due_at = 8,
		.hold_until = 9,
		.failures = 10,
		.items = 11,
		.pages = 12,
		.status = 304,
		.result = POLL_UNCHANGED,
		.known = true,
		.holds_host = true,
		.why = 2,
		.fresh = 14 };
	assert_true(feedstate_learn(f, &l, &e));
	assert_true(feedtext_set(&f->texts, FEEDTEXT_ETAG, STR("W/\"x\""), &e));
	assert_true(feedtext_set(&f->texts, FEEDTEXT_ERROR, STR("why"), &e));
	assert_true(feedtext_set(&f->texts, FEEDTEXT_REPAIR, STR("mended"), &e));
	assert_true(feedtext_set(&f->texts, FEEDTEXT_VALIDATOR_URL, STR("https://moved.example/feed"), &e));
	assert_true(feedtext_set(&f->texts, FEEDTEXT_RESUME, STR(RESUME), &e));
}

#define HINTS_LEN (4 + 4 + 1)
#define HELD_LEN 4 /* bytes: no held host */
#define PACE_LEN (PACE_ENCODED + 4 + 4 + 8 + 1) /* with the tally and the reason */
#define FRESH_LEN 4
#define REPAIR_LEN (4 + 8 + 4 + 6 + FRESH_LEN) /* with its text */
#define RESUME_LEN (4 + sizeof(RESUME) - 1)
#define TRUST_AND_MOVE_LEN (TRUST_LEN + 1 + RESUME_LEN + REPAIR_LEN)
#define LAST_LEN (PACE_LEN + TRUST_AND_MOVE_LEN)
#define REST_LEN                                                                                             \
	(1 + 4 * 8 + 5 * 4 + 1 + 1 + HINTS_LEN + HELD_LEN +                                                  \
	    LAST_LEN) /* bytes behind `pages`: hurry, quiet, no newest names, no walk, and these */

static void test_feedstate(void **state)
{
	struct err e = { .kind = ERR_NONE };
	struct feedstate f, g, h;
	struct learned l;
	struct buf b, c;

	(void)state;
	fill(&f);
	buf_init(&b, FEEDSTATE_MAX);
	buf_init(&c, FEEDSTATE_MAX);
	feedstate_encode(&f, &b);
	buf_str(&b, STR("fields of a later version"));
	assert_true(feedstate_decode(buf_view(&b), &g, &e));
	assert_string_equal(feedtext(g.texts, FEEDTEXT_ETAG), "W/\"x\"");
	assert_null(feedtext(g.texts, FEEDTEXT_LAST_MODIFIED));
	assert_string_equal(feedtext(g.texts, FEEDTEXT_REPAIR), "mended");
	feedstate_learned(&g, &l);
	assert_int_equal(l.newest, 4);
	assert_int_equal(l.repairs, 3);
	assert_int_equal(l.repaired_at, 13);
	assert_int_equal(l.hints.skip_hours, 0xf0);
	assert_int_equal(l.pace.days[6], 0);
	assert_int_equal(l.pace.days[1], 65535);
	assert_int_equal(l.tally.delay, 9000);
	assert_int_equal(g.fresh, 14);
	assert_string_equal(feedtext(g.texts, FEEDTEXT_RESUME), RESUME);
	assert_true(feedstate_copy(&g, &h, &e));
	feedstate_encode(&h, &c);
	assert_memory_equal(b.p, c.p, c.n);
	for (size_t n = 0; n < c.n; n++) { /* cut anywhere: refused, nothing leaks */
		struct feedstate cut;

		if (n == c.n - FRESH_LEN || n == c.n - REPAIR_LEN || n == c.n - REPAIR_LEN - RESUME_LEN ||
		    n == c.n - TRUST_AND_MOVE_LEN || n == c.n - LAST_LEN || n == c.n - LAST_LEN - HELD_LEN ||
		    n == c.n - LAST_LEN - HELD_LEN - HINTS_LEN || n == c.n - REST_LEN ||
		    n == c.n - REST_LEN - sizeof(uint32_t)) /* the forms of older versions */
			continue;
		e = (struct err){ .kind = ERR_NONE };
		assert_false(feedstate_decode((struct str){ c.p, n }, &cut, &e));
	}
	feedstate_forget_validators(&h);
	assert_null(feedtext(h.texts, FEEDTEXT_ETAG));
	assert_int_equal(h.body, 0);
	feedstate_fini(&f);
	feedstate_fini(&g);
	feedstate_fini(&h);
	buf_fini(&b);
	buf_fini(&c);
}

/* Whatever was learned comes back, and what is nothing takes nothing. */
static void test_learned(void **state)
{
	struct learned l, back;
	char packed[LEARNED_PACKED_MAX];
	uint32_t seed = 1;

	(void)state;
	learned_unpack(str_of(NULL, 0), &l);
	assert_int_equal(learned_pack(&l, packed), 0);
	for (unsigned one_of = 1; one_of < 40; one_of++) {
		size_t n;

		for (size_t i = 0; i < sizeof(l); i++) {
			seed = seed * 1664525u + 1013904223u;
			((unsigned char *)&l)[i] = (seed >> 8) % one_of ? 0 : (unsigned char)(seed >> 16);
		}
		n = learned_pack(&l, packed);
		assert_in_range(n, 1, LEARNED_PACKED_MAX);
		memset(&back, 0xff, sizeof(back));
		learned_unpack(str_of(packed, n), &back);
		assert_memory_equal(&back, &l, sizeof(l));
	}
}

struct aliases {
	uint64_t at[16];
	size_t n;
};

static window_alias_f note;
static bool note(void *ctx, uint64_t alias)
{
	struct aliases *a = ctx;

	a->at[a->n++] = alias;
	return true;
}

static struct job_item item(uint64_t print, uint64_t id, uint64_t link, enum job_alias_use link_use)
{
	return (struct job_item){ .aliases = { { id, ALIAS_STRONG }, { link, link_use }, { 99, ALIAS_LOOK } },
		.alias_count = 3,
		.print = print };
}

static uint64_t write(const struct job_item *items, size_t count, struct buf *out)
{
	struct window_entry entries[2];

	for (size_t i = 0; i < count; i++)
		entries[i] = window_entry_of(&items[i]);
	return window_write(entries, count, out);
}

static void test_window(void **state)
{
	struct job_item before[] = { item(1, 11, 12, ALIAS_STRONG), item(2, 21, 22, ALIAS_STRONG) };
	struct job_item after[] = { item(3, 31, 12, ALIAS_STRONG), item(2, 21, 22, ALIAS_WEAK) };
	struct err e = { .kind = ERR_NONE };
	struct aliases left = { .n = 0 }, came = { .n = 0 };
	struct buf a, b, scratch;

	(void)state;
	buf_init(&a, WINDOW_MAX);
	buf_init(&b, WINDOW_MAX);
	buf_init(&scratch, WINDOW_MAX);
	assert_true(write(before, 2, &a) != write(after, 2, &b));
	assert_true(window_difference(buf_view(&a), buf_view(&b), &scratch, note, &left, &e));
	assert_true(window_difference(buf_view(&b), buf_view(&a), &scratch, note, &came, &e));
	assert_int_equal(left.n, 2); /* an alias that turned weak is not remembered any more */
	assert_int_equal(left.at[0], 11);
	assert_int_equal(left.at[1], 22);
	assert_int_equal(came.n, 1);
	assert_int_equal(came.at[0], 31);
	buf_clear(&scratch);
	window_prints(buf_view(&a), &scratch);
	assert_int_equal(scratch.n, 16);
	for (size_t n = 0; n < a.n; n++) { /* damaged: what is before the damage, and no more */
		buf_clear(&scratch);
		window_prints((struct str){ a.p, n }, &scratch);
		assert_true(scratch.n < 16);
	}
	buf_fini(&a);
	buf_fini(&b);
	buf_fini(&scratch);
}

static void test_entries(void **state)
{
	struct item_entry i = { .seq = 7,
		.at = 8,
		.feed = STR("f"),
		.key = STR("k"),
		.content = 9,
		.last = 10,
		.alias_count = 2,
		.aliases = { 1, 2 },
		.alerts = STR("a\nb"),
		.kind = RECORD_REVISION,
		.number = 3,
		.delivery = STR("d"),
		.remembered = STR("rr"),
		.case_item = STR("c") },
	                  i2;
	struct poll_entry p = { .seq = 7,
		.at = 8,
		.feed = STR("f"),
		.feedstate = STR("s"),
		.has_window = true,
		.window = STR("w") },
	                  p2;
	struct letter_entry l = { .seq = 7, .key = STR("k"), .attempts = 3, .error = STR("e") }, l2;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	item_entry_encode(&i, &b);
	assert_true(item_entry_decode(buf_view(&b), &i2));
	assert_true(
	    str_eq(i2.alerts, STR("a\nb")) && i2.alias_count == 2 && i2.aliases[1] == 2 && i2.last == 10);
	assert_true(i2.kind == RECORD_REVISION && i2.number == 3 && str_eq(i2.delivery, STR("d")) &&
	            str_eq(i2.remembered, STR("rr")) && str_eq(i2.case_item, STR("c")));
	for (size_t n = 0; n < b.n; n++) { /* but for the form of the first release */
		bool first = n == b.n - (1 + 8 + 4 + 1 + 4 + 2 + 4 + 1);

		assert_true(item_entry_decode((struct str){ b.p, n }, &i2) == first);
		assert_true(!first || (i2.kind == RECORD_NEW && i2.number == 7 &&
		                          str_eq(i2.delivery, STR("k")) && i2.remembered.n == 0));
	}
	buf_clear(&b);
	poll_entry_encode(&p, &b);
	assert_true(poll_entry_decode(buf_view(&b), &p2));
	assert_true(str_eq(p2.window, STR("w")) && p2.has_window && p2.at == 8);
	buf_clear(&b);
	letter_entry_encode(&l, &b);
	assert_true(letter_entry_decode(buf_view(&b), &l2));
	assert_true(str_eq(l2.error, STR("e")) && l2.attempts == 3);
	buf_fini(&b);
}

static void test_chain(void **state)
{
	struct err none = { .kind = ERR_NONE };
	struct ledger_line l = {
		.at = 1, .feed = STR("a\nb"), .status = 200, .result = POLL_OK, .error = &none
	};
	struct chain c, follows;
	struct buf b;
	json_t *doc;

	(void)state;
	chain_init(&c);
	buf_init(&b, 4096);
	ledger_write(&l, &c, &b);
	assert_false(b.failed);
	assert_int_equal(c.seq, 1);
	assert_ptr_equal(memchr(b.p, '\n', b.n), b.p + b.n - 1); /* one line */
	doc = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(doc);
	assert_string_equal(json_string_value(json_object_get(doc, "feed")), "a\nb");
	assert_int_equal(json_integer_value(json_object_get(doc, "seq")), 1);
	json_decref(doc);
	assert_true(chain_follow(&follows, 1, buf_view(&b)));
	assert_memory_equal(follows.hex, c.hex, SHA256_HEX);
	assert_false(chain_follow(&follows, 1, STR("{}\n")));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_feedstate),
		cmocka_unit_test(test_learned),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_chain),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/memory", tests, NULL, NULL);
}
