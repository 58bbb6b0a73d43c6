/* storage: which stores there are and how they are kept, from configuration and classifier. */
#ifndef PIPE_STORAGE_H
#define PIPE_STORAGE_H

#include "classifiers/classify.h"
#include "daemon/conf/conf.h"
#include "daemon/store/stores.h"

#define STORE_ITEMS "items"
#define STORE_POLLS "polls"
#define STORE_DEAD_LETTERS "dead-letters"
#define STORE_REVIEWS "reviews"
#define STORE_EVENTS "events"

/* The stores of our own; each has a chain. NULL behind the last one. */
const char *storage_ledger(size_t i);

/* A topic may not have the name of one of our own stores. */
bool storage_name_is_ours(const char *name);

/* Fills names with our own stores and one per topic; the strings live as long as the classifier. */
#define STORAGE_NAMES_MAX (CLS_TOPICS_MAX + 5)
size_t storage_names(const struct classifier *c, const char *names[STORAGE_NAMES_MAX]);

/* Views into the configuration. */
struct stores_policy storage_policy(const struct conf *conf);

#endif
