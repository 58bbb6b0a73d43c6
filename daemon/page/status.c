/*
 * status: feeds that are not wanted are cut out of the text before it becomes a tree. What the text means is the parser's to say: here is only looked for
 * where the objects of the list begin and end, and for what our own writer puts into them as it stands.
 */
#include "daemon/page/status.h"

#include "daemon/base/date.h"
#include "daemon/base/member.h"
#include "daemon/pipe/engine.h"

#include <limits.h>
#include <stdio.h>

#define LABELLED_MAX (2u << 20) /* bytes of a file whose feeds are told one by one */
#define NAMED_MAX 200u /* bytes of a name that is looked for in the text */

struct wanted {
	enum status_need need;
	char name[NAMED_MAX + 16]; /* "name":"…", as in the text */
};

static bool has(struct str feed, const char *text)
{
	return str_find(feed, str_from(text), 0) != SIZE_MAX;
}

static bool is_wanted(const struct wanted *w, struct str feed)
{
	switch (w->need) {
	case STATUS_BROKEN:
		return !has(feed, "\"health\":\"ok\"") || has(feed, "\"silent\":true");
	case STATUS_NAMED:
		return has(feed, w->name);
	default:
		return false;
	}
}

/* Index behind the object that begins at `at`; SIZE_MAX: it has no end. */
static size_t object_end(struct str text, size_t at)
{
	int depth = 0;

	for (bool quoted = false; at < text.n; at++) {
		char c = text.p[at];

		if (quoted) {
			at += c == '\\';
			quoted = c != '"';
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if ((c == '}' || c == ']') && --depth == 0) {
			return at + 1;
		}
	}
	return SIZE_MAX;
}

/* Where the list of feeds begins: behind its "[". Inside a text a quote would stand behind a backslash. */
static size_t find_list(struct str text)
{
	const struct str head = STR(",\"feeds\":[");
	size_t at = str_find(text, head, 0);

	return at == SIZE_MAX ? SIZE_MAX : at + head.n;
}

/* False: it is not as our writer writes it. */
static bool reduce(struct str text, const struct wanted *w, struct buf *out)
{
	size_t at = find_list(text);
	bool first = true;

	if (at == SIZE_MAX)
		return false;
	buf_str(out, str_of(text.p, at));
	while (at < text.n && text.p[at] == '{') {
		size_t end = object_end(text, at);

		if (end == SIZE_MAX)
			return false;
		if (is_wanted(w, str_of(text.p + at, end - at))) {
			buf_str(out, first ? STR("") : STR(","));
			buf_str(out, str_of(text.p + at, end - at));
			first = false;
		}
		at = end + (end < text.n && text.p[end] == ',');
	}
	buf_str(out, str_skip(text, at));
	return !out->failed;
}

static bool is_plain(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '-' && c != '_' && c != '.')
			return false;
	}
	return name.n > 0 && name.n <= NAMED_MAX;
}

static json_t *load(struct str text, enum status_need need, struct str name)
{
	struct wanted w = { .need = need };
	struct buf reduced;
	json_t *status;

	if (need == STATUS_WHOLE || (need == STATUS_LABELLED && text.n <= LABELLED_MAX) ||
	    (need == STATUS_NAMED && !is_plain(name)))
		return json_loadb(text.p, text.n, 0, NULL);
	snprintf(w.name, sizeof(w.name), "\"name\":\"%.*s\"", (int)(name.n < NAMED_MAX ? name.n : NAMED_MAX),
	    name.p);
	buf_init(&reduced, ENGINE_STATUS_MAX);
	status = reduce(text, &w, &reduced) ? json_loadb(reduced.p, reduced.n, 0, NULL)
	                                    : json_loadb(text.p, text.n, 0, NULL);
	buf_fini(&reduced);
	return status;
}

json_t *status_read(const struct page_source *source, enum status_need need, struct str name)
{
	struct err ignored = { .kind = ERR_NONE };
	char path[PATH_MAX];
	struct buf text;
	json_t *status;
	int n = snprintf(path, sizeof(path), "%s/status.json", source->state_directory);

	if (need == STATUS_NONE || n < 0 || (size_t)n >= sizeof(path) ||
	    !fs_read_file(source->fs, path, ENGINE_STATUS_MAX, &text, &ignored))
		return NULL;
	status = load(buf_view(&text), need, name);
	buf_fini(&text);
	return status;
}

bool status_is_alive(const json_t *status, int64_t now)
{
	int64_t at;

	return date_parse_rfc3339(member(status, "at"), &at) && now - at <= ENGINE_STATUS_STALE_MS;
}
