/*
 * leftover: files of requests that were done, or refused, and cannot be taken away: a folder that belongs to somebody else, a disk that takes
 * nothing. They are passed over, and tried again from time to time. Names of those that were done are remembered in the state too, so that
 * none is done again after a restart.
 */
#include "daemon/pipe/engine_priv.h"

#include <errno.h>
#include <stdio.h>

#define AGAIN_MS 60000 /* ms between tries to take them away */
#define KEPT_MS (30 * 86400000LL) /* ms that a refused one is kept for whoever made it */
#define PRUNED_MAX 100u /* of one turn; the next day takes more */
#define SUFFIX ".refused"
#define STATE_REQUEST                                                                                        \
	"request" /* names, each but the only one with '\n': the last one that was done, those that are left over */
#define VALUE_MAX ((LEFTOVERS_MAX + 1) * (REQUEST_NAME_MAX + 1)) /* bytes of it */

bool requests_path(const struct engine *x, const char *name, const char *suffix, char path[REQUEST_PATH_MAX])
{
	int n = snprintf(path, REQUEST_PATH_MAX, "%s/%s%s", x->ports->requests.directory, name, suffix);

	return n > 0 && n < REQUEST_PATH_MAX;
}

bool leftover_has(const struct engine *x, const char *name)
{
	const struct requests *r = &x->requests;

	for (unsigned i = 0; i < r->left_count; i++)
		if (strcmp(r->left[i].name, name) == 0)
			return true;
	return false;
}

/* It is where it belongs, or somebody else took it away. */
static bool take_away(struct engine *x, const char *name, bool refused)
{
	const struct fs *fs = x->ports->requests.fs;
	char from[REQUEST_PATH_MAX], to[REQUEST_PATH_MAX];

	if (!requests_path(x, name, "", from) || !requests_path(x, name, SUFFIX, to))
		return true;
	return (refused ? fs->rename(fs, from, to) : fs->unlink(fs, from)) == 0 || errno == ENOENT;
}

void leftover_take(struct engine *x, const char *name, bool refused)
{
	struct requests *r = &x->requests;

	if (take_away(x, name, refused))
		return;
	log_error("request-stays", LOG_CSTR("file", name), LOG_INT("errno", errno));
	if (r->left_count == LEFTOVERS_MAX)
		return;
	snprintf(r->left[r->left_count].name, sizeof(r->left[0].name), "%s", name);
	r->left[r->left_count++].refused = refused;
	r->left_at = mono(x) + AGAIN_MS;
}

bool leftover_tick(struct engine *x, int64_t now)
{
	struct requests *r = &x->requests;

	if (r->left_count == 0)
		return true;
	if (r->left_at <= now) {
		unsigned kept = 0;

		for (unsigned i = 0; i < r->left_count; i++)
			if (!take_away(x, r->left[i].name, r->left[i].refused))
				r->left[kept++] = r->left[i];
		r->left_count = kept;
		r->left_at = now + AGAIN_MS;
	}
	return r->left_count < LEFTOVERS_MAX;
}

bool requests_remember(struct engine *x, struct str name, struct err *e)
{
	const struct requests *r = &x->requests;
	struct buf names;
	bool ok;

	buf_init(&names, VALUE_MAX);
	buf_str(&names, name);
	for (unsigned i = 0; i < r->left_count; i++) {
		if (r->left[i].refused)
			continue;
		buf_byte(&names, '\n');
		buf_str(&names, str_from(r->left[i].name));
	}
	ok = names.failed ? err_nomem(e) : state_put(x->parts.state, STATE_REQUEST, buf_view(&names), e);
	buf_fini(&names);
	return ok;
}

bool leftover_was_done(struct engine *x, const char *name, bool *done, struct err *e)
{
	char text[VALUE_MAX];
	struct str names;
	size_t n;

	*done = false;
	if (!state_get(x->parts.state, STATE_REQUEST, text, sizeof(text), &n, e))
		return false;
	names = str_of(text, n == STATE_ABSENT ? 0 : n < sizeof(text) ? n : sizeof(text));
	while (names.n && !*done)
		*done = str_eq(str_cut(&names, '\n'), str_from(name));
	return true;
}

struct pruning {
	struct engine *x;
	int64_t today; /* wall ms */
	char names[PRUNED_MAX][REQUEST_NAME_MAX + sizeof(SUFFIX)];
	unsigned count;
};

static fs_list_f on_refused;
static bool on_refused(void *ctx, const char *name)
{
	struct pruning *p = ctx;
	const struct fs *fs = p->x->ports->requests.fs;
	char path[REQUEST_PATH_MAX];
	struct fs_stat st;

	if (str_ends(str_from(name), STR(".json" SUFFIX)) && strlen(name) < sizeof(p->names[0]) &&
	    requests_path(p->x, name, "", path) && fs->stat(fs, path, &st) == 0 &&
	    p->today - st.mtime_ms > KEPT_MS)
		snprintf(p->names[p->count++], sizeof(p->names[0]), "%s", name);
	return p->count < PRUNED_MAX;
}

void leftover_prune(struct engine *x, int64_t today)
{
	const struct port_requests *port = &x->ports->requests;
	struct pruning p = { .x = x, .today = today };
	char path[REQUEST_PATH_MAX];

	if (!port->fs || port->fs->list(port->fs, port->directory, on_refused, &p) != 0)
		return;
	for (unsigned i = 0; i < p.count; i++)
		if (requests_path(x, p.names[i], "", path) && port->fs->unlink(port->fs, path) == 0)
			log_info("request-forgotten", LOG_CSTR("file", p.names[i]));
}
