/*
 * The store under every fault: the lives of tests/fake/store_lives.h, each time with one more step (or allocation) that fails, tears, kills or is
 * followed by a power cut; then a whole life without faults must end with every line exactly once and in order. A sweep counts only because
 * tests/fault/check_mutants.sh shows which planted bugs it catches.
 */
#include "tests/fake/store_lives.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef __SANITIZE_ADDRESS__
#define STRIDE 5u /* every so many steps: a life is ten times as expensive */
#else
#define STRIDE 1u
#endif

static const struct store_fate lucky = { .power_seed = -1 };
static unsigned stride = STRIDE;

static void fail_run(const struct store_fate *fates, unsigned count)
{
	char text[300];
	size_t n = 0;

	for (unsigned i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    " [kind %d step %u tear %u power %d alloc %u-%u]", fates[i].plan.kind, fates[i].plan.step,
		    fates[i].plan.tear, fates[i].power_seed, fates[i].fail_from, fates[i].fail_to);
	fail_msg("%s; after%s", store_lives_failure(), text);
}

/* The lives in order, then one without faults that must bring everything to its end. */
static void run(const struct store_fate *fates, unsigned count)
{
	bool cut = false;

	store_lives_forget();
	for (unsigned i = 0; i < count; i++) {
		if (!store_lives_one(&fates[i], !cut, STORE_LIFE_PLAIN))
			fail_run(fates, count);
		cut |= fates[i].power_seed >= 0; /* holes stay until a recovery has come to its end */
		if (fates[i].power_seed >= 0)
			fault_fs_power_loss(store_lives_disk(), (uint64_t)fates[i].power_seed);
	}
	if (!store_lives_one(&lucky, !cut, STORE_LIFE_VERIFY))
		fail_run(fates, count);
}

/* How many steps and allocations a life without faults has; its kinds of steps stay readable. */
static unsigned count_steps(void)
{
	store_lives_forget();
	if (!store_lives_one(&lucky, true, STORE_LIFE_PLAIN))
		fail_run(&lucky, 1);
	return fault_fs_steps(store_lives_disk());
}

struct choice {
	unsigned steps;
	bool *writes, *changes, *syncs;
};

static struct choice choose(void)
{
	struct choice c = { .steps = count_steps() };

	c.writes = calloc(c.steps + 1, sizeof(bool));
	c.changes = calloc(c.steps + 1, sizeof(bool));
	c.syncs = calloc(c.steps + 1, sizeof(bool));
	assert_non_null(c.writes);
	assert_non_null(c.changes);
	assert_non_null(c.syncs);
	for (unsigned i = 1; i <= c.steps; i++) {
		c.writes[i] = fault_fs_step_writes(store_lives_disk(), i);
		c.changes[i] = fault_fs_step_changes(store_lives_disk(), i);
		c.syncs[i] = fault_fs_step_syncs(store_lives_disk(), i);
	}
	return c;
}

static void drop(struct choice *c)
{
	print_message("# %u steps, %u lives so far\n", c->steps, store_lives_count());
	free(c->writes);
	free(c->changes);
	free(c->syncs);
}

static void nothing_fails(void **state)
{
	(void)state;
	run(&lucky, 0);
}

static void every_step_fails(enum fault_kind kind)
{
	struct choice c = choose();

	for (unsigned step = 1; step <= c.steps; step += (kind == FAULT_ONCE ? 1 : 2) * stride)
		run(&(struct store_fate){ .plan = { .kind = kind, .step = step }, .power_seed = -1 }, 1);
	drop(&c);
}

static void every_step_fails_once(void **state)
{
	(void)state;
	every_step_fails(FAULT_ONCE);
}

static void every_step_fails_for_ever(void **state)
{
	(void)state;
	every_step_fails(FAULT_FOREVER);
}

static void every_change_is_the_last(void **state)
{
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += stride) {
		if (c.changes[step])
			run(&(struct store_fate){ .plan = { .kind = FAULT_KILL, .step = step },
			        .power_seed = -1 },
			    1);
	}
	drop(&c);
}

static void every_write_tears(void **state)
{
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += stride) {
		for (unsigned tear = 0; c.writes[step] && tear < FAULT_TEARS; tear++) {
			run(
			    &(struct store_fate){
			        .plan = { .kind = FAULT_TEAR_KILL, .step = step, .tear = tear },
			        .power_seed = -1 },
			    1);
			if (tear % 2 == step % 2)
				run(
				    &(struct store_fate){
				        .plan = { .kind = FAULT_TEAR, .step = step, .tear = tear },
				        .power_seed = -1 },
				    1);
		}
	}
	drop(&c);
}

static void power_is_cut_at_every_change(void **state)
{
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += stride) {
		for (int seed = 0; c.changes[step] && seed < 2; seed++)
			run(&(struct store_fate){ .plan = { .kind = FAULT_KILL, .step = step },
			        .power_seed = seed + (seed ? (int)step * 3 : 0) },
			    1);
	}
	drop(&c);
}

/* A sync that failed, then a power cut some steps later or at the end: the pages that it dropped must not be missed. */
static void power_is_cut_after_a_failure(void **state)
{
	static const unsigned later[] = { 1, 4, 9, 25 };
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += stride) {
		struct store_fate fate = { .plan = { .kind = FAULT_ONCE, .step = step },
			.power_seed = (int)(step % 4) };

		if (c.changes[step])
			run(&fate, 1);
		fate.plan.then_kill = later[step / 2 % 4];
		if (c.syncs[step])
			run(&fate, 1);
	}
	drop(&c);
}

/* Lives in a row: one that is killed, one whose recovery is killed before a power cut, torn, or fails. */
static void recovery_is_hit(void **state)
{
	static const enum fault_kind kinds[] = { FAULT_KILL, FAULT_TEAR_KILL, FAULT_KILL, FAULT_ONCE };
	struct choice c = choose();

	(void)state;
	for (unsigned step = 5; step <= c.steps; step += 173) {
		for (unsigned second = 1; second < 80; second += stride) {
			unsigned k = (step + second) % 4;
			const struct store_fate fates[] = {
				{ .plan = { .kind = c.writes[step] ? FAULT_TEAR_KILL : FAULT_KILL,
				      .step = step,
				      .tear = second % FAULT_TEARS },
				    .power_seed = second % 7 == 0 ? (int)second : -1 },
				{ .plan = { .kind = kinds[k],
				      .step = second,
				      .tear = step % FAULT_TEARS,
				      .then_kill = second % 8 },
				    .power_seed =
				        kinds[k] == FAULT_TEAR_KILL ? -1 : (int)((step + second) % 5) },
			};

			run(fates, 2);
		}
	}
	drop(&c);
}

/* What was written and not synced is found by the next life, which cannot know that and hands it over; then the power is cut. */
static void recovery_is_believed(void **state)
{
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += stride) {
		const struct store_fate fates[] = {
			{ .plan = { .kind = FAULT_KILL, .step = step }, .power_seed = -1 },
			{ .plan = { .kind = FAULT_KILL, .step = 25 + step * 13 % 70 }, .power_seed = 0 },
		};

		if (c.syncs[step])
			run(fates, 2);
	}
	drop(&c);
}

/* A read that fails while a life begins is no damage; what cannot be brought forward then is brought forward later. */
static void recovery_fails(void **state)
{
	struct choice c = choose();

	(void)state;
	for (unsigned step = 11; step <= c.steps; step += 199) {
		for (unsigned second = 1; second < 120; second += stride) {
			const struct store_fate fates[] = {
				{ .plan = { .kind = FAULT_KILL, .step = step }, .power_seed = -1 },
				{ .plan = { .kind = second % 2 ? FAULT_ONCE : FAULT_SPELL,
				      .step = second / 2 + 1 },
				    .power_seed = -1 },
			};

			run(fates, 2);
		}
	}
	drop(&c);
}

/* A failure, more work, then a kill: what failed must not come back, what lagged must be caught up. */
static void failure_then_kill(void **state)
{
	static const unsigned later[] = { 6, 11, 18, 40 };
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += stride) {
		for (unsigned i = step % 4; c.changes[step] && i < 4; i += 4)
			run(
			    &(struct store_fate){
			        .plan = { .kind = FAULT_ONCE, .step = step, .then_kill = later[i] },
			        .power_seed = -1 },
			    1);
	}
	drop(&c);
}

/* A disk that is full for a while: the stores lag and catch up by themselves. */
static void failure_heals(void **state)
{
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += 2 * stride)
		run(&(struct store_fate){ .plan = { .kind = FAULT_SPELL, .step = step }, .power_seed = -1 },
		    1);
	drop(&c);
}

static void every_allocation_fails(void **state)
{
	unsigned count;

	(void)state;
	count_steps();
	count = store_lives_allocations();
	assert_true(count > 0); /* else the sweep was linked without its hold on malloc */
	for (unsigned i = 1; i <= count; i += stride)
		run(&(struct store_fate){ .fail_from = i, .fail_to = i, .power_seed = -1 }, 1);
	for (unsigned i = 1; i <= count; i += 5 * stride)
		run(&(struct store_fate){ .fail_from = i, .fail_to = UINT32_MAX, .power_seed = -1 }, 1);
	for (unsigned i = 1; i <= count; i += 2 * stride) {
		const struct store_fate fates[] = {
			{ .plan = { .kind = FAULT_TEAR_KILL,
			      .step = 60 + i * 17 % 400,
			      .tear = i % FAULT_TEARS },
			    .power_seed = -1 },
			{ .fail_from = i % 60 + 1,
			    .fail_to = i % 3 ? i % 60 + 1 : UINT32_MAX,
			    .power_seed = -1 },
		};

		run(fates, 2);
	}
	print_message("# %u allocations, %u lives so far\n", count, store_lives_count());
}

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");
	char folder[100];

	(void)state;
	if (!base && access("/dev/shm", W_OK) == 0)
		base = "/dev/shm"; /* memory: on a disk the sweep takes minutes */
	snprintf(folder, sizeof(folder), "%.80s/sweep-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(folder));
	store_lives_init(folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_lives_fini();
	return 0;
}

/* test_store_sweep [TESTS [STRIDE]]: those whose names fit the pattern, every so many steps. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_fails),
		cmocka_unit_test(every_change_is_the_last),
		cmocka_unit_test(power_is_cut_at_every_change),
		cmocka_unit_test(power_is_cut_after_a_failure),
		cmocka_unit_test(recovery_is_believed),
		cmocka_unit_test(recovery_fails),
		cmocka_unit_test(every_step_fails_once),
		cmocka_unit_test(every_write_tears),
		cmocka_unit_test(every_allocation_fails),
		cmocka_unit_test(recovery_is_hit),
		cmocka_unit_test(failure_then_kill),
		cmocka_unit_test(failure_heals),
		cmocka_unit_test(every_step_fails_for_ever),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	if (argc > 2)
		stride = (unsigned)strtoul(argv[2], NULL, 10);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fault/store", tests, set_up, tear_down);
}
