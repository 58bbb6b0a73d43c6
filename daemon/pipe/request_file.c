/* request_file: a file that somebody else wrote becomes JSON, or does not. */
#include "daemon/base/json_read.h"
#include "daemon/pipe/engine_priv.h"
#include "daemon/pipe/replay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define REQUEST_MAX REPLAY_REQUEST_MAX /* bytes of one file; no kind is larger */

/* No link is followed, nothing but a file is read, nor waited for. */
static bool read_text(struct engine *x, const char *name, struct buf *out, struct err *e)
{
	const struct fs *fs = x->ports->requests.fs;
	char path[REQUEST_PATH_MAX];
	struct fs_stat st;
	ssize_t n = -1;
	int fd;

	if (!requests_path(x, name, "", path))
		return err_set(e, ERR_LIMIT, 0, "its path is too long");
	fd = fs->open(fs, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return err_set(e, ERR_IO, errno, "cannot be opened");
	if (fs->fstat(fs, fd, &st) != 0)
		err_set(e, ERR_IO, errno, "cannot be read");
	else if (!S_ISREG(st.mode))
		err_set(e, ERR_PARSE, 0, "is no file");
	else if (st.size > (int64_t)REQUEST_MAX)
		err_set(e, ERR_LIMIT, 0, "is larger than %u bytes", REQUEST_MAX);
	else if (!buf_reserve(out, REQUEST_MAX))
		err_nomem(e);
	else if ((n = fs_read_full(fs, fd, out->p, REQUEST_MAX, 0)) < 0)
		err_set(e, ERR_IO, errno, "cannot be read");
	fs->close(fs, fd);
	if (n >= 0)
		buf_grown(out, (size_t)n);
	return n >= 0;
}

bool request_waits(const struct err *e)
{
	return e->kind == ERR_NOMEM || e->sys == EMFILE || e->sys == ENFILE || e->sys == ENOMEM;
}

bool request_read(struct engine *x, const char *name, json_t **request, struct err *e)
{
	struct buf text;
	bool ok, nomem = false;

	buf_init(&text, 2 * REQUEST_MAX);
	ok = read_text(x, name, &text, e);
	*request =
	    ok ? json_read(buf_view(&text), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL, &nomem) : NULL;
	if (nomem)
		ok = err_nomem(e);
	buf_fini(&text);
	return ok;
}
