/* map: mmap of a plain file. */
#include "daemon/base/map.h"

#include "daemon/base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

static bool map_open(int fd, const char *path, size_t limit, struct str *out, struct err *e)
{
	struct fs_stat st;
	if (fs_system.fstat(&fs_system, fd, &st) != 0)
		return err_set(e, ERR_IO, errno, "%s", path);
	if (!S_ISREG(st.mode))
		return err_set(e, ERR_IO, 0, "%s: no plain file", path);
	if (st.size < 0 || (uint64_t)st.size > limit)
		return err_set(e, ERR_LIMIT, 0, "%s: more than %zu bytes", path, limit);
	if (st.size == 0)
		return true;
	void *p = mmap(NULL, (size_t)st.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return err_set(e, ERR_IO, errno, "%s", path);
	*out = str_of(p, (size_t)st.size);
	return true;
}

bool map_file(const char *path, size_t limit, struct str *out, struct err *e)
{
	*out = (struct str){ NULL, 0 };
	int fd = fs_system.open(&fs_system, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
	if (fd < 0)
		return err_set(e, ERR_IO, errno, "%s", path);
	bool good = map_open(fd, path, limit, out, e);
	fs_system.close(&fs_system, fd);
	return good;
}

void map_free(struct str *map)
{
	if (map->p)
		munmap((void *)(uintptr_t)map->p, map->n);
	*map = (struct str){ NULL, 0 };
}
