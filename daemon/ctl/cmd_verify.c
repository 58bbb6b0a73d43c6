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

#define LOOKS_MAX 5 /* at stores that retention is taking files of */

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

void verify_trusted(struct verify *v, struct str hash)
{
	v->trusted_found |= v->args->trusted && str_eq(hash, str_from(v->args->trusted));
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
	if (s->sealed) {
		json_key(&w, "sealed_to");
		json_u64(&w, s->sealed_to);
		json_key_string(&w, "seal", str_of(s->sealed, SHA256_HEX));
	}
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
	if (s->sealed)
		print_fmt(&v->out, ", sealed to %llu by %.*s", (unsigned long long)s->sealed_to, SHA256_HEX,
		    s->sealed);
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

static int verify_once(struct verify *v, struct err *e)
{
	struct ctl_list stores = { NULL, 0 };
	v->written = daemon_wrote(v->args);
	if (!store_names(v->args, v->directory, &stores, e))
		return ctl_fail_err(e);
	if (stores.n == 0)
		return ctl_fail(EX_NOINPUT, "%s: no stores there", v->directory);
	return verify_all(v, &stores, e) ? EX_OK : ctl_fail_err(e);
}

/* Everything below a folder. When retention took files meanwhile, what was found may be its work: all is looked at anew, and what was really missing
 * is still missing then. */
static int verify_stores(struct verify *v, struct err *e)
{
	size_t printed = v->out.out.n;
	int code = EX_OK;
	v->directory = setting_directory(v->args, &code);
	if (!v->directory)
		return code;
	for (unsigned i = 0; i < LOOKS_MAX; i++) {
		v->out.out.n = printed;
		v->problems = 0;
		v->went = false;
		code = verify_once(v, e);
		if (code != EX_OK || !v->went || v->problems == 0)
			return code;
	}
	return code;
}

static void print_verdict(struct verify *v)
{
	if (v->args->trusted && !v->trusted_found)
		verify_problem(v, v->args->proof_file ? v->args->proof_file : v->directory, 0,
		    "nothing here has the trusted hash %.64s", v->args->trusted);
	if (v->args->json)
		return;
	if (v->problems > 0)
		print_fmt(&v->out, "%llu problems\n", (unsigned long long)v->problems);
	else
		print_fmt(&v->out, v->args->proof_file ? "proven\n" : "whole\n");
}

static int run_verify(struct ctl_args *args)
{
	struct verify v = { .args = args };
	struct err e = { 0 };
	int code = EX_OK;
	if (args->proof_file && !args->public_key && !args->trusted)
		return ctl_fail(
		    EX_USAGE, "a proof needs something that is trusted: --public-key or --trusted");
	if (args->public_key && !sign_key_load(&fs_system, args->public_key, false, &v.public_key, &e))
		return ctl_fail_err(&e);
	print_init(&v.out, args);
	if (!args->proof_file)
		code = verify_stores(&v, &e);
	else if (!verify_proof(&v, args->proof_file, &e))
		code = ctl_fail_err(&e);
	if (code == EX_OK)
		print_verdict(&v);
	sign_key_free(&v.public_key);
	return print_end(&v.out, code == EX_OK ? v.problems > 0 : code);
}

static const struct ctl_option options[] = {
	{ '\0', "proof", "FILE", "check what `export --proof` made, instead of the stores", CTL_TEXT,
	    CTL_AT(proof_file), NULL },
	{ '\0', "public-key", "FILE", "every seal must be signed by this Ed25519 key (PEM)", CTL_TEXT,
	    CTL_AT(public_key), NULL },
	{ '\0', "trusted", "HASH", "a chain or a seal's hash, kept elsewhere, that must be found", CTL_TEXT,
	    CTL_AT(trusted), NULL },
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
	    "Recomputes the chains of all ledgers, looks for gaps in the numbers, compares closed files with "
	    "their seals, each topic's lines with items, and revisions with the records that they "
	    "revise.\nWithout -d the end of items is compared with what "
	    "the daemon counted. Problems are printed as FILE:LINE: reason.\nExit 1 when the stores are "
	    "not whole. May run beside the daemon.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.run = run_verify,
};
