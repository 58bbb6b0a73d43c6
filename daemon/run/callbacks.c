/* callbacks: what the daemon's server hands to the engine: the addresses under /websub/. Everything else is answered here. */
#include "daemon/base/log.h"
#include "daemon/run/service_priv.h"

#define PREFIX "/websub/"

/* The proxy may have kept what it has before it: the last two parts count. */
static struct str token_of(struct str path)
{
	size_t at = SIZE_MAX;
	for (size_t i = 0; (i = str_find(path, STR(PREFIX), i)) != SIZE_MAX; i++)
		at = i;
	return at == SIZE_MAX ? (struct str){ NULL, 0 } : str_skip(path, at + sizeof(PREFIX) - 1);
}

static int64_t begins(void *ctx, struct str method, struct str path)
{
	struct service *s = ctx;
	bool push = str_eq(method, STR("POST"));
	struct str token = token_of(path);
	if (!token.p || !s->engine || s->stopping)
		return -404;
	if (!push && !str_eq(method, STR("GET")))
		return -405;
	return engine_callback_begins(s->engine, push, token);
}

static void asked(void *ctx, const struct listener_request *r, uint64_t ticket)
{
	struct service *s = ctx;
	struct callback_answer answer;
	const struct callback_request req = {
		.push = str_eq(listener_method(r), STR("POST")),
		.token = token_of(listener_path(r)),
		.query = listener_query(r),
		.content_type = listener_header(r, "Content-Type"),
		.signature = listener_header(r, "X-Hub-Signature"),
		.body = listener_body(r),
		.ticket = ticket,
	};
	engine_on_callback(s->engine, &req, &answer);
	if (answer.status == 0)
		return;
	listener_answer(s->listener, ticket,
	    &(struct listener_reply){
	        .status = (unsigned)answer.status,
	        .content_type = "text/plain; charset=utf-8",
	        .body = str_of(answer.text, answer.length),
	    });
}

static void answer(void *ctx, uint64_t ticket, int status)
{
	struct service *s = ctx;
	if (s->listener)
		listener_answer(s->listener, ticket, &(struct listener_reply){ .status = (unsigned)status });
}

struct port_callbacks service_callbacks(struct service *s)
{
	return (struct port_callbacks){ s, answer };
}

bool service_open_listener(struct service *s, struct err *e)
{
	const struct conf_http *c = &s->conf->http;
	const struct listener_options options = { c->listen, (unsigned)c->connections, c->timeout,
		"GET, POST" };
	const struct listener_events events = { s, begins, asked };
	if (!c->listen || s->once)
		return true;
	if (!listener_open(&s->loop, &options, &events, &s->listener, e))
		return false;
	log_info("listening", LOG_CSTR("address", c->listen), LOG_INT("port", listener_port(s->listener)));
	return true;
}
