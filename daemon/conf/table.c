/* table: the rows. To add a key: one field in conf.h, one row here. */
#include "daemon/conf/host_rule.h"
#include "daemon/conf/table_priv.h"

#define MS 1
#define SECOND (1000 * INT64_C(1))
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define KIB (INT64_C(1) << 10)
#define MIB (INT64_C(1) << 20)
#define GIB (INT64_C(1) << 30)
#define TIB (INT64_C(1) << 40)

#define AT(type_, member)                                                                                    \
	.offset = offsetof(struct type_, member), .size = sizeof(((struct type_ *)0)->member)
#define LIST(type_, member, count_)                                                                          \
	.offset = offsetof(struct type_, member), .size = sizeof(void *),                                    \
	.count_offset = offsetof(struct type_, count_)

#define LIST_MAX 1024 /* entries of one list: nobody writes more by hand */
#define EXEC_MAX 64 /* words of one command */

static const struct conf_key storage_keys[] = {
	{ "directory", CONF_PATH, AT(conf_storage, directory), .preset = "/var/log/gazetted",
	    .effect = CONF_AT_RESTART,
	    .text = "Folder of the stores: items, polls and one per topic, as JSON Lines." },
	{ "state_directory", CONF_PATH, AT(conf_storage, state_directory), .preset = "/var/lib/gazetted",
	    .effect = CONF_AT_RESTART,
	    .text = "Folder of the journal and of what the daemon knows about feeds and deliveries." },
	{ "rotate_size", CONF_SIZE, AT(conf_storage, rotate_size), .min = 4 * KIB, .max = TIB, .zero = true,
	    .preset = "256MiB",
	    .text = "A store's active file is closed and renamed at this size; 0: never." },
	{ "rotate_every", CONF_DURATION, AT(conf_storage, rotate_every), .min = MINUTE, .max = 366 * DAY,
	    .zero = true, .preset = "1d", .text = "It is also closed when it is so old; 0: never." },
	{ "compress", CONF_BOOL, AT(conf_storage, compress), .preset = "true",
	    .text = "Compress closed files with zstd." },
	{ "sign_key_file", CONF_FILE, AT(conf_storage, sign_key_file),
	    .text =
	        "Private Ed25519 key in PEM form that signs the seals of closed files; a systemd credential "
	        "is such a file. Not set: seals are chained, not signed." },
	{ "keep_for", CONF_DURATION, AT(conf_storage, keep_for), .min = HOUR, .max = 36600 * DAY,
	    .zero = true, .preset = "0", .text = "Closed files older than this are deleted; 0: never." },
	{ "keep_total", CONF_SIZE, AT(conf_storage, keep_total), .min = MIB, .max = 1024 * TIB, .zero = true,
	    .preset = "0",
	    .text = "The oldest closed files of all stores are deleted beyond this sum; 0: never." },
	{ "keep_free", CONF_SIZE, AT(conf_storage, keep_free), .max = TIB, .preset = "0",
	    .text = "With less free space than this on the disk the oldest closed files of all stores are "
	            "deleted, until there is more again; above free_floor polling never stops for it. 0: "
	            "nothing is deleted for that." },
	{ "keep_hard", CONF_SIZE, AT(conf_storage, keep_hard), .min = MIB, .max = 1024 * TIB, .zero = true,
	    .preset = "0",
	    .text = "As keep_total, but beyond this sum even files go that are still to be sealed or "
	            "compressed, or that a store may have to look into; 0: those are kept." },
	{ "free_floor", CONF_SIZE, AT(conf_storage, free_floor), .max = TIB, .preset = "256MiB",
	    .text = "With less free space than this nothing is polled, until there is more again." },
	{ "file_mode", CONF_MODE, AT(conf_storage, file_mode), .preset = "0640",
	    .text = "Permissions of the stores' new files: 0600 or 0640." },
	{ "group_delay", CONF_DURATION, AT(conf_storage, group_delay), .max = MINUTE, .preset = "1s",
	    .text = "The longest that the ledger entry of a poll without news waits to share a sync with "
	            "others." },
};

static const struct conf_key records_keys[] = {
	{ "revisions_per_day", CONF_COUNT, AT(conf_records, revisions_per_day), .max = 7, .preset = "6",
	    .text = "Records that the changes of one item make in a day (UTC); what changes more often is "
	            "counted, and recorded again the next day." },
	{ "case_window", CONF_DURATION, AT(conf_records, case_window), .min = HOUR, .max = 6 * DAY,
	    .preset = "2d",
	    .text = "The same text in another feed is the same case for so long after the first; it has one "
	            "alert." },
	{ "case_items", CONF_COUNT, AT(conf_records, case_items), .max = 1000000, .preset = "10000",
	    .effect = CONF_AT_RESTART,
	    .text = "Texts that are remembered to know them again in other feeds, the newest; 450 bytes of "
	            "memory each; 0: each item is a case of its own." },
};

static const struct conf_key fetch_keys[] = {
	{ "interval", CONF_DURATION, AT(conf_fetch, interval), .min = 100 * MS, .max = 366 * DAY,
	    .shared = true, .preset = "5m", .text = "Time between two polls of a feed, before jitter." },
	{ "interval_min", CONF_DURATION, AT(conf_fetch, interval_min), .min = 100 * MS, .max = 366 * DAY,
	    .shared = true, .preset = "1m",
	    .text = "Nothing makes polling faster than this: so long passes between an answer and the next "
	            "request." },
	{ "interval_max", CONF_DURATION, AT(conf_fetch, interval_max), .min = SECOND, .max = 366 * DAY,
	    .shared = true, .preset = "1d",
	    .text = "Nothing that a publisher says about its rhythm makes polling slower than this." },
	{ "adaptive", CONF_BOOL, AT(conf_fetch, adaptive), .shared = true, .preset = "true",
	    .text = "The interval follows what the feed brings at this hour of the day and day of the week: "
	            "it is `interval` while about one piece of news an hour is to be expected, half of that "
	            "with four, twice with a quarter. An interval that is written means false, unless this "
	            "is written too." },
	{ "adaptive_max", CONF_DURATION, AT(conf_fetch, adaptive_max), .min = SECOND, .max = 366 * DAY,
	    .shared = true, .preset = "30m",
	    .text = "It never grows beyond this while nothing is to be expected." },
	{ "obey_hints", CONF_BOOL, AT(conf_fetch, obey_hints), .shared = true, .preset = "true",
	    .text = "A document's own ttl, sy:updatePeriod, skipHours and skipDays (GMT) are obeyed, up to "
	            "interval_max." },
	{ "timeout", CONF_DURATION, AT(conf_fetch, timeout), .min = 100 * MS, .max = HOUR, .shared = true,
	    .preset = "60s", .text = "A request that takes longer, redirects included, is given up." },
	{ "connect_timeout", CONF_DURATION, AT(conf_fetch, connect_timeout), .min = 100 * MS, .max = HOUR,
	    .shared = true, .preset = "15s",
	    .text = "The part of it that may pass until the connection stands, look-up and TLS included." },
	{ "low_speed_time", CONF_DURATION, AT(conf_fetch, low_speed_time), .min = SECOND, .max = HOUR,
	    .zero = true, .shared = true, .preset = "20s",
	    .text = "A transfer slower than low_speed_bytes for so long is given up; 0: never." },
	{ "low_speed_bytes", CONF_SIZE, AT(conf_fetch, low_speed_bytes), .max = GIB, .shared = true,
	    .preset = "64B", .text = "Bytes per second below which a transfer counts as stalled." },
	{ "body_max", CONF_SIZE, AT(conf_fetch, body_max), .min = KIB, .max = CONF_BODY_MAX, .shared = true,
	    .preset = "16MiB",
	    .text = "The largest document that is taken, counted as it is sent and after decompression. What "
	            "comes around it, in chunks and frames, is bounded by this, too." },
	{ "redirects_max", CONF_COUNT, AT(conf_fetch, redirects_max), .max = 10, .shared = true,
	    .preset = "5", .text = "Redirects that are followed for one request." },
	{ "backoff_max", CONF_DURATION, AT(conf_fetch, backoff_max), .min = SECOND, .max = 366 * DAY,
	    .shared = true, .preset = "6h",
	    .text = "The pauses of a failing feed grow up to this; it is never given up." },
	{ "gone_max", CONF_DURATION, AT(conf_fetch, gone_max), .min = SECOND, .max = 366 * DAY,
	    .shared = true, .preset = "3d",
	    .text = "Of a feed whose address is not found or gone (404, 410) they grow up to this." },
	{ "retry_after_max", CONF_DURATION, AT(conf_fetch, retry_after_max), .min = SECOND, .max = 366 * DAY,
	    .shared = true, .preset = "7d", .text = "A server's Retry-After is obeyed in full up to this." },
	{ "archive_pages", CONF_COUNT, AT(conf_fetch, archive_pages), .max = 100, .shared = true,
	    .preset = "10",
	    .text = "After a gap, archive documents (RFC 5005) that are read until one reaches back to what "
	            "is known; 0: none." },
	{ "archive_other_hosts", CONF_BOOL, AT(conf_fetch, archive_other_hosts), .shared = true,
	    .preset = "false", .text = "Archive documents may be on other sites than the feed." },
	{ "probe_after", CONF_COUNT, AT(conf_fetch, probe_after), .max = 1000000, .shared = true,
	    .preset = "50",
	    .text = "After so many answers 304 the whole document is asked for once, to see whether they are "
	            "true; 0: never." },
	{ "probe_gap", CONF_DURATION, AT(conf_fetch, probe_gap), .max = 366 * DAY, .shared = true,
	    .preset = "1d", .text = "But not within so long after the last document." },
	{ "mistrust_for", CONF_DURATION, AT(conf_fetch, mistrust_for), .max = 366 * DAY, .shared = true,
	    .preset = "7d", .text = "A feed whose 304 was a lie is asked for whole documents for so long." },
	{ "move_confirm", CONF_COUNT, AT(conf_fetch, move_confirm), .max = 1000, .shared = true,
	    .preset = "5",
	    .text = "Permanent redirects (301, 308) in a row to one address, with a feed of known items "
	            "behind them, before it is asked instead of the configured one; 0: never." },
	{ "move_span", CONF_DURATION, AT(conf_fetch, move_span), .max = 366 * DAY, .shared = true,
	    .preset = "1d", .text = "The time that they must have been there." },
	{ "move_return", CONF_DURATION, AT(conf_fetch, move_return), .min = SECOND, .max = 366 * DAY,
	    .shared = true, .preset = "3d",
	    .text = "An address that was moved to and fails for so long is given up for the configured "
	            "one." },
	{ "down_failures", CONF_COUNT, AT(conf_fetch, down_failures), .max = 1000, .shared = true,
	    .preset = "5",
	    .text = "Failures in a row after which a feed is reported as down, when down_after is over too "
	            "(404 and 410: two are enough); 0: never." },
	{ "down_after", CONF_DURATION, AT(conf_fetch, down_after), .max = 366 * DAY, .shared = true,
	    .preset = "2h", .text = "A feed that fails for less time is not reported as down." },
	{ "silent_factor", CONF_COUNT, AT(conf_fetch, silent_factor), .max = 1000, .shared = true,
	    .preset = "5",
	    .text = "A feed without news for so many times its usual longest pause is reported as silent; 0: "
	            "never." },
	{ "websub", CONF_BOOL, AT(conf_fetch, websub), .shared = true, .preset = "false",
	    .text =
	        "Subscribe at the hub that the feed names (WebSub), so that it is pushed; polling goes on "
	        "every websub_interval." },
	{ "websub_interval", CONF_DURATION, AT(conf_fetch, websub_interval), .min = SECOND, .max = 366 * DAY,
	    .shared = true, .preset = "1h",
	    .text = "Time between two polls of a feed while its subscription is alive; a longer interval "
	            "stays." },
	{ "proxy", CONF_PROXY, AT(conf_fetch, proxy), .shared = true,
	    .text = "Proxy for this request (http, https, socks5, socks5h); the environment's proxy "
	            "variables are never used. Where host names lead is for it to allow: allow_networks is "
	            "about addresses in URLs then." },
	{ "proxy_username", CONF_TEXT, AT(conf_fetch, proxy_username), .shared = true,
	    .text =
	        "For a proxy that asks who comes. A feed with a proxy of its own does not take it over." },
	{ "proxy_password_file", CONF_FILE, AT(conf_fetch, proxy_password_file), .shared = true,
	    .text = "File with the password for the proxy; a systemd credential is such a file." },
	{ "ca_file", CONF_FILE, AT(conf_fetch, ca_file), .shared = true,
	    .text = "Certificates that are trusted instead of the system's, in one PEM file." },
	{ "pin", CONF_PIN, AT(conf_fetch, pin), .shared = true,
	    .text =
	        "SHA-256 of the server's public key, sha256//BASE64=, several with ; between: no other key "
	        "is accepted, whoever signed it. Over http there is no key." },
	{ "client_certificate", CONF_FILE, AT(conf_fetch, client_certificate), .shared = true,
	    .text = "PEM file that is shown to servers which ask for a certificate." },
	{ "client_key", CONF_FILE, AT(conf_fetch, client_key), .shared = true,
	    .text = "Its private key, unencrypted; not set: in the same file." },
	{ "allow_networks", CONF_NETWORKS, LIST(conf_fetch, allow_networks, allow_networks_count),
	    .max = LIST_MAX, .shared = true, .preset = "[]",
	    .text = "Private networks that may be reached, such as 127.0.0.1/32; all others are refused, "
	            "also behind redirects." },
};

/* Of one host: for all hosts, and in rules. */
#define PER_HOST(type_) CONF_COUNT, AT(type_, per_host), .min = 1, .max = 64
#define GAP(type_) CONF_DURATION, AT(type_, gap), .max = HOUR

static const struct conf_key host_rule_keys[] = {
	{ "host", CONF_HOST, AT(conf_host_rule, host), .required = true,
	    .text = "www.example.org on whatever port, www.example.org:8080 on that one alone, or "
	            "\"*.example.org\": all names below example.org, but not it. The most exact rule wins, "
	            "wherever it stands." },
	{ "per_host", PER_HOST(conf_host_rule), .text = "Requests in flight to it." },
	{ "gap", GAP(conf_host_rule), .text = "Pause between the starts of two requests to it." },
};

static const struct conf_key hosts_keys[] = {
	{ "concurrency", CONF_COUNT, AT(conf_hosts, concurrency), .min = 1, .max = 4096, .preset = "64",
	    .text = "Requests in flight to all hosts together." },
	{ "slow_concurrency", CONF_COUNT, AT(conf_hosts, slow_concurrency), .min = 1, .max = 4096,
	    .preset = "64", .text = "Beside them: to feeds that failed or were slow last time, or are now." },
	{ "slow_after", CONF_DURATION, AT(conf_hosts, slow_after), .min = 100 * MS, .max = HOUR,
	    .preset = "5s", .text = "A request that takes longer is slow." },
	{ "per_host", PER_HOST(conf_hosts), .preset = "2", .text = "Requests in flight to one host." },
	{ "gap", GAP(conf_hosts), .preset = "500ms",
	    .text = "Pause between the starts of two requests to one host." },
	{ "jitter_percent", CONF_PERCENT, AT(conf_hosts, jitter_percent), .max = 50, .preset = "10",
	    .text = "Every interval is stretched or shortened at random by up to half of this, so that feeds "
	            "do not fall into step." },
	{ "start_gap", CONF_DURATION, AT(conf_hosts, start_gap), .max = MINUTE, .preset = "100ms",
	    .text = "Feeds that are all due at once, as at a start, are spread at random: so long for each, "
	            "together no longer than their slowest interval; 0: not at all." },
	{ "idle_connections", CONF_COUNT, AT(conf_hosts, idle_connections), .max = 4096, .preset = "64",
	    .text = "Connections that are kept open for the next request to their host, all together." },
	{ "idle_for", CONF_DURATION, AT(conf_hosts, idle_for), .min = SECOND, .max = HOUR, .zero = true,
	    .preset = "60s",
	    .text = "So long at most, and only where another request falls into that time; 0: none is "
	            "kept." },
	{ "rules", CONF_HOST_RULES, LIST(conf_hosts, rules, rule_count), .preset = "[]",
	    .section = &conf_host_rule_section,
	    .text =
	        "Hosts that are asked otherwise, such as [{host: www.example.org, gap: 5s}]. What a rule "
	        "does not say comes from the next less exact one that covers the host, then from the keys "
	        "above." },
};

static const struct conf_key workers_keys[] = {
	{ "count", CONF_COUNT, AT(conf_workers, count), .min = 1, .max = 64, .preset = "2",
	    .text = "Sandboxed processes that parse and classify." },
	{ "cpu_limit", CONF_DURATION, AT(conf_workers, cpu_limit), .min = 100 * MS, .max = HOUR,
	    .preset = "10s",
	    .text = "CPU time for one document; a worker that needs more is killed and its feed marked." },
	{ "memory_limit", CONF_SIZE, AT(conf_workers, memory_limit), .min = 64 * MIB, .max = 64 * GIB,
	    .preset = "1GiB", .text = "Address space of one worker." },
};

static const struct conf_key hooks_keys[] = {
	{ "concurrency", CONF_COUNT, AT(conf_hooks, concurrency), .min = 1, .max = 256, .preset = "4",
	    .text = "Alert scripts that run at the same time." },
	{ "socket", CONF_PATH, AT(conf_hooks, socket),
	    .text = "Socket of a hook runner that systemd starts; not set: what GAZETTED_HOOK_SOCKET in the "
	            "environment says, as in gazetted.service, else the daemon's own runner." },
	{ "scripts", CONF_PATH, AT(conf_hooks, scripts), .preset = "scripts",
	    .text = "Folder where the program of an alert is looked for when it is not beside the alert's "
	            "file, before "
	            "the scripts that come with gazetted." },
	{ "output_max", CONF_SIZE, AT(conf_hooks, output_max), .max = MIB, .preset = "8KiB",
	    .text = "The end of a script's output that is kept, for the log." },
};

static const struct conf_key http_keys[] = {
	{ "listen", CONF_LISTEN, AT(conf_http, listen), .effect = CONF_AT_RESTART,
	    .text = "Address and port that the daemon's own server listens on, such as 127.0.0.1:8090 or "
	            "[::1]:8090; not set: no server. Put a reverse proxy before it." },
	{ "connections", CONF_COUNT, AT(conf_http, connections), .min = 1, .max = 10000, .preset = "100",
	    .effect = CONF_AT_RESTART, .text = "Connections at the same time; those beyond wait." },
	{ "timeout", CONF_DURATION, AT(conf_http, timeout), .min = SECOND, .max = HOUR, .preset = "30s",
	    .effect = CONF_AT_RESTART,
	    .text = "A connection is closed when it is so old, or has been silent for half of that." },
};

static const struct conf_key page_keys[] = {
	{ "listen", CONF_LISTEN, AT(conf_http, listen), .effect = CONF_AT_RESTART,
	    .text = "Address and port of the page that shows feeds and items, read-only, such as "
	            "127.0.0.1:8750, or "
	            "unix:/path, for the daemon's group; not set: no page. It asks nobody who they are: "
	            "beyond this machine put a reverse proxy "
	            "before it that does." },
	{ "public_name", CONF_TEXT, AT(conf_http, name), .effect = CONF_AT_RESTART,
	    .text =
	        "The host name by which a reverse proxy lets people reach it. Requests for other names than "
	        "this, localhost and its own address are refused." },
	{ "connections", CONF_COUNT, AT(conf_http, connections), .min = 1, .max = 10000, .preset = "100",
	    .effect = CONF_AT_RESTART, .text = "Connections at the same time; those beyond wait." },
	{ "timeout", CONF_DURATION, AT(conf_http, timeout), .min = SECOND, .max = HOUR, .preset = "30s",
	    .effect = CONF_AT_RESTART,
	    .text = "A connection is closed when it is so old, or has been silent for half of that." },
};

static const struct conf_key websub_keys[] = {
	{ "public_url", CONF_URL, AT(conf_websub, public_url),
	    .text = "Where hubs reach the daemon's server, such as https://host.example/gazetted; the proxy "
	            "hands what is below it to http.listen as /websub/..." },
	{ "lease", CONF_DURATION, AT(conf_websub, lease), .min = SECOND, .max = 366 * DAY, .preset = "10d",
	    .text = "How long a subscription is asked for; it is renewed before its end." },
	{ "verify_for", CONF_DURATION, AT(conf_websub, verify_for), .min = SECOND, .max = DAY,
	    .preset = "10m", .text = "A hub that has not asked back by then has failed." },
	{ "retry_min", CONF_DURATION, AT(conf_websub, retry_min), .min = SECOND, .max = 366 * DAY,
	    .preset = "5m", .text = "The first pause after a failure; every further one is longer." },
	{ "retry_max", CONF_DURATION, AT(conf_websub, retry_max), .min = SECOND, .max = 366 * DAY,
	    .preset = "1d", .text = "The longest pause; also that after a hub has said no." },
	{ "sha1", CONF_BOOL, AT(conf_websub, sha1), .preset = "false",
	    .text = "Also take what is signed by SHA-1, as old hubs do." },
};

static const struct conf_key feed_keys[] = {
	{ "name", CONF_NAME, AT(conf_feed, name), .required = true,
	    .text = "Unique; what records, logs and alerts call it. Keep it when the address changes: state "
	            "follows the name." },
	{ "url", CONF_URL, AT(conf_feed, url), .required = true,
	    .text = "Address of the feed, http or https." },
	{ "title", CONF_TEXT, AT(conf_feed, title), .text = "For people." },
	{ "agency", CONF_TEXT, AT(conf_feed, agency), .shared = true, .text = "Who publishes it." },
	{ "country", CONF_COUNTRY, AT(conf_feed, country), .shared = true,
	    .text = "Where: two letters of ISO 3166." },
	{ "language", CONF_LANGUAGE, AT(conf_feed, language), .shared = true,
	    .text = "Of its texts when the feed does not say (BCP 47)." },
	{ "groups", CONF_TEXTS, LIST(conf_feed, groups, group_count), .max = LIST_MAX, .shared = true,
	    .preset = "[]", .text = "Free labels." },
	{ "enabled", CONF_BOOL, AT(conf_feed, enabled), .shared = true, .preset = "true",
	    .text = "A feed that is switched off keeps its state." },
	{ "alert_first_poll", CONF_BOOL, AT(conf_feed, alert_first_poll), .shared = true, .preset = "false",
	    .text = "Alert also for the items that were there when the feed was polled for the first time." },
	{ "assume_zone", CONF_ZONE, AT(conf_feed, assume_zone), .shared = true, .preset = "+00:00",
	    .text = "Time zone of dates that name none." },
	{ "username", CONF_TEXT, AT(conf_feed, username), .shared = true,
	    .text = "For HTTP authentication." },
	{ "password_file", CONF_FILE, AT(conf_feed, password_file), .shared = true,
	    .text = "File with the password." },
	{ "bearer_file", CONF_FILE, AT(conf_feed, bearer_file), .shared = true,
	    .text = "File with a token that is sent as Authorization: Bearer." },
};

static const struct conf_key alert_keys[] = {
	{ "name", CONF_NAME, AT(conf_alert, name), .required = true,
	    .text = "Unique; deliveries that wait for their retry belong to this name." },
	{ "enabled", CONF_BOOL, AT(conf_alert_draft, enabled), .preset = "true",
	    .text = "Switched off, it is checked but does not run." },
	{ "topics", CONF_TOPIC_NAMES, LIST(conf_alert, topics, topic_count), .max = LIST_MAX, .preset = "[]",
	    .text = "Topics that raise it; none: every topic, or with events no item at all." },
	{ "events", CONF_CHOICES, LIST(conf_alert, events, event_count), .max = LIST_MAX,
	    .choices = "feed_down|feed_silent|feed_up|gap|false_304|feed_moved", .preset = "[]",
	    .text = "What happens to feeds that raises it: down, silent, well again, items perhaps missed, "
	            "a 304 that was a lie, another address." },
	{ "feeds", CONF_FEED_GLOBS, LIST(conf_alert, feeds, feed_count), .max = LIST_MAX, .preset = "[]",
	    .text = "Names of feeds, with * and ?; none: every feed." },
	{ "score_min", CONF_SCORE, AT(conf_alert, score_min), .preset = "0",
	    .text = "Least score, 0 to 1; 0: the topic's own threshold decides." },
	{ "decision", CONF_CHOICE, AT(conf_alert, decision), .choices = "match|review", .preset = "match",
	    .text = "match: what is surely about the topic; review: also what a person should look at." },
	{ "when", CONF_CHOICE, AT(conf_alert, when), .choices = "raised|confirmed", .preset = "raised",
	    .text =
	        "raised: at once; confirmed: only after a person has confirmed the record with gazettectl "
	        "review." },
	{ "confirm_for", CONF_DURATION, AT(conf_alert, confirm_for), .min = SECOND, .max = 3660 * DAY,
	    .preset = "14d",
	    .text = "What nobody has confirmed or rejected for so long becomes a dead letter." },
	{ "every", CONF_DURATION, AT(conf_alert, every), .min = SECOND, .max = 7 * DAY, .zero = true,
	    .preset = "0",
	    .text =
	        "One delivery with all records of such a period, at the full hour for 1h, at midnight for "
	        "1d; 0: each record by itself." },
	{ "rate", CONF_RATE, AT(conf_alert, rate), .max = 1000000, .zero = true, .preset = "0",
	    .text = "So many deliveries in so long, such as 20/1h; those beyond wait for their turn; 0: no "
	            "bound." },
	{ "burst", CONF_RATE, AT(conf_alert, burst), .max = 1000000, .zero = true, .preset = "1000/1m",
	    .text =
	        "More records than this in so long become one delivery when it is calm again; 0: never." },
	{ "quiet", CONF_SPAN, AT(conf_alert, quiet),
	    .text = "Hours in which nothing is delivered, such as 22:00-07:00; what was raised then follows "
	            "afterwards." },
	{ "zone", CONF_ZONE_NAME, AT(conf_alert, zone),
	    .text = "Time zone of quiet and every: a name such as Asia/Hong_Kong, or +08:00; not set: UTC." },
	{ "exec", CONF_EXEC, AT(conf_alert, exec), .max = EXEC_MAX, .required = true,
	    .text = "Program and arguments, as a list; no shell. A relative program is looked for beside "
	            "this file, then in hooks.scripts." },
	{ "mode", CONF_CHOICE, AT(conf_alert, mode), .choices = "each|stream", .preset = "each",
	    .text = "each: the program is started for each delivery; stream: one process stays, reads a line "
	            "for each delivery and answers OK or RETRY." },
	{ "timeout", CONF_DURATION, AT(conf_alert, timeout), .min = 100 * MS, .max = DAY, .preset = "30s",
	    .text = "The script and all that it started is killed after this; so is a stream that has not "
	            "answered." },
	{ "retry_for", CONF_DURATION, AT(conf_alert, retry_for), .max = 366 * DAY, .preset = "1d",
	    .text = "Failed tries are repeated for so long; then the delivery becomes a dead letter." },
	{ "retry_min", CONF_DURATION, AT(conf_alert, retry_min), .min = 10 * MS, .max = 366 * DAY,
	    .preset = "10s", .text = "The first pause between two tries; every further one is longer." },
	{ "retry_max", CONF_DURATION, AT(conf_alert, retry_max), .min = 10 * MS, .max = 366 * DAY,
	    .preset = "1h", .text = "The longest pause between two tries." },
};

#define ROWS(rows)                                                                                           \
	{                                                                                                    \
		{                                                                                            \
			rows, ARRAY_LEN(rows), 0                                                             \
		}                                                                                            \
	}

static const struct conf_section storage_section = { "storage", "storage.",
	"What is written, where, and for how long it is kept.", offsetof(struct conf, storage), false,
	ROWS(storage_keys) };
static const struct conf_section records_section = { "records", "records.",
	"What is recorded of items that change, or that several feeds bring.", offsetof(struct conf, records),
	false, ROWS(records_keys) };
static const struct conf_section fetch_section = { "fetch", "fetch.",
	"How feeds are fetched. Every key may also stand in a feed, for that feed alone.",
	offsetof(struct conf, fetch), false, ROWS(fetch_keys) };
static const struct conf_section hosts_section = { "hosts", "hosts.", "Politeness towards publishers.",
	offsetof(struct conf, hosts), false, ROWS(hosts_keys) };
const struct conf_section conf_host_rule_section = { "hosts.rules", "hosts.rules.",
	"A rule: an entry of the list `rules` under `hosts`.", 0, false, ROWS(host_rule_keys) };
static const struct conf_section workers_section = { "workers", "workers.",
	"The processes that read what came from the network.", offsetof(struct conf, workers), false,
	ROWS(workers_keys) };
static const struct conf_section hooks_section = { "hooks", "hooks.", "How alert scripts are run.",
	offsetof(struct conf, hooks), false, ROWS(hooks_keys) };
static const struct conf_section http_section = { "http", "http.",
	"The server that hubs reach; it answers nobody else.", offsetof(struct conf, http), false,
	ROWS(http_keys) };
static const struct conf_section page_section = { "page", "page.",
	"The page that shows how the daemon and its feeds are, and what they brought.",
	offsetof(struct conf, page), false, ROWS(page_keys) };
static const struct conf_section websub_section = { "websub", "websub.",
	"Feeds that are pushed (WebSub). Which ones: fetch.websub, also per feed.",
	offsetof(struct conf, websub), false, ROWS(websub_keys) };

const struct conf_section conf_feed_section = { "feeds", "", "A feed: an entry of the list `feeds`.", 0,
	false,
	{ { feed_keys, ARRAY_LEN(feed_keys), 0 },
	    { fetch_keys, ARRAY_LEN(fetch_keys), offsetof(struct conf_feed_draft, fetch) } } };
const struct conf_section conf_defaults_section = { "defaults", "defaults.",
	"For all feeds of the same file that do not say otherwise.", 0, true,
	{ { feed_keys, ARRAY_LEN(feed_keys), 0 },
	    { fetch_keys, ARRAY_LEN(fetch_keys), offsetof(struct conf_feed_draft, fetch) } } };
const struct conf_section conf_alert_section = { "alerts", "", "An alert: an entry of the list `alerts`.", 0,
	false, ROWS(alert_keys) };

#define FEEDS_ROWS                                                                                           \
	{ "defaults", CONF_DEFAULTS, .section = &conf_defaults_section,                                      \
		.text = "Keys for all feeds of this file that do not say otherwise." },                      \
	{                                                                                                    \
		"feeds", CONF_FEEDS, .section = &conf_feed_section, .text = "The feeds, a list."             \
	}
#define ALERTS_ROW                                                                                           \
	{                                                                                                    \
		"alerts", CONF_ALERTS, .section = &conf_alert_section, .text = "The alerts, a list."         \
	}

static const struct conf_key main_keys[] = {
	{ "contact", CONF_TEXT, AT(conf, contact),
	    .text = "Address or page of the operator, told to publishers in the User-Agent. Please set it." },
	{ "user_agent", CONF_TEXT, AT(conf, user_agent),
	    .text = "The whole User-Agent; not set: gazetted/VERSION (contact)." },
	{ "log_level", CONF_CHOICE, AT(conf, log_level), .choices = "error|warn|info|debug", .preset = "info",
	    .text = "What the daemon says on standard error." },
	{ "feeds_files", CONF_PATTERNS, .files = CONF_FEEDS_FILES, .max = LIST_MAX,
	    .preset = "[feeds.d/*.yaml]",
	    .text = "Files with feeds; wildcards may match nothing, a plain name must exist." },
	{ "topics_files", CONF_PATTERNS, .files = CONF_TOPICS_FILES, .max = LIST_MAX,
	    .preset = "[topics.d/*.yaml]", .text = "Topic files." },
	{ "alerts_files", CONF_PATTERNS, .files = CONF_ALERTS_FILES, .max = LIST_MAX,
	    .preset = "[alerts.d/*.yaml]", .text = "Files with alerts." },
	{ "opml", CONF_PATTERNS, .files = CONF_OPML_FILES, .max = LIST_MAX, .preset = "[]",
	    .text = "Lists of feeds as OPML, as other readers export them." },
	{ "shipped_topics", CONF_BOOL, AT(conf, shipped_topics), .preset = "true",
	    .text = "Also the topics that come with the program. A topic file with the name of one of them "
	            "takes its place." },
	{ "model", CONF_FILE, AT(conf, model),
	    .text = "File of learned weights, made by gazettectl train; they go to topics by name. Not set: "
	            "those that come with the shipped topics." },
	{ "storage", CONF_SECTION, .section = &storage_section },
	{ "records", CONF_SECTION, .section = &records_section },
	{ "fetch", CONF_SECTION, .section = &fetch_section },
	{ "hosts", CONF_SECTION, .section = &hosts_section },
	{ "workers", CONF_SECTION, .section = &workers_section },
	{ "hooks", CONF_SECTION, .section = &hooks_section },
	{ "http", CONF_SECTION, .section = &http_section },
	{ "websub", CONF_SECTION, .section = &websub_section },
	{ "page", CONF_SECTION, .section = &page_section },
	FEEDS_ROWS,
	ALERTS_ROW,
};
static const struct conf_key feeds_file_keys[] = { FEEDS_ROWS };
static const struct conf_key alerts_file_keys[] = { ALERTS_ROW };

const struct conf_section conf_main_section = { "", "",
	"Who asks, and which files belong to the configuration.", 0, false, ROWS(main_keys) };
const struct conf_section conf_feeds_file_section = { "", "", "A file with feeds.", 0, false,
	ROWS(feeds_file_keys) };
const struct conf_section conf_alerts_file_section = { "", "", "A file with alerts.", 0, false,
	ROWS(alerts_file_keys) };

const struct conf_section *const conf_plain_sections[] = { &conf_main_section, &storage_section,
	&records_section, &fetch_section, &hosts_section, &workers_section, &hooks_section, &http_section,
	&websub_section, &page_section, NULL };

_Static_assert(
    ARRAY_LEN(feed_keys) + ARRAY_LEN(fetch_keys) <= CONF_KEYS_MAX, "keys of a feed are bits of one word");
