/* json_read: jansson asks for memory through us, so that a refusal is seen whatever jansson makes of it. */
#include "daemon/base/json_read.h"

#include <stdlib.h>
#include <threads.h>

static thread_local bool refused; /* since this thread last began to read */
static once_flag watched = ONCE_FLAG_INIT;

static void *noticed(size_t n)
{
	void *p = malloc(n);
	if (!p)
		refused = true;
	return p;
}

/* What jansson had before goes back by free() as well. */
static void watch(void)
{
	json_set_alloc_funcs(noticed, free);
}

void json_read_init(void)
{
	call_once(&watched, watch);
}

json_t *json_read(struct str text, size_t flags, json_error_t *why, bool *nomem)
{
	json_read_init();
	refused = false;
	json_t *v = json_loadb(text.p, text.n, flags, why);
	*nomem = refused;
	if (!refused)
		return v;
	json_decref(v);
	return NULL;
}
