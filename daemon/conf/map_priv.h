/* map: a mapping, read into a struct by the rows of its section. */
#ifndef CONF_MAP_PRIV_H
#define CONF_MAP_PRIV_H

#include "daemon/conf/load_priv.h"

struct conf_map {
	const struct conf_section *section;
	void *into;
	uint64_t set; /* keys that were read without complaint */
	bool wrong; /* some value had a complaint: checks between keys would only repeat it */
	struct conf_place at[CONF_KEYS_MAX]; /* of their values */
};
void conf_map_init(struct conf_map *m, const struct conf_section *s, void *into);
/* Reads the rest of a mapping whose start was just read. */
void conf_map_take(struct conf_loader *l, struct conf_yaml *y, struct conf_map *m);
/* A list whose entries are mappings. */
struct conf_entries {
	const char *name, *first_key; /* "feeds", "name" */
	const char *entry; /* "a feed" */
	void (*take)(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *start);
};
/* Hands out each mapping's start, and complains about what is none. */
void conf_entries_take(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *node,
    const struct conf_entries *list);
bool conf_map_has(const struct conf_map *m, const char *key);
struct conf_place conf_map_place(const struct conf_map *m, const char *key);
/* Complains about required keys that were not written; false when one is missing or was wrong. `what`: "a feed". */
bool conf_map_required(
    struct conf_loader *l, const struct conf_map *m, struct conf_place at, const char *what);
/* Copies fields that `set` has and *to_set has not. */
void conf_map_inherit(
    const struct conf_section *s, void *to, uint64_t *to_set, const void *from, uint64_t set);
/* Fills fields from the presets of the rows. */
void conf_map_presets(struct conf_loader *l, const struct conf_section *s, void *into);

#endif
