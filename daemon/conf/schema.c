/*
 * schema: the table as a JSON Schema (2020-12), for editors and for those who make configurations by program. It says of YAML values what
 * they are once a YAML reader has made JSON of them, so a number that stands there for a text is taken too. What the loader alone can know
 * (files, names that are used twice, ranges of durations) it does not say.
 */
#include "daemon/conf/schema.h"

#include "daemon/base/json.h"
#include "daemon/conf/value_priv.h"

#include <stdio.h>

#define DURATION "([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?"
#define HOUR_MINUTE "[0-9]{2}:[0-9]{2}"
#define NAME "[a-z0-9_][a-z0-9._-]*"

struct shape {
	const char *types; /* of JSON, divided by | */
	const char *pattern; /* of strings; or NULL */
	bool none; /* of numbers: 0 alone */
	bool range; /* of numbers: the row's */
};

/* Readers of YAML 1.1 make numbers of 0640 and +10:00, and false of `no`. */
static const struct shape shapes[CONF_TYPES] = {
	[CONF_BOOL] = { "boolean", NULL, false, false },
	[CONF_COUNT] = { "integer", NULL, false, true },
	[CONF_PERCENT] = { "integer", NULL, false, true },
	[CONF_DURATION] = { "string|integer", "^(0|(?=.)" DURATION ")$", true, false },
	[CONF_SIZE] = { "string|integer", "^[0-9]+([TGMK]iB|[TGMkK]?B)?$", false, true },
	[CONF_MODE] = { "string|integer", "^0o?[0-7]{3}$", false, false },
	[CONF_ZONE] = { "string|integer", "^([+-]" HOUR_MINUTE "|Z|UTC)$", false, false },
	[CONF_RATE] = { "string|integer", "^(0|[1-9][0-9]*/(?=.)" DURATION ")$", true, false },
	[CONF_SPAN] = { "string", "^" HOUR_MINUTE "-" HOUR_MINUTE "$", false, false },
	[CONF_ZONE_NAME] = { "string|integer", "^.", false, false },
	[CONF_SCORE] = { "number", NULL, false, false },
	[CONF_CHOICE] = { NULL, NULL, false, false },
	[CONF_CHOICES] = { NULL, NULL, false, false },
	[CONF_TEXT] = { "string|number|boolean", "^.", false, false },
	[CONF_NAME] = { "string|integer|boolean", "^" NAME "$", false, false },
	[CONF_LANGUAGE] = { "string|boolean", "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", false, false },
	[CONF_COUNTRY] = { "string|boolean", "^[A-Z]{2}$", false, false },
	[CONF_URL] = { "string", "^[Hh][Tt][Tt][Pp][Ss]?://.", false, false },
	[CONF_PROXY] = { "string", "^[A-Za-z0-9]+://.", false, false },
	[CONF_PIN] = { "string", "^sha256//", false, false },
	[CONF_LISTEN] = { "string", "^.", false, false },
	[CONF_PATH] = { "string|number", "^.", false, false },
	[CONF_FILE] = { "string|number", "^.", false, false },
	[CONF_TEXTS] = { "string|number|boolean", "^.", false, false },
	[CONF_TOPIC_NAMES] = { "string|integer|boolean", "^" NAME "$", false, false },
	[CONF_FEED_GLOBS] = { "string|number|boolean", "^.", false, false },
	[CONF_NETWORKS] = { "string", "^.", false, false },
	[CONF_PATTERNS] = { "string|number", "^.", false, false },
	[CONF_EXEC] = { "string|number|boolean", NULL, false, false },
	[CONF_HOST] = { "string",
	    "^(\\*\\.)?([A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*|\\[[0-9A-Fa-f:.]+\\])(:[0-9]+)?$", false, false },
};

/* Names below $defs, of what is no key with a single value. */
static const struct {
	const char *name;
	const struct conf_section *section;
} roots[CONF_SCHEMAS] = {
	[CONF_SCHEMA_MAIN] = { "config", &conf_main_section },
	[CONF_SCHEMA_FEEDS] = { "feeds_file", &conf_feeds_file_section },
	[CONF_SCHEMA_ALERTS] = { "alerts_file", &conf_alerts_file_section },
};

static void write_types(struct json *w, const char *types, bool absent)
{
	struct str rest = str_from(types);
	json_key(w, "type");
	json_open_array(w);
	while (rest.p)
		json_str(w, str_cut(&rest, '|'));
	if (absent)
		json_str(w, STR("null"));
	json_close_array(w);
}

static void write_choices(struct json *w, const char *choices, bool absent)
{
	struct str rest = str_from(choices);
	json_key(w, "enum");
	json_open_array(w);
	while (rest.p)
		json_str(w, str_cut(&rest, '|'));
	if (absent)
		json_none(w);
	json_close_array(w);
}

/* 0 beside a range that begins above it. */
static void write_range(struct json *w, const struct conf_key *k)
{
	bool beside = k->zero && k->min > 0;
	if (beside) {
		json_key(w, "anyOf");
		json_open_array(w);
		json_open_object(w);
		json_key_int(w, "maximum", 0);
		json_key_int(w, "minimum", 0);
		json_close_object(w);
		json_open_object(w);
	}
	json_key_int(w, "minimum", k->min);
	json_key_int(w, "maximum", k->max);
	if (beside) {
		json_close_object(w);
		json_close_array(w);
	}
}

static void write_value(struct json *w, const struct conf_key *k, bool absent)
{
	const struct shape *s = &shapes[k->type];
	if (k->choices) {
		write_choices(w, k->choices, absent);
		return;
	}
	write_types(w, s->types, absent);
	json_key_string_opt(w, "pattern", str_from(s->pattern));
	if (s->range)
		write_range(w, k);
	if (s->none || k->type == CONF_SCORE) {
		json_key_int(w, "minimum", 0);
		json_key_int(w, "maximum", k->type == CONF_SCORE);
	}
}

/* A list, or one value alone, except for commands. */
static void write_list(struct json *w, const struct conf_key *k)
{
	bool command = k->type == CONF_EXEC;
	if (!command) {
		json_key(w, "anyOf");
		json_open_array(w);
		json_open_object(w);
		write_value(w, k, true);
		json_close_object(w);
		json_open_object(w);
	}
	json_key_string(w, "type", STR("array"));
	json_key_int(w, "maxItems", k->max);
	json_key(w, "items");
	json_open_object(w);
	write_value(w, k, false);
	json_close_object(w);
	if (command) {
		json_key_int(w, "minItems", 1);
		return;
	}
	json_close_object(w);
	json_close_array(w);
}

static void write_reference(struct json *w, const char *name)
{
	char path[64];
	int n = snprintf(path, sizeof(path), "#/$defs/%s", name);
	json_key_string(w, "$ref", str_of(path, (size_t)n));
}

/* "feeds" is the list, "feed" one of it. */
static const char *entry_name(enum conf_type type)
{
	return type == CONF_FEEDS ? "feed" : type == CONF_ALERTS ? "alert" : "host_rule";
}

static void write_entries(struct json *w, const struct conf_key *k)
{
	write_types(w, "array", true);
	json_key(w, "items");
	json_open_object(w);
	write_reference(w, entry_name(k->type));
	json_close_object(w);
}

static void write_preset(struct json *w, const struct conf_key *k)
{
	bool bare =
	    k->type == CONF_BOOL || k->type == CONF_COUNT || k->type == CONF_PERCENT || k->type == CONF_SCORE;
	if (!k->preset || k->preset[0] == '[')
		return;
	json_key(w, "default");
	if (bare)
		json_raw(w, str_from(k->preset));
	else
		json_str(w, str_from(k->preset));
}

static void write_description(struct json *w, const struct conf_key *k)
{
	struct buf text;
	buf_init(&text, 4096);
	buf_str(&text, str_from(k->text));
	if (shapes[k->type].types || k->choices) {
		buf_str(&text, STR(" ("));
		conf_print_note(k, &text);
		buf_byte(&text, ')');
	}
	json_key_string_opt(w, "description", buf_view(&text));
	buf_fini(&text);
}

static void write_key(struct json *w, const struct conf_key *k)
{
	json_key(w, k->name);
	json_open_object(w);
	write_description(w, k);
	if (k->type == CONF_SECTION || k->type == CONF_DEFAULTS)
		write_reference(w, k->section->name);
	else if (k->type == CONF_FEEDS || k->type == CONF_ALERTS || k->type == CONF_HOST_RULES)
		write_entries(w, k);
	else if (conf_value_type(k->type)->parse)
		write_value(w, k, !k->required);
	else
		write_list(w, k);
	write_preset(w, k);
	json_close_object(w);
}

static void write_required(struct json *w, const struct conf_section *s)
{
	size_t base;
	const struct conf_key *k;
	json_key(w, "required");
	json_open_array(w);
	for (size_t i = 0; !s->shared_only && (k = conf_key_at(s, i, &base)); i++)
		if (k->required)
			json_str(w, str_from(k->name));
	json_close_array(w);
}

/* Entries of lists are there, sections may stand empty. */
static void write_section(struct json *w, const char *name, const struct conf_section *s)
{
	size_t base;
	const struct conf_key *k;
	bool entry = s == &conf_feed_section || s == &conf_alert_section || s == &conf_host_rule_section;
	json_key(w, name);
	json_open_object(w);
	json_key_string(w, "description", str_from(s->title));
	write_types(w, "object", !entry);
	json_key(w, "properties");
	json_open_object(w);
	for (size_t i = 0; (k = conf_key_at(s, i, &base)); i++)
		if (!s->shared_only || k->shared)
			write_key(w, k);
	json_close_object(w);
	write_required(w, s);
	json_key(w, "additionalProperties");
	json_bool(w, false);
	json_close_object(w);
}

void conf_print_schema(enum conf_schema which, struct buf *out)
{
	struct json w;
	json_init(&w, out);
	json_open_object(&w);
	json_key_string(&w, "$schema", STR("https://json-schema.org/draft/2020-12/schema"));
	json_key_string(&w, "title", str_from(roots[which].section->title));
	write_reference(&w, roots[which].name);
	json_key(&w, "$defs");
	json_open_object(&w);
	for (size_t i = 0; i < CONF_SCHEMAS; i++)
		write_section(&w, roots[i].name, roots[i].section);
	for (const struct conf_section *const *s = conf_plain_sections + 1; *s; s++)
		write_section(&w, (*s)->name, *s);
	write_section(&w, conf_defaults_section.name, &conf_defaults_section);
	write_section(&w, entry_name(CONF_FEEDS), &conf_feed_section);
	write_section(&w, entry_name(CONF_ALERTS), &conf_alert_section);
	write_section(&w, entry_name(CONF_HOST_RULES), &conf_host_rule_section);
	json_close_object(&w);
	json_close_object(&w);
	buf_byte(out, '\n');
}
