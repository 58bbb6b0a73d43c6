/* lately: the feeds of the status file, by name. A daemon that never ran is no error: then nothing is known beyond the configuration. */
#include "daemon/ctl/lately.h"

#include "daemon/base/fs.h"
#include "daemon/pipe/engine.h"

#include <limits.h>
#include <stdio.h>

static json_t *read_status(const struct conf *conf)
{
	struct err e = { .kind = ERR_NONE };
	char path[PATH_MAX];
	struct buf text;
	snprintf(path, sizeof(path), "%s/status.json", conf->storage.state_directory);
	if (!fs_read_file(&fs_system, path, ENGINE_STATUS_MAX, &text, &e))
		return NULL;
	json_t *status = json_loadb(text.p, text.n, 0, NULL);
	buf_fini(&text);
	return status;
}

json_t *lately_read(const struct conf *conf)
{
	json_t *status = read_status(conf);
	json_t *feeds = json_object_get(status, "feeds"), *out = status ? json_object() : NULL;
	for (size_t i = 0; i < json_array_size(feeds); i++) {
		json_t *feed = json_array_get(feeds, i);
		const char *name = json_string_value(json_object_get(feed, "name"));
		if (name && json_object_set(out, name, feed) != 0)
			break;
	}
	json_decref(status);
	return out;
}
