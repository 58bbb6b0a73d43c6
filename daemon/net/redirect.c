/* redirect: where an answer leads next, and whether we follow. */
#include "daemon/net/fetch_priv.h"

#include "daemon/base/clock.h"
#include "daemon/base/retry_after.h"

#include <string.h>

static bool was_there(const struct fetch *x, const char *url)
{
	for (unsigned i = 0; i <= x->hop; i++) {
		if (strcmp(fetch_url(x, i), url) == 0)
			return true;
	}
	return false;
}

/* Appends the next URL to the chain when there is one; false, with x->error, when it is not to be followed. */
static bool next_url(struct fetch *x)
{
	struct target_move move;
	struct str location = head_get(&x->head, HEAD_LOCATION);
	size_t at = x->urls.n;
	if (head_is_too_long(&x->head, HEAD_LOCATION))
		return err_set(&x->error, ERR_LIMIT, 0, "status %d with a Location of more than %u bytes",
		    x->status, HEAD_VALUE_MAX);
	if (location.n == 0)
		return err_set(&x->error, ERR_HTTP, 0, "status %d without a Location", x->status);
	if (!target_resolve(fetch_url(x, x->hop), location, &x->urls, &move, &x->error))
		return false;
	bool again = was_there(x, x->urls.p + at);
	x->hop++;
	x->url_at[x->hop] = at;
	x->redirect_status[x->hop] = x->status;
	x->refused_target = true;
	if (again)
		return err_set(&x->error, ERR_HTTP, 0, "redirect loop");
	if (move.downgrade)
		return err_set(&x->error, ERR_HTTP, 0, "redirect from https to http: not followed");
	if (x->hop > x->redirects_max)
		return err_set(&x->error, ERR_HTTP, 0, "more than %u redirects", x->redirects_max);
	x->refused_target = false;
	x->credentials = x->credentials && move.same_origin;
	return true;
}

/* A redirect with a Retry-After is not followed before (RFC 9110 section 10.2.3). To wait for it is not our business: nothing of ours outlives the process. */
static bool asks_to_wait(struct fetch *x)
{
	x->waits = retry_after_ms(head_get(&x->head, HEAD_RETRY_AFTER), clock_wall(&clock_system)) > 0;
	x->refused_target = x->waits;
	return x->waits;
}

/* The other redirects of a POST ask for a GET, whose answer says nothing about what was posted. */
static bool is_followed(const struct fetch *x)
{
	return fetch_is_redirect(x->status) && (!x->posts || x->status == 307 || x->status == 308);
}

bool redirect_leads_on(struct fetch *x)
{
	return is_followed(x) && next_url(x) && !asks_to_wait(x);
}
