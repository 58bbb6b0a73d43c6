/* cmd_top: the status file on a terminal, drawn anew whenever it is replaced, a key is pressed, or the terminal changes its size. */
#include "daemon/base/clock.h"
#include "daemon/base/fs.h"
#include "daemon/ctl/print.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/status_file.h"
#include "daemon/ctl/terminal.h"
#include "daemon/ctl/top.h"

#include <sysexits.h>

#define LOOK_MS 1000 /* between two looks at the file; ages count on */

struct top {
	struct top_view view;
	struct printer out;
	const char *path;
	json_t *status;
	struct err e; /* why there is no status */
	uint64_t inode; /* of the file that was read */
	int64_t mtime;
};

/* It is replaced by rename: another file has another number or another time. */
static void look(struct top *t)
{
	struct fs_stat st;
	bool there = fs_system.stat(&fs_system, t->path, &st) == 0;
	if (there && t->status && st.inode == t->inode && st.mtime_ms == t->mtime) {
		status_file_note_end(t->status, t->path);
		return;
	}
	json_decref(t->status);
	err_clear(&t->e);
	t->status = status_file_read(t->path, NULL, &t->e);
	t->inode = there ? st.inode : 0;
	t->mtime = there ? st.mtime_ms : 0;
}

static bool draw(struct top *t)
{
	terminal_size(&t->view.columns, &t->view.rows);
	buf_str(&t->out.out, STR("\x1b[H"));
	top_draw(&t->out, &t->view, t->status, t->e.text, clock_wall(&clock_system));
	buf_str(&t->out.out, STR("\x1b[J"));
	return print_flush(&t->out);
}

static bool go_on(struct top *t)
{
	int key;
	for (;;) {
		look(t);
		if (!draw(t))
			return false;
		key = terminal_wait(LOOK_MS);
		if (!top_key(&t->view, key))
			return true;
	}
}

static int run_top(struct ctl_args *args)
{
	struct top t = { .view = { .sort = TOP_HEALTH } };
	int code = EX_OK;
	if (!terminal_is_there())
		return ctl_fail(EX_USAGE, "top needs a terminal; `gazettectl status --json` does not");
	t.path = setting_state_file(args, "status.json", &code);
	if (!t.path)
		return code;
	print_init(&t.out, args);
	if (!terminal_open())
		return ctl_fail(EX_IOERR, "the terminal cannot be set");
	terminal_screen();
	code = go_on(&t) ? EX_OK : EX_IOERR;
	terminal_close();
	json_decref(t.status);
	return print_end(&t.out, code);
}

static const struct ctl_option options[] = {
	CTL_OPT_CONFIG,
	{ 'd', "directory", "DIR", "folder of the state, instead of the configuration's", CTL_TEXT,
	    CTL_AT(directory), NULL },
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_top = {
	.name = "top",
	.operands = "",
	.summary = "Watch the daemon and its feeds on the terminal",
	.description = "Keys: h health (first what fails), n name, p last poll, d next due, i items, f "
	               "failures; r reverses;\n"
	               "j, k, space, b, g move; q quits.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.run = run_top,
};
