/*
 * Every allocation of a load fails, once and from then on: the answer is a complaint and no snapshot, never a crash and never a snapshot with
 * something missing. Stands between everybody (libyaml too) and glibc's malloc; under a sanitizer, which stands there itself, nothing is swept.
 */
#include "tests/fake/conf_folder.h"
#include "tests/fault/refusing_malloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define PRINTED_MAX (1u << 20)

static const char text[] =
    "contact: x\n"
    "opml: l.opml\n"
    "fetch: {allow_networks: [10.0.0.0/8], ca_file: l.opml}\n"
    "hosts: {rules: [{host: \"*.gov.example\", gap: 1s}, {host: a.gov.example, per_host: 1}]}\n"
    "feeds:\n"
    "- {name: a, url: \"http://a/\", title: x}\n"
    "- {name: b, url: \"http://b/\", interval: 1s}\n"
    "alerts:\n"
    "- {name: x, topics: t, feeds: [a], exec: [/bin/true, b]}\n";

static void count(void *ctx, const struct conf_error *error)
{
	(void)error;
	*(unsigned *)ctx += 1;
}

/* One life; false when nothing was left to fail. Who can do without what was refused may load, but then all of it. */
static bool load_with(const char *path, long at, const char *want)
{
	struct buf printed;
	unsigned complaints = 0;
	failed = false;
	countdown = at;
	struct conf *c = conf_load(&fs_system, path, count, &complaints);
	countdown = -1;
	buf_init(&printed, PRINTED_MAX);
	if (c)
		conf_print(c, &printed);
	bool whole = c && str_eq(buf_view(&printed), str_from(want));
	if (c ? !whole || complaints > 0 : complaints == 0 || !failed)
		fail_msg("allocation %ld: %s, %u complaints\n%.*s", at, c ? "loaded" : "refused", complaints,
		    STR_ARG(buf_view(&printed)));
	conf_drop(&c);
	buf_fini(&printed);
	return failed;
}

static void sweep(bool stays)
{
	struct conf_folder f;
	char path[256];
	conf_folder_init(&f);
	conf_folder_put(&f, "topics.d/t.yaml", "topic: t\n");
	conf_folder_put(&f, "feeds.d/a.yaml",
	    "feeds:\n- {name: q, url: \"http://q/\", groups: [a, b]}\ndefaults: {country: HK}\n");
	conf_folder_put(&f, "l.opml",
	    "<opml><body><outline text='P&amp;'><outline text='x' xmlUrl='http://o/' "
	    "category='/a/b,c'/></outline></body></opml>");
	conf_folder_put(&f, "gazetted.yaml", text);
	snprintf(path, sizeof(path), "%s/gazetted.yaml", f.path);
	struct buf want;
	buf_init(&want, PRINTED_MAX);
	assert_non_null(conf_folder_load(&f));
	conf_print(f.conf, &want);
	buf_byte(&want, '\0');
	forever = stays;
	long at = 0;
	while (SWEPT && load_with(path, at, want.p))
		at++;
	buf_fini(&want);
	assert_true(!SWEPT || at > 100);
	conf_folder_fini(&f);
}

static void test_once(void **state)
{
	(void)state;
	sweep(false);
}

static void test_forever(void **state)
{
	(void)state;
	sweep(true);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_forever),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("conf/memory", tests, NULL, NULL);
}
