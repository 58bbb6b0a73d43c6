/* value: one row per type of value: how it is read and checked. */
#include "daemon/conf/value_priv.h"

#include "daemon/base/url.h"
#include "daemon/base/utf8.h"
#include "daemon/conf/units_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define PIN_CHARACTERS 52u /* of one pin */
#define SYSTEMD_CREDENTIALS "/run/credentials/" /* of every unit with LoadCredential= */

#define ZONE_MAX (14 * 60) /* minutes; the farthest zone in use */

bool conf_wrong(const struct conf_entry *en, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	conf_complain(
	    &en->l->report, en->at, "%s%s: %s", en->section->prefix, en->key->name, n < 0 ? "wrong" : text);
	return false;
}

const char *conf_shown(struct str text, char out[CONF_SHOWN_MAX])
{
	struct str part = utf8_cut(text, CONF_SHOWN_MAX - 4);
	size_t n = 0;
	for (size_t i = 0; i < part.n; i++) {
		unsigned char c = (unsigned char)part.p[i];
		out[n++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	if (part.n < text.n) {
		memcpy(out + n, "...", 3);
		n += 3;
	}
	out[n] = '\0';
	return out;
}

static void *field_of(const struct conf_entry *en)
{
	return (char *)en->base + en->key->offset;
}

/* Integers live in int64_t, int, enum or bool. */
static void put_int(const struct conf_entry *en, int64_t v)
{
	int narrow = (int)v;
	bool flag = v != 0;
	if (en->key->size == sizeof(v))
		memcpy(field_of(en), &v, sizeof(v));
	else if (en->key->size == sizeof(narrow))
		memcpy(field_of(en), &narrow, sizeof(narrow));
	else
		memcpy(field_of(en), &flag, sizeof(flag));
}

static bool put_text(const struct conf_entry *en, struct str text)
{
	const char *copy = arena_cstr(en->l->arena, text);
	memcpy(field_of(en), &copy, sizeof(copy));
	return copy != NULL;
}

static bool is_number(struct str text)
{
	unsigned long long v;
	return str_to_u64(text, &v);
}

typedef void print_number_f(int64_t v, struct buf *out);

static void print_count(int64_t v, struct buf *out)
{
	buf_fmt(out, "%lld", (long long)v);
}

static bool put_in_range(const struct conf_entry *en, int64_t v, print_number_f *print)
{
	const struct conf_key *k = en->key;
	if ((v >= k->min && v <= k->max) || (v == 0 && k->zero)) {
		put_int(en, v);
		return true;
	}
	struct buf range;
	buf_init(&range, 256);
	print(v, &range);
	buf_str(&range, STR(" is out of range ("));
	print(k->min, &range);
	buf_str(&range, STR(" to "));
	print(k->max, &range);
	buf_str(&range, k->zero ? STR(", or 0)") : STR(")"));
	conf_wrong(en, "%.*s", STR_ARG(buf_view(&range)));
	buf_fini(&range);
	return false;
}

static bool parse_bool(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	bool yes = str_eq(text, STR("true")) || str_eq(text, STR("yes"));
	if (!yes && !str_eq(text, STR("false")) && !str_eq(text, STR("no")))
		return conf_wrong(en, "expected true or false, got \"%s\"", conf_shown(text, shown));
	put_int(en, yes);
	return true;
}

static bool parse_count(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	unsigned long long v;
	if (!str_to_u64(text, &v) || v > INT64_MAX)
		return conf_wrong(en, "expected a whole number, got \"%s\"", conf_shown(text, shown));
	return put_in_range(en, (int64_t)v, print_count);
}

static bool parse_duration(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	int64_t ms;
	if (conf_parse_duration(text, &ms))
		return put_in_range(en, ms, conf_print_duration);
	if (is_number(text))
		return conf_wrong(en, "\"%s\" needs a unit: ms, s, m, h or d", conf_shown(text, shown));
	return conf_wrong(
	    en, "expected a duration such as 90s, 5m, 2h or 1d, got \"%s\"", conf_shown(text, shown));
}

static bool parse_size(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	int64_t bytes;
	if (conf_parse_size(text, &bytes))
		return put_in_range(en, bytes, conf_print_size);
	return conf_wrong(
	    en, "expected a size such as 4096, 64MiB or 10GB, got \"%s\"", conf_shown(text, shown));
}

/* Octal with a leading 0, as chmod's manuals write it: 640 without it would be read two ways. */
#define BEYOND_GROUP                                                                                         \
	0027 /* what the daemon's umask takes from every file: nobody but its user writes, nobody but its group reads */

static bool parse_mode(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	int64_t mode = 0;
	struct str digits = str_skip(text, str_starts(text, STR("0o")) ? 2 : 1);
	bool good = digits.p && digits.n == 3 && text.p[0] == '0';
	for (size_t i = 0; good && i < digits.n; i++) {
		good = digits.p[i] >= '0' && digits.p[i] <= '7';
		mode = mode * 8 + (digits.p[i] - '0');
	}
	if (!good)
		return conf_wrong(
		    en, "expected octal permissions such as 0640, got \"%s\"", conf_shown(text, shown));
	if ((mode & 0600) != 0600)
		return conf_wrong(
		    en, "\"%s\" would lock the owner out (0600 at least)", conf_shown(text, shown));
	if (mode & BEYOND_GROUP)
		return conf_wrong(
		    en, "\"%s\" is more than the daemon gives (0640 at most)", conf_shown(text, shown));
	put_int(en, mode);
	return true;
}

static bool two_digits(struct str s, int *v)
{
	if (s.n < 2 || s.p[0] < '0' || s.p[0] > '9' || s.p[1] < '0' || s.p[1] > '9')
		return false;
	*v = (s.p[0] - '0') * 10 + (s.p[1] - '0');
	return true;
}

bool conf_zone_offset(struct str text, int *east)
{
	int hours = 0;
	int minutes = 0;
	bool good = text.n == 6 && (text.p[0] == '+' || text.p[0] == '-') && text.p[3] == ':' &&
	            two_digits(str_skip(text, 1), &hours) && two_digits(str_skip(text, 4), &minutes) &&
	            minutes < 60 && hours * 60 + minutes <= ZONE_MAX;
	*east = good ? hours * 60 + minutes : 0;
	if (good && text.p[0] == '-')
		*east = -*east;
	return good || str_eq(text, STR("Z")) || str_eq(text, STR("UTC"));
}

static bool parse_zone(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	int east;
	if (!conf_zone_offset(text, &east))
		return conf_wrong(
		    en, "expected an offset from UTC such as +08:00, got \"%s\"", conf_shown(text, shown));
	put_int(en, east);
	return true;
}

/* 0, 1, 0.85: by hand, because strtod follows the locale. */
static bool parse_score(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	struct str rest = text;
	struct str whole = str_cut(&rest, '.');
	unsigned long long units = 0;
	double score = 0;
	double step = 0.1;
	bool good = str_to_u64(whole, &units) && units <= 1 &&
	            (!rest.p || (rest.n > 0 && rest.n <= CONF_SCORE_DIGITS));
	for (size_t i = 0; good && rest.p && i < rest.n; i++, step /= 10) {
		good = rest.p[i] >= '0' && rest.p[i] <= '9';
		score += (rest.p[i] - '0') * step;
	}
	score += (double)units;
	if (!good || score > 1)
		return conf_wrong(
		    en, "expected a number from 0 to 1 such as 0.85, got \"%s\"", conf_shown(text, shown));
	memcpy(field_of(en), &score, sizeof(score));
	return true;
}

int conf_choice_find(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	struct str rest = str_from(en->key->choices);
	struct conf_hint hint;
	conf_hint_init(&hint, text);
	for (int i = 0; rest.p; i++) {
		struct str choice = str_cut(&rest, '|');
		conf_hint_offer(&hint, choice);
		if (str_eq(choice, text))
			return i;
	}
	conf_wrong(en, "expected %s, got \"%s\"%s", en->key->choices, conf_shown(text, shown), hint.text);
	return -1;
}

static bool parse_choice(const struct conf_entry *en, struct str text)
{
	int choice = conf_choice_find(en, text);
	if (choice >= 0)
		put_int(en, choice);
	return choice >= 0;
}

bool conf_text_check(const struct conf_entry *en, struct str text)
{
	if (text.n == 0)
		return conf_wrong(en, "is empty");
	if (text.n > CONF_TEXT_MAX)
		return conf_wrong(en, "is longer than %u bytes", CONF_TEXT_MAX);
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
			return conf_wrong(en, "holds a control character (0x%02x)", (unsigned char)text.p[i]);
	return true;
}

static bool parse_text(const struct conf_entry *en, struct str text)
{
	return conf_text_check(en, text) && put_text(en, text);
}

bool conf_name_is_good(struct str name)
{
	if (name.n == 0 || name.n > CONF_NAME_MAX || name.p[0] == '.' || name.p[0] == '-')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

static bool parse_name(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	if (conf_name_is_good(text))
		return put_text(en, text);
	return conf_wrong(en,
	    "\"%s\" is not a name: a-z, 0-9, \"-\", \"_\" and \".\", beginning with a letter or digit, at "
	    "most %u bytes",
	    conf_shown(text, shown), CONF_NAME_MAX);
}

bool conf_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The shape of BCP 47; a registry of languages would be old before it is shipped. */
bool conf_language_is_good(struct str text)
{
	struct str rest = text;
	bool first = true;
	do {
		struct str part = str_cut(&rest, '-');
		if (part.n < (first ? 2 : 1) || part.n > 8)
			return false;
		for (size_t i = 0; i < part.n; i++)
			if (!conf_is_letter(part.p[i]) && (first || part.p[i] < '0' || part.p[i] > '9'))
				return false;
		first = false;
	} while (rest.p);
	return true;
}

static bool parse_language(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	if (conf_language_is_good(text))
		return put_text(en, text);
	return conf_wrong(
	    en, "expected a language tag such as en, pt-BR or zh-Hant, got \"%s\"", conf_shown(text, shown));
}

static bool parse_country(const struct conf_entry *en, struct str text)
{
	char shown[CONF_SHOWN_MAX];
	if (text.n == 2 && text.p[0] >= 'A' && text.p[0] <= 'Z' && text.p[1] >= 'A' && text.p[1] <= 'Z')
		return put_text(en, text);
	return conf_wrong(
	    en, "expected two capital letters (ISO 3166) such as HK, got \"%s\"", conf_shown(text, shown));
}

/* What URLs of feeds and of proxies have in common. */
static bool check_url(const struct conf_entry *en, struct str text, struct url *url, const char *instead)
{
	if (!conf_text_check(en, text))
		return false;
	if (text.n > URL_MAX)
		return conf_wrong(en, "is longer than %d bytes", URL_MAX);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= 0x20 || (unsigned char)text.p[i] >= 0x7f)
			return conf_wrong(en,
			    "spaces and characters beyond ASCII must be percent-encoded (host names: xn--)");
	if (!url_parse(text, url) || url->host.n == 0)
		return conf_wrong(en, "is not a URL with a host");
	if (url->user.p)
		return conf_wrong(en, "holds credentials: write %s instead", instead);
	return true;
}

static bool parse_url(const struct conf_entry *en, struct str text)
{
	struct url url = { 0 };
	char shown[CONF_SHOWN_MAX];
	if (!check_url(en, text, &url, "username and password_file"))
		return false;
	if (!url_is_http(text))
		return conf_wrong(en, "expected http or https, got \"%s\"", conf_shown(url.scheme, shown));
	return put_text(en, text);
}

static bool parse_proxy(const struct conf_entry *en, struct str text)
{
	static const char *const schemes[] = { "http", "https", "socks5", "socks5h" };
	struct url url = { 0 };
	if (!check_url(en, text, &url, "proxy_username and proxy_password_file"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_eq_nocase(url.scheme, str_from(schemes[i])))
			return put_text(en, text);
	return conf_wrong(en, "expected http, https, socks5 or socks5h");
}

/* sha256// and the 32 bytes in base64, as curl(1) has them. */
static bool is_pin(struct str pin)
{
	if (!str_starts(pin, STR("sha256//")) || pin.n != PIN_CHARACTERS || pin.p[pin.n - 1] != '=')
		return false;
	for (size_t i = 8; i + 1 < pin.n; i++) {
		char c = pin.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!letter && c != '+' && c != '/')
			return false;
	}
	return true;
}

static bool parse_pin(const struct conf_entry *en, struct str text)
{
	struct str rest = text;
	while (rest.p)
		if (!is_pin(str_cut(&rest, ';')))
			return conf_wrong(en, "expected sha256//, 43 characters of base64 and =");
	return put_text(en, text);
}

static bool parse_listen(const struct conf_entry *en, struct str text)
{
	struct sockaddr_storage address;
	struct err e = { 0 };
	if (!network_parse_endpoint(text, &address, &e))
		return conf_wrong(en, "%s", e.text);
	return put_text(en, text);
}

const char *conf_path_join(struct conf_loader *l, const char *folder, struct str path)
{
	while (str_starts(path, STR("./")) && path.n > 2)
		path = str_skip(path, 2);
	buf_clear(&l->scratch2);
	if (path.n > 0 && path.p[0] != '/' && strcmp(folder, ".") != 0) {
		buf_str(&l->scratch2, str_from(folder));
		if (!str_ends(str_from(folder), STR("/")))
			buf_byte(&l->scratch2, '/');
	}
	buf_str(&l->scratch2, path);
	return arena_cstr(l->arena, buf_view(&l->scratch2));
}

static bool parse_path(const struct conf_entry *en, struct str text)
{
	if (!conf_text_check(en, text))
		return false;
	const char *path = conf_path_join(en->l, en->l->source->folder, text);
	memcpy(field_of(en), &path, sizeof(path));
	return path != NULL;
}

/* Only what is surely not there is an error: whoever checks a configuration need not be allowed to read secrets, and
 * systemd's are there only while the unit runs. */
static bool parse_file(const struct conf_entry *en, struct str text)
{
	struct fs_stat st;
	const char *path;
	if (!parse_path(en, text))
		return false;
	memcpy(&path, field_of(en), sizeof(path));
	if (str_starts(text, STR(SYSTEMD_CREDENTIALS)))
		return true;
	if (en->l->fs->stat(en->l->fs, path, &st) != 0 && errno == ENOENT)
		return conf_wrong(en, "%s does not exist", path);
	return true;
}

static const struct conf_value_type types[] = {
	[CONF_BOOL] = { "true or false", parse_bool, conf_print_bool },
	[CONF_COUNT] = { "number", parse_count, conf_print_integer },
	[CONF_PERCENT] = { "percent", parse_count, conf_print_integer },
	[CONF_DURATION] = { "duration", parse_duration, conf_print_duration_value },
	[CONF_SIZE] = { "size", parse_size, conf_print_size_value },
	[CONF_MODE] = { "permissions", parse_mode, conf_print_mode },
	[CONF_ZONE] = { "offset from UTC", parse_zone, conf_print_zone },
	[CONF_RATE] = { "so many in so long", conf_parse_rate, conf_print_rate },
	[CONF_SPAN] = { "hours of the day", conf_parse_span, conf_print_span },
	[CONF_ZONE_NAME] = { "time zone", conf_parse_zone_name, conf_print_zone_name },
	[CONF_SCORE] = { "0 to 1", parse_score, conf_print_score },
	[CONF_CHOICE] = { "choice", parse_choice, conf_print_choice },
	[CONF_CHOICES] = { "list of choices", NULL, conf_print_texts },
	[CONF_TEXT] = { "text", parse_text, conf_print_text },
	[CONF_NAME] = { "name", parse_name, conf_print_text },
	[CONF_LANGUAGE] = { "language tag", parse_language, conf_print_text },
	[CONF_COUNTRY] = { "country code", parse_country, conf_print_text },
	[CONF_URL] = { "URL", parse_url, conf_print_text },
	[CONF_PROXY] = { "URL", parse_proxy, conf_print_text },
	[CONF_PIN] = { "pin", parse_pin, conf_print_text },
	[CONF_LISTEN] = { "address and port", parse_listen, conf_print_text },
	[CONF_PATH] = { "path", parse_path, conf_print_text },
	[CONF_FILE] = { "file", parse_file, conf_print_text },
	[CONF_TEXTS] = { "list of text", NULL, conf_print_texts },
	[CONF_TOPIC_NAMES] = { "list of topics", NULL, conf_print_texts },
	[CONF_FEED_GLOBS] = { "list of names or wildcards", NULL, conf_print_texts },
	[CONF_NETWORKS] = { "list of networks", NULL, conf_print_networks },
	[CONF_PATTERNS] = { "list of files or wildcards", NULL, NULL },
	[CONF_EXEC] = { "list of words", NULL, conf_print_exec },
	[CONF_HOST] = { "host", conf_parse_host, conf_print_text },
	[CONF_HOST_RULES] = { "list of rules", NULL, conf_print_host_rules },
	[CONF_SECTION] = { "section", NULL, NULL },
	[CONF_FEEDS] = { "list of feeds", NULL, NULL },
	[CONF_ALERTS] = { "list of alerts", NULL, NULL },
	[CONF_DEFAULTS] = { "keys of a feed", NULL, NULL },
};
_Static_assert(ARRAY_LEN(types) == CONF_TYPES, "one row per type");

const struct conf_value_type *conf_value_type(enum conf_type type)
{
	return &types[type];
}
