/* cmd_reload: the configuration is tried here, then the daemon is asked to take it, and its verdict told. */
#include "daemon/base/fs.h"
#include "daemon/ctl/ask.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/print.h"
#include "daemon/ctl/reload.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/status_file.h"
#include "daemon/pipe/topics.h"

#include <sysexits.h>

#define VERDICT_MAX (4u << 20) /* bytes of the file */
#define PAUSES 300 /* of a tenth of a second: a large configuration takes a daemon some seconds */

static bool is_valid(const struct ctl_args *args)
{
	int code = EX_OK;
	struct conf *conf = setting_check(args, &code);
	struct classifier *c = conf ? topics_compile(conf, setting_complain, NULL) : NULL;
	bool valid = c != NULL;
	cls_free(&c);
	conf_drop(&conf);
	return valid;
}

/* The verdict about this request, or NULL: none yet. */
static json_t *read_verdict(const char *path, const char *request)
{
	struct err ignored = { 0 };
	struct buf text;
	if (!fs_read_file(&fs_system, path, VERDICT_MAX, &text, &ignored))
		return NULL;
	json_t *verdict = json_loadb(text.p, text.n, 0, NULL);
	buf_fini(&text);
	if (verdict && !str_eq(member(verdict, "request"), str_from(request))) {
		json_decref(verdict);
		return NULL;
	}
	return verdict;
}

static void print_complaints(struct printer *p, const json_t *verdict)
{
	const json_t *list = json_object_get(verdict, "complaints");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);
		print_text(p, member(c, "file"));
		if (member_number(c, "line") > 0)
			print_fmt(p, ":%lld:%lld", member_number(c, "line"), member_number(c, "column"));
		print_fmt(p, ": ");
		print_text(p, member(c, "reason"));
		print_fmt(p, "\n");
	}
	if (member_number(verdict, "left_out") > 0)
		print_fmt(
		    p, "and %lld more, which the daemon's log has\n", member_number(verdict, "left_out"));
}

static int print_verdict(struct ctl_args *args, const json_t *verdict)
{
	bool reloaded = json_is_true(json_object_get(verdict, "reloaded"));
	struct printer p;
	print_init(&p, args);
	print_complaints(&p, verdict);
	print_styled(&p, reloaded ? PRINT_GREEN : PRINT_RED, reloaded ? STR("reloaded") : STR("refused"));
	print_fmt(&p, ": ");
	print_text(&p, reloaded ? member(verdict, "changes") : STR("the old configuration stays"));
	print_fmt(&p, "\n");
	if (member(verdict, "needs_restart").n > 0) {
		print_fmt(&p, "takes a restart: ");
		print_text(&p, member(verdict, "needs_restart"));
		print_fmt(&p, "\n");
	}
	return print_end(&p, reloaded ? EX_OK : RELOAD_REFUSED);
}

static int wait_for_verdict(struct ctl_args *args, const char *request)
{
	int code = EX_OK;
	const char *path = setting_state_file(args, "reload.json", &code);
	json_t *verdict = NULL;
	if (!path)
		return code;
	for (int i = 0; i < PAUSES && !verdict; i++) {
		verdict = read_verdict(path, request);
		if (!verdict)
			ask_pause();
	}
	if (!verdict)
		return ctl_fail(EX_TEMPFAIL,
		    "the daemon took the request and has not said what became of it; see its log");
	code = print_verdict(args, verdict);
	json_decref(verdict);
	return code;
}

/* It said so before it refused, or before it was gone. */
static bool is_ending(const struct ctl_args *args)
{
	struct err ignored = { 0 };
	int code;
	const char *path = setting_state_file(args, "status.json", &code);
	json_t *status = path ? status_file_read(path, NULL, &ignored) : NULL;
	bool ending = json_is_true(json_object_get(status, "draining"));
	json_decref(status);
	return ending;
}

static int tell_no_verdict(const struct ctl_args *args, const char *why)
{
	if (is_ending(args))
		why = "the daemon is ending, or has ended: it reads the configuration when it starts";
	return ctl_fail(EX_UNAVAILABLE, "%s. Nothing was reloaded", why);
}

int reload_and_tell(struct ctl_args *args)
{
	char name[ASK_NAME_MAX];
	enum ask_result result;
	int code = EX_OK;
	if (!ask(args, STR("{\"v\":1,\"kind\":\"reload\"}\n"), name, &result, &code))
		return code;
	if (result == ASK_WAITING) {
		ask_withdraw(args, name);
		return tell_no_verdict(args, ask_why_not_taken(args));
	}
	if (result == ASK_REFUSED)
		return tell_no_verdict(args, "the daemon cannot reload; its log says why");
	return wait_for_verdict(args, name);
}

static int run_reload(struct ctl_args *args)
{
	if (is_valid(args))
		return reload_and_tell(args);
	return ctl_fail(RELOAD_REFUSED, "not reloaded: the old configuration stays");
}

static const struct ctl_option options[] = {
	CTL_OPT_CONFIG,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_reload = {
	.name = "reload",
	.operands = "",
	.summary = "Let the daemon take a changed configuration, and tell what changed",
	.description =
	    "Tries the configuration first, as gazetted -t does; then asks the daemon, waits for it and "
	    "prints\n"
	    "its verdict, such as \"reloaded: +3 feeds, -1 alert, ~1 topic\" (new, gone or switched off, "
	    "changed), with the\nkeys that take a restart.\n"
	    "Exit 1 when it is refused, with every error: the old configuration stays. Exit 69 when no "
	    "daemon answers, or\none that is ending.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.run = run_reload,
};
