/*
 * table: every key of the configuration, once. A row says what the key is called, what it may hold, when a change takes effect and what
 * it is for; the parser, the checks, the printed default, the dump and the manual page are loops over these rows.
 */
#ifndef CONF_TABLE_PRIV_H
#define CONF_TABLE_PRIV_H

#include "daemon/conf/draft_priv.h"
#include "daemon/conf/needs.h"
#include "daemon/conf/report_priv.h"

#include <stddef.h>
#include <stdint.h>

#define CONF_KEYS_MAX 64 /* keys of one section, groups included: they are bits of one word */

enum conf_type {
	CONF_BOOL,
	CONF_COUNT,
	CONF_PERCENT,
	CONF_DURATION,
	CONF_SIZE,
	CONF_MODE,
	CONF_ZONE,
	CONF_RATE,
	CONF_SPAN,
	CONF_ZONE_NAME,
	CONF_SCORE,
	CONF_CHOICE,
	CONF_CHOICES, /* a list of them; kept as text */
	CONF_TEXT,
	CONF_NAME,
	CONF_LANGUAGE,
	CONF_COUNTRY,
	CONF_URL,
	CONF_PROXY,
	CONF_PIN,
	CONF_LISTEN,
	CONF_PATH,
	CONF_FILE, /* a path that must exist */
	CONF_TEXTS,
	CONF_TOPIC_NAMES,
	CONF_FEED_GLOBS,
	CONF_NETWORKS,
	CONF_PATTERNS,
	CONF_EXEC,
	CONF_HOST,
	CONF_HOST_RULES,
	CONF_SECTION,
	CONF_FEEDS,
	CONF_ALERTS,
	CONF_DEFAULTS,
	CONF_TYPES
};

enum conf_effect { CONF_AT_RELOAD, CONF_AT_RESTART };

enum conf_kind_of_file {
	CONF_FEEDS_FILES,
	CONF_TOPICS_FILES,
	CONF_ALERTS_FILES,
	CONF_OPML_FILES,
	CONF_SHIPPED_FILES, /* topics that come with the program */
	CONF_FILE_KINDS
};

struct conf_section;

struct conf_key {
	const char *name;
	enum conf_type type;
	size_t offset, size; /* of the field in the section's struct; size 0: kept elsewhere */
	size_t count_offset; /* of a list's count, or 0 */
	int64_t min, max; /* in the units of conf.h; of lists: most entries */
	bool zero; /* 0 is allowed below min: off */
	bool required;
	bool shared; /* may stand under `defaults:` of a feeds file */
	enum conf_effect effect;
	const char *preset; /* default as one would write it; NULL: not set */
	const char *choices; /* CONF_CHOICE, CONF_CHOICES: "error|warn|info" */
	enum conf_kind_of_file files; /* CONF_PATTERNS */
	const struct conf_section *section; /* of what is below the key */
	const char *text; /* what it is for */
};

struct conf_part { /* rows over one struct at `base` in the section's struct */
	const struct conf_key *keys;
	size_t count, base;
};

struct conf_section {
	const char *name; /* "" at the top of the main file */
	const char *prefix; /* before a key's name in messages: "fetch." */
	const char *title;
	size_t base; /* of its struct in struct conf, for sections of the main file */
	bool shared_only; /* `defaults:` knows the shared rows alone */
	struct conf_part parts[2];
};

extern const struct conf_section conf_main_section; /* its rows name the others */
extern const struct conf_section conf_feeds_file_section, conf_alerts_file_section;
extern const struct conf_section conf_feed_section, conf_defaults_section, conf_alert_section;
extern const struct conf_section conf_host_rule_section;

/* Sections of the main file that hold plain keys: conf_main_section, then storage, fetch, … NULL at the end. */
extern const struct conf_section *const conf_plain_sections[];

/* The i-th row over both parts, NULL behind the last; *base: where its struct begins. */
const struct conf_key *conf_key_at(const struct conf_section *s, size_t i, size_t *base);
/* By name; *index is its number. NULL: unknown here. */
const struct conf_key *conf_key_find(
    const struct conf_section *s, struct str name, size_t *index, size_t *base);
/* The section of the main file, the feed or the alert that knows this key; NULL: none. For hints. */
const struct conf_section *conf_key_home(struct str name);

#endif
