/* cmd_export: a slice of a store, as it is or with the proof that it is one. */
#include "daemon/base/fs.h"
#include "daemon/ctl/filter.h"
#include "daemon/ctl/intact.h"
#include "daemon/ctl/proof.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/show.h"
#include "daemon/pipe/storage.h"
#include "daemon/store/reader.h"

#include <sysexits.h>

#define PROOF_TEXT_MAX ((size_t)2 << 30) /* bytes */

struct export
{
	const struct ctl_args *args;
	struct printer out;
	struct show show;
	struct proof proof;
	uint64_t from, to; /* seq */
	uint64_t found;
	unsigned damages; /* stretches that could not be read */
	bool failed;
	struct err *e;
};

/* "17", "17-42", "17-" or "-42". */
static bool parse_range(const char *text, uint64_t *from, uint64_t *to)
{
	struct str right = str_from(text), left = str_cut(&right, '-');
	unsigned long long low = 1, high = UINT64_MAX;
	bool single = !right.p;
	if (left.n > 0 && !str_to_u64(left, &low))
		return false;
	if (right.n > 0 && !str_to_u64(right, &high))
		return false;
	*from = low;
	*to = single ? low : high;
	return *from <= *to && (left.n > 0 || right.n > 0);
}

static bool is_wanted(struct export *x, struct str line)
{
	uint64_t seq = reader_line_seq(line);
	if (seq < x->from || seq > x->to || !filter_may_take(x->args, line))
		return false;
	if (filter_is_open(x->args))
		return true;
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	bool wanted = record && filter_takes(x->args, record);
	json_decref(record);
	return wanted;
}

static void show(const struct export *x, struct str line)
{
	json_t *record =
	    x->args->output != CTL_JSON ? json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL) : NULL;
	show_entry(&x->show, line, record);
	json_decref(record);
}

static bool take_line(void *ctx, const struct store_line *line)
{
	struct export *x = ctx;
	if (line->damage) {
		ctl_fail(EX_OK, "%s: %s: passed over", line->file, line->damage);
		x->damages++;
	}
	if (line->torn || line->damage)
		return true;
	if (!x->args->proof && !intact(line->file, line->number, line->text, &x->damages))
		return true;
	bool wanted = is_wanted(x, line->text);
	x->found += wanted;
	if (x->args->proof) {
		x->failed = !proof_line(&x->proof, line, wanted, x->e);
		return !x->failed;
	}
	if (wanted)
		show(x, line->text);
	return x->out.out.n < (64u << 10) || print_flush(&x->out);
}

static int finish(struct export *x, const char *store)
{
	if (x->found == 0)
		return 1;
	if (!x->args->proof)
		return EX_OK;
	buf_init(&x->out.out, PROOF_TEXT_MAX);
	if (!proof_end(&x->proof, store, &x->out.out, x->e))
		return ctl_fail_err(x->e);
	if (x->proof.open == 0)
		return EX_OK;
	return ctl_fail(1,
	    "%llu records are in no sealed file yet and were left out: close it with SIGUSR1 to the daemon, "
	    "or wait for "
	    "the rotation",
	    (unsigned long long)x->proof.open);
}

static int run_export(struct ctl_args *args)
{
	struct err e = { 0 };
	struct export x = { .args = args, .to = UINT64_MAX, .e = &e };
	const char *store = args->store ? args->store : "items";
	bool went = false;
	int code = EX_OK;
	if (args->range && !parse_range(args->range, &x.from, &x.to))
		return ctl_fail(EX_USAGE, "'%.60s' is no range of numbers (try 17-42)", args->range);
	if (args->proof && args->output != CTL_JSON)
		return ctl_fail(EX_USAGE, "a proof is of the lines themselves: --output json");
	const char *directory = setting_directory(args, &code);
	if (!directory || !store_known(args, directory, store, &code))
		return code;
	if (args->proof && !storage_name_is_ours(store))
		return ctl_fail(EX_USAGE,
		    "the store of a topic has no chain: --topic %.100s proves its records from items", store);
	print_init(&x.out, args);
	x.out.data = args->output == CTL_JSON;
	if (!show_begin(&x.show, &x.out, args, store, &code))
		return print_end(&x.out, code);
	code = EX_OK;
	if ((args->proof && !proof_begin(&x.proof, directory, store, &e)) ||
	    !store_walk(directory, store, take_line, &x, &went, &e) || x.failed)
		code = ctl_fail_err(&e);
	else
		code = finish(&x, store);
	if (code == EX_OK && x.damages > 0)
		code = EX_DATAERR;
	if (code == EX_OK && went)
		code = ctl_fail(
		    1, "%s: a file was deleted while it was read: records in between may be missing", store);
	if (args->proof)
		proof_fini(&x.proof);
	return print_end(&x.out, code);
}

static const struct ctl_option options[] = {
	{ '\0', "proof", NULL, "with what others need to check it: `verify --proof`", CTL_FLAG, CTL_AT(proof),
	    NULL },
	{ '\0', "seq", "A-B", "only these numbers", CTL_TEXT, CTL_AT(range), NULL },
	{ 's', "store", "NAME", "items (default) or another store; proofs are of stores with a chain",
	    CTL_TEXT, CTL_AT(store), NULL },
	CTL_OPT_OUTPUT,
	FILTER_OPTIONS,
	CTL_OPT_CONFIG,
	CTL_OPT_DIRECTORY,
};

const struct ctl_command cmd_export = {
	.name = "export",
	.operands = "",
	.summary = "Hand out records, with a proof if asked",
	.description =
	    "Prints the lines of a store as they are, or in the format of another program. With --proof each "
	    "record comes with its way to the "
	    "seal of "
	    "its file, and\nthe seals from there to the newest: whoever knows the public key, or a hash of "
	    "a seal, can check it with\n`gazettectl verify --proof FILE`. Records in files that are not "
	    "closed yet cannot be proven: exit 1.\nExit 1 when nothing was found, 65 when something is "
	    "damaged; it is named and passed over.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.run = run_export,
	.output = CTL_JSON,
};
