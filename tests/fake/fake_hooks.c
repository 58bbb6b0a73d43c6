/* fake_hooks: a list of runs, ended or not. */
#include "tests/fake/fake_hooks.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

void fake_hooks_init(struct fake_hooks *h, struct virtual_clock *clock)
{
	*h = (struct fake_hooks){ .clock = clock, .runs = calloc(FAKE_RUNS_MAX, sizeof(struct fake_run)) };
	assert(h->runs);
}

void fake_hooks_fini(struct fake_hooks *h)
{
	free(h->runs);
}

void fake_hooks_forget(struct fake_hooks *h)
{
	for (size_t i = 0; i < h->count; i++)
		h->runs[i].due = INT64_MAX;
	h->running = 0;
}

struct fake_behaviour *fake_hooks_behaviour(struct fake_hooks *h, const char *alert)
{
	for (size_t i = 0; i < h->behaviour_count; i++)
		if (strcmp(h->behaviours[i].alert, alert) == 0)
			return &h->behaviours[i];
	assert(h->behaviour_count < ARRAY_LEN(h->behaviours));
	snprintf(h->behaviours[h->behaviour_count].alert, sizeof(h->behaviours[0].alert), "%s", alert);
	h->behaviours[h->behaviour_count].takes = 20;
	return &h->behaviours[h->behaviour_count++];
}

static const char *variable(char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return "";
}

static void take_environment(struct fake_run *r, const struct hook_request *req)
{
	snprintf(r->title, sizeof(r->title), "%s", variable(req->env, "GAZETTED_TITLE"));
	snprintf(r->key, sizeof(r->key), "%s", variable(req->env, "GAZETTED_KEY"));
	snprintf(r->decision, sizeof(r->decision), "%s", variable(req->env, "GAZETTED_DECISION"));
	snprintf(r->event, sizeof(r->event), "%s", variable(req->env, "GAZETTED_EVENT"));
	snprintf(r->kind, sizeof(r->kind), "%s", variable(req->env, "GAZETTED_KIND"));
	for (size_t i = 0; i < req->input.n; i++)
		r->records += req->input.p[i] == '\n';
	assert(r->records == strtoul(variable(req->env, "GAZETTED_COUNT"), NULL, 10));
	snprintf(r->topics, sizeof(r->topics), "%s", variable(req->env, "GAZETTED_TOPICS"));
	r->attempt = (unsigned)strtoul(variable(req->env, "GAZETTED_ATTEMPT"), NULL, 10);
}

/* What stays is told of its deliveries by lines alone. */
static void take_line(struct fake_run *r, const struct hook_request *req)
{
	json_t *line = json_loadb(req->input.p, req->input.n - 1, 0, NULL);
	json_t *records = json_object_get(line, "records");

	assert(line && strcmp(req->stream, r->alert) == 0 && *variable(req->env, "GAZETTED_KEY") == '\0');
	assert(strcmp(json_string_value(json_object_get(line, "alert")), r->alert) == 0);
	snprintf(r->title, sizeof(r->title), "%s",
	    json_string_value(json_object_get(json_array_get(records, 0), "title")));
	snprintf(r->key, sizeof(r->key), "%s", json_string_value(json_object_get(line, "key")));
	snprintf(r->kind, sizeof(r->kind), "%s", json_string_value(json_object_get(line, "kind")));
	r->records = (unsigned)json_array_size(records);
	assert(r->records == json_integer_value(json_object_get(line, "count")));
	r->attempt = (unsigned)json_integer_value(json_object_get(line, "attempt"));
	json_decref(line);
}

/* One line at a time. */
static bool is_free(const struct fake_hooks *h, const char *stream)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->runs[i].due != INT64_MAX && strcmp(h->runs[i].alert, stream) == 0)
			return false;
	return true;
}

static bool on_run(void *ctx, const struct hook_request *req, struct err *e)
{
	struct fake_hooks *h = ctx;
	struct fake_run *r = &h->runs[h->count];

	assert(h->count < FAKE_RUNS_MAX && req->argv[0] && req->input.n &&
	       req->input.p[req->input.n - 1] == '\n');
	*r = (struct fake_run){ .id = req->id, .at = h->clock->mono };
	snprintf(r->alert, sizeof(r->alert), "%s", variable(req->env, "GAZETTED_ALERT"));
	if (req->stream)
		take_line(r, req);
	else
		take_environment(r, req);
	if (req->stream && !is_free(h, req->stream))
		return err_set(e, ERR_BUSY, 0, "the stream has a line already");
	r->how = *fake_hooks_behaviour(h, r->alert);
	if (r->how.broken) {
		r->due = INT64_MAX;
		h->count++;
		return err_set(e, ERR_IO, 0, "no such program");
	}
	r->due = h->clock->mono + (r->how.times_out ? req->timeout_ms : r->how.takes);
	h->count++;
	if (++h->running > h->running_most)
		h->running_most = h->running;
	return true;
}

struct port_hooks fake_hooks_port(struct fake_hooks *h)
{
	return (struct port_hooks){ h, on_run };
}

static size_t earliest(const struct fake_hooks *h)
{
	size_t best = 0;

	for (size_t i = 1; i < h->count; i++)
		if (h->runs[i].due < h->runs[best].due)
			best = i;
	return best;
}

int64_t fake_hooks_next(const struct fake_hooks *h)
{
	return h->count ? h->runs[earliest(h)].due : INT64_MAX;
}

bool fake_hooks_deliver(struct fake_hooks *h, fake_hooked_f *give, void *ctx)
{
	struct hook_result result = { .output = STR("said something\n") };
	struct fake_run *r;

	if (fake_hooks_next(h) > h->clock->mono)
		return false;
	r = &h->runs[earliest(h)];
	r->due = INT64_MAX;
	h->running--;
	result.exit_status = r->how.exit_status;
	result.signal = r->how.signal;
	result.timed_out = r->how.times_out;
	if (result.signal || result.timed_out)
		result.exit_status = -1;
	r->done_well = result.exit_status == 0;
	give(ctx, r->id, &result);
	return true;
}
