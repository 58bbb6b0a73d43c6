/* Every scenario (.txt beside this file) is one test; those that begin with "# sweep" are run once more for every step of the disk, killed
 * there (under AddressSanitizer for some of them). */
#include "tests/fake/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "tests/scenarios/"
#define SCENARIOS_MAX 500
#ifdef __SANITIZE_ADDRESS__
#define STRIDE 7u /* every so many steps: a life is ten times as expensive */
#else
#define STRIDE 1u
#endif

static bool is_swept(const char *path)
{
	char line[64] = "";
	FILE *f = fopen(path, "r");

	if (f && !fgets(line, sizeof(line), f))
		line[0] = 0;
	if (f)
		fclose(f);
	return strncmp(line, "# sweep", 7) == 0;
}

static void sweep(const char *path, unsigned long steps)
{
	struct scenario_result r;

	for (unsigned long at = 1; at <= steps; at += STRIDE) {
		scenario_run(path, at, &r);
		if (r.failure[0])
			fail_msg("killed at step %lu of %lu: %s", at, steps, r.failure);
	}
	print_message("# %s: killed at every %u. of %lu steps\n", path, STRIDE, steps);
}

static void test_scenario(void **state)
{
	const char *path = *state;
	struct scenario_result r;

	scenario_run(path, 0, &r);
	if (r.failure[0])
		fail_msg("%s: %s", path, r.failure);
	assert_true(r.checks > 0);
	if (is_swept(path))
		sweep(path, r.disk_steps);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t find_all(char *paths[SCENARIOS_MAX], const char *only)
{
	DIR *d = opendir(FOLDER);
	struct dirent *x;
	size_t n = 0;

	while (d && (x = readdir(d)) && n < SCENARIOS_MAX) {
		size_t len = strlen(x->d_name);

		if (len < 5 || strcmp(x->d_name + len - 4, ".txt") != 0 || (only && !strstr(x->d_name, only)))
			continue;
		if (asprintf(&paths[n], FOLDER "%s", x->d_name) > 0)
			n++;
	}
	if (d)
		closedir(d);
	qsort(paths, n, sizeof(paths[0]), by_name);
	return n;
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[SCENARIOS_MAX];
	char *paths[SCENARIOS_MAX];
	size_t n = find_all(paths, argc > 1 ? argv[1] : NULL);
	int failed;

	if (n == 0) {
		fprintf(stderr, "no scenarios: run it from the top of the repository\n");
		return 1;
	}
	for (size_t i = 0; i < n; i++)
		tests[i] =
		    (struct CMUnitTest){ paths[i] + sizeof(FOLDER) - 1, test_scenario, NULL, NULL, paths[i] };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = _cmocka_run_group_tests("scenarios", tests, n, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		free(paths[i]);
	return failed;
}
