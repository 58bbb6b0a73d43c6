/*
 * load: what the modules of one conf_load share. A loader collects in growing buffers; load.c moves them into the snapshot's arena at the end.
 * Every complaint goes to `report`; a snapshot comes out only when there was none.
 */
#ifndef CONF_LOAD_PRIV_H
#define CONF_LOAD_PRIV_H

#include "daemon/base/arena.h"
#include "daemon/conf/index_priv.h"
#include "daemon/conf/table_priv.h"
#include "daemon/conf/yaml_priv.h"

#define CONF_MODEL_MAX ((size_t)128 << 20) /* bytes of a model: as many as the classifier takes */
#define CONF_FILE_MAX ((size_t)256 << 20) /* bytes of one file: a million feeds */
#define CONF_MEMORY_MAX ((size_t)2 << 30) /* bytes of a snapshot: the same, with all that is known of them */
#define CONF_FEEDS_MAX 1000000u /* feeds: far beyond what all governments publish */
#define CONF_ALERTS_MAX 10000u /* alerts; each is looked at for every match */
#define CONF_HOST_RULES_MAX 1024u /* rules for hosts: nobody writes more by hand */
#define CONF_TOPIC_MAX ((size_t)4 << 20) /* bytes of one topic file, as the classifier has it */
#define CONF_TOPICS_MAX 256u /* topic files, as the classifier has it */
#define CONF_FOLDER_MAX 100000u /* names of one folder that a wildcard looks at */
#define CONF_TEXT_MAX 4096u /* bytes of a single value */
#define CONF_NAME_MAX 100u /* bytes of the name of a feed or an alert */

struct conf_pattern { /* a file or a wildcard to read */
	const char *path;
	struct conf_place at;
};

struct conf_reference { /* a name that must exist when everything is read */
	bool is_feed; /* else a topic */
	struct str name;
	struct conf_place at;
};

struct conf_feed_more { /* beside each feed while loading */
	uint64_t set; /* keys that it or its file's defaults wrote */
	int column;
	bool wrong; /* it had a complaint */
};

struct conf_topic_more {
	struct conf_topic topic;
	struct str name; /* absent when it was not found */
};

struct conf_source { /* the file being read */
	const char *file, *folder;
	struct conf_feed_draft defaults;
	uint64_t defaults_set;
	size_t first_feed;
};

struct conf_loader {
	const struct fs *fs;
	struct conf_report report;
	bool to_start; /* programs of alerts may be missing */
	struct arena *arena;
	struct conf *conf;
	struct conf_source *source;
	struct conf_feed_draft feed_preset;
	struct conf_alert_draft alert_preset;
	uint64_t fetch_set; /* keys that the main file wrote under `fetch` */
	struct buf patterns[CONF_FILE_KINDS]; /* struct conf_pattern */
	struct buf feeds, feeds_more; /* struct conf_feed_draft, struct conf_feed_more */
	struct buf alerts; /* struct conf_alert_draft */
	struct buf topics; /* struct conf_topic_more */
	struct buf references; /* struct conf_reference */
	struct buf host_rules; /* host_rule.c has their form */
	struct buf scratch, scratch2; /* inside one function */
	struct conf_index feed_names, alert_names, topic_names;
	bool feeds_broken, topics_broken; /* not all are known: references are not looked up */
};

void conf_feeds_take(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *node);
void conf_defaults_take(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *node);
void conf_feeds_end_file(struct conf_loader *l); /* the file's defaults reach its feeds */
void conf_feeds_finish(struct conf_loader *l); /* the global values too; checks between keys */
void conf_feeds_keep(struct conf_loader *l); /* they move into the snapshot */
bool conf_feed_add(struct conf_loader *l, const struct conf_feed_draft *draft,
    const struct conf_feed_more *more, struct conf_place name_at);
bool conf_feed_name_taken(const struct conf_loader *l, struct str name);
/* In a list of feeds, or of what begins with one, each of that size. */
const struct conf_feed *conf_feed_in(
    const struct conf_index *x, const void *list, size_t size, struct str name);
uint64_t conf_name_hash(struct str name);

void conf_alerts_take(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *node);
void conf_alerts_finish(struct conf_loader *l);

void conf_host_rules_take(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *node);
void conf_host_rules_keep(struct conf_loader *l); /* each whole, into the snapshot */

void conf_topic_take(struct conf_loader *l, const char *path, struct str text);
void conf_shipped_topic_take(struct conf_loader *l, const char *path, struct str text);
void conf_model_take(struct conf_loader *l); /* the weights for the topics, when there are any */
bool conf_topic_known(const struct conf_loader *l, struct str name);
void conf_opml_take(struct conf_loader *l, const char *path, struct str text);

typedef void conf_file_f(struct conf_loader *l, const char *path, struct str text);
/* Every file of these patterns, in order of name. */
void conf_files_each(struct conf_loader *l, enum conf_kind_of_file kind, size_t limit, conf_file_f *take);
/* Reads one file; false after a complaint at `at` (or about the file itself). */
bool conf_file_read(
    struct conf_loader *l, const char *path, size_t limit, struct conf_place at, struct buf *out);
const char *conf_folder_of(struct conf_loader *l, const char *path);

#endif
