/* lately: the feeds of the status file, by name. A daemon that never ran is no error: then nothing is known beyond the configuration. */
#include "daemon/ctl/lately.h"

#include "daemon/ctl/member.h"
#include "daemon/pipe/engine.h"

static json_t *by_name(json_t *status)
{
	json_t *feeds = json_object_get(status, "feeds"), *out = json_object();
	for (size_t i = 0; i < json_array_size(feeds); i++) {
		json_t *feed = json_array_get(feeds, i);
		const char *name = json_string_value(json_object_get(feed, "name"));
		if (name && json_object_set(out, name, feed) != 0)
			break;
	}
	return out;
}

json_t *lately_load(const struct conf *conf)
{
	struct buf path;
	struct buf text;
	struct err e = { 0 };
	json_t *status = NULL;
	json_t *feeds = NULL;
	buf_init(&path, 4096);
	buf_fmt(&path, "%s/status.json", conf->storage.state_directory);
	buf_byte(&path, 0);
	if (!path.failed && fs_read_file(&fs_system, path.p, ENGINE_STATUS_MAX, &text, &e)) {
		status = json_loadb(text.p, text.n, 0, NULL);
		buf_fini(&text);
	}
	if (status)
		feeds = by_name(status);
	json_decref(status);
	buf_fini(&path);
	return feeds;
}
