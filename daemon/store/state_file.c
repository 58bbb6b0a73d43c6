/* state_file: looking at the database file's header, checking its structure, renaming it with its log. Owns nothing. */
#include "daemon/store/state_file.h"

#include "daemon/base/date.h"
#include "daemon/store/state_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#define HEADER_SIZE 100 /* bytes; SQLite's */
#define HEADER_MAGIC "SQLite format 3" /* and a NUL */
#define VERSION_AT 60 /* user_version, big-endian */
#define APPLICATION_AT 68

static uint32_t be32_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Opening a database may already write to it (its log is folded back), so this is asked of the bytes. A header that says nothing is left
 * to SQLite's judgement. */
static bool header_allows(const struct fs *fs, const char *path, struct err *e)
{
	uint8_t header[HEADER_SIZE];
	int fd = fs->open(fs, path, O_RDONLY, 0);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT || err_set(e, ERR_IO, errno, "%s: open", path);
	n = fs_read_full(fs, fd, header, sizeof(header), 0);
	fs->close(fs, fd);
	if (n < 0)
		return err_set(e, ERR_IO, errno, "%s: read", path);
	if (n < HEADER_SIZE || memcmp(header, HEADER_MAGIC, sizeof(HEADER_MAGIC)) != 0)
		return true;
	if (state_version_fits(be32_at(header + APPLICATION_AT), be32_at(header + VERSION_AT), e))
		return true;
	if (e->kind != ERR_PARSE)
		return false;
	err_clear(e); /* opening it says so again, and it is set aside */
	return true;
}

/* The main file first: a log without its file is thrown away by SQLite, a file without its log is only older than it was. */
static bool set_aside(
    const struct fs *fs, const char *path, int64_t now_ms, char aside[PATH_MAX], struct err *e)
{
	static const char *const parts[] = { "", "-wal", "-shm" };
	char stamp[DATE_TEXT_MAX], from[PATH_MAX], to[PATH_MAX];

	stamp[date_format_compact(now_ms, stamp)] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		snprintf(from, sizeof(from), "%s%s", path, parts[i]);
		if (snprintf(to, sizeof(to), "%s.damaged-%s%s", path, stamp, parts[i]) >= (int)sizeof(to))
			return err_set(e, ERR_LIMIT, 0, "%s: name too long", path);
		if (fs->rename(fs, from, to) < 0 && errno != ENOENT)
			return err_set(e, ERR_IO, errno, "%s: rename", from);
		if (i == 0)
			memcpy(aside, to, sizeof(to));
	}
	return true;
}

static bool open_whole(const char *path, struct state **out, struct err *e)
{
	if (!state_open(path, out, e))
		return false;
	if (state_is_whole(*out, e))
		return true;
	state_close(out);
	return false;
}

bool state_open_mended(const struct fs *fs, const char *path, int64_t now_ms, struct state **out,
    struct state_mending *m, struct err *e)
{
	*m = (struct state_mending){ .aside = "" };
	*out = NULL;
	if (!header_allows(fs, path, e))
		return false;
	if (open_whole(path, out, &m->damage))
		return true;
	if (m->damage.kind != ERR_PARSE)
		return err_set(e, m->damage.kind, m->damage.sys, "%s", m->damage.text);
	return set_aside(fs, path, now_ms, m->aside, e) && state_open(path, out, e);
}
