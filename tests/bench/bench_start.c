/*
 * bench_start: how long the daemon takes from exec to READY=1 when it remembers many items: names in memory, what is remembered of each on the
 * disk, the texts of the newest. Usage: bench_start [ITEMS [ROUNDS]]: the daemon is the gazetted of the same build.
 */
#include "daemon/base/hash.h"
#include "daemon/pipe/cases.h"
#include "daemon/pipe/chain.h"
#include "daemon/pipe/remembered.h"
#include "daemon/store/state.h"
#include "tests/fake/conf_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NAMES 2u /* of each item: its id and its link */
#define TEXTS 10000u /* case_items, as shipped */
#define BATCH 10000u /* rows of one transaction */
#define READY_MAX_S 120 /* s */

static struct err e;

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_start: %s: %s\n", what, e.text[0] ? e.text : strerrordesc_np(errno));
	exit(1);
}

/* Spread like hashes. */
static uint64_t alias_of(uint64_t item, unsigned which)
{
	uint64_t x = (item * NAMES + which) * UINT64_C(0x9e3779b97f4a7c15);

	x ^= x >> 29;
	return x * UINT64_C(0xbf58476d1ce4e5b9);
}

static bool put_text(struct state *s, uint64_t item, struct buf *b)
{
	struct case_item c = {
		.seq = item, .at = 1795255200, .feed = STR("a"), .url = STR("https://press.example/1")
	};

	for (size_t i = 0; i < sizeof(c.print); i++)
		((char *)&c.print)[i] = (char)(item >> (i % 8) ^ i);
	buf_reset(b);
	case_item_encode(&c, b);
	return !b->failed && state_numbered_put(s, STATE_FINGERPRINTS, item, buf_view(b), &e);
}

static bool put_item(struct state *s, uint64_t item, struct buf *b)
{
	struct remembered r = { .seq = item, .alias_count = NAMES };
	char head[200];
	int n = snprintf(head, sizeof(head),
	    ",\"id\":\"https://press.example/releases/%llu\",\"url\":\"https://press.example/releases/%llu\","
	    "\"title\":\"Release %llu of an agency, of usual length\"",
	    (unsigned long long)item, (unsigned long long)item, (unsigned long long)item);
	bool ok = true;

	memset(r.key, 'a', sizeof(r.key));
	memset(r.case_key, 'b', sizeof(r.case_key));
	r.head = str_of(head, (size_t)n);
	for (unsigned i = 0; ok && i < NAMES; i++) {
		r.aliases[i] = alias_of(item, i);
		const struct state_seen row = { r.aliases[i], item, (uint32_t)item * 2654435761u,
			1795255200 };

		ok = state_seen_put(s, &row, &e);
	}
	buf_reset(b);
	remembered_encode(&r, b);
	return ok && !b->failed && state_numbered_put(s, STATE_ITEMS, item, buf_view(b), &e);
}

static void make_state(const char *path, uint64_t items)
{
	struct chains chains;
	struct state *s;
	struct buf b;
	bool ok = state_open(path, &s, &e);

	buf_init(&b, 1u << 20);
	for (uint64_t item = 1; ok && item <= items; item++) {
		ok = item % BATCH != 1 || state_begin(s, &e);
		ok = ok && put_item(s, item, &b) && (item + TEXTS <= items || put_text(s, item, &b));
		if (ok && (item % BATCH == 0 || item == items))
			ok = state_commit(s, 0, &e);
	}
	chains_init(&chains);
	chains.items.seq = items;
	buf_reset(&b);
	chains_encode(&chains, &b);
	ok = ok && state_put(s, "chains", buf_view(&b), &e) && state_sync(s, &e);
	if (!ok)
		die("state");
	buf_fini(&b);
	state_close(&s);
}

static int listen_for_ready(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = READY_MAX_S };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%.100s", path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&name, sizeof(name)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0)
		die("socket");
	return fd;
}

static void await_ready(int fd)
{
	char text[512];
	ssize_t n;

	do {
		n = recv(fd, text, sizeof(text) - 1, 0);
		if (n < 0)
			die("the daemon is not ready");
		text[n] = '\0';
	} while (!strstr(text, "READY=1"));
}

/* Of one process: workers and the hook runner are not counted. */
static double cpu_of(pid_t pid)
{
	char path[64], text[1024];
	unsigned long user = 0, system = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (!f || !fgets(text, sizeof(text), f) || !strrchr(text, ')') ||
	    sscanf(strrchr(text, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
	        &system) != 2)
		die(path);
	fclose(f);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double start_once(const char *daemon, const char *conf, const char *log, int ready, double *cpu)
{
	double begun = seconds_now(), took;
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

		dup2(fd, 2);
		execl(daemon, daemon, "-c", conf, (char *)NULL);
		_exit(127);
	}
	await_ready(ready);
	took = seconds_now() - begun;
	*cpu = cpu_of(pid);
	kill(pid, SIGTERM);
	if (waitpid(pid, NULL, 0) != pid)
		die("wait");
	return took;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	uint64_t items = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 5;
	char daemon[4096], text[1024], conf[300], state[300], log[300], notify[200];
	double took[64], cpu[64];
	struct conf_folder folder;
	struct stat st;
	int ready;

	if (rounds == 0 || rounds > ARRAY_LEN(took) || !strstr(argv[0], "tests/bench"))
		die("usage: BUILD/tests/bench/bench_start [ITEMS [ROUNDS up to 64]]");
	snprintf(daemon, sizeof(daemon), "%s", argv[0]);
	snprintf(strstr(daemon, "tests/bench"), 16, "gazetted");
	conf_folder_init(&folder);
	snprintf(conf, sizeof(conf), "%s/gazetted.yaml", folder.path);
	snprintf(state, sizeof(state), "%s/state.db", folder.path);
	snprintf(log, sizeof(log), "%s/stderr", folder.path);
	snprintf(notify, sizeof(notify), "%s/notify", folder.path);
	snprintf(text, sizeof(text),
	    "contact: mailto:a@b.example\nstorage: {directory: %s/log, state_directory: %s}\n"
	    "shipped_topics: false\nfeeds:\n  - {name: a, url: 'http://127.0.0.1:9/', interval: 1d}\n",
	    folder.path, folder.path);
	conf_folder_put(&folder, "gazetted.yaml", text);
	make_state(state, items);
	stat(state, &st);
	setenv("NOTIFY_SOCKET", notify, 1);
	ready = listen_for_ready(notify);
	for (unsigned i = 0; i < rounds; i++)
		took[i] = start_once(daemon, conf, log, ready, &cpu[i]);
	qsort(took, rounds, sizeof(*took), by_size);
	qsort(cpu, rounds, sizeof(*cpu), by_size);
	printf("start with %llu remembered items (%lld MB of state): %.2f s, slowest %.2f s; CPU %.2f s\n",
	    (unsigned long long)items, (long long)st.st_size / 1000000, took[rounds / 2], took[rounds - 1],
	    cpu[rounds / 2]);
	conf_folder_fini(&folder);
	return 0;
}
