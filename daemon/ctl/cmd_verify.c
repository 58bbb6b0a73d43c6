/* cmd_verify: proof that nothing was changed in the stores or taken out of them. */
#include "daemon/base/fs.h"
#include "daemon/base/json.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/verify.h"
#include "daemon/pipe/engine.h"
#include "daemon/pipe/storage.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

void verify_problem(struct verify *v, const char *file, uint64_t line, const char *fmt, ...)
{
	char text[200];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	v->problems++;
	if (v->args->json) {
		struct json w;
		json_init(&w, &v->out.out);
		json_open_object(&w);
		json_key_string(&w, "file", str_from(file));
		json_key(&w, "line");
		json_u64(&w, line);
		json_key_string(&w, "reason", str_from(text));
		json_close_object(&w);
	} else {
		print_styled(&v->out, PRINT_RED, str_from(file));
		print_fmt(&v->out, ":%llu: %s", (unsigned long long)line, text);
	}
	print_fmt(&v->out, "\n");
}

static void summary_json(struct verify *v, const struct verify_sum *s)
{
	struct json w;
	json_init(&w, &v->out.out);
	json_open_object(&w);
	json_key_string(&w, "store", str_from(s->store));
	json_key(&w, "lines");
	json_u64(&w, s->lines);
	if (s->first > 0) {
		json_key(&w, "first");
		json_u64(&w, s->first);
		json_key(&w, "last");
		json_u64(&w, s->last);
	}
	json_key(&w, "on_trust");
	json_bool(&w, s->on_trust);
	json_key(&w, "problems");
	json_u64(&w, v->problems - s->problems_before);
	json_close_object(&w);
	print_fmt(&v->out, "\n");
}

void verify_summary(struct verify *v, const struct verify_sum *s)
{
	if (v->args->json) {
		summary_json(v, s);
		return;
	}
	print_column(&v->out, PRINT_BOLD, str_from(s->store), 24);
	print_fmt(&v->out, " %llu lines", (unsigned long long)s->lines);
	if (s->first > 0)
		print_fmt(
		    &v->out, ", seq %llu to %llu", (unsigned long long)s->first, (unsigned long long)s->last);
	if (s->on_trust)
		print_fmt(&v->out, ", older lines are gone: the first link is taken on trust");
	if (s->unfinished)
		print_fmt(&v->out, ", a line is being written");
	print_fmt(&v->out, "\n");
}

/* Topics are read first and compared while items is read. */
static bool verify_all(struct verify *v, const struct ctl_list *stores, struct err *e)
{
	struct verify_topics topics = { 0 };
	const char **kept = arena_alloc(v->args->arena, (stores->n + 1) * sizeof(*kept));
	struct ctl_list topic_stores = { kept, 0 };
	if (!kept)
		return err_nomem(e);
	for (size_t i = 0; i < stores->n; i++)
		if (!storage_name_is_ours(stores->at[i]))
			kept[topic_stores.n++] = stores->at[i];
	bool good =
	    verify_topics_read(v, &topic_stores, &topics, e) && verify_chained(v, STORE_ITEMS, &topics, e);
	for (size_t i = 0; good && storage_ledger(i); i++)
		if (strcmp(storage_ledger(i), STORE_ITEMS) != 0 && store_exists(stores, storage_ledger(i)))
			good = verify_chained(v, storage_ledger(i), NULL, e);
	verify_topics_free(&topics);
	return good;
}

/* Read before the stores, so that they can only be further. 0: no status to read, or a folder of its own was asked for. */
static uint64_t daemon_wrote(const struct ctl_args *args)
{
	struct buf text;
	struct err e = { 0 };
	int code;
	const char *path = args->directory ? NULL : setting_state_file(args, "status.json", &code);
	if (!path || !fs_read_file(&fs_system, path, ENGINE_STATUS_MAX, &text, &e))
		return 0;
	json_t *status = json_loadb(text.p, text.n, 0, NULL);
	json_int_t seq = json_integer_value(json_object_get(json_object_get(status, "counts"), "record_seq"));
	json_decref(status);
	buf_fini(&text);
	return seq > 0 ? (uint64_t)seq : 0;
}

static int run_verify(struct ctl_args *args)
{
	struct verify v = { .args = args };
	struct ctl_list stores;
	struct err e = { 0 };
	int code = EX_OK;
	v.directory = setting_directory(args, &code);
	if (!v.directory)
		return code;
	v.written = daemon_wrote(args);
	if (!store_names(args, v.directory, &stores, &e))
		return ctl_fail_err(&e);
	if (stores.n == 0)
		return ctl_fail(EX_NOINPUT, "%s: no stores there", v.directory);
	print_init(&v.out, args);
	if (!verify_all(&v, &stores, &e))
		return print_end(&v.out, ctl_fail_err(&e));
	if (!args->json && v.problems > 0)
		print_fmt(&v.out, "%llu problems\n", (unsigned long long)v.problems);
	else if (!args->json)
		print_fmt(&v.out, "whole\n");
	return print_end(&v.out, v.problems > 0);
}

static const struct ctl_option options[] = {
	CTL_OPT_JSON,
	CTL_OPT_CONFIG,
	CTL_OPT_DIRECTORY,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_verify = {
	.name = "verify",
	.operands = "",
	.summary = "Prove that nothing was changed in the stores or taken out",
	.description =
	    "Recomputes the chains of items, polls, dead letters and events, looks for gaps in the numbers, "
	    "and "
	    "compares each topic's lines with items.\nWithout -d the end of items is compared with what "
	    "the daemon counted. Problems are printed as FILE:LINE: reason.\nExit 1 when the stores are "
	    "not whole. May run beside the daemon.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.run = run_verify,
};
