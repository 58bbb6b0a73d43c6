/* key: rows of the table, found by number and by name. */
#include "daemon/conf/table_priv.h"

const struct conf_key *conf_key_at(const struct conf_section *s, size_t i, size_t *base)
{
	for (size_t p = 0; p < ARRAY_LEN(s->parts); p++) {
		if (i < s->parts[p].count) {
			*base = s->parts[p].base;
			return &s->parts[p].keys[i];
		}
		i -= s->parts[p].count;
	}
	return NULL;
}

const struct conf_key *conf_key_find(
    const struct conf_section *s, struct str name, size_t *index, size_t *base)
{
	const struct conf_key *k;
	for (size_t i = 0; (k = conf_key_at(s, i, base)); i++) {
		/* Names are short literals of the table: strncmp ends at theirs. */
		if (strncmp(k->name, name.p, name.n) != 0 || k->name[name.n] != '\0')
			continue;
		*index = i;
		return !s->shared_only || k->shared ? k : NULL;
	}
	return NULL;
}

const struct conf_section *conf_key_home(struct str name)
{
	size_t i;
	size_t base;
	for (const struct conf_section *const *s = conf_plain_sections; *s; s++)
		if (conf_key_find(*s, name, &i, &base))
			return *s;
	if (conf_key_find(&conf_host_rule_section, name, &i, &base))
		return &conf_host_rule_section;
	if (conf_key_find(&conf_feed_section, name, &i, &base))
		return &conf_feed_section;
	if (conf_key_find(&conf_alert_section, name, &i, &base))
		return &conf_alert_section;
	return NULL;
}
