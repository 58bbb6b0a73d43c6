/* outbox: opening the state of another process. */
#include "daemon/ctl/outbox.h"

#include "daemon/base/fs.h"
#include "daemon/ctl/setting.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* A daemon that ended well leaves no log of changes behind. */
static bool is_alone(const char *path)
{
	char log[PATH_MAX];
	struct fs_stat st;
	int n = snprintf(log, sizeof(log), "%s-wal", path);
	return n > 0 && (size_t)n < sizeof(log) && fs_system.stat(&fs_system, log, &st) != 0 &&
	       errno == ENOENT;
}

struct state *outbox_open(const struct ctl_args *args, int *code)
{
	struct state *s = NULL;
	struct err e = { 0 };
	const char *path = setting_state_file(args, "state.db", code);
	if (!path)
		return NULL;
	if (access(path, R_OK) != 0) {
		*code = errno == EACCES ? ctl_fail(EX_NOPERM, "%s: %s (be root, or in the daemon's group)",
		                              path, strerrordesc_np(errno))
		                        : ctl_fail(EX_NOINPUT, "%s: %s (did the daemon ever run?)", path,
		                              strerrordesc_np(errno));
		return NULL;
	}
	*code = state_open_to_read(path, is_alone(path), &s, &e) ? EX_OK : ctl_fail_err(&e);
	return s;
}

bool outbox_is_left(const struct ctl_args *args)
{
	int code = EX_OK;
	const char *path = setting_state_file(args, "state.db", &code);
	return path && fs_is_unlocked(path);
}

struct state *outbox_peek(const struct ctl_args *args)
{
	struct state *s = NULL;
	struct err e = { 0 };
	int code = EX_OK;
	const char *path = setting_state_file(args, "state.db", &code);
	if (!path || access(path, F_OK) != 0)
		return NULL;
	if (access(path, R_OK) != 0)
		err_set(&e, ERR_IO, errno, "%s", path);
	else if (state_open_to_read(path, is_alone(path), &s, &e))
		return s;
	(void)ctl_fail(EX_OK, "what alerts wait for cannot be read: %s", e.text);
	return NULL;
}
