/* Every key: values that it takes, as they are printed again, and values that it refuses, with the words of the complaint. */
#include "daemon/conf/table_priv.h"
#include "tests/fake/conf_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct row {
	const char *section; /* "" for the top, "feeds" or "alerts" for entries of those lists */
	const char *key;
	const char *value; /* as YAML */
	const char *printed; /* as conf_print has it; NULL: as `value` */
	const char *complaint; /* or NULL: it is good */
};

#define PIN "YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE="
#define GOOD(section, key, value)                                                                            \
	{                                                                                                    \
		section, key, value, NULL, NULL                                                              \
	}
#define AS(section, key, value, printed)                                                                     \
	{                                                                                                    \
		section, key, value, printed, NULL                                                           \
	}
#define BAD(section, key, value, complaint)                                                                  \
	{                                                                                                    \
		section, key, value, NULL, complaint                                                         \
	}

#define NAME_RULE                                                                                            \
	" is not a name: a-z, 0-9, \"-\", \"_\" and \".\", beginning with a letter or digit, at most 100 "   \
	"bytes"
#define PATH(section, key)                                                                                   \
	GOOD(section, key, "/var/x"), AS(section, key, "sub/x", "FOLDER/sub/x"),                             \
	    AS(section, key, "./x", "FOLDER/x")

#define RATE_RULE "expected so many in so long, such as 20/1h (1 to 1000000 in 1s to 366d), or 0, got "
#define NO_ZONE(name) "there is no time zone \"" name "\" in /usr/share/zoneinfo/ (package tzdata)"

static const struct row rows[] = {
	GOOD("", "contact", "\"mailto:watch@example.org\""),
	BAD("", "contact", "\"\"", "contact: is empty"),
	BAD("", "contact", "\"a\\nb\"", "contact: holds a control character (0x0a)"),
	BAD("", "contact", "[a]", "contact: expected a single value (text), got a list"),
	BAD("", "contact", "{a: b}", "contact: expected a single value (text), got a mapping"),
	AS("", "user_agent", "watcher 1.0", "\"watcher 1.0\""),
	GOOD("", "log_level", "debug"),
	BAD("", "log_level", "warning", "log_level: expected error|warn|info|debug, got \"warning\""),
	BAD("", "log_level", "wran",
	    "log_level: expected error|warn|info|debug, got \"wran\" (did you mean \"warn\"?)"),
	AS("", "feeds_files", "[]", "[]"),
	BAD("", "feeds_files", "{}", "feeds_files: expected a list, got a mapping"),
	BAD("", "feeds_files", "[[x]]", "feeds_files: expected single values in the list, got a list"),
	BAD("", "feeds_files", "[\"\"]", "feeds_files: is empty"),
	AS("", "topics_files", "[]", " []"),
	BAD("", "topics_files", "[a*/b.yaml]",
	    "FOLDER/a*/b.yaml: wildcards may stand in the last part of a path only"),
	AS("", "alerts_files", "none-*.yaml", "[]"),
	AS("", "opml", "[]", "[]"),
	GOOD("", "shipped_topics", "false"),
	AS("", "model", "gazetted.yaml", "FOLDER/gazetted.yaml"),
	BAD("", "model", "missing.model", "model: FOLDER/missing.model does not exist"),
	PATH("storage", "directory"),
	BAD("storage", "directory", "\"\"", "storage.directory: is empty"),
	PATH("storage", "state_directory"),
	GOOD("storage", "rotate_size", "4KiB"),
	GOOD("storage", "rotate_size", "0"),
	BAD("storage", "rotate_size", "4095",
	    "storage.rotate_size: 4095B is out of range (4KiB to 1TiB, or 0)"),
	BAD("storage", "rotate_size", "64M",
	    "storage.rotate_size: expected a size such as 4096, 64MiB or 10GB, got \"64M\""),
	GOOD("storage", "rotate_every", "6h"),
	BAD("storage", "rotate_every", "1s", "storage.rotate_every: 1s is out of range (1m to 366d, or 0)"),
	GOOD("storage", "compress", "false"),
	AS("storage", "compress", "yes", "true"),
	AS("storage", "compress", "no", "false"),
	AS("storage", "compress", "\"true\"", "true"),
	BAD("storage", "compress", "on", "storage.compress: expected true or false, got \"on\""),
	BAD("storage", "compress", "True", "storage.compress: expected true or false, got \"True\""),
	BAD("storage", "compress", "1", "storage.compress: expected true or false, got \"1\""),
	AS("storage", "sign_key_file", "gazetted.yaml", "FOLDER/gazetted.yaml"),
	BAD("storage", "sign_key_file", "missing.pem",
	    "storage.sign_key_file: FOLDER/missing.pem does not exist"),
	GOOD("storage", "keep_for", "400d"),
	BAD("storage", "keep_for", "1m", "storage.keep_for: 1m is out of range (1h to 36600d, or 0)"),
	GOOD("storage", "keep_total", "10GiB"),
	BAD("storage", "keep_total", "1", "storage.keep_total: 1B is out of range (1MiB to 1024TiB, or 0)"),
	GOOD("storage", "keep_free", "2GiB"),
	BAD("storage", "keep_free", "2TiB", "storage.keep_free: 2TiB is out of range (0 to 1TiB)"),
	GOOD("storage", "keep_hard", "20GiB"),
	BAD("storage", "keep_hard", "1", "storage.keep_hard: 1B is out of range (1MiB to 1024TiB, or 0)"),
	GOOD("storage", "free_floor", "0"),
	BAD("storage", "free_floor", "2TiB", "storage.free_floor: 2TiB is out of range (0 to 1TiB)"),
	GOOD("storage", "file_mode", "0600"),
	AS("storage", "file_mode", "0o640", "0640"),
	BAD("storage", "file_mode", "0644",
	    "storage.file_mode: \"0644\" is more than the daemon gives (0640 at most)"),
	BAD("storage", "file_mode", "640",
	    "storage.file_mode: expected octal permissions such as 0640, got \"640\""),
	BAD("storage", "file_mode", "0648",
	    "storage.file_mode: expected octal permissions such as 0640, got \"0648\""),
	BAD("storage", "file_mode", "04640",
	    "storage.file_mode: expected octal permissions such as 0640, got \"04640\""),
	BAD("storage", "file_mode", "0440",
	    "storage.file_mode: \"0440\" would lock the owner out (0600 at least)"),
	GOOD("storage", "group_delay", "0"),
	BAD("storage", "group_delay", "61s", "storage.group_delay: 61s is out of range (0 to 1m)"),
	GOOD("fetch", "interval", "90s"),
	BAD("fetch", "interval", "5", "fetch.interval: \"5\" needs a unit: ms, s, m, h or d"),
	BAD("fetch", "interval", "5 m",
	    "fetch.interval: expected a duration such as 90s, 5m, 2h or 1d, got \"5 m\""),
	BAD("fetch", "interval", "99ms", "fetch.interval: 99ms is out of range (100ms to 366d)"),
	GOOD("fetch", "interval_min", "2s"),
	BAD("fetch", "interval_min", "400d", "fetch.interval_min: 400d is out of range (100ms to 366d)"),
	GOOD("fetch", "interval_max", "7d"),
	BAD("fetch", "interval_max", "5ms", "fetch.interval_max: 5ms is out of range (1s to 366d)"),
	GOOD("fetch", "adaptive", "false"),
	BAD("fetch", "adaptive", "2", "fetch.adaptive: expected true or false, got \"2\""),
	GOOD("fetch", "adaptive_max", "2h"),
	BAD("fetch", "adaptive_max", "1ms", "fetch.adaptive_max: 1ms is out of range (1s to 366d)"),
	GOOD("fetch", "obey_hints", "false"),
	BAD("fetch", "obey_hints", "maybe", "fetch.obey_hints: expected true or false, got \"maybe\""),
	GOOD("fetch", "timeout", "2m"),
	BAD("fetch", "timeout", "2h", "fetch.timeout: 2h is out of range (100ms to 1h)"),
	GOOD("fetch", "connect_timeout", "5s"),
	BAD("fetch", "connect_timeout", "0", "fetch.connect_timeout: 0 is out of range (100ms to 1h)"),
	GOOD("fetch", "low_speed_time", "0"),
	BAD("fetch", "low_speed_time", "1ms", "fetch.low_speed_time: 1ms is out of range (1s to 1h, or 0)"),
	GOOD("fetch", "low_speed_bytes", "1KiB"),
	BAD("fetch", "low_speed_bytes", "-1",
	    "fetch.low_speed_bytes: expected a size such as 4096, 64MiB or 10GB, got \"-1\""),
	GOOD("fetch", "body_max", "1MiB"),
	GOOD("fetch", "body_max", "64MiB"),
	BAD("fetch", "body_max", "1GiB", "fetch.body_max: 1GiB is out of range (1KiB to 64MiB)"),
	GOOD("fetch", "redirects_max", "0"),
	BAD("fetch", "redirects_max", "11", "fetch.redirects_max: 11 is out of range (0 to 10)"),
	BAD("fetch", "redirects_max", "a few", "fetch.redirects_max: expected a whole number, got \"a few\""),
	BAD("fetch", "redirects_max", "99999999999999999999",
	    "fetch.redirects_max: expected a whole number, got \"99999999999999999999\""),
	GOOD("fetch", "backoff_max", "1h"),
	GOOD("fetch", "probe_after", "0"),
	BAD("fetch", "probe_after", "x", "fetch.probe_after: expected a whole number, got \"x\""),
	GOOD("fetch", "probe_gap", "1h"),
	BAD("fetch", "probe_gap", "400d", "fetch.probe_gap: 400d is out of range (0 to 366d)"),
	GOOD("fetch", "mistrust_for", "1h"),
	BAD("fetch", "mistrust_for", "400d", "fetch.mistrust_for: 400d is out of range (0 to 366d)"),
	GOOD("fetch", "move_confirm", "2"),
	BAD("fetch", "move_confirm", "1001", "fetch.move_confirm: 1001 is out of range (0 to 1000)"),
	GOOD("fetch", "move_span", "1h"),
	BAD("fetch", "move_span", "400d", "fetch.move_span: 400d is out of range (0 to 366d)"),
	GOOD("fetch", "move_return", "1h"),
	BAD("fetch", "move_return", "0", "fetch.move_return: 0 is out of range (1s to 366d)"),
	GOOD("fetch", "gone_max", "1h"),
	BAD("fetch", "gone_max", "0", "fetch.gone_max: 0 is out of range (1s to 366d)"),
	BAD("fetch", "backoff_max", "0", "fetch.backoff_max: 0 is out of range (1s to 366d)"),
	GOOD("fetch", "archive_other_hosts", "true"),
	GOOD("fetch", "down_failures", "0"),
	BAD("fetch", "down_failures", "1001", "fetch.down_failures: 1001 is out of range (0 to 1000)"),
	GOOD("fetch", "down_after", "0"),
	GOOD("fetch", "silent_factor", "3"),
	BAD("fetch", "silent_factor", "1001", "fetch.silent_factor: 1001 is out of range (0 to 1000)"),
	GOOD("fetch", "archive_pages", "0"),
	BAD("fetch", "archive_pages", "101", "fetch.archive_pages: 101 is out of range (0 to 100)"),
	GOOD("fetch", "retry_after_max", "1d"),
	BAD("fetch", "retry_after_max", "soon",
	    "fetch.retry_after_max: expected a duration such as 90s, 5m, 2h or 1d, got \"soon\""),
	GOOD("fetch", "proxy", "http://proxy.example:3128"),
	GOOD("fetch", "proxy", "socks5h://127.0.0.1:9050"),
	BAD("fetch", "proxy", "ftp://x", "fetch.proxy: expected http, https, socks5 or socks5h"),
	BAD("fetch", "proxy", "http://u:p@x",
	    "fetch.proxy: holds credentials: write proxy_username and proxy_password_file instead"),
	GOOD("fetch", "proxy_username", "watch"),
	AS("fetch", "proxy_password_file", "gazetted.yaml", "FOLDER/gazetted.yaml"),
	BAD("fetch", "proxy_password_file", "gone", "fetch.proxy_password_file: FOLDER/gone does not exist"),
	AS("fetch", "ca_file", "gazetted.yaml", "FOLDER/gazetted.yaml"),
	BAD("fetch", "ca_file", "missing.pem", "fetch.ca_file: FOLDER/missing.pem does not exist"),
	AS("fetch", "pin", "sha256//" PIN, "\"sha256//" PIN "\""),
	AS("fetch", "pin", "sha256//" PIN ";sha256//" PIN, "\"sha256//" PIN ";sha256//" PIN "\""),
	BAD("fetch", "pin", "sha256//" PIN ";",
	    "fetch.pin: expected sha256//, 43 characters of base64 and ="),
	BAD("fetch", "pin", "sha1//" PIN, "fetch.pin: expected sha256//, 43 characters of base64 and ="),
	BAD("fetch", "pin", "sha256//YhKJKSzoTt2b5FP18fvpHo7fJYqQCjAa3HWY3tvRMwE-",
	    "fetch.pin: expected sha256//, 43 characters of base64 and ="),
	AS("fetch", "client_certificate", "gazetted.yaml", "FOLDER/gazetted.yaml"),
	BAD("fetch", "client_certificate", "missing.pem",
	    "fetch.client_certificate: FOLDER/missing.pem does not exist"),
	AS("fetch", "client_key", "gazetted.yaml", "FOLDER/gazetted.yaml"),
	BAD("fetch", "client_key", "missing.pem", "fetch.client_key: FOLDER/missing.pem does not exist"),
	AS("fetch", "allow_networks", "[10.0.0.0/8, \"::1\"]", "[\"10.0.0.0/8\", \"::1/128\"]"),
	AS("fetch", "allow_networks", "127.0.0.1", "[\"127.0.0.1/32\"]"),
	GOOD("hosts", "concurrency", "1"),
	BAD("hosts", "concurrency", "0", "hosts.concurrency: 0 is out of range (1 to 4096)"),
	GOOD("hosts", "slow_concurrency", "1"),
	BAD("hosts", "slow_concurrency", "0", "hosts.slow_concurrency: 0 is out of range (1 to 4096)"),
	GOOD("hosts", "slow_after", "100ms"),
	BAD("hosts", "slow_after", "0", "hosts.slow_after: 0 is out of range (100ms to 1h)"),
	GOOD("records", "case_window", "6d"),
	BAD("records", "case_window", "7d", "records.case_window: 7d is out of range (1h to 6d)"),
	GOOD("records", "case_items", "0"),
	BAD("records", "case_items", "1000001", "records.case_items: 1000001 is out of range (0 to 1000000)"),
	GOOD("records", "revisions_per_day", "7"),
	BAD("records", "revisions_per_day", "8", "records.revisions_per_day: 8 is out of range (0 to 7)"),
	GOOD("hosts", "per_host", "8"),
	BAD("hosts", "per_host", "65", "hosts.per_host: 65 is out of range (1 to 64)"),
	GOOD("hosts", "gap", "0"),
	BAD("hosts", "gap", "2h", "hosts.gap: 2h is out of range (0 to 1h)"),
	GOOD("hosts", "jitter_percent", "50"),
	GOOD("hosts", "start_gap", "0"),
	GOOD("hosts", "idle_connections", "0"),
	GOOD("hosts", "idle_for", "0"),
	GOOD("hosts", "rules", "[]"),
	AS("hosts", "rules", "[{gap: 5s, host: WWW.example.org}]",
	    "[{host: www.example.org, per_host: 2, gap: 5s}]"),
	AS("hosts", "rules", "[{host: a.example:8080, gap: 0}, {host: '*.example', per_host: 1}]",
	    "[{host: a.example:8080, per_host: 1, gap: 0}, {host: \"*.example\", per_host: 1, gap: 500ms}]"),
	AS("hosts", "rules", "[{host: '[FD00::1]:81', per_host: 64}]",
	    "[{host: \"[fd00::1]:81\", per_host: 64, gap: 500ms}]"),
	BAD("hosts", "rules", "slow", "hosts.rules: expected a list (- host: ...), got a single value"),
	BAD("hosts", "rules", "[slow]", "hosts.rules: expected keys of a rule, got a single value"),
	BAD("hosts", "jitter_percent", "51", "hosts.jitter_percent: 51 is out of range (0 to 50)"),
	BAD("hosts", "jitter_percent", "10%", "hosts.jitter_percent: expected a whole number, got \"10%\""),
	BAD("hosts", "start_gap", "2m", "hosts.start_gap: 2m is out of range (0 to 1m)"),
	BAD("hosts", "idle_connections", "5000", "hosts.idle_connections: 5000 is out of range (0 to 4096)"),
	BAD("hosts", "idle_for", "500ms", "hosts.idle_for: 500ms is out of range (1s to 1h, or 0)"),
	GOOD("workers", "count", "64"),
	BAD("workers", "count", "0", "workers.count: 0 is out of range (1 to 64)"),
	GOOD("workers", "cpu_limit", "1s"),
	BAD("workers", "cpu_limit", "1ms", "workers.cpu_limit: 1ms is out of range (100ms to 1h)"),
	GOOD("workers", "memory_limit", "512MiB"),
	BAD("workers", "memory_limit", "1MiB", "workers.memory_limit: 1MiB is out of range (64MiB to 64GiB)"),
	GOOD("hooks", "concurrency", "16"),
	BAD("hooks", "concurrency", "257", "hooks.concurrency: 257 is out of range (1 to 256)"),
	PATH("hooks", "socket"),
	PATH("hooks", "scripts"),
	GOOD("fetch", "websub", "false"),
	GOOD("fetch", "websub_interval", "2h"),
	BAD("fetch", "websub_interval", "0", "fetch.websub_interval: 0 is out of range (1s to 366d)"),
	GOOD("http", "listen", "127.0.0.1:8090"),
	AS("http", "listen", "'[::1]:0'", "\"[::1]:0\""),
	BAD("http", "listen", "localhost:80",
	    "http.listen: expected address:port, such as 127.0.0.1:8090, or unix:/path"),
	GOOD("http", "listen", "unix:/run/gazetted/http.sock"),
	BAD("http", "listen", "unix:page.sock",
	    "http.listen: expected address:port, such as 127.0.0.1:8090, or unix:/path"),
	BAD("http", "listen", "127.0.0.1",
	    "http.listen: expected address:port, such as 127.0.0.1:8090, or unix:/path"),
	BAD("http", "listen", "127.0.0.1:65536",
	    "http.listen: expected address:port, such as 127.0.0.1:8090, or unix:/path"),
	GOOD("http", "connections", "10"),
	BAD("http", "connections", "0", "http.connections: 0 is out of range (1 to 10000)"),
	GOOD("http", "timeout", "5s"),
	BAD("http", "timeout", "0", "http.timeout: 0 is out of range (1s to 1h)"),
	GOOD("page", "listen", "127.0.0.1:8750"),
	BAD("page", "listen", "8750",
	    "page.listen: expected address:port, such as 127.0.0.1:8090, or unix:/path"),
	GOOD("page", "public_name", "gazetted.example.org"),
	GOOD("page", "connections", "10"),
	BAD("page", "connections", "0", "page.connections: 0 is out of range (1 to 10000)"),
	GOOD("page", "timeout", "5s"),
	BAD("page", "timeout", "0", "page.timeout: 0 is out of range (1s to 1h)"),
	GOOD("websub", "public_url", "https://host.example/gazetted"),
	BAD("websub", "public_url", "host.example", "websub.public_url: is not a URL with a host"),
	GOOD("websub", "lease", "1d"),
	BAD("websub", "lease", "0", "websub.lease: 0 is out of range (1s to 366d)"),
	GOOD("websub", "verify_for", "1m"),
	BAD("websub", "verify_for", "2d", "websub.verify_for: 2d is out of range (1s to 1d)"),
	GOOD("websub", "retry_min", "1m"),
	BAD("websub", "retry_min", "0", "websub.retry_min: 0 is out of range (1s to 366d)"),
	GOOD("websub", "retry_max", "2d"),
	BAD("websub", "retry_max", "0", "websub.retry_max: 0 is out of range (1s to 366d)"),
	GOOD("websub", "sha1", "true"),
	GOOD("hooks", "output_max", "0"),
	BAD("hooks", "output_max", "2MiB", "hooks.output_max: 2MiB is out of range (0 to 1MiB)"),
	GOOD("feeds", "name", "hk.police_1-en"),
	BAD("feeds", "name", "", "name: is empty"),
	BAD("feeds", "name", "HK", "name: \"HK\"" NAME_RULE),
	BAD("feeds", "name", "-x", "name: \"-x\"" NAME_RULE),
	BAD("feeds", "name", "a b", "name: \"a b\"" NAME_RULE),
	GOOD("feeds", "url", "http://example.org/"),
	AS("feeds", "url", "HTTPS://example.org/a?b=c", "\"HTTPS://example.org/a?b=c\""),
	BAD("feeds", "url", "example.org/rss", "url: is not a URL with a host"),
	BAD("feeds", "url", "ftp://example.org/rss", "url: expected http or https, got \"ftp\""),
	BAD("feeds", "url", "file:///etc/passwd", "url: is not a URL with a host"),
	BAD("feeds", "url", "https://u:p@example.org/",
	    "url: holds credentials: write username and password_file instead"),
	BAD("feeds", "url", "https://example.org/a b",
	    "url: spaces and characters beyond ASCII must be percent-encoded (host names: xn--)"),
	BAD("feeds", "url", "https://例.org/",
	    "url: spaces and characters beyond ASCII must be percent-encoded (host names: xn--)"),
	BAD("feeds", "url", "https://example.org:99999/", "url: is not a URL with a host"),
	AS("feeds", "title", "新聞公報", "\"新聞公報\""),
	GOOD("feeds", "agency", "Police"),
	GOOD("feeds", "country", "HK"),
	GOOD("feeds", "country", "NO"),
	BAD("feeds", "country", "Hong Kong",
	    "country: expected two capital letters (ISO 3166) such as HK, got \"Hong Kong\""),
	BAD("feeds", "country", "hk",
	    "country: expected two capital letters (ISO 3166) such as HK, got \"hk\""),
	GOOD("feeds", "language", "zh-Hant"),
	GOOD("feeds", "language", "no"),
	BAD("feeds", "language", "english!",
	    "language: expected a language tag such as en, pt-BR or zh-Hant, got \"english!\""),
	BAD("feeds", "language", "e",
	    "language: expected a language tag such as en, pt-BR or zh-Hant, got \"e\""),
	BAD("feeds", "language", "en-",
	    "language: expected a language tag such as en, pt-BR or zh-Hant, got \"en-\""),
	GOOD("feeds", "groups", "[police, \"two words\"]"),
	AS("feeds", "groups", "police", "[police]"),
	BAD("feeds", "groups", "[\"\"]", "groups: is empty"),
	GOOD("feeds", "enabled", "false"),
	GOOD("feeds", "alert_first_poll", "true"),
	GOOD("feeds", "assume_zone", "\"+08:00\""),
	AS("feeds", "assume_zone", "-03:30", "\"-03:30\""),
	AS("feeds", "assume_zone", "UTC", "\"+00:00\""),
	AS("feeds", "assume_zone", "Z", "\"+00:00\""),
	BAD("feeds", "assume_zone", "HKT",
	    "assume_zone: expected an offset from UTC such as +08:00, got \"HKT\""),
	BAD("feeds", "assume_zone", "+14:01",
	    "assume_zone: expected an offset from UTC such as +08:00, got \"+14:01\""),
	BAD("feeds", "assume_zone", "+08:60",
	    "assume_zone: expected an offset from UTC such as +08:00, got \"+08:60\""),
	GOOD("feeds", "username", "watch"),
	AS("feeds", "password_file", "gazetted.yaml", "FOLDER/gazetted.yaml"),
	BAD("feeds", "username", "\"\"", "username: is empty"),
	BAD("feeds", "password_file", "gone", "password_file: FOLDER/gone does not exist"),
	GOOD("feeds", "bearer_file", "/run/credentials/gazetted.service/token"),
	AS("feeds", "bearer_file", "gazetted.yaml", "FOLDER/gazetted.yaml"),
	BAD("feeds", "bearer_file", "gone", "bearer_file: FOLDER/gone does not exist"),
	GOOD("feeds", "timeout", "7s"),
	BAD("feeds", "timeout", "7", "timeout: \"7\" needs a unit: ms, s, m, h or d"),
	GOOD("alerts", "name", "by-mail"),
	BAD("alerts", "name", "By Mail", "name: \"By Mail\"" NAME_RULE),
	GOOD("alerts", "enabled", "true"),
	GOOD("alerts", "topics", "[]"),
	BAD("alerts", "topics", "[\"No Topic\"]", "topics: \"No Topic\" is not the name of a topic"),
	GOOD("alerts", "events", "[feed_down, feed_silent, feed_up, gap, false_304, feed_moved]"),
	GOOD("alerts", "events", "[]"),
	AS("alerts", "events", "gap", "[gap]"),
	BAD("alerts", "events", "[feed_down, feed_dwon]",
	    "events: expected feed_down|feed_silent|feed_up|gap|false_304|feed_moved, got \"feed_dwon\" (did "
	    "you mean "
	    "\"feed_down\"?)"),
	BAD("alerts", "events", "{a: b}", "events: expected a list, got a mapping"),
	GOOD("alerts", "feeds", "[\"hk-*\", \"x?\"]"),
	BAD("alerts", "feeds", "[\"HK\"]", "feeds: \"HK\" is not the name of a feed"),
	AS("alerts", "score_min", "0.85", "0.850000"),
	AS("alerts", "score_min", "1", "1.000000"),
	BAD("alerts", "score_min", "1.01",
	    "score_min: expected a number from 0 to 1 such as 0.85, got \"1.01\""),
	BAD("alerts", "score_min", "-0.5",
	    "score_min: expected a number from 0 to 1 such as 0.85, got \"-0.5\""),
	BAD("alerts", "score_min", ".5", "score_min: expected a number from 0 to 1 such as 0.85, got \".5\""),
	BAD("alerts", "score_min", "0.", "score_min: expected a number from 0 to 1 such as 0.85, got \"0.\""),
	BAD("alerts", "score_min", "85%",
	    "score_min: expected a number from 0 to 1 such as 0.85, got \"85%\""),
	GOOD("alerts", "decision", "review"),
	GOOD("alerts", "when", "confirmed"),
	BAD("alerts", "when", "later", "when: expected raised|confirmed, got \"later\""),
	GOOD("alerts", "mode", "stream"),
	BAD("alerts", "mode", "streams",
	    "mode: expected each|stream, got \"streams\" (did you mean \"stream\"?)"),
	GOOD("alerts", "confirm_for", "30d"),
	BAD("alerts", "confirm_for", "0", "confirm_for: 0 is out of range (1s to 3660d)"),
	GOOD("alerts", "every", "1h"),
	GOOD("alerts", "every", "0"),
	BAD("alerts", "every", "8d", "every: 8d is out of range (1s to 7d, or 0)"),
	GOOD("alerts", "rate", "20/1h"),
	AS("alerts", "rate", "20/60m", "20/1h"),
	GOOD("alerts", "rate", "0"),
	BAD("alerts", "rate", "20", "rate: " RATE_RULE "\"20\""),
	BAD("alerts", "rate", "0/1h", "rate: " RATE_RULE "\"0/1h\""),
	BAD("alerts", "rate", "20/", "rate: " RATE_RULE "\"20/\""),
	BAD("alerts", "rate", "20/999ms", "rate: " RATE_RULE "\"20/999ms\""),
	BAD("alerts", "rate", "-1/1h", "rate: " RATE_RULE "\"-1/1h\""),
	GOOD("alerts", "burst", "50/1m"),
	BAD("alerts", "burst", "2000000/1m", "burst: " RATE_RULE "\"2000000/1m\""),
	GOOD("alerts", "quiet", "\"22:00-07:00\""),
	BAD("alerts", "quiet", "00:00-24:00", "quiet: \"00:00-24:00\" would be always: use enabled: false"),
	AS("alerts", "quiet", "22:30 - 24:00", "\"22:30-00:00\""),
	BAD("alerts", "quiet", "22-7", "quiet: expected hours such as \"22:00-07:00\", got \"22-7\""),
	BAD("alerts", "quiet", "24:01-07:00",
	    "quiet: expected hours such as \"22:00-07:00\", got \"24:01-07:00\""),
	BAD("alerts", "quiet", "07:00-07:00", "quiet: \"07:00-07:00\" would be always: use enabled: false"),
	AS("alerts", "zone", "\"+08:00\"", "\"+08:00\""),
	GOOD("alerts", "zone", "\"CET-1CEST,M3.5.0,M10.5.0/3\""),
	BAD("alerts", "zone", "CET-1CEST,M3", "zone: is no rule of a time zone"),
	BAD("alerts", "zone", "Mars/Olympus", "zone: " NO_ZONE("Mars/Olympus")),
	BAD("alerts", "zone", "../../etc/passwd", "zone: " NO_ZONE("../../etc/passwd")),
	BAD("alerts", "decision", "all", "decision: expected match|review, got \"all\""),
	GOOD("alerts", "exec", "[/bin/sh, \"-c\", \"a\\x0ab\", \"\"]"),
	BAD("alerts", "exec", "/bin/sh -c true",
	    "exec: expected a list: [program, argument, ...]; there is no shell that would split a line"),
	BAD("alerts", "exec", "[]", "exec: is empty"),
	BAD("alerts", "exec", "[\"\", x]", "exec: the program is empty"),
	BAD("alerts", "exec", "[/no/such/program]", "exec: /no/such/program does not exist"),
	BAD("alerts", "exec", "[/]", "exec: / is not an executable file (chmod +x?)"),
	GOOD("alerts", "timeout", "1m"),
	BAD("alerts", "timeout", "2d", "timeout: 2d is out of range (100ms to 1d)"),
	GOOD("alerts", "retry_for", "0"),
	BAD("alerts", "retry_for", "999d", "retry_for: 999d is out of range (0 to 366d)"),
	GOOD("alerts", "retry_min", "10ms"),
	BAD("alerts", "retry_min", "1ms", "retry_min: 1ms is out of range (10ms to 366d)"),
	GOOD("alerts", "retry_max", "2h"),
	BAD("alerts", "retry_max", "1ms", "retry_max: 1ms is out of range (10ms to 366d)"),
};

static bool in_list(const struct row *r)
{
	return strcmp(r->section, "feeds") == 0 || strcmp(r->section, "alerts") == 0;
}

/* The smallest configuration with this key; what else an entry of a list needs comes first. */
static void write_text(const struct row *r, struct buf *out)
{
	buf_str(out, STR("shipped_topics: false\n"));
	if (strcmp(r->key, "shipped_topics") == 0)
		buf_clear(out);
	if (r->section[0] == '\0')
		buf_fmt(out, "%s: %s\n", r->key, r->value);
	else if (!in_list(r))
		buf_fmt(out, "%s:\n  %s: %s\n", r->section, r->key, r->value);
	else
		buf_fmt(out, "%s:\n  - %s: %s\n", r->section, r->key, r->value);
	if (strncmp(r->key, "proxy_", 6) == 0)
		buf_str(out, STR("  proxy: http://proxy.example:1\n"));
	if (strcmp(r->key, "proxy_password_file") == 0)
		buf_str(out, STR("  proxy_username: u\n"));
	if (strcmp(r->key, "proxy_username") == 0)
		buf_str(out, STR("  proxy_password_file: gazetted.yaml\n"));
	if (!in_list(r))
		return;
	if (strcmp(r->key, "name") != 0)
		buf_str(out, STR("    name: x\n"));
	if (r->section[0] == 'f' && strcmp(r->key, "url") != 0)
		buf_str(out, STR("    url: https://example.org/x\n"));
	if (strcmp(r->key, "password_file") == 0)
		buf_str(out, STR("    username: u\n"));
	if (strcmp(r->key, "username") == 0)
		buf_str(out, STR("    password_file: gazetted.yaml\n"));
	if (r->section[0] == 'a' && strcmp(r->key, "exec") != 0)
		buf_str(out, STR("    exec: [/bin/true]\n"));
}

/* FOLDER stands for the folder's path in expectations; complaints lose it. */
static void expand(const char *text, const char *folder, struct buf *out)
{
	const char *mark;
	for (; (mark = strstr(text, "FOLDER")); text = mark + 6) {
		buf_add(out, text, (size_t)(mark - text));
		buf_str(out, str_from(folder));
		if (folder[0] == '\0')
			mark++; /* with its slash */
	}
	buf_str(out, str_from(text));
	buf_byte(out, '\0');
}

static void check_bad(struct conf_folder *f, const struct row *r)
{
	struct buf want;
	buf_init(&want, 4096);
	expand(r->complaint, "", &want);
	const char *said = conf_folder_said(f);
	const char *text = strstr(said, ": ");
	if (f->conf || !text || strncmp(text + 2, want.p, strlen(want.p)) != 0 ||
	    strcmp(text + 2 + strlen(want.p), "\n") != 0)
		fail_msg("%s.%s = %s said \"%s\", not \"%s\"", r->section, r->key, r->value, said, want.p);
	buf_fini(&want);
}

static void check_good(struct conf_folder *f, const struct row *r)
{
	struct buf want;
	struct buf line;
	struct buf printed;
	if (!f->conf)
		fail_msg("%s.%s = %s said %s", r->section, r->key, r->value, conf_folder_said(f));
	buf_init(&want, 4096);
	buf_init(&line, 4096);
	buf_init(&printed, 1 << 16);
	expand(r->printed ? r->printed : r->value, f->path, &want);
	conf_print(f->conf, &printed);
	buf_byte(&printed, '\0');
	buf_fmt(&line, "%s: %s\n", r->key, want.p + (want.p[0] == ' '));
	buf_byte(&line, '\0');
	/* A key of fetch stands there twice: under fetch and in the feed; the section's own part is looked at. */
	buf_byte(&want, '\0');
	char head[64];
	snprintf(head, sizeof(head), "%s:\n", r->section);
	const char *part = r->section[0] ? strstr(printed.p, head) : printed.p;
	if (!part || !strstr(part, line.p))
		fail_msg("%s.%s = %s was not printed as %s but\n%s", r->section, r->key, r->value, line.p,
		    printed.p);
	buf_fini(&want);
	buf_fini(&line);
	buf_fini(&printed);
}

static void test_values(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf text;
		buf_init(&text, 4096);
		write_text(&rows[i], &text);
		buf_byte(&text, '\0');
		conf_folder_load_text(&f, text.p);
		if (rows[i].complaint)
			check_bad(&f, &rows[i]);
		else
			check_good(&f, &rows[i]);
		buf_fini(&text);
	}
	conf_folder_fini(&f);
}

static bool has_row(const char *section, const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].section, section) == 0 && strcmp(rows[i].key, key) == 0)
			return true;
	return false;
}

static void check_rows(const struct conf_section *s, size_t count)
{
	size_t base;
	const struct conf_key *k;
	for (size_t i = 0; i < count && (k = conf_key_at(s, i, &base)); i++)
		if (k->type < CONF_SECTION && !has_row(s->name, k->name))
			fail_msg("no row for %s%s", s->prefix, k->name);
}

/* A new key without rows here is noticed. */
static void test_all_keys(void **state)
{
	(void)state;
	for (const struct conf_section *const *s = conf_plain_sections; *s; s++)
		check_rows(*s, SIZE_MAX);
	check_rows(&conf_feed_section, conf_feed_section.parts[0].count);
	check_rows(&conf_alert_section, SIZE_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_all_keys),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("conf/values", tests, NULL, NULL);
}
