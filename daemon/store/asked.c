/*
 * asked: a table of fixed size in memory and, written through, in a file, as this machine writes numbers. A feed's number says in which bucket it
 * stands; there it takes the place of the one that was asked longest ago.
 */
#include "daemon/store/asked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define BUCKETS 4096u /* with the entries of each: twice as many as there can be requests in flight */
#define BUCKET 4u
#define FILE_MODE 0600

struct entry {
	uint64_t feed;
	int64_t at; /* 0: free */
};

struct asked {
	const struct fs *fs;
	int fd;
	struct entry entries[BUCKETS * BUCKET];
};

bool asked_open(const struct fs *fs, const char *path, struct asked **out, struct err *e)
{
	struct asked *a = calloc(1, sizeof(*a));

	if (!a)
		return err_nomem(e);
	a->fs = fs;
	a->fd = fs->open(fs, path, O_RDWR | O_CREAT, FILE_MODE);
	if (a->fd < 0 || fs_read_full(fs, a->fd, a->entries, sizeof(a->entries), 0) < 0) {
		err_set(e, ERR_IO, errno, "%s", path);
		asked_close(&a);
		return false;
	}
	*out = a;
	return true;
}

void asked_close(struct asked **asked)
{
	struct asked *a = *asked;

	*asked = NULL;
	if (a && a->fd >= 0)
		(void)a->fs->close(a->fs, a->fd);
	free(a);
}

static size_t bucket_of(uint64_t feed)
{
	return feed % BUCKETS * BUCKET;
}

bool asked_note(struct asked *a, uint64_t feed, int64_t wall_ms, struct err *e)
{
	size_t first = bucket_of(feed), place = first;

	for (size_t i = first; i < first + BUCKET; i++) {
		if (a->entries[i].feed == feed) {
			place = i;
			break;
		}
		if (a->entries[i].at < a->entries[place].at)
			place = i;
	}
	a->entries[place] = (struct entry){ feed, wall_ms };
	return fs_write_all(a->fs, a->fd, &a->entries[place], sizeof(struct entry),
	    (int64_t)(place * sizeof(struct entry)), e);
}

int64_t asked_at(const struct asked *a, uint64_t feed)
{
	size_t first = bucket_of(feed);

	for (size_t i = first; i < first + BUCKET; i++)
		if (a->entries[i].feed == feed)
			return a->entries[i].at;
	return 0;
}
