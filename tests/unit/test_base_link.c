/* Link header fields: what RFC 8288 allows, and what servers send instead. */
#include "daemon/base/attr.h"
#include "daemon/base/link_header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

static const struct row {
	const char *name, *text;
	const char *want; /* target|rel|type|language|anchor, one per line */
} rows[] = {
	{ "one", "<https://h.example/feed>; rel=\"alternate\"; type=\"application/rss+xml\"",
	    "https://h.example/feed|alternate|application/rss+xml||\n" },
	{ "without quotes, blanks everywhere", "  </a> ;rel = hub ; type= text/xml ", "/a|hub|text/xml||\n" },
	{ "several in one field", "<a>; rel=hub, <b>; rel=self,<c>;rel=\"x y\"",
	    "a|hub|||\nb|self|||\nc|x y|||\n" },
	{ "commas and semicolons inside of quotes and targets", "<a,b;c>; title=\"x, <y>; z\"; rel=hub, <d>",
	    "a,b;c|hub|||\nd||||\n" },
	{ "escaped quotes", "<a>; title=\"x\\\"; rel=no\"; rel=hub", "a|hub|||\n" },
	{ "the first of a repeated parameter", "<a>; rel=hub; rel=self", "a|hub|||\n" },
	{ "names in any case", "<a>; REL=hub; Type=T; HREFLANG=de; Anchor=\"#x\"", "a|hub|T|de|#x\n" },
	{ "parameters without a value", "<a>; nopush; rel=hub; crossorigin", "a|hub|||\n" },
	{ "nothing", "", "" },
	{ "no target", "rel=hub, type=x", "" },
	{ "a target that does not end", "<a; rel=hub", "" },
	{ "a quote that does not end", "<a>; rel=\"hub, <b>; rel=self", "a|hub, <b>; rel=self|||\n" },
	{ "a backslash at the very end", "<a>; rel=\"hub\\", "a|hub\\|||\n" },
	{ "odd bytes between", "<a>;;; = ;\"x\" rel=hub,,, ,<b>", "a|hub|||\nb||||\n" },
};

static void reads_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char got[512] = "";
		size_t n = 0;
		struct str rest = str_from(rows[i].text);
		struct link_value v;
		while (link_next(&rest, &v))
			n += (size_t)snprintf(got + n, sizeof(got) - n, "%.*s|%.*s|%.*s|%.*s|%.*s\n",
			    STR_ARG(v.target), STR_ARG(v.rel), STR_ARG(v.type), STR_ARG(v.language),
			    STR_ARG(v.anchor));
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: '%s', not '%s'", rows[i].name, got, rows[i].want);
	}
}

static void knows_relations(void **state)
{
	(void)state;
	assert_true(link_has_rel(STR("hub"), STR("hub")));
	assert_true(link_has_rel(STR("  self  HUB "), STR("hub")));
	assert_false(link_has_rel(STR("github"), STR("hub")));
	assert_false(link_has_rel(STR(""), STR("hub")));
	assert_false(link_has_rel((struct str){ NULL, 0 }, STR("hub")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_values),
		cmocka_unit_test(knows_relations),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("base/link", tests, NULL, NULL);
}
