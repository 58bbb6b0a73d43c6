/* The two ways in which a fingerprint keeps of each order the three that is nearest: they must agree to the bit, or two machines would disagree. */
#include "daemon/pipe/fingerprint.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#define ROUNDS 2000

#if defined(__x86_64__)

static uint64_t next(uint64_t *seed)
{
	return *seed = hash64_word(*seed, 0x9e3779b97f4a7c15u);
}

/* Some blocks are full, some empty; of those at the edges of 32 bits, where the sign turns, there are many. */
static void fill(struct fingerprint_reading *r, uint64_t *seed)
{
	static const uint32_t edges[] = { 0, 1, INT32_MAX, (uint32_t)INT32_MAX + 1, UINT32_MAX };
	uint64_t kind = next(seed) % 8;

	r->three_count = kind == 0 ? 0 : kind == 1 ? CLS_BLOCK : next(seed) % (CLS_BLOCK + 1);
	for (size_t k = 0; k < r->three_count; k++)
		r->threes[k] = next(seed) % 8 == 0 ? edges[next(seed) % ARRAY_LEN(edges)] ^
		                                         r->tools->marks[next(seed) % FINGERPRINT_SAMPLES]
		                                   : (uint32_t)next(seed);
}

static void test_both_ways(void **state)
{
	static struct fingerprint_reading plain, by_eight;
	struct fingerprint_tools tools;
	struct fingerprint f;
	uint64_t seed = 20261129;

	(void)state;
	if (!__builtin_cpu_supports("avx2")) {
		print_message("# skipped: this processor has no AVX2, so there is one way only\n");
		skip();
	}
	fingerprint_tools_init(&tools);
	for (unsigned round = 0; round < ROUNDS; round++) {
		if (round % 16 == 0) /* a text has many blocks: what one leaves the next begins with */
			fingerprint_begin(&plain, &tools, STR(""), STR(""), &f);
		fill(&plain, &seed);
		by_eight = plain;
		keep_nearest_plainly(&plain);
		keep_nearest_by_eight(&by_eight);
		if (memcmp(&plain, &by_eight, sizeof(plain)) != 0)
			fail_msg("round %u: %zu threes, two answers", round, plain.three_count);
	}
}

#else

static void test_both_ways(void **state)
{
	(void)state;
	print_message("# skipped: not an x86-64, so there is one way only\n");
	skip();
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_both_ways) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/fingerprint", tests, NULL, NULL);
}
