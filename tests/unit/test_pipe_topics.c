/* From a configuration's topic files to one classifier: what is refused, with its place. */
#include "daemon/pipe/topics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#define TOPIC(name)                                                                                          \
	"topic: " name "\ntitle: T\nbias: -1\nthresholds: {match: 0.8, review: 0.5}\nphrases:\n  - {any: "   \
	"[alpha], weight: 2}\n"

static const struct conf_topic good[] = { { "t/good.yaml", { TOPIC("good"), sizeof(TOPIC("good")) - 1 } } };
static const struct conf_topic ours[] = { { "t/items.yaml",
    { TOPIC("items"), sizeof(TOPIC("items")) - 1 } } };
static const struct conf_topic broken[] = {
	{ "t/one.yaml", { "topic: [", 8 } },
	{ "t/two.yaml", { "titel: x", 8 } },
};
static const char *const missing[] = { "good", "absent" };
static const struct conf_alert alerts[] = {
	{ .name = "a", .topics = missing, .topic_count = 2, .file = "a.yaml", .line = 7 },
};

struct heard {
	unsigned count;
	char all[2048];
};

static void hear(void *ctx, const struct conf_error *error)
{
	struct heard *h = ctx;
	size_t n = strlen(h->all);
	h->count++;
	snprintf(h->all + n, sizeof(h->all) - n, "%s:%d: %s\n", error->file, error->line, error->text);
}

static const struct {
	const char *name;
	struct conf conf;
	unsigned complaints; /* 0: a classifier comes of it */
	const char *says;
} cases[] = {
	{ "one topic", { .topics = good, .topic_count = 1 }, 0, "" },
	{ "none, and none is wanted", { .file = "g.yaml" }, 0, "" },
	{ "none, but the shipped ones were wanted", { .file = "g.yaml", .shipped_topics = true }, 1,
	    "g.yaml:0: there is no topic" },
	{ "every broken file is named", { .topics = broken, .topic_count = 2 }, 2, "t/two.yaml:" },
	{ "a model that is none",
	    { .file = "g.yaml",
	        .topics = good,
	        .topic_count = 1,
	        .model_file = "t/own.model",
	        .model_bytes = { "not a model", 11 } },
	    1, "t/own.model:0: not a model file" },
	{ "a store of our own", { .file = "g.yaml", .topics = ours, .topic_count = 1 }, 1,
	    "has the name of a store" },
	{ "an alert for a topic that is not there",
	    { .topics = good, .topic_count = 1, .alerts = alerts, .alert_count = 1 }, 1,
	    "a.yaml:7: alert 'a' names topic 'absent'" },
};

static void every_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct heard h = { 0 };
		struct classifier *c = topics_compile(&cases[i].conf, hear, &h);
		bool made = c != NULL;
		cls_free(&c);
		if (made != (cases[i].complaints == 0) || h.count != cases[i].complaints ||
		    !strstr(h.all, cases[i].says))
			fail_msg("%s: %u complaints: %s", cases[i].name, h.count, h.all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/topics", tests, NULL, NULL);
}
