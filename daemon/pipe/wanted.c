/* wanted: an alert's rules, asked again of what was written down. */
#include "daemon/pipe/wanted.h"

#include "daemon/pipe/rules.h"

#include <string.h>

static bool read_topic(const json_t *topic, struct wanted *out)
{
	const char *decision = json_string_value(json_object_get(topic, "decision"));

	*out = (struct wanted){
		.name = json_string_value(json_object_get(topic, "topic")),
		.score = json_number_value(json_object_get(topic, "score")),
		.match = decision && strcmp(decision, "match") == 0,
	};
	return out->name && decision && !json_is_true(json_object_get(topic, "shadow"));
}

/* False: the alert, unless NULL, asks for none of them. */
static bool tell(const json_t *topics, const struct conf_alert *alert, wanted_f *each, void *ctx)
{
	bool any = false;

	for (size_t i = 0; i < json_array_size(topics); i++) {
		struct wanted w;

		if (!read_topic(json_array_get(topics, i), &w) ||
		    (alert && !rules_want_topic(alert, w.name, w.score, w.match)))
			continue;
		each(ctx, &w);
		any = true;
	}
	return any;
}

void wanted_each(const json_t *record, const struct conf_alert *alert, wanted_f *each, void *ctx)
{
	const json_t *topics = json_object_get(record, "topics");
	struct conf_alert lax = alert ? *alert : (struct conf_alert){ .name = NULL };

	lax.score_min = 0;
	lax.decision = CONF_DECISION_REVIEW;
	if (!tell(topics, alert, each, ctx) && !(alert && tell(topics, &lax, each, ctx)))
		(void)tell(topics, NULL, each, ctx);
}
