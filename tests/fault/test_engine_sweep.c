/*
 * The whole engine under every fault of the disk: days of polls, alerts, rotations, compression, retention and checkpoints in virtual time, run
 * again and again, each time with one more step that fails, tears, kills or is followed by a power cut, and with a second one while the next
 * life recovers. Then a life without faults must end with every item exactly once, every alert at least once; and whoever was alerted must find the
 * record in the stores as the power cut left them. The state (SQLite) lies beside the model disk: it is cut short by kills, not by power.
 */
#include "tests/fake/fault_fs.h"
#include "tests/fake/world.h"

#include "daemon/base/json.h"
#include "daemon/store/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ITEMS 14u /* of each feed */
#define FEEDS 2u
#define PHASES 7u /* each shows two more items of each feed */
#define PHASE_MS 90000 /* virtual */
#define LATE_MS (5 * 3600000LL) /* before the last phases: closed files are old enough to be deleted */
#define LATE_PHASE 5u
#define SUMMARY 900 /* bytes: some rotations, and not one after each poll, for it syncs what was written */
#ifdef __SANITIZE_ADDRESS__
#define STRIDE 151u /* every so many steps: a life is ten times as expensive */
#else
#define STRIDE 23u
#endif

static const char topics[] = "topic: alarm\ntitle: Alarm\ndescription: For tests.\n"
                             "thresholds: {match: 0.8, review: 0.4}\nbias: -4.0\n"
                             "phrases:\n  - {any: [alarm], weight: 8}\n";

static const char configuration[] =
    "contact: mailto:test@example.org\nshipped_topics: false\n"
    "storage: {rotate_size: 4KiB, keep_for: 1h, group_delay: 100ms}\n"
    "fetch: {interval: 20s, interval_min: 10s, backoff_max: 20s}\n"
    "hosts: {gap: 0, jitter_percent: 0}\n"
    "feeds:\n  - {name: a, url: 'http://a.example/', alert_first_poll: true}\n"
    "  - {name: b, url: 'http://b.example/', alert_first_poll: true}\n"
    "alerts:\n  - {name: desk, exec: [/bin/true], retry_min: 1s, retry_max: 5s}\n";

struct oracle { /* shared with all lives */
	int64_t mono, wall;
	unsigned phase;
	bool late; /* the long night has passed */
	char failure[300];
};

static struct {
	struct world w;
	struct fault_fs *disk;
	struct oracle *oracle;
	struct fake_run *runs; /* shared: what scripts were started, in which life ever */
	unsigned stride, lives;
} bench;

/* --- the day */

static bool is_alarm(unsigned feed, unsigned item)
{
	return (feed + item) % 3 == 0;
}

static void serve(unsigned feed, unsigned items)
{
	static char pad[SUMMARY + 1];
	struct fake_answer *a =
	    fake_fetcher_answer(&bench.w.fetcher, feed ? "http://b.example/" : "http://a.example/");
	struct buf b;
	size_t n;

	memset(pad, 'x', SUMMARY);
	buf_init(&b, 1u << 20);
	buf_str(&b, STR("<rss version=\"2.0\"><channel><title>t</title>"));
	for (unsigned i = items; i > 0; i--)
		buf_fmt(&b,
		    "<item><guid isPermaLink=\"false\">id-%u-%u</guid><title>%s id-%u-%u.</title>"
		    "<description>%u %s</description></item>",
		    feed, i, is_alarm(feed, i) ? "alarm" : "notice", feed, i, i, pad);
	buf_str(&b, STR("</channel></rss>"));
	buf_byte(&b, '\0');
	a->status = 200;
	a->latency =
	    feed ? 500 : 100; /* the disk has something to do between an alert and the next checkpoint */
	a->body = buf_take(&b, &n);
}

/* Time passes for the lives to come, too. */
static void pass(struct world *w, int64_t ms)
{
	virtual_clock_advance(&w->clock, ms);
	bench.oracle->mono = w->clock.mono;
	bench.oracle->wall = w->clock.wall;
}

static void run_phase(struct world *w, unsigned phase)
{
	int64_t until;

	for (unsigned f = 0; f < FEEDS; f++)
		serve(f, 2 * (phase + 1));
	if (phase == LATE_PHASE && !bench.oracle->late)
		pass(w, LATE_MS);
	bench.oracle->late |= phase == LATE_PHASE;
	until = w->clock.mono + PHASE_MS;
	while (w->clock.mono < until) {
		world_run_until(w, w->clock.mono + 1000);
		pass(w, 0);
	}
	bench.oracle->phase = phase + 1;
}

/* --- what must be true */

static void die(const char *what, const char *which)
{
	snprintf(bench.oracle->failure, sizeof(bench.oracle->failure), "%s %s", what, which);
	_exit(1);
}

static void name_item(unsigned feed, unsigned item, char out[24])
{
	snprintf(out, 24, " id-%u-%u.", feed, item);
}

static unsigned count_text(const char *text, const char *what)
{
	unsigned n = 0;

	for (text = strstr(text, what); text; text = strstr(text + 1, what))
		n++;
	return n;
}

static void verify_numbers(const char *items)
{
	unsigned long last = 0, seq;

	for (const char *p = strstr(items, "\"seq\":"); p; p = strstr(p + 1, "\"seq\":")) {
		seq = strtoul(p + 6, NULL, 10);
		if (last && seq != last + 1)
			die("items: a number is missing or repeated after", "another");
		last = seq;
	}
	if (last != (unsigned long)FEEDS * ITEMS)
		die("items: the last number is not the number of items", "");
}

static unsigned runs_of(const char *name)
{
	unsigned n = 0;

	for (size_t i = 0; i < FAKE_RUNS_MAX && bench.runs[i].alert[0]; i++)
		n += bench.runs[i].done_well && strstr(bench.runs[i].title, name + 1) != NULL;
	return n;
}

/* Old files were deleted: items that are not there any more were numbered, and each number once. */
static void verify(struct world *w)
{
	char *items = world_read_store(w, "items"), *alarms = world_read_store(w, "alarm");
	char name[24];

	verify_numbers(items);
	for (unsigned f = 0; f < FEEDS; f++)
		for (unsigned i = 1; i <= ITEMS; i++) {
			bool late = i > 2 * LATE_PHASE;

			name_item(f, i, name);
			if (count_text(items, name) > 1 || (late && count_text(items, name) != 1))
				die("items: not once:", name);
			if (late && count_text(alarms, name) != is_alarm(f, i))
				die("alarm: not once:", name);
			if (is_alarm(f, i) && runs_of(name) == 0)
				die("no alert:", name);
			if (!is_alarm(f, i) && runs_of(name) > 0)
				die("an alert without cause:", name);
		}
	free(items);
	free(alarms);
}

/* In the parent, after a power cut and before anything recovers. */
static bool alerted_is_on_disk(void)
{
	char *alarms = world_read_store(&bench.w, "items");
	char name[24];
	bool ok = true;

	for (unsigned f = 0; f < FEEDS && bench.oracle->phase < LATE_PHASE; f++)
		for (unsigned i = 1; ok && i <= ITEMS; i++) {
			name_item(f, i, name);
			ok = runs_of(name) == 0 || count_text(alarms, name) > 0;
			if (!ok)
				snprintf(bench.oracle->failure, sizeof(bench.oracle->failure),
				    "alerted, then lost: %s", name);
		}
	free(alarms);
	return ok;
}

/* --- lives */

static void take_up(struct world *w)
{
	size_t n = 0;

	w->clock.mono = bench.oracle->mono;
	w->clock.wall = bench.oracle->wall;
	free(w->hooks.runs);
	w->hooks.runs = bench.runs;
	while (n < FAKE_RUNS_MAX && bench.runs[n].alert[0])
		n++;
	w->hooks.count = n;
	fake_hooks_forget(&w->hooks);
}

static void live(bool last)
{
	struct world *w = &bench.w;

	take_up(w);
	if (!world_start(w)) {
		if (last)
			die("does not start", "");
		_exit(0);
	}
	for (unsigned p = bench.oracle->phase; p < PHASES; p++)
		run_phase(w, p);
	for (unsigned f = 0; last && f < FEEDS; f++)
		serve(f, ITEMS);
	if (last) /* what failed to the end is tried again */
		world_run_until(w, w->clock.mono + PHASE_MS);
	world_stop(w);
	if (last)
		verify(w);
	_exit(0);
}

struct fate {
	struct fault_plan plan;
	int power_seed; /* -1: no power cut after this life */
};

static bool one_life(const struct fate *fate, bool last)
{
	int status;
	pid_t pid;

	bench.lives++;
	fault_fs_plan(bench.disk, fate->plan);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		live(last);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == FAULT_EXIT))
		return true;
	if (WIFSIGNALED(status))
		snprintf(bench.oracle->failure, sizeof(bench.oracle->failure), "died of signal %d",
		    WTERMSIG(status));
	return false;
}

static void begin_anew(void)
{
	fault_fs_wipe(bench.disk);
	memset(bench.oracle, 0, sizeof(*bench.oracle));
	memset(bench.runs, 0, FAKE_RUNS_MAX * sizeof(*bench.runs));
	bench.oracle->mono = bench.w.clock.mono;
	bench.oracle->wall = bench.w.clock.wall;
}

static void run(const struct fate *fates, unsigned count)
{
	static const struct fate lucky = { .power_seed = -1 };
	bool ok = true;

	begin_anew();
	for (unsigned i = 0; ok && i < count; i++) {
		ok = one_life(&fates[i], false);
		if (ok && fates[i].power_seed >= 0) {
			fault_fs_power_loss(bench.disk, (uint64_t)fates[i].power_seed);
			ok = alerted_is_on_disk();
		}
	}
	if (ok && one_life(&lucky, true))
		return;
	fail_msg("%s; kind %d step %u tear %u power %d, then kind %d step %u", bench.oracle->failure,
	    fates[0].plan.kind, fates[0].plan.step, fates[0].plan.tear, fates[0].power_seed,
	    count > 1 ? (int)fates[1].plan.kind : 0, count > 1 ? fates[1].plan.step : 0);
}

static unsigned count_steps(void)
{
	static const struct fate lucky = { .power_seed = -1 };

	begin_anew();
	assert_true(one_life(&lucky, false));
	return fault_fs_steps(bench.disk);
}

static void nothing_fails(void **ctx)
{
	static const struct fate none = { .power_seed = -1 };

	(void)ctx;
	run(&none, 1);
	run(&none, 0);
}

static void sweep(enum fault_kind kind, bool power)
{
	unsigned steps = count_steps();

	for (unsigned at = 1 + kind % bench.stride; at <= steps; at += bench.stride) {
		struct fate fate = { { kind, at, 0, at / bench.stride % FAULT_TEARS },
			power ? (int)(at % 4) : -1 };

		run(&fate, 1);
	}
	print_message("# %u steps, %u lives so far\n", steps, bench.lives);
}

static void every_call_fails_once(void **ctx)
{
	(void)ctx;
	sweep(FAULT_ONCE, false);
}

static void every_call_fails_for_a_while(void **ctx)
{
	(void)ctx;
	sweep(FAULT_SPELL, false);
}

static void every_write_is_torn(void **ctx)
{
	(void)ctx;
	sweep(FAULT_TEAR, false);
}

static void killed_at_every_step(void **ctx)
{
	(void)ctx;
	sweep(FAULT_KILL, false);
	sweep(FAULT_TEAR_KILL, false);
}

static void power_is_cut_at_every_step(void **ctx)
{
	(void)ctx;
	sweep(FAULT_KILL, true);
	sweep(FAULT_TEAR_KILL, true);
}

/* The second fault comes while the first is being mended. */
static void a_recovery_is_cut_short_too(void **ctx)
{
	static const enum fault_kind second[] = { FAULT_KILL, FAULT_ONCE, FAULT_TEAR_KILL, FAULT_SPELL };
	unsigned steps = count_steps(), n = 0;

	(void)ctx;
	for (unsigned at = bench.stride / 2 + 1; at <= steps; at += bench.stride, n++) {
		struct fate fates[] = {
			{ { FAULT_TEAR_KILL, at, 0, n % FAULT_TEARS }, n % 2 ? (int)(n % 3) : -1 },
			{ { second[n % 4], 1 + n % 17, 0, n % FAULT_TEARS }, n % 3 ? -1 : (int)(n % 4) },
		};

		run(fates, 2);
	}
}

static int set_up(void **ctx)
{
	(void)ctx;
	world_init(&bench.w, topics);
	world_configure(&bench.w, configuration);
	bench.disk = fault_fs_new(bench.w.folder.path);
	bench.w.disk = fault_fs_seam(bench.disk);
	bench.oracle =
	    mmap(NULL, sizeof(*bench.oracle), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bench.runs = mmap(NULL, FAKE_RUNS_MAX * sizeof(*bench.runs), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return bench.oracle == MAP_FAILED || bench.runs == MAP_FAILED;
}

static int tear_down(void **ctx)
{
	(void)ctx;
	fault_fs_free(&bench.disk);
	world_fini(&bench.w);
	return 0;
}

/* test_engine_sweep [TESTS [STRIDE]]: those whose names fit the pattern, every so many steps. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_fails),
		cmocka_unit_test(every_call_fails_once),
		cmocka_unit_test(every_call_fails_for_a_while),
		cmocka_unit_test(every_write_is_torn),
		cmocka_unit_test(killed_at_every_step),
		cmocka_unit_test(power_is_cut_at_every_step),
		cmocka_unit_test(a_recovery_is_cut_short_too),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	bench.stride = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : STRIDE;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fault/engine", tests, set_up, tear_down);
}
