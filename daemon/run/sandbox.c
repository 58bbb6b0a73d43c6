/* sandbox: seccomp, Landlock and limits of a worker. Owns nothing; cannot be undone. */
#include "daemon/run/sandbox.h"

#include <errno.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* What parsing, hashing and answering need: memory, time, the one socket. No open, no socket, no exec, no fork. Those that are
 * allowed with certain arguments only are in forbid_calls. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(close), SCMP_SYS(brk),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(exit),
	SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime), SCMP_SYS(setitimer), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield),
	SCMP_SYS(sysinfo), /* the first large qsort of a life asks how much memory there is */
};

static const int mapping[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
static const int refused[] = { SCMP_SYS(newfstatat), SCMP_SYS(openat) };

/* From the kernel's headers of 6.7, which Debian 12's do not have: TCP bind and connect are refused too. */
#define ACCESS_NET_ALL (3ULL)

struct landlock_attr { /* as the kernel reads it; shorter sizes are the older versions */
	uint64_t fs, net;
};

static const uint64_t fs_rights[] = {
	/* by ABI version: all rights of the version and below */
	0,
	(1ULL << 13) - 1,
	(1ULL << 14) - 1,
	(1ULL << 15) - 1,
	(1ULL << 15) - 1,
	(1ULL << 16) - 1,
};

static void forbid_files_and_network(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1)
		return; /* an older kernel: seccomp alone stands guard */
	size_t newest = ARRAY_LEN(fs_rights) - 1;
	size_t level = (size_t)version < newest ? (size_t)version : newest;
	struct landlock_attr attr = { fs_rights[level], level >= 4 ? ACCESS_NET_ALL : 0 };
	size_t size = level >= 4 ? sizeof(attr) : sizeof(attr.fs);
	int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (rules < 0)
		return;
	/* No rule is added: nothing is allowed. */
	(void)syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
}

static bool forbid_calls(struct err *e)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int failed = filter == NULL ? -ENOMEM : 0;
	for (size_t i = 0; i < ARRAY_LEN(allowed) && failed == 0; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	/* Memory may be readable or writable, never executable. */
	for (size_t i = 0; i < ARRAY_LEN(mapping) && failed == 0; i++)
		failed = seccomp_rule_add(
		    filter, SCMP_ACT_ALLOW, mapping[i], 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* abort() sends itself a signal; nobody else may get one. */
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	/* stdio and conversion tables ask what a descriptor is; they get no answer and go on. */
	for (size_t i = 0; i < ARRAY_LEN(refused) && failed == 0; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused[i], 0);
	if (failed == 0)
		failed = seccomp_load(filter);
	if (filter != NULL)
		seccomp_release(filter);
	if (failed != 0)
		return err_set(e, ERR_IO, -failed, "the system call filter cannot be set");
	return true;
}

/* A hard limit that is lower already stays: it cannot be raised. */
static bool set_limit(__rlimit_resource_t what, rlim_t most, struct err *e)
{
	struct rlimit limit;
	if (getrlimit(what, &limit) == 0 && limit.rlim_max < most)
		most = limit.rlim_max;
	limit = (struct rlimit){ most, most };
	return setrlimit(what, &limit) == 0 || err_set(e, ERR_IO, errno, "limit %d", (int)what);
}

bool sandbox_enter(int64_t memory_limit, struct err *e)
{
	if (!set_limit(RLIMIT_FSIZE, 0, e))
		return false;
	if (SANITIZED)
		return true;
	if (!set_limit(RLIMIT_AS, (rlim_t)memory_limit, e) || !set_limit(RLIMIT_NPROC, 0, e))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_set(e, ERR_IO, errno, "no_new_privs");
	forbid_files_and_network();
	return forbid_calls(e);
}

void sandbox_cpu_budget(int64_t milliseconds)
{
	const struct itimerval timer = {
		.it_value = { .tv_sec = milliseconds / 1000, .tv_usec = (milliseconds % 1000) * 1000 },
	};
	setitimer(ITIMER_PROF, &timer, NULL);
}
