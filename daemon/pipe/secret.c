/* secret: passwords and tokens for a request, from their files, at the time it is made. Keeps none. */
#include "daemon/pipe/engine_priv.h"

const char *secret_in(const struct engine *x, enum secret_use use, const char *path)
{
	const struct port_fetcher *port = &x->ports->fetcher;

	return path && port->secret ? port->secret(port->ctx, use, path) : NULL;
}

void go_by_proxy(const struct engine *x, const struct conf_fetch *c, struct fetch_request *req)
{
	const char *file = c->proxy ? c->proxy_password_file : NULL;

	req->proxy = c->proxy;
	req->proxy_username = file ? c->proxy_username : NULL;
	req->proxy_password = secret_in(x, SECRET_FOR_PROXY, file);
	if (file && !req->proxy_password)
		req->secret_missing = file;
}
