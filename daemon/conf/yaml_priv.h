/*
 * yaml: the nodes of one YAML file in order, with their places. The only module that includes libyaml.
 * Takes the part of YAML that a configuration needs: mappings, lists and scalars of one document. Anchors, aliases and tags
 * are refused with their place: a file that is read by people says what it means where it means it.
 */
#ifndef CONF_YAML_PRIV_H
#define CONF_YAML_PRIV_H

#include "daemon/conf/report_priv.h"

#include <yaml.h>

#define CONF_DEPTH_MAX 16 /* open lists and mappings; the deepest that we read is 4 */

enum conf_node_kind {
	CONF_NODE_END,
	CONF_NODE_SCALAR,
	CONF_NODE_MAP,
	CONF_NODE_MAP_END,
	CONF_NODE_LIST,
	CONF_NODE_LIST_END
};

struct conf_node {
	enum conf_node_kind kind;
	struct str text; /* of a scalar; until the next call */
	bool plain; /* a scalar without quotes */
	struct conf_place at;
};

struct conf_yaml {
	yaml_parser_t parser;
	yaml_event_t event;
	bool open, have_event;
	bool failed; /* something was reported and the rest of the file cannot be read */
	int depth;
	const char *file;
	struct str text;
	struct conf_report *report;
};

/* The text must outlive it. False after a report; conf_yaml_close is needed in any case. */
bool conf_yaml_open(struct conf_yaml *y, const char *file, struct str text, struct conf_report *r) MUST_CHECK;
void conf_yaml_close(struct conf_yaml *y);

/* The next node; CONF_NODE_END at the end of the document and after a failure, for ever. */
void conf_yaml_next(struct conf_yaml *y, struct conf_node *out);
/* Reads over the rest of what `first` began. */
void conf_yaml_skip(struct conf_yaml *y, const struct conf_node *first);

/* Nothing was written: plain and empty, ~ or null. */
bool conf_node_is_null(const struct conf_node *n);
/* "a list", for messages. */
const char *conf_node_what(const struct conf_node *n);

#endif
