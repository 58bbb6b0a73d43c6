/* secret: the reader. Leaves no copy in memory but the caller's. */
#include "daemon/run/secret.h"

#include "daemon/base/buf.h"
#include "daemon/base/fs.h"

#include <string.h>

bool secret_read(const char *path, char out[SECRET_MAX])
{
	struct buf file;
	struct err e = { .kind = ERR_NONE };
	buf_init(&file, SECRET_MAX - 1);
	bool usable = fs_read_file(&fs_system, path, SECRET_MAX - 1, &file, &e);
	struct str secret = str_trim(buf_view(&file));
	usable = usable && secret.n > 0 && str_find_byte(secret, '\0', 0) == SIZE_MAX;
	explicit_bzero(out, SECRET_MAX);
	if (usable)
		memcpy(out, secret.p, secret.n);
	if (file.p != NULL)
		explicit_bzero(file.p, file.n);
	buf_fini(&file);
	return usable;
}
