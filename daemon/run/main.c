/* main: the command line of gazetted. One table of options; everything else lives in service, worker and hook_runner. */
#include "daemon/base/fs.h"
#include "daemon/base/json_read.h"
#include "daemon/conf/conf.h"
#include "daemon/pipe/topics.h"
#include "daemon/run/discover.h"
#include "daemon/run/hook_runner.h"
#include "daemon/run/service.h"
#include "daemon/run/spawn.h"
#include "daemon/run/worker.h"

#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

struct options {
	const char *config;
	bool test, once;
};

static const char usage_text[] =
    "usage: gazetted [-c FILE] [-t | -1]\n"
    "Polls government feeds, classifies what is new, writes it to log stores and runs alert scripts.\n"
    "  -c, --config FILE  configuration (default " GAZETTED_SYSCONFDIR "/gazetted.yaml)\n"
    "  -t, --test         test the configuration and exit: 0, or 78 with every error\n"
    "  -1, --once         poll every feed once and exit: 0, or 1 when some feed failed\n"
    "  -V, --version      print the version\n"
    "  -h, --help         print this help\n"
    "Signals: HUP reload, USR1 reopen and rotate the stores, TERM and INT drain and end.\n";

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "test", no_argument, NULL, 't' },
	{ "once", no_argument, NULL, '1' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* How our own helper processes are started; not for people. */
static const struct helper {
	const char *argument;
	int (*run)(int fd);
	int fd;
} helpers[] = {
	{ "--worker", worker_run, SPAWN_FD },
	{ "--hook-runner", hook_runner_run, SPAWN_FD },
	{ "--hook", hook_runner_serve_one, STDIN_FILENO },
};

static const struct helper *helper_named(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_LEN(helpers) && argc == 2; i++)
		if (strcmp(argv[1], helpers[i].argument) == 0)
			return &helpers[i];
	return NULL;
}

static void print_complaint(void *ctx, const struct conf_error *error)
{
	(void)ctx;
	fprintf(stderr, "%s:", error->file);
	if (error->line > 0)
		fprintf(stderr, "%d:", error->line);
	if (error->column > 0)
		fprintf(stderr, "%d:", error->column);
	fprintf(stderr, " %s\n", error->text);
}

/* Where 0, 1 or 2 is closed, the next file would get that number, and the log's lines with it. */
static void occupy_standard_descriptors(void)
{
	int fd;
	do
		fd = fs_system.open(&fs_system, "/dev/null", O_RDWR, 0);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		fs_system.close(&fs_system, fd);
}

static int serve(const struct options *o)
{
	if (o->test)
		service_release_signals();
	struct conf *conf = o->test ? conf_load(&fs_system, o->config, print_complaint, NULL)
	                            : conf_load_to_start(&fs_system, o->config, print_complaint, NULL);
	struct classifier *classifier = conf ? topics_compile(conf, print_complaint, NULL) : NULL;
	if (classifier == NULL) {
		conf_drop(&conf);
		return EX_CONFIG;
	}
	if (!o->test) {
		const struct service_start start = { conf, classifier, o->once };
		return service_run(&start);
	}
	printf("Valid: %zu feeds, %zu topics, %zu alerts\n", conf->feed_count, conf->topic_count,
	    conf->alert_count);
	cls_free(&classifier);
	conf_drop(&conf);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

int main(int argc, char **argv)
{
	struct options o = { .config = GAZETTED_SYSCONFDIR "/gazetted.yaml" };
	int letter;
	const struct helper *helper = helper_named(argc, argv);
	if (!helper)
		service_hold_signals();
	occupy_standard_descriptors();
	json_read_init();
	if (helper)
		return helper->run(helper->fd);
	/* Host names beyond ASCII: libcurl reads them in the locale's character set. Nothing else of a locale is wanted. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc > 1 && strcmp(argv[1], "--discover") == 0) {
		service_release_signals();
		return discover_main(argc - 1, argv + 1);
	}
	while ((letter = getopt_long(argc, argv, "c:t1Vh", long_options, NULL)) != -1) {
		if (letter == 'c')
			o.config = optarg;
		else if (letter == 't')
			o.test = true;
		else if (letter == '1')
			o.once = true;
		else if (letter == 'V' || letter == 'h') {
			fputs(letter == 'V' ? "gazetted " GAZETTED_VERSION "\n" : usage_text, stdout);
			return EX_OK;
		} else {
			fputs(usage_text, stderr);
			return EX_USAGE;
		}
	}
	if (optind < argc || (o.test && o.once)) {
		fputs(usage_text, stderr);
		return EX_USAGE;
	}
	return serve(&o);
}
