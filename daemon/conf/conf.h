/*
 * conf: the configuration as an immutable snapshot. YAML by libyaml's events under one table of keys (table.c): the parser, the checks,
 * the printed default and the manual page all come from it. A snapshot is built whole or not at all; all errors are reported at once.
 *
 * Units inside: durations in milliseconds, sizes in bytes. Strings live as long as the snapshot. The count of
 * references is touched on the main thread only. Relative paths are taken from the folder of the file that
 * names them; every path in a snapshot is absolute or relative to the working directory as the main file is.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/fs.h"
#include "daemon/base/network.h"

#include <stdint.h>

struct conf_fetch { /* global under `fetch:`, each key also per feed */
	int64_t interval;
	int64_t interval_min, interval_max; /* bounds of any rhythm */
	bool adaptive; /* the interval follows the feed */
	int64_t adaptive_max; /* while nothing is to be expected */
	bool obey_hints; /* ttl, skipHours and their like in a document */
	int64_t timeout, connect_timeout, low_speed_time, low_speed_bytes;
	int64_t body_max, redirects_max;
	int64_t backoff_max, gone_max, retry_after_max;
	int64_t archive_pages; /* followed after a gap; 0: none */
	bool archive_other_hosts;
	int64_t probe_after, probe_gap, mistrust_for; /* after 0 answers 304: never */
	int64_t move_confirm, move_span, move_return; /* 0 confirmations: no address is saved */
	int64_t down_failures, down_after; /* both: then a feed is down; 0 failures: never */
	int64_t silent_factor; /* times its usual pause: then a feed is silent; 0: never */
	bool websub; /* subscribe where the feed names a hub */
	int64_t websub_interval; /* between two polls while a subscription is alive */
	const char *proxy, *proxy_username, *proxy_password_file; /* or NULL */
	const char *ca_file; /* or NULL */
	const char *pin; /* "sha256//…;sha256//…", or NULL */
	const char *client_certificate, *client_key; /* files, or NULL */
	struct network *allow_networks;
	size_t allow_networks_count;
};

struct conf_feed {
	const char *name; /* [a-z0-9._-]+, unique */
	const char *url;
	const char *title, *agency, *country, *language; /* or NULL */
	const char *const *groups; /* free labels, e.g. cyber, police */
	size_t group_count;
	bool enabled;
	bool alert_first_poll; /* alert also for the items of the very first poll */
	int assume_zone; /* minutes east of UTC for dates without a zone */
	const char *username, *password_file, *bearer_file; /* or NULL */
	const struct conf_fetch *fetch; /* global values with its own over them; one for all alike */
	const char *file; /* where it was written */
	int line;
};

struct conf_topic { /* one topic file, as read; compiled by the classifier */
	const char *file;
	struct str yaml;
};

enum conf_alert_decision { CONF_DECISION_MATCH, CONF_DECISION_REVIEW }; /* review: match and review */
enum conf_alert_mode { CONF_MODE_EACH, CONF_MODE_STREAM }; /* stream: one process stays for all */
enum conf_alert_when { CONF_WHEN_RAISED, CONF_WHEN_CONFIRMED }; /* confirmed: a person looks first */

struct conf_rate { /* so many in so long */
	int64_t count; /* 0: no bound */
	int64_t per; /* ms */
};

struct zone;
struct conf_quiet { /* minutes of the day, from 0; both the same: none */
	int from, to;
};

struct conf_zone {
	const char *name; /* or NULL */
	const struct zone *zone; /* NULL: UTC */
};

struct conf_alert {
	const char *name;
	const char *const *topics; /* count 0: every topic; with events: none */
	size_t topic_count;
	const char *const *events; /* kinds of events about feeds; count 0: none */
	size_t event_count;
	const char *const *feeds; /* globs over names; count 0: every feed */
	size_t feed_count;
	double score_min; /* 0: the topic's threshold alone decides */
	enum conf_alert_decision decision;
	enum conf_alert_when when;
	int64_t confirm_for; /* what nobody has confirmed by then is a dead letter */
	struct conf_rate rate; /* deliveries begun; the others wait */
	int64_t every; /* one delivery with all records of such a period; 0: each record its own */
	struct conf_rate burst; /* more records than this become one delivery */
	struct conf_quiet quiet; /* nothing is begun then */
	struct conf_zone zone; /* of `quiet` and `every` */
	enum conf_alert_mode mode;
	char *const *exec; /* NULL-terminated; [0] is an absolute path or found beside the alert's file */
	int64_t timeout;
	int64_t retry_for; /* tries go on so long, then the delivery is a dead letter */
	int64_t retry_min, retry_max; /* pauses grow between them */
	const char *file;
	int line;
};

struct conf_storage {
	const char *directory; /* stores */
	const char *state_directory;
	int64_t rotate_size, rotate_every, keep_for, keep_total, keep_free, keep_hard, free_floor;
	bool compress;
	const char *sign_key_file; /* or NULL */
	int64_t file_mode;
	int64_t group_delay; /* the longest that a poll without items waits for a shared fdatasync */
};

struct conf_records {
	int64_t revisions_per_day; /* of one item */
	int64_t case_window; /* how long after its first item a case takes others */
	int64_t case_items; /* whose texts are remembered */
};

struct conf_hosts {
	int64_t concurrency, slow_concurrency, slow_after; /* requests in flight, all hosts */
	int64_t per_host; /* in flight to one host */
	int64_t gap; /* between two requests to one host */
	int64_t jitter_percent, start_gap;
	int64_t idle_connections, idle_for; /* kept for the next request */
	const struct conf_host_rule *rules; /* host_rule.h */
	size_t rule_count;
};

struct conf_workers {
	int64_t count;
	int64_t cpu_limit; /* per document */
	int64_t memory_limit;
};

struct conf_hooks {
	int64_t concurrency;
	const char *socket; /* or NULL: the daemon's own runner */
	const char *scripts; /* folder where exec[0] is looked for, after that of the alert's file */
	int64_t output_max; /* bytes of a script's output that are kept */
};

struct conf_http { /* one of the daemon's own servers */
	const char *listen; /* address and port, or NULL: none */
	int64_t connections;
	int64_t timeout; /* of a request, until its answer is sent */
	const char *name; /* of the page: what a proxy before it is called, or NULL */
};

struct conf_websub {
	const char *public_url; /* of our server, as hubs see it, or NULL */
	int64_t lease; /* that is asked for */
	int64_t verify_for; /* what a hub has not verified by then has failed */
	int64_t retry_min, retry_max;
	bool sha1; /* take signatures by it */
};

struct conf {
	unsigned references;
	const char *file;
	const char *contact; /* in the User-Agent, or NULL */
	const char *user_agent; /* never NULL: made from version and contact when it is not set */
	int64_t log_level; /* enum log_level */
	bool shipped_topics;
	const char *model; /* as it was configured, or NULL */
	const char *model_file; /* the one in force, or NULL: rules alone */
	struct str model_bytes; /* of it; aligned */
	struct conf_storage storage;
	struct conf_records records;
	struct conf_fetch fetch;
	struct conf_hosts hosts;
	struct conf_workers workers;
	struct conf_hooks hooks;
	struct conf_http http, page;
	struct conf_websub websub;
	const struct conf_feed *feeds;
	size_t feed_count;
	const struct conf_topic *topics;
	size_t topic_count;
	const struct conf_alert *alerts;
	size_t alert_count; /* those that are enabled */
	const struct conf_index *index; /* feeds by name; NULL: looked up one by one */
	struct arena *arena; /* everything above, and this struct; NULL when it was made by hand */
};

/* One complaint; many may come from one load. Valid until the report returns. */
struct conf_error {
	const char *file;
	int line, column; /* from 1; 0: none */
	const char *text;
};
typedef void conf_report_f(void *ctx, const struct conf_error *error);

/* Reads `path` and everything that it includes. NULL after at least one report. One reference is the caller's. */
struct conf *conf_load(const struct fs *fs, const char *path, conf_report_f *report, void *ctx) MUST_CHECK;
/* The same for a start, which has no other configuration to go on with: that the program of an alert is missing or not executable is reported and
 * borne. */
struct conf *conf_load_to_start(
    const struct fs *fs, const char *path, conf_report_f *report, void *ctx) MUST_CHECK;
/* The presets alone, without feeds and topics, for who has no file. */
struct conf *conf_presets(conf_report_f *report, void *ctx) MUST_CHECK;
struct conf *conf_hold(struct conf *c);
void conf_drop(struct conf **c); /* accepts a pointer to NULL; sets it to NULL */

const struct conf_feed *conf_feed_find(const struct conf *c, struct str name); /* NULL: none */

/* Appends what feeds have in common when one request answers all: the address, and as whom, in which language and through what it is asked. */
void conf_feed_request(const struct conf_feed *f, struct buf *out);

/* The commented default configuration, from the table. */
void conf_print_default(struct buf *out);
/* mdoc for gazetted.yaml(5): one .It per key. */
void conf_print_mdoc(struct buf *out);
/* What is in force, as one YAML file that can be loaded again. A snapshot knows names of secret files, never secrets. */
void conf_print(const struct conf *c, struct buf *out);
/* Appends "storage.directory, …": keys whose change takes a restart. Nothing when a reload does it all. */
void conf_needs_restart(const struct conf *old, const struct conf *new, struct buf *out);

/* OPML 2.0 both ways. Import prints a feeds.d file. */
void conf_feeds_to_opml(const struct conf *c, struct buf *out);
bool conf_opml_to_feeds(struct str opml, struct buf *out, struct err *e) MUST_CHECK;

struct conf_found { /* a feed that was found; absent: {NULL, 0} */
	struct str url, title, language;
	struct str note; /* one line for people: a comment */
};
/* A feeds.d file of them. Names are made; none is that of a feed in `known` (or NULL). What `known` asks already is a comment. */
bool conf_found_to_feeds(const struct conf_found *found, size_t count, const struct conf *known,
    struct buf *out, struct err *e) MUST_CHECK;

/* The values of the table, for others that read such text: "90s", "64MiB". */
bool conf_parse_duration(struct str text, int64_t *ms);
bool conf_parse_size(struct str text, int64_t *bytes);

#endif
