/* scenario's requests: what people put into the folder, and what is left there. */
#include "tests/fake/scenario_priv.h"

#include "daemon/pipe/replay.h"
#include "daemon/store/reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *place(struct scenario *s, const char *name, char path[512])
{
	if (mkdir(s->w.requests, 0770) != 0 && errno != EEXIST)
		return NULL;
	snprintf(path, 512, "%s/%s", s->w.requests, name);
	return path;
}

bool scenario_request(struct scenario *s, const struct words *w)
{
	char path[512];
	FILE *f = place(s, w->at[1], path) ? fopen(path, "w") : NULL;
	bool ok = f && fputs(w->at[2], f) >= 0;

	if (f && fclose(f) != 0)
		ok = false;
	return ok || scenario_fail(s, "the request cannot be written");
}

/* To what would be a request if it stood in the folder. */
static bool make_link(struct scenario *s, const char *path)
{
	static const char text[] = "{\"v\":1,\"kind\":\"retry\",\"all\":true}";
	char target[512];
	FILE *f;

	snprintf(target, sizeof(target), "%s/asked", s->w.folder.path);
	f = fopen(target, "w");
	return f && fputs(text, f) >= 0 && fclose(f) == 0 && symlink(target, path) == 0;
}

/* request-odd NAME link|pipe|folder|large|unsafe */
bool scenario_request_odd(struct scenario *s, const struct words *w)
{
	const char *what = w->at[2];
	char path[512];
	bool ok = place(s, w->at[1], path) != NULL;

	if (strcmp(what, "link") == 0)
		ok = ok && make_link(s, path);
	else if (strcmp(what, "pipe") == 0)
		ok = ok && mkfifo(path, 0600) == 0;
	else if (strcmp(what, "folder") == 0)
		ok = ok && mkdir(path, 0700) == 0;
	else if (strcmp(what, "large") == 0)
		ok = ok && close(creat(path, 0600)) == 0 && truncate(path, 1 << 24) == 0;
	else
		ok = ok && chmod(s->w.requests, strcmp(what, "unsafe") == 0 ? 0777 : 0770) == 0;
	return ok || scenario_fail(s, "cannot make a %s", what);
}

/* A record of `items` as if it matched the topic now. */
static json_t *read_record(struct scenario *s, const char *topic, uint64_t seq)
{
	char *text = world_read_store(&s->w, "items");
	struct str rest = str_from(text);
	json_t *record = NULL;

	while (rest.n && !record) {
		struct str line = str_cut(&rest, '\n');

		if (reader_line_seq(line) == seq)
			record = json_loadb(line.p, line.n, 0, NULL);
	}
	free(text);
	json_object_set_new(record, "model", json_string(cls_model_id(s->w.classifier)));
	json_object_set_new(record, "replays", json_integer((json_int_t)seq));
	json_object_set_new(record, "topics",
	    json_pack("[{s:s,s:f,s:s,s:[]}]", "topic", topic, "score", 0.9, "decision", "match", "evidence"));
	return record;
}

static bool write_records(struct scenario *s, const struct words *w, struct json *to)
{
	for (size_t i = 4; i < w->n; i++) {
		json_t *record = read_record(s, w->at[2], strtoull(w->at[i], NULL, 10));

		if (!record)
			return scenario_fail(s, "there is no record %s", w->at[i]);
		json_open_object(to);
		replay_write_members(to, record);
		json_close_object(to);
		json_decref(record);
	}
	return true;
}

bool scenario_replay(struct scenario *s, const struct words *w)
{
	const char *alert = strcmp(w->at[3], "none") == 0 ? "" : w->at[3];
	struct words request = { .n = 3, .at = { "request", w->at[1] } };
	struct json to;
	struct buf text;
	bool ok;

	buf_init(&text, REPLAY_REQUEST_MAX);
	json_init(&to, &text);
	json_open_object(&to);
	json_key_int(&to, "v", 1);
	json_key_string(&to, "kind", STR("replay"));
	json_key_string(&to, "topic", str_from(w->at[2]));
	json_key_string_opt(&to, "alert", str_from(alert));
	json_key(&to, "records");
	json_open_array(&to);
	ok = write_records(s, w, &to);
	json_close_array(&to);
	json_close_object(&to);
	buf_byte(&text, 0);
	request.at[2] = text.p;
	ok = ok && !text.failed && scenario_request(s, &request);
	buf_fini(&text);
	return ok;
}

/* expect-waiting N [refused N]: files in the folder that end in .json, and in .refused. */
bool scenario_expect_files(struct scenario *s, const struct words *w)
{
	DIR *d = opendir(s->w.requests);
	size_t waiting = 0, refused = 0, wanted = w->n > 3 ? strtoul(w->at[3], NULL, 10) : 0;

	for (struct dirent *x = d ? readdir(d) : NULL; x; x = readdir(d)) {
		waiting += str_ends(str_from(x->d_name), STR(".json"));
		refused += str_ends(str_from(x->d_name), STR(".refused"));
	}
	if (d)
		closedir(d);
	return (waiting == strtoul(w->at[1], NULL, 10) && refused == wanted) ||
	       scenario_fail(s, "%zu wait, %zu were refused", waiting, refused);
}

static state_numbered_f count_row;
static bool count_row(void *ctx, uint64_t number, struct str blob)
{
	(void)number;
	(void)blob;
	++*(size_t *)ctx;
	return true;
}

/* expect-replayed N: records that the state remembers as replayed. */
bool scenario_expect_replayed(struct scenario *s, const struct words *w)
{
	struct err e = { .kind = ERR_NONE };
	size_t n = 0;

	if (!state_numbered_each(s->w.state, STATE_REPLAYS, 0, UINT32_MAX, count_row, &n, &e))
		return scenario_fail(s, "%s", e.text);
	return n == strtoul(w->at[1], NULL, 10) || scenario_fail(s, "%zu records", n);
}
