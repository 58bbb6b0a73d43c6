/*
 * value: what stands behind a key: single values (value.c), lists of them (list.c), and both as YAML again (value_print.c).
 * A wrong value is reported here, with its key and its place.
 */
#ifndef CONF_VALUE_PRIV_H
#define CONF_VALUE_PRIV_H

#include "daemon/conf/load_priv.h"

struct conf_entry { /* one key being read */
	struct conf_loader *l;
	const struct conf_section *section;
	const struct conf_key *key;
	struct conf_place at; /* of its value */
	void *base; /* the struct of its field */
};

typedef bool conf_parse_f(const struct conf_entry *en, struct str text);
typedef void conf_print_f(const struct conf_key *k, const void *base, struct buf *out);

struct conf_value_type {
	const char *name; /* for the manual: "duration" */
	conf_parse_f *parse; /* of single values */
	conf_print_f *print; /* as YAML; prints nothing for a value that is not set */
};
const struct conf_value_type *conf_value_type(enum conf_type type);

/* "duration, 1s to 7d, or 0; takes a restart": what may stand there, for people (print.c). */
void conf_print_note(const struct conf_key *k, struct buf *out);

/* Complains about this value: "fetch.interval: …". Always false. */
bool conf_wrong(const struct conf_entry *en, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define CONF_SHOWN_MAX 64
/* A value for a message: cut, without controls. Returns `out`. */
const char *conf_shown(struct str text, char out[CONF_SHOWN_MAX]);

#define CONF_SCORE_DIGITS 6 /* digits behind the point that are read and printed */

/* The number of this choice of the key, or -1 after a complaint. */
int conf_choice_find(const struct conf_entry *en, struct str text);
bool conf_is_letter(char c); /* of ASCII */
bool conf_text_check(const struct conf_entry *en, struct str text);
bool conf_name_is_good(struct str name);
bool conf_language_is_good(struct str text);
const char *conf_path_join(struct conf_loader *l, const char *folder, struct str path);

/* Minutes east of UTC: "+08:00", "Z". */
bool conf_zone_offset(struct str text, int *east);

/* Types that only alerts have (value_alert.c). */
conf_parse_f conf_parse_rate, conf_parse_span, conf_parse_zone_name;
conf_print_f conf_print_rate, conf_print_span, conf_print_zone_name;

/* Of rules for hosts (host_rule.c). */
conf_parse_f conf_parse_host;
conf_print_f conf_print_host_rules;

void conf_quote(struct str text, struct buf *out); /* as a YAML scalar */
conf_print_f conf_print_bool, conf_print_integer, conf_print_duration_value, conf_print_size_value,
    conf_print_mode, conf_print_zone, conf_print_score, conf_print_choice, conf_print_text, conf_print_texts,
    conf_print_networks, conf_print_exec;

bool conf_list_take(const struct conf_entry *en, struct conf_yaml *y, const struct conf_node *node);

#endif
