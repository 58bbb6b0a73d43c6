/* cmd_tail: the end of a store, and what is added to it, over rotations; resumable by a cursor file. */
#include "daemon/base/fs.h"
#include "daemon/ctl/filter.h"
#include "daemon/ctl/input.h"
#include "daemon/ctl/intact.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/show.h"
#include "daemon/ctl/store_walk.h"
#include "daemon/store/reader.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sysexits.h>

#define WAIT_MS 1000 /* longest sleep between two looks: a folder that cannot be watched is still followed */
#define CURSOR_MAX 4096 /* bytes of a cursor file */
#define KEPT_MAX 10000 /* lines that "-n N" with a filter holds at once; more are asked for with "-n all" */

/* The last lines that passed the filter, oldest first at `next` once it is full. */
struct ring {
	struct buf *lines;
	size_t room, count, next;
};

struct tail {
	struct ctl_args *args;
	struct reader *reader;
	struct printer out;
	struct show show;
	const char *store;
	struct ring kept;
	uint64_t seq; /* of the last line that was looked at */
	uint64_t saved; /* in the cursor file */
	unsigned damages; /* stretches that could not be read */
	unsigned passed; /* of those, before the line seq */
	bool missed; /* lines that are not there any more */
	bool holding; /* lines go to the ring: the end was not reached yet */
};

static bool needs_record(const struct ctl_args *args)
{
	return args->output != CTL_JSON || !filter_is_open(args);
}

static bool show(struct tail *t, struct str line)
{
	json_t *record = needs_record(t->args) ? json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL) : NULL;
	show_entry(&t->show, line, record);
	json_decref(record);
	return t->out.out.n < (64u << 10) || print_flush(&t->out);
}

static void keep(struct ring *r, struct str line)
{
	struct buf *slot = &r->lines[r->next];
	buf_clear(slot);
	buf_str(slot, line);
	r->next = (r->next + 1) % r->room;
	r->count += r->count < r->room;
}

static bool show_kept(struct tail *t)
{
	struct ring *r = &t->kept;
	for (size_t i = 0; i < r->count; i++)
		if (!show(t, buf_view(&r->lines[(r->next + r->room - r->count + i) % r->room])))
			return false;
	r->count = 0;
	t->holding = false;
	return true;
}

/* The numbers of a store have no holes: what lies between was kept no longer, or is damage that was told or stands right behind the cursor. */
static void go_to(struct tail *t, uint64_t seq)
{
	if (t->seq > 0 && seq > t->seq + 1 && t->damages == t->passed) {
		ctl_fail(EX_OK,
		    "%s: %llu lines (seq %llu to %llu) are missing: deleted, or damaged, before they were "
		    "read",
		    t->store, (unsigned long long)(seq - t->seq - 1), (unsigned long long)(t->seq + 1),
		    (unsigned long long)(seq - 1));
		t->missed = true;
	}
	t->seq = seq;
	t->passed = t->damages;
}

static bool take(struct tail *t, struct str line)
{
	uint64_t seq = reader_line_seq(line);
	if (seq > 0)
		go_to(t, seq);
	if (!filter_may_take(t->args, line))
		return true;
	if (!filter_is_open(t->args)) {
		json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
		bool wanted = record && filter_takes(t->args, record);
		json_decref(record);
		if (!wanted)
			return true;
	}
	if (!t->holding)
		return show(t, line);
	if (t->kept.room > 0)
		keep(&t->kept, line);
	return true;
}

static bool save_cursor(struct tail *t, struct err *e)
{
	struct buf text;
	if (!t->args->cursor_file || t->seq == 0 || t->seq == t->saved)
		return true;
	buf_init(&text, CURSOR_MAX);
	buf_fmt(&text, "%s %llu\n", t->store, (unsigned long long)t->seq);
	bool good = fs_replace_file(&fs_system, t->args->cursor_file, buf_view(&text), 0600, e);
	buf_fini(&text);
	t->saved = good ? t->seq : t->saved;
	return good;
}

/* "STORE SEQ\n". *seq stays 0 when there is no such file yet. */
static bool load_cursor(const struct tail *t, uint64_t *seq, struct err *e)
{
	struct err why = { 0 };
	struct buf text;
	unsigned long long v = 0;
	*seq = 0;
	if (!t->args->cursor_file)
		return true;
	if (!fs_read_file(&fs_system, t->args->cursor_file, CURSOR_MAX, &text, &why))
		return why.sys == ENOENT || err_set(e, why.kind, 0, "%s", why.text);
	struct str number = str_trim(buf_view(&text));
	struct str store = str_cut(&number, ' ');
	bool good = str_eq(store, str_from(t->store)) && str_to_u64(number, &v);
	buf_fini(&text);
	*seq = v;
	return good ||
	       err_set(e, ERR_PARSE, 0, "%s: no cursor of the store '%s'", t->args->cursor_file, t->store);
}

static bool make_ring(struct tail *t, struct err *e)
{
	uint64_t lines = t->args->lines < KEPT_MAX ? t->args->lines : KEPT_MAX;
	t->holding = true;
	t->kept.room = (size_t)lines;
	t->kept.lines = arena_zalloc(t->args->arena, (t->kept.room + 1) * sizeof(*t->kept.lines));
	if (!t->kept.lines)
		return err_nomem(e);
	for (size_t i = 0; i < t->kept.room; i++)
		buf_init(&t->kept.lines[i], SIZE_MAX);
	return true;
}

/* Where to begin: behind the cursor; at a time; or so that the wanted number of lines follows. */
static bool seek(struct tail *t, struct err *e)
{
	const struct ctl_args *a = t->args;
	uint64_t cursor;
	if (!load_cursor(t, &cursor, e))
		return false;
	if (cursor > 0) {
		t->seq = t->saved = cursor;
		return reader_seek_seq(t->reader, cursor, e);
	}
	/* Watched from before the first look, so that nothing falls between the two. */
	if (a->follow)
		(void)reader_wait_fd(t->reader);
	bool from_time = a->since != INT64_MIN;
	if (from_time && !reader_seek_time(t->reader, a->since, e))
		return false;
	bool everything = a->lines == CTL_ALL_LINES || (from_time && !a->lines_given);
	if (everything)
		return true;
	if (filter_is_open(a)) {
		struct err why = { 0 };
		if (reader_seek_last(t->reader, a->lines, &why))
			return true;
		/* A file that cannot be read from its end (compressed by somebody else) is read from its beginning. */
		if (!reader_seek_seq(t->reader, 0, e))
			return false;
	}
	return make_ring(t, e);
}

static bool wait(struct tail *t)
{
	struct pollfd ready = { .fd = reader_wait_fd(t->reader), .events = POLLIN };
	return poll(&ready, ready.fd >= 0, WAIT_MS) >= 0 || errno == EINTR;
}

/* At the end of what there is: everything out, then the cursor, then wait or stop. */
static bool at_end(struct tail *t, bool *more, struct err *e)
{
	if (t->holding && !show_kept(t))
		return err_set(e, ERR_IO, 0, "stopped");
	if (!print_flush(&t->out))
		return err_set(e, ERR_IO, 0, "stopped");
	*more = t->args->follow;
	return save_cursor(t, e) && (!*more || wait(t));
}

static bool run(struct tail *t, struct err *e)
{
	struct reader_line line;
	bool more = true;
	if (!seek(t, e))
		return false;
	while (more) {
		switch (reader_next_whole(t->reader, &line, ctl_tell_damage, &t->damages, e)) {
		case READER_LINE:
			if (intact(line.file, line.number, line.text, &t->damages) && !take(t, line.text))
				return err_set(e, ERR_IO, 0, "stopped");
			break;
		case READER_END:
			if (!at_end(t, &more, e))
				return false;
			break;
		case READER_FAILED:
			return false;
		}
	}
	return true;
}

static int run_tail(struct ctl_args *args)
{
	if (args->json)
		args->output = CTL_JSON;
	struct tail t = { .args = args, .store = args->store ? args->store : "items" };
	struct err e = { 0 };
	int code = EX_OK;
	const char *directory = setting_directory(args, &code);
	if (!directory || !store_known(args, directory, t.store, &code))
		return code;
	print_init(&t.out, args);
	if (!show_begin(&t.show, &t.out, args, t.store, &code))
		return print_end(&t.out, code);
	code = EX_OK;
	if (!reader_open(&fs_system, directory, t.store, &t.reader, &e) || !run(&t, &e))
		code = ctl_fail_err(&e);
	else if (t.damages > 0 || t.missed)
		code = EX_DATAERR;
	reader_close(&t.reader);
	for (size_t i = 0; i < t.kept.room; i++)
		buf_fini(&t.kept.lines[i]);
	return print_end(&t.out, code);
}

static const struct ctl_option options[] = {
	{ 'f', "follow", NULL, "go on with what is added, over rotations", CTL_FLAG, CTL_AT(follow), NULL },
	{ 'n', "lines", "N", "last N lines, or \"all\" (default 10; with --since all)", CTL_LINES,
	    CTL_AT(lines), NULL },
	CTL_OPT_OUTPUT,
	CTL_OPT_JSON,
	{ 's', "store", "NAME", "items (default), polls, or a topic", CTL_TEXT, CTL_AT(store), NULL },
	FILTER_OPTIONS,
	{ '\0', "cursor-file", "FILE", "begin behind the line that it names; keep it up to date", CTL_TEXT,
	    CTL_AT(cursor_file), NULL },
	CTL_OPT_CONFIG,
	CTL_OPT_DIRECTORY,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_tail = {
	.name = "tail",
	.operands = "",
	.summary = "Show the end of a store, and follow it",
	.description =
	    "Times are UTC. Text from feeds is made harmless for terminals. A cursor moves only "
	    "behind lines that were written out, so\n"
	    "that a reader which is killed repeats the last lines rather than missing one. What is "
	    "damaged, or was deleted\n"
	    "before it could be read, is named and passed over; exit 65 then.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.run = run_tail,
};
