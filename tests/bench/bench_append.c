/*
 * bench_append: CPU of taking lines of 2 KB: into the journal, 64 of them made durable at a time, and from there into a store. append.py runs it beside
 * rsyslog, which gets the same lines. Usage: bench_append FOLDER LINES. Prints microseconds per line: of all, durable; of the store's part alone, which is
 * not synced until a checkpoint; and of a bare writev of the same lines, 64 at a time and never synced.
 */
#include "daemon/store/journal.h"
#include "daemon/store/stores.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 2048u /* bytes */
#define GROUP 64u /* lines per sync */
#define CHECKPOINT_EVERY 16384u /* lines: 32 MB, as the daemon */
#define NOW_MS 1795255200000

static struct err e;
static double storing; /* s of CPU in the store's appends */

static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool apply(void *ctx, const struct journal_entry *entry)
{
	stores_apply(ctx, entry);
	return true;
}

static bool store_group(struct stores *s, const struct journal_group *g)
{
	double begun = cpu_now();
	bool ok;

	journal_group_each(g, apply, s);
	ok = stores_flush(s, NOW_MS, &e);
	storing += cpu_now() - begun;
	return ok;
}

static bool append_group(struct journal *j, struct stores *s, struct journal_group *g, char *line)
{
	struct journal_entry entry = { .routes = STR("items"), .meta = STR("meta") };

	journal_group_start(g, journal_next_lsn(j));
	for (unsigned i = 0; i < GROUP; i++) {
		int n = snprintf(line, 64, "{\"v\":1,\"seq\":%llu,\"text\":\"",
		    (unsigned long long)journal_next_lsn(j) + i);

		line[n] = 'x'; /* in the place of the NUL */
		entry.line = str_of(line, LINE_SIZE);
		if (!journal_group_add(g, &entry, &e))
			return false;
	}
	if (!journal_commit(j, g, &e))
		return false;
	return store_group(s, g);
}

static bool append_all(struct journal *j, struct stores *s, struct journal_group *g, uint64_t lines)
{
	static char line[LINE_SIZE];
	uint64_t lsn;

	memset(line, 'x', sizeof(line));
	memcpy(line + sizeof(line) - 3, "\"}\n", 3);
	for (uint64_t done = 0; done < lines; done += GROUP) {
		if (!append_group(j, s, g, line))
			return false;
		if (done % CHECKPOINT_EVERY == 0 &&
		    (!stores_checkpoint(s, &lsn, &e) || !journal_release(j, lsn, &e)))
			return false;
	}
	return true;
}

/* What the kernel's copy of the lines costs by itself. */
static bool append_bare(const char *folder, uint64_t lines)
{
	static char line[LINE_SIZE];
	struct iovec pieces[GROUP];
	char path[4200];
	bool ok = true;
	int fd;

	snprintf(path, sizeof(path), "%s/bare", folder);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_set(&e, ERR_IO, errno, "%s", path);
	memset(line, 'x', sizeof(line));
	for (size_t i = 0; i < GROUP; i++)
		pieces[i] = (struct iovec){ line, sizeof(line) };
	for (uint64_t done = 0; ok && done < lines; done += GROUP)
		ok = writev(fd, pieces, GROUP) == (ssize_t)(GROUP * LINE_SIZE) ||
		     err_set(&e, ERR_IO, errno, "%s: append", path);
	close(fd);
	return ok;
}

int main(int argc, char **argv)
{
	uint64_t lines = argc > 2 ? strtoull(argv[2], NULL, 10) / GROUP * GROUP : 0;
	char journal[4200], folder[4200];
	static const char *const names[] = { "items" };
	struct journal_options o = { journal, JOURNAL_SEGMENT_SIZE, 8 };
	struct stores_policy policy = { .directory = folder, .mode = 0640 };
	struct journal_group *g = journal_group_new();
	struct journal_recovery recovery;
	struct stores_report report;
	struct journal *j = NULL;
	struct stores *s = NULL;
	double begun, all;

	if (lines == 0) {
		fprintf(stderr, "usage: bench_append FOLDER LINES\n");
		return 2;
	}
	snprintf(journal, sizeof(journal), "%s/journal", argv[1]);
	snprintf(folder, sizeof(folder), "%s/stores", argv[1]);
	if (!g || !journal_open(&fs_system, &o, &j, &recovery, &e) ||
	    !stores_open(&fs_system, &policy, j, names, 1, NOW_MS, &s, &report, &e))
		goto out;
	/* Not counted: the journal's segments are prewritten once, then recycled. */
	if (!append_all(j, s, g, 2 * (uint64_t)CHECKPOINT_EVERY))
		goto out;
	storing = 0;
	begun = cpu_now();
	if (!append_all(j, s, g, lines))
		goto out;
	all = cpu_now() - begun;
	begun = cpu_now();
	if (append_bare(argv[1], lines))
		printf("%.3f %.3f %.3f\n", all / (double)lines * 1e6, storing / (double)lines * 1e6,
		    (cpu_now() - begun) / (double)lines * 1e6);
out:
	stores_close(&s);
	journal_close(&j);
	journal_group_free(&g);
	if (e.kind != ERR_NONE)
		fprintf(stderr, "bench_append: %s\n", e.text);
	return e.kind != ERR_NONE;
}
