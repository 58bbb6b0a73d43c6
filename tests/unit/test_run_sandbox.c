/* What a worker can still do inside the sandbox, and what ends it. Each case is a process of its own. */
#include "daemon/run/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMORY_LIMIT (256LL << 20) /* bytes */
#define PAGE 4096
#define REFUSED 3 /* exit status: the call came back with an error, as it should */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static int parent; /* process id */

static long map(int protection)
{
	void *p = mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? -1 : 0;
}

static long allocate(void)
{
	void *volatile p = malloc(8 << 20);
	free(p);
	return p == NULL;
}

static long allocate_too_much(void)
{
	void *volatile p = malloc((size_t)2 * MEMORY_LIMIT);
	free(p);
	return p == NULL ? REFUSED : 0;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static long sort(void)
{
	static int numbers[5000];
	for (int i = 0; i < (int)ARRAY_LEN(numbers); i++)
		numbers[i] = (int)ARRAY_LEN(numbers) - i;
	qsort(numbers, ARRAY_LEN(numbers), sizeof(*numbers), compare);
	return numbers[0] != 1;
}

static long map_writable(void)
{
	return map(PROT_READ | PROT_WRITE);
}

static long map_executable(void)
{
	return map(PROT_READ | PROT_EXEC);
}

static long make_executable(void)
{
	static _Alignas(PAGE) char page[PAGE];
	return mprotect(page, sizeof(page), PROT_READ | PROT_EXEC);
}

static long open_file(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? REFUSED : 0;
}

static long make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long start_process(void)
{
	return syscall(SYS_fork);
}

static long execute(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static long signal_parent(void)
{
	return syscall(SYS_tgkill, parent, parent, 0);
}

static long signal_by_kill(void)
{
	return kill(parent, 0);
}

static long burn(void)
{
	sandbox_cpu_budget(20);
	for (volatile uint64_t i = 1; i != 0; i++)
		continue;
	return 0;
}

static long give_up(void)
{
	abort();
}

static const struct {
	const char *name;
	long (*run)(void);
	int signal; /* that ends it, or 0 */
	int status;
} cases[] = {
	{ "memory", allocate, 0, 0 },
	{ "memory beyond the limit", allocate_too_much, 0, REFUSED },
	{ "sorting", sort, 0, 0 },
	{ "writable pages", map_writable, 0, 0 },
	{ "executable pages", map_executable, SIGSYS, 0 },
	{ "pages made executable", make_executable, SIGSYS, 0 },
	{ "opening a file", open_file, 0, REFUSED },
	{ "a socket", make_socket, SIGSYS, 0 },
	{ "another process", start_process, SIGSYS, 0 },
	{ "another program", execute, SIGSYS, 0 },
	{ "a signal to the daemon", signal_parent, SIGSYS, 0 },
	{ "a signal by kill", signal_by_kill, SIGSYS, 0 },
	{ "abort", give_up, SIGABRT, 0 },
	{ "more CPU than its budget", burn, SIGPROF, 0 },
};

static int live(long (*run)(void))
{
	struct err e = { 0 };
	if (!sandbox_enter(MEMORY_LIMIT, &e))
		return 99;
	return (int)run();
}

static void calls(void **state)
{
	(void)state;
	if (SANITIZED)
		skip(); /* sanitizers need calls of their own: there is no filter in their builds */
	parent = getpid();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int status;
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(live(cases[i].run));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
		if (signal != cases[i].signal || code != cases[i].status)
			fail_msg("%s: ended by signal %d, status %d", cases[i].name, signal, code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("run/sandbox", tests, NULL, NULL);
}
