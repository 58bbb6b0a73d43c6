/* The two ways in which machines learn side by side: they must agree to the bit, or a model would depend on the computer that made it. */
#include "classifiers/cls_solve.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#if defined(__x86_64__)

#define ROWS 400
#define COLUMNS 300
#define CELLS_MOST 150 /* of a row: more and less than what is fetched ahead */

static struct cls_cell cells[ROWS * CELLS_MOST];
static size_t first[ROWS + 1];
static signed char y[ROWS];
static unsigned char hidden[ROWS];

struct room {
	cls_lanes w[COLUMNS + 1], alpha[ROWS];
	float norm[ROWS];
	uint32_t order[ROWS];
};

static void make_rows(uint64_t seed)
{
	for (size_t i = 0; i < ROWS; i++) {
		size_t n = next_random(&seed) % (CELLS_MOST + 1);

		first[i + 1] = first[i] + n;
		for (size_t c = first[i]; c < first[i + 1]; c++)
			cells[c] = (struct cls_cell){ (uint32_t)(next_random(&seed) % COLUMNS),
				(float)(next_random(&seed) % 1000) / 4096.0f };
		y[i] = (signed char)(next_random(&seed) % 3 - 1);
		hidden[i] = (unsigned char)(next_random(&seed) % 16 == 0 ? 0xff : next_random(&seed));
	}
}

static void learn(struct room *r, float cost, pass_f *pass)
{
	struct cls_rows m = { cells, first, ROWS, COLUMNS };
	struct cls_question q = { y, hidden, cost };
	struct cls_solution s = { r->w, r->alpha, r->norm, r->order };

	cls_solve_norms(&m, r->norm);
	solve(&m, &q, 5, &s, pass);
}

static void both_ways_end_alike(void **state)
{
	static struct room plain, by_avx;

	(void)state;
	if (!__builtin_cpu_supports("avx2")) {
		print_message("# skipped: this processor has no AVX2, so there is one way only\n");
		skip();
	}
	for (unsigned round = 0; round < 20; round++) {
		make_rows(round);
		learn(&plain, 0.25f + (float)round, pass_plainly);
		learn(&by_avx, 0.25f + (float)round, pass_by_avx);
		if (memcmp(&plain, &by_avx, sizeof(plain)) != 0)
			fail_msg("round %u: two answers", round);
	}
}

#else

static void both_ways_end_alike(void **state)
{
	(void)state;
	print_message("# skipped: not an x86-64, so there is one way only\n");
	skip();
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(both_ways_end_alike) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("classifiers/solve", tests, NULL, NULL);
}
