/* status_file: reading it. */
#include "daemon/ctl/status_file.h"

#include "daemon/base/date.h"
#include "daemon/base/fs.h"
#include "daemon/ctl/member.h"
#include "daemon/pipe/engine.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define ENDED "ended" /* a member that the daemon does not write: what was found beside the file */

json_t *status_file_read(const char *path, struct buf *text, struct err *e)
{
	struct buf own;
	json_error_t why;
	if (!fs_read_file(&fs_system, path, ENGINE_STATUS_MAX, &own, e))
		return NULL;
	json_t *status = json_loadb(own.p, own.n, 0, &why);
	if (!json_is_object(status)) {
		err_set(e, ERR_PARSE, 0, "%s: %s", path, status ? "is no object" : why.text);
		json_decref(status);
		status = NULL;
	}
	if (status)
		status_file_note_end(status, path);
	if (text && status)
		*text = own;
	else
		buf_fini(&own);
	return status;
}

json_t *status_file_of(const struct conf *conf, struct err *e)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/status.json", conf->storage.state_directory);
	return status_file_read(path, NULL, e);
}

bool status_file_is_ended(const json_t *status)
{
	return json_is_true(json_object_get(status, ENDED));
}

void status_file_note_end(json_t *status, const char *path)
{
	char state[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash - path + 1) : 0;
	int n = snprintf(state, sizeof(state), "%.*sstate.db", folder, path);
	bool ended = n > 0 && (size_t)n < sizeof(state) && fs_is_unlocked(state);
	json_object_set_new(status, ENDED, json_boolean(ended));
}

bool status_file_is_stale(const json_t *status, int64_t now)
{
	int64_t at;
	return status_file_is_ended(status) || !date_parse_rfc3339(member(status, "at"), &at) ||
	       now - at > ENGINE_STATUS_STALE_MS;
}

bool status_file_is_degraded(const json_t *status)
{
	const json_t *counts = json_object_get(status, "counts");
	return json_is_true(json_object_get(status, "degraded")) ||
	       json_is_true(json_object_get(status, "draining")) ||
	       2 * member_number(counts, "feeds_failing") > member_number(counts, "feeds");
}
