/*
 * bench_store: what durability costs. Bare: one pwrite and one fdatasync per line on a file that was written with zeros before.
 * Journal: one group per line, and 64 lines per group. Rounds of the three alternate, so that a disk in a bad mood hits all of them.
 * Usage: bench_store [FOLDER [ROUNDS]]: the folder must be on the disk that is measured.
 */
#include "daemon/store/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 2048u /* bytes; about a record */
#define LINES_PER_ROUND 200u /* syncs of one kind before the next kind has its turn */
#define GROUP 64u /* lines per sync */
#define BARE_SIZE (16u << 20) /* bytes of the file that is written in a circle */

struct tally {
	double seconds, cpu;
	unsigned long lines;
};

static double seconds_now(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void start(struct tally *t)
{
	t->seconds -= seconds_now(CLOCK_MONOTONIC);
	t->cpu -= seconds_now(CLOCK_PROCESS_CPUTIME_ID);
}

static void stop(struct tally *t, unsigned lines)
{
	t->seconds += seconds_now(CLOCK_MONOTONIC);
	t->cpu += seconds_now(CLOCK_PROCESS_CPUTIME_ID);
	t->lines += lines;
}

static int die(const char *what)
{
	fprintf(stderr, "bench_store: %s\n", what);
	return 1;
}

static bool bare_round(int fd, const char *line, struct tally *t)
{
	static int64_t at;
	bool ok = true;

	start(t);
	for (unsigned i = 0; ok && i < LINES_PER_ROUND; i++) {
		ok = pwrite(fd, line, LINE_SIZE, at) == (ssize_t)LINE_SIZE && fdatasync(fd) == 0;
		at = (at + LINE_SIZE) % BARE_SIZE;
	}
	stop(t, LINES_PER_ROUND);
	return ok;
}

static bool journal_round(
    struct journal *j, struct journal_group *g, struct str line, unsigned per_group, struct tally *t)
{
	const struct journal_entry entry = {
		.routes = STR("items\ncybercrime"), .meta = STR("meta"), .line = line
	};
	const unsigned lines = per_group > 1 ? 50 * per_group : LINES_PER_ROUND;
	struct err e = { 0 };
	bool ok = true;

	start(t);
	for (unsigned done = 0; ok && done < lines; done += per_group) {
		journal_group_start(g, journal_next_lsn(j));
		for (unsigned i = 0; ok && i < per_group; i++)
			ok = journal_group_add(g, &entry, &e);
		ok = ok && journal_commit(j, g, &e);
	}
	stop(t, lines);
	ok = ok && journal_release(j, journal_next_lsn(j) - 1, &e);
	if (!ok)
		fprintf(stderr, "%s\n", e.text);
	return ok;
}

static bool fill_with_zeros(int fd)
{
	static const char zeros[65536];

	for (int64_t at = 0; at < BARE_SIZE; at += (int64_t)sizeof(zeros)) {
		if (pwrite(fd, zeros, sizeof(zeros), at) != (ssize_t)sizeof(zeros))
			return false;
	}
	return fsync(fd) == 0;
}

static void print(const char *name, const struct tally *t, const struct tally *bare)
{
	double rate = (double)t->lines / t->seconds, bare_rate = (double)bare->lines / bare->seconds;

	printf("%-34s %9.0f lines/s  %6.2f of bare  %6.1f us CPU per line\n", name, rate, rate / bare_rate,
	    t->cpu / (double)t->lines * 1e6);
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : "build/bench-store";
	unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 12;
	struct tally bare = { 0 }, single = { 0 }, grouped = { 0 };
	char line[LINE_SIZE], path[4096], bare_path[4200];
	struct journal_options o = { path, JOURNAL_SEGMENT_SIZE, 8 };
	struct journal_recovery r;
	struct journal *j = NULL;
	struct journal_group *g = journal_group_new();
	struct err e = { 0 };
	int fd;

	mkdir(folder, 0755);
	snprintf(path, sizeof(path), "%s/journal", folder);
	snprintf(bare_path, sizeof(bare_path), "%s/bare", folder);
	memset(line, 'x', sizeof(line));
	line[LINE_SIZE - 1] = '\n';
	fd = open(bare_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (!g || fd < 0 || !fill_with_zeros(fd))
		return die("cannot prepare");
	if (!journal_open(&fs_system, &o, &j, &r, &e))
		return die(e.text);
	/* The first turn of each is not counted: segments are prewritten once, then recycled. */
	for (unsigned i = 0; i < 4; i++) {
		if (!journal_round(j, g, str_of(line, LINE_SIZE), GROUP, &(struct tally){ 0 }))
			return 1;
	}
	for (unsigned i = 0; i < rounds; i++) {
		if (!bare_round(fd, line, &bare) ||
		    !journal_round(j, g, str_of(line, LINE_SIZE), 1, &single) ||
		    !journal_round(j, g, str_of(line, LINE_SIZE), GROUP, &grouped))
			return die("write");
	}
	print("bare pwrite + fdatasync per line", &bare, &bare);
	print("journal, one line per sync", &single, &bare);
	print("journal, 64 lines per sync", &grouped, &bare);
	journal_close(&j);
	journal_group_free(&g);
	close(fd);
	unlink(bare_path);
	return 0;
}
