/* cmd_doctor: what an operator would look at first, in one go, each with what to do about it. */
#include "daemon/base/json.h"
#include "daemon/ctl/doctor.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/status_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

static const struct {
	const char *name;
	enum print_style style;
} levels[DOCTOR_LEVELS] = {
	[DOCTOR_OK] = { "ok", PRINT_GREEN },
	[DOCTOR_WARN] = { "warn", PRINT_YELLOW },
	[DOCTOR_FAIL] = { "fail", PRINT_RED },
};

static void write_json(
    struct doctor *d, enum doctor_level level, const char *check, const char *hint, const char *text)
{
	struct json w;
	json_init(&w, &d->p->out);
	json_open_object(&w);
	json_key_string(&w, "check", str_from(check));
	json_key_string(&w, "level", str_from(levels[level].name));
	json_key_string(&w, "text", str_from(text));
	json_key_string_opt(&w, "hint", str_from(hint));
	json_close_object(&w);
	buf_byte(&d->p->out, '\n');
}

void doctor_tell(
    struct doctor *d, enum doctor_level level, const char *check, const char *hint, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->told[level]++;
	if (d->json) {
		write_json(d, level, check, hint, n < 0 ? "" : text);
		return;
	}
	print_column(d->p, levels[level].style, str_from(levels[level].name), 5);
	print_column(d->p, PRINT_BOLD, str_from(check), 14);
	print_text(d->p, str_from(n < 0 ? "" : text));
	if (hint) {
		print_fmt(d->p, "  -> ");
		print_text(d->p, str_from(hint));
	}
	print_fmt(d->p, "\n");
}

static void (*const checks[])(struct doctor *) = {
	doctor_service,
	doctor_clock,
	doctor_names,
	doctor_roots,
	doctor_limits,
	doctor_disk,
	doctor_permissions,
	doctor_proxies,
};

static int run_doctor(struct ctl_args *args)
{
	struct printer p;
	int code = EX_OK;
	struct conf *conf = setting_check(args, &code);
	struct doctor d = { .args = args, .conf = conf, .p = &p };
	d.json = args->json || args->output == CTL_JSON;
	args->json = d.json;
	print_init(&p, args);
	if (conf)
		doctor_tell(&d, DOCTOR_OK, "configuration", NULL, "%s: valid", conf->file);
	else
		doctor_tell(&d, DOCTOR_FAIL, "configuration", "gazetted -t", "it has errors");
	d.status = conf ? status_file_of(conf, &d.no_status) : NULL;
	for (size_t i = 0; conf && i < ARRAY_LEN(checks); i++)
		checks[i](&d);
	json_decref(d.status);
	conf_drop(&conf);
	return print_end(&p, d.told[DOCTOR_FAIL] > 0);
}

static const struct ctl_option options[] = {
	{ 'o', "output", "FORMAT", "short or json", CTL_CHOICE, CTL_AT(output), ctl_page_names },
	CTL_OPT_JSON,
	CTL_OPT_CONFIG,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_doctor = {
	.name = "doctor",
	.operands = "",
	.summary = "Look at clock, names, certificates, limits, disk, permissions, proxies and the daemon",
	.description =
	    "A line for each: ok, warn or fail, and what to do. At most 16 hosts of the configuration are "
	    "looked up; nothing else is asked of the network.\nExit 1 when something fails.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.run = run_doctor,
};
