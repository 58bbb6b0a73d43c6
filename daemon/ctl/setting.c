/* setting: finding the configuration and what it names. */
#include "daemon/ctl/setting.h"

#include <limits.h>
#include <stdio.h>
#include <sysexits.h>

#define DEFAULT_CONFIG GAZETTED_SYSCONFDIR "/gazetted.yaml"

void setting_complain(void *ctx, const struct conf_error *error)
{
	char place[64] = "";
	(void)ctx;
	if (error->line > 0 && error->column > 0)
		snprintf(place, sizeof(place), "%d:%d:", error->line, error->column);
	else if (error->line > 0)
		snprintf(place, sizeof(place), "%d:", error->line);
	ctl_fail(0, "%s:%s %s", error->file, place, error->text);
}

const char *setting_default(void)
{
	return DEFAULT_CONFIG;
}

bool setting_default_exists(void)
{
	struct fs_stat st;
	return fs_system.stat(&fs_system, DEFAULT_CONFIG, &st) == 0;
}

static const char *main_file(const struct ctl_args *args)
{
	return args->config ? args->config : DEFAULT_CONFIG;
}

struct conf *setting_check(const struct ctl_args *args, int *code)
{
	*code = EX_CONFIG;
	return conf_load(&fs_system, main_file(args), setting_complain, NULL);
}

static void say_nothing(void *ctx, const struct conf_error *error)
{
	(void)ctx;
	(void)error;
}

/* Read as a start reads it. Only of one that no daemon could run with it is told why. */
struct conf *setting_load(const struct ctl_args *args, int *code)
{
	struct conf *conf = conf_load_to_start(&fs_system, main_file(args), say_nothing, NULL);

	*code = EX_CONFIG;
	return conf ? conf : setting_check(args, code);
}

static const char *keep(const struct ctl_args *args, const char *folder, const char *name, int *code)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s%s", folder, name ? "/" : "", name ? name : "");
	char *kept = n >= 0 && (size_t)n < sizeof(path) ? arena_cstr(args->arena, str_from(path)) : NULL;
	if (!kept)
		*code = ctl_fail(EX_UNAVAILABLE, "%s: out of memory", folder);
	return kept;
}

const char *setting_directory(const struct ctl_args *args, int *code)
{
	if (args->directory)
		return args->directory;
	struct conf *conf = setting_load(args, code);
	if (!conf)
		return NULL;
	const char *path = keep(args, conf->storage.directory, NULL, code);
	conf_drop(&conf);
	return path;
}

const char *setting_state_file(const struct ctl_args *args, const char *name, int *code)
{
	if (args->directory)
		return keep(args, args->directory, name, code);
	struct conf *conf = setting_load(args, code);
	if (!conf)
		return NULL;
	const char *path = keep(args, conf->storage.state_directory, name, code);
	conf_drop(&conf);
	return path;
}
