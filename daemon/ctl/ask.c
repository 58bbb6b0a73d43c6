/* ask: written under another name, synced, renamed: the daemon never sees half of one. */
#include "daemon/ctl/ask.h"

#include "daemon/base/date.h"
#include "daemon/base/fs.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/status_file.h"
#include "daemon/ctl/write_as.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define PAUSE_MS 100
#define PAUSES 50 /* five seconds: the daemon looks every second */
#define FILE_MODE 0640
#define REQUEST_MAX (200u << 10) /* bytes; the daemon takes a little more */

void ask_begin(struct json *w, struct buf *text, const char *kind)
{
	buf_init(text, REQUEST_MAX);
	json_init(w, text);
	json_open_object(w);
	json_key_int(w, "v", 1);
	json_key_string(w, "kind", str_from(kind));
}

void ask_pause(void)
{
	poll(NULL, 0, PAUSE_MS);
}

static bool exists(const char *folder, const char *name, const char *suffix)
{
	char path[PATH_MAX];
	struct fs_stat st;
	int n = snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffix);
	return n > 0 && (size_t)n < sizeof(path) && fs_system.stat(&fs_system, path, &st) == 0;
}

static bool put(const char *folder, const char *name, struct str text, struct err *e)
{
	char from[PATH_MAX], to[PATH_MAX];
	struct stat st;
	int a = snprintf(from, sizeof(from), "%s/.%s.tmp", folder, name);
	int b = snprintf(to, sizeof(to), "%s/%s", folder, name);
	if (a < 0 || b < 0 || (size_t)a >= sizeof(from) || (size_t)b >= sizeof(to))
		return err_set(e, ERR_LIMIT, 0, "%s: the path is too long", folder);
	if (stat(folder, &st) != 0)
		return err_set(e, ERR_IO, errno, "%s", folder);
	/* The daemon reads as a member of the folder's group, whoever writes. */
	const struct write_as owner = { (uid_t)-1, st.st_gid, FILE_MODE };
	if (!write_as(&fs_system, from, &owner, text, e) || fs_system.rename(&fs_system, from, to) != 0) {
		err_set(e, ERR_IO, errno, "%s", to);
		fs_system.unlink(&fs_system, from);
		return false;
	}
	return true;
}

bool ask_put(const struct ctl_args *args, struct str request, char name[ASK_NAME_MAX], int *code)
{
	char time[DATE_TEXT_MAX];
	struct err e = { 0 };
	const char *folder = setting_state_file(args, "requests", code);
	if (!folder)
		return false;
	time[date_format_compact(args->now, time)] = '\0';
	snprintf(name, ASK_NAME_MAX, "%s%03d-%ld.json", time, (int)(args->now % 1000), (long)getpid());
	if (put(folder, name, request, &e))
		return true;
	*code = e.sys == EACCES ? ctl_fail(EX_NOPERM, "%s (be root, or in the daemon's group)", e.text)
	                        : ctl_fail_err(&e);
	return false;
}

enum ask_result ask_look(const char *folder, const char *name)
{
	if (exists(folder, name, ""))
		return ASK_WAITING;
	return exists(folder, name, ".refused") ? ASK_REFUSED : ASK_TAKEN;
}

bool ask_wait(const struct ctl_args *args, const char *name, enum ask_result *result, int *code)
{
	const char *folder = setting_state_file(args, "requests", code);
	if (!folder)
		return false;
	*result = ask_look(folder, name);
	for (int i = 0; i < PAUSES && *result == ASK_WAITING; i++) {
		ask_pause();
		*result = ask_look(folder, name);
	}
	return true;
}

bool ask(const struct ctl_args *args, struct str request, char name[ASK_NAME_MAX], enum ask_result *result,
    int *code)
{
	return ask_put(args, request, name, code) && ask_wait(args, name, result, code);
}

const char *ask_why_not_taken(const struct ctl_args *args)
{
	struct err ignored = { 0 };
	int code;
	const char *path = setting_state_file(args, "status.json", &code);
	json_t *status = path ? status_file_read(path, NULL, &ignored) : NULL;
	bool stuck = status && !status_file_is_stale(status, args->now) &&
	             json_is_true(json_object_get(status, "degraded"));
	json_decref(status);
	return stuck
	           ? "the daemon takes no requests while it cannot write its state: see `gazettectl status`; "
	             "SIGHUP reloads it all the same"
	           : "the daemon does not answer: it does not run, or hangs";
}

void ask_withdraw(const struct ctl_args *args, const char *name)
{
	char path[PATH_MAX];
	int code;
	const char *folder = setting_state_file(args, "requests", &code);
	if (folder && snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path))
		fs_system.unlink(&fs_system, path);
}

int ask_and_tell(const struct ctl_args *args, struct str request)
{
	char name[ASK_NAME_MAX];
	enum ask_result result;
	int code = EX_OK;
	if (!ask(args, request, name, &result, &code))
		return code;
	if (result == ASK_REFUSED)
		return ctl_fail(EX_DATAERR, "refused; the daemon's log says why (%s)", name);
	if (result == ASK_WAITING)
		return ctl_fail(EX_TEMPFAIL, "%s waits: the daemon takes it when it runs", name);
	return EX_OK;
}
