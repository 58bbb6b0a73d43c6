/* discover: starts the helper, reads its lines, makes a feeds file of them. What it says has come from the network in the end. */
#include "daemon/ctl/discover.h"

#include "daemon/ctl/input.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/setting.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#define LINES_MAX ((size_t)2 << 20) /* bytes that the helper may say */
#define FOUND_MAX 1000u /* lines of it */
#define ARGUMENTS_MAX 140u /* words of its command line */

static const struct {
	const char *how, *words;
} ways[] = {
	{ "asked", "the address itself is a feed" },
	{ "header", "named by a Link header" },
	{ "link", "named by <link>" },
	{ "anchor", "behind a link of the page" },
	{ "path", "where feeds often are" },
};

static const char *words_of(struct str how)
{
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		if (str_eq(how, str_from(ways[i].how)))
			return ways[i].words;
	return "found";
}

/* The program that was installed, or built, with this one. */
static bool helper_path(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size);
	if (n <= 0 || (size_t)n >= size)
		return false;
	path[n] = '\0';
	char *slash = strrchr(path, '/');
	if (!slash || (size_t)(slash + 1 - path) + sizeof("gazetted") > size)
		return false;
	memcpy(slash + 1, "gazetted", sizeof("gazetted"));
	return access(path, X_OK) == 0;
}

static bool make_arguments(const struct ctl_args *args, const char **argv)
{
	size_t n = 0;
	argv[n++] = "gazetted";
	argv[n++] = "--discover";
	if (args->config || setting_default_exists()) {
		argv[n++] = "-c";
		argv[n++] = args->config ? args->config : setting_default();
	}
	for (size_t i = 0; i < args->networks.n; i++) {
		if (n + 4 > ARGUMENTS_MAX)
			return false;
		argv[n++] = "-a";
		argv[n++] = args->networks.at[i];
	}
	argv[n++] = "--";
	argv[n++] = args->operands.at[1];
	argv[n] = NULL;
	return true;
}

/* *from: where its lines can be read. */
static int start_helper(const char *path, const char *const *argv, pid_t *pid, int *from)
{
	int ends[2];
	posix_spawn_file_actions_t actions;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return errno;
	int failed = posix_spawn_file_actions_init(&actions);
	if (failed == 0) {
		failed = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
		if (failed == 0)
			failed =
			    posix_spawn(pid, path, &actions, NULL, (char *const *)(uintptr_t)argv, environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	close(ends[1]);
	*from = ends[0];
	if (failed != 0)
		close(ends[0]);
	return failed;
}

static bool read_lines(int from, struct buf *out, struct err *e)
{
	char name[32];
	snprintf(name, sizeof(name), "/dev/fd/%d", from);
	return input_read(name, LINES_MAX, out, e);
}

struct page {
	struct arena *arena;
	struct conf_found found[FOUND_MAX];
	size_t count;
	struct buf notes; /* comments behind the feeds */
	int64_t left;
};

/* A comment ends with its line, whatever the text is. */
static void add_plain(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_byte(out, s.p[i] < 0x20 || s.p[i] == 0x7f ? '?' : s.p[i]);
}

static void take_failure(struct page *g, struct str url, struct str error)
{
	buf_str(&g->notes, STR("  # no feed: "));
	add_plain(&g->notes, url);
	buf_str(&g->notes, STR(" ("));
	add_plain(&g->notes, error);
	buf_str(&g->notes, STR(")\n"));
}

static void take_feed(struct page *g, const json_t *line)
{
	struct buf note;
	struct str format = member(line, "format"), newest = member(line, "newest");
	json_int_t items = json_integer_value(json_object_get(line, "items"));
	buf_init(&note, 512);
	buf_fmt(&note, "%.*s, %lld items", STR_ARG(format), (long long)items);
	if (newest.n > 0)
		buf_fmt(&note, ", newest %.*s", STR_ARG(newest));
	buf_fmt(&note, "; %s", words_of(member(line, "found")));
	g->found[g->count++] = (struct conf_found){ arena_str(g->arena, member(line, "url")),
		arena_str(g->arena, member(line, "title")), arena_str(g->arena, member(line, "language")),
		arena_str(g->arena, buf_view(&note)) };
	buf_fini(&note);
}

static bool take_line(struct page *g, struct str text)
{
	json_t *line = json_loadb(text.p, text.n, 0, NULL);
	struct str url = member(line, "url"), error = member(line, "error");
	bool good = line && g->count < FOUND_MAX;
	if (good && json_object_get(line, "left"))
		g->left = json_integer_value(json_object_get(line, "left"));
	else if (good && error.n > 0)
		take_failure(g, url, error);
	else if (good && url.n > 0)
		take_feed(g, line);
	json_decref(line);
	return good;
}

static int print_yaml(const struct ctl_args *args, struct page *g, struct printer *p)
{
	struct err e = { 0 };
	int code = EX_OK;
	struct conf *known = NULL;
	if ((args->config || setting_default_exists()) && !(known = setting_load(args, &code)))
		return code;
	p->data = true;
	bool good = conf_found_to_feeds(g->found, g->count, known, &p->out, &e);
	if (good && g->count == 0)
		buf_clear(&p->out);
	buf_str(&p->out, buf_view(&g->notes));
	if (g->left > 0)
		buf_fmt(
		    &p->out, "  # %lld more links look like feeds and were not asked\n", (long long)g->left);
	conf_drop(&known);
	return good ? EX_OK : ctl_fail_err(&e);
}

static int print_lines_of(struct str lines, struct printer *p)
{
	while (lines.n > 0)
		print_json_line(p, str_cut(&lines, '\n'));
	return EX_OK;
}

static int print_page(const struct ctl_args *args, struct str lines, struct printer *p)
{
	struct page *g = arena_zalloc(args->arena, sizeof(*g));
	int code = EX_PROTOCOL;
	bool good = g != NULL;
	if (!g)
		return ctl_fail(EX_UNAVAILABLE, "out of memory");
	g->arena = args->arena;
	buf_init(&g->notes, LINES_MAX);
	while (good && lines.n > 0)
		good = take_line(g, str_cut(&lines, '\n'));
	if (good)
		code = print_yaml(args, g, p);
	else
		ctl_fail(code, "gazetted said something that cannot be read");
	buf_fini(&g->notes);
	return code;
}

int discover_feeds(struct ctl_args *args, bool json, struct printer *p)
{
	char path[PATH_MAX];
	const char *argv[ARGUMENTS_MAX];
	struct buf lines;
	struct err e = { 0 };
	pid_t pid = -1;
	int from = -1, status = 0;
	if (!helper_path(path, sizeof(path)))
		return ctl_fail(
		    EX_UNAVAILABLE, "gazetted is not beside gazettectl; it is what asks the page");
	if (!make_arguments(args, argv))
		return ctl_fail(EX_USAGE, "too many networks");
	int failed = start_helper(path, argv, &pid, &from);
	if (failed != 0)
		return ctl_fail(EX_OSERR, "%s cannot be started: %s", path, strerrordesc_np(failed));
	bool good = read_lines(from, &lines, &e);
	close(from);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!good)
		return ctl_fail_err(&e);
	int code = json ? print_lines_of(buf_view(&lines), p) : print_page(args, buf_view(&lines), p);
	buf_fini(&lines);
	if (code != EX_OK)
		return code;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
}
