/* map: a mapping read by the rows of its section: unknown keys, keys written twice, values of the wrong shape. */
#include "daemon/conf/map_priv.h"

#include "daemon/conf/value_priv.h"

#include <stdio.h>

typedef void take_f(const struct conf_entry *en, struct conf_yaml *y, const struct conf_node *node);

void conf_map_init(struct conf_map *m, const struct conf_section *s, void *into)
{
	*m = (struct conf_map){ .section = s, .into = into };
}

static void take_section(const struct conf_entry *en, struct conf_yaml *y, const struct conf_node *node)
{
	if (node->kind != CONF_NODE_MAP) {
		conf_wrong(en, "expected keys below it, got %s", conf_node_what(node));
		conf_yaml_skip(y, node);
		return;
	}
	const struct conf_section *s = en->key->section;
	struct conf_map m;
	conf_map_init(&m, s, (char *)en->l->conf + s->base);
	conf_map_take(en->l, y, &m);
	if (s->base == offsetof(struct conf, fetch))
		en->l->fetch_set = m.set;
}

void conf_entries_take(
    struct conf_loader *l, struct conf_yaml *y, const struct conf_node *node, const struct conf_entries *list)
{
	struct conf_node n;
	if (node->kind != CONF_NODE_LIST) {
		conf_complain(&l->report, node->at, "%s: expected a list (- %s: ...), got %s", list->name,
		    list->first_key, conf_node_what(node));
		conf_yaml_skip(y, node);
		return;
	}
	for (conf_yaml_next(y, &n); n.kind != CONF_NODE_LIST_END && n.kind != CONF_NODE_END;
	     conf_yaml_next(y, &n)) {
		if (n.kind == CONF_NODE_MAP) {
			list->take(l, y, &n);
			continue;
		}
		conf_complain(&l->report, n.at, "%s: expected keys of %s, got %s", list->name, list->entry,
		    conf_node_what(&n));
		conf_yaml_skip(y, &n);
	}
}

static void take_feeds(const struct conf_entry *en, struct conf_yaml *y, const struct conf_node *node)
{
	conf_feeds_take(en->l, y, node);
}

static void take_defaults(const struct conf_entry *en, struct conf_yaml *y, const struct conf_node *node)
{
	conf_defaults_take(en->l, y, node);
}

static void take_alerts(const struct conf_entry *en, struct conf_yaml *y, const struct conf_node *node)
{
	conf_alerts_take(en->l, y, node);
}

static void take_host_rules(const struct conf_entry *en, struct conf_yaml *y, const struct conf_node *node)
{
	conf_host_rules_take(en->l, y, node);
}

/* Values with something below them; all others are single values or lists of them. */
static take_f *const takes[CONF_TYPES] = {
	[CONF_SECTION] = take_section,
	[CONF_FEEDS] = take_feeds,
	[CONF_DEFAULTS] = take_defaults,
	[CONF_ALERTS] = take_alerts,
	[CONF_HOST_RULES] = take_host_rules,
};

static bool take_value(const struct conf_entry *en, struct conf_yaml *y, const struct conf_node *node)
{
	const struct conf_key *k = en->key;
	const struct conf_value_type *type = conf_value_type(k->type);
	if (takes[k->type]) {
		takes[k->type](en, y, node);
		return true;
	}
	if (!type->parse)
		return conf_list_take(en, y, node);
	if (node->kind == CONF_NODE_SCALAR)
		return type->parse(en, node->text);
	conf_yaml_skip(y, node);
	return conf_wrong(en, "expected a single value (%s), got %s", type->name, conf_node_what(node));
}

static void offer_keys(struct conf_hint *hint, const struct conf_section *s)
{
	size_t base;
	const struct conf_key *k;
	for (size_t i = 0; (k = conf_key_at(s, i, &base)); i++)
		if (!s->shared_only || k->shared)
			conf_hint_offer(hint, str_from(k->name));
}

static void complain_unknown(
    struct conf_loader *l, const struct conf_section *s, struct str name, struct conf_place at)
{
	char shown[CONF_SHOWN_MAX];
	char where[CONF_HINT_MAX] = "";
	struct conf_hint hint;
	conf_hint_init(&hint, name);
	offer_keys(&hint, s);
	const struct conf_section *home = conf_key_home(name);
	if (!hint.text[0] && home && home != s)
		snprintf(hint.text, sizeof(hint.text),
		    home->name[0] ? " (it belongs under \"%s\")"
		                  : " (it belongs at the top of the main file)%s",
		    home->name);
	if (s->name[0])
		snprintf(where, sizeof(where), " in \"%s\"", s->name);
	conf_complain(&l->report, at, "unknown key \"%s\"%s%s", conf_shown(name, shown), where, hint.text);
}

/* The row of this key, when it may be read here and now. */
static const struct conf_key *admit(
    struct conf_loader *l, struct conf_map *m, const struct conf_node *key, size_t *index, size_t *base)
{
	if (key->kind != CONF_NODE_SCALAR) {
		conf_complain(
		    &l->report, key->at, "a key must be a single word, not %s", conf_node_what(key));
		return NULL;
	}
	const struct conf_key *k = conf_key_find(m->section, key->text, index, base);
	if (!k) {
		complain_unknown(l, m->section, key->text, key->at);
		return NULL;
	}
	if (m->at[*index].line == 0)
		return k;
	conf_complain(&l->report, key->at, "%s%s is written twice (first in line %d)", m->section->prefix,
	    k->name, m->at[*index].line);
	return NULL;
}

static void take_entry(
    struct conf_loader *l, struct conf_yaml *y, struct conf_map *m, const struct conf_node *key)
{
	size_t index;
	size_t base;
	struct conf_node node;
	const struct conf_key *k = admit(l, m, key, &index, &base);
	conf_yaml_skip(y, key);
	conf_yaml_next(y, &node);
	if (node.kind == CONF_NODE_END)
		return;
	if (!k) {
		conf_yaml_skip(y, &node);
		return;
	}
	m->at[index] = node.at;
	struct conf_entry en = { l, m->section, k, node.at, (char *)m->into + base };
	if (conf_node_is_null(&node) && !k->required)
		return;
	bool good = conf_node_is_null(&node) ? conf_wrong(&en, "is empty") : take_value(&en, y, &node);
	if (good)
		m->set |= UINT64_C(1) << index;
	else
		m->wrong = true;
}

void conf_map_take(struct conf_loader *l, struct conf_yaml *y, struct conf_map *m)
{
	struct conf_node key;
	for (conf_yaml_next(y, &key); key.kind != CONF_NODE_MAP_END && key.kind != CONF_NODE_END;
	     conf_yaml_next(y, &key))
		take_entry(l, y, m, &key);
}

static size_t index_of(const struct conf_map *m, const char *key)
{
	size_t i = 0;
	size_t base;
	return conf_key_find(m->section, str_from(key), &i, &base) ? i : CONF_KEYS_MAX - 1;
}

bool conf_map_has(const struct conf_map *m, const char *key)
{
	return (m->set >> index_of(m, key) & 1) != 0;
}

struct conf_place conf_map_place(const struct conf_map *m, const char *key)
{
	return m->at[index_of(m, key)];
}

void conf_map_inherit(
    const struct conf_section *s, void *to, uint64_t *to_set, const void *from, uint64_t set)
{
	size_t base;
	const struct conf_key *k;
	for (size_t i = 0; (k = conf_key_at(s, i, &base)); i++) {
		uint64_t bit = UINT64_C(1) << i;
		if (!(set & bit) || (*to_set & bit))
			continue;
		memcpy((char *)to + base + k->offset, (const char *)from + base + k->offset, k->size);
		if (k->count_offset)
			memcpy((char *)to + base + k->count_offset,
			    (const char *)from + base + k->count_offset, sizeof(size_t));
		*to_set |= bit;
	}
}

/* Required keys that were not written; those that were written wrong have had their complaint. */
bool conf_map_required(
    struct conf_loader *l, const struct conf_map *m, struct conf_place at, const char *what)
{
	bool good = true;
	size_t base;
	const struct conf_key *k;
	for (size_t i = 0; (k = conf_key_at(m->section, i, &base)); i++) {
		if (!k->required || (m->set >> i & 1))
			continue;
		good = false;
		if (m->at[i].line == 0)
			conf_complain(&l->report, at, "%s without %s", what, k->name);
	}
	return good;
}

/* The presets of all rows as one YAML mapping: they are read by the code that reads files. */
static void write_presets(const struct conf_section *s, struct buf *out)
{
	size_t base;
	const struct conf_key *k;
	for (size_t i = 0; (k = conf_key_at(s, i, &base)); i++)
		if (k->preset)
			buf_fmt(out, "%s: %s\n", k->name, k->preset);
}

#define PRESETS_MAX (16u << 10) /* bytes of one section's presets: a few dozen short lines */

void conf_map_presets(struct conf_loader *l, const struct conf_section *s, void *into)
{
	struct conf_yaml y;
	struct conf_node node;
	struct conf_map m;
	struct buf text;
	buf_init(&text, PRESETS_MAX);
	write_presets(s, &text);
	if (text.failed)
		conf_complain(&l->report, (struct conf_place){ l->conf->file, 0, 0 }, "out of memory");
	conf_map_init(&m, s, into);
	if (conf_yaml_open(&y, "(presets)", buf_view(&text), &l->report)) {
		conf_yaml_next(&y, &node);
		if (node.kind == CONF_NODE_MAP)
			conf_map_take(l, &y, &m);
	}
	conf_yaml_close(&y);
	buf_fini(&text);
}
