/* lately: the feeds of the status file, by name. A daemon that never ran is no error: then nothing is known beyond the configuration. */
#include "daemon/ctl/lately.h"

#include "daemon/ctl/status_file.h"

json_t *lately_read(const struct conf *conf)
{
	struct err ignored = { .kind = ERR_NONE };
	json_t *status = status_file_of(conf, &ignored);
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
