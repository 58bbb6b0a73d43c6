/* doctor_conf: names, files and proxies that the configuration holds, and the daemon that runs by it. */
#include "daemon/ctl/doctor.h"

#include "daemon/base/fs.h"
#include "daemon/base/url.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/status_file.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define NAMES_MAX 16u /* hosts that are asked for: all would be a flood */
#define HOST_MAX 256 /* bytes of a name */

struct names {
	char at[NAMES_MAX][HOST_MAX];
	unsigned count, more; /* more: not looked up */
};

static void add_name(struct names *n, const char *address)
{
	struct url url;
	char name[HOST_MAX];
	if (!url_parse(str_from(address), &url) || url.host.n == 0 || url.host.n >= sizeof(name))
		return;
	memcpy(name, url.host.p, url.host.n);
	name[url.host.n] = '\0';
	for (unsigned i = 0; i < n->count; i++)
		if (strcmp(n->at[i], name) == 0)
			return;
	if (n->count == NAMES_MAX) {
		n->more++;
		return;
	}
	memcpy(n->at[n->count++], name, url.host.n + 1);
}

/* A proxy looks up for itself; its own name must be known here. Spread over the list, so that no country stands for all. */
static void collect(const struct conf *conf, struct names *n)
{
	size_t step = conf->feed_count / NAMES_MAX + 1;
	for (size_t from = 0; from < step; from++)
		for (size_t i = from; i < conf->feed_count; i += step) {
			const struct conf_feed *f = &conf->feeds[i];
			if (f->enabled)
				add_name(n, f->fetch->proxy ? f->fetch->proxy : f->url);
		}
}

void doctor_names(struct doctor *d)
{
	struct names *n = arena_zalloc(d->args->arena, sizeof(*n));
	const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM };
	unsigned failed = 0;
	if (!n)
		return;
	collect(d->conf, n);
	for (unsigned i = 0; i < n->count; i++) {
		struct addrinfo *found = NULL;
		int rc = getaddrinfo(n->at[i], NULL, &wanted, &found);
		if (rc == 0)
			freeaddrinfo(found);
		else
			doctor_tell(d, DOCTOR_WARN, "names", "look at /etc/resolv.conf, or at the feed's url",
			    "%s: %s", n->at[i], gai_strerror(rc));
		failed += rc != 0;
	}
	if (n->count > 0 && failed == n->count)
		doctor_tell(d, DOCTOR_FAIL, "names", "look at /etc/resolv.conf and at the network",
		    "none of %u hosts is known", n->count);
	else
		doctor_tell(d, failed ? DOCTOR_WARN : DOCTOR_OK, "names", NULL, "%u of %u hosts are known%s",
		    n->count - failed, n->count, n->more ? "; further ones were not asked for" : "");
}

/* Not through fs: that does not follow links, and tells no owner. */
static void look_at_folder(struct doctor *d, const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		doctor_tell(d, DOCTOR_WARN, "permissions",
		    errno == EACCES ? "be root, or in the daemon's group" : "start the daemon once", "%s: %s",
		    path, errno == EACCES ? "may not be looked at from here" : "is not there");
	else if (!S_ISDIR(st.st_mode))
		doctor_tell(d, DOCTOR_FAIL, "permissions", "move it away", "%s: is no folder", path);
	else if (st.st_mode & S_IWOTH)
		doctor_tell(
		    d, DOCTOR_FAIL, "permissions", "chmod o-w", "%s: everybody may write there", path);
	else
		doctor_tell(
		    d, DOCTOR_OK, "permissions", NULL, "%s: %04o", path, (unsigned)st.st_mode & 07777u);
}

static void look_at_file(struct doctor *d, const char *path, bool secret)
{
	struct stat st;
	if (!path || stat(path, &st) != 0)
		return; /* the configuration was refused if it had to be there */
	if (st.st_mode & S_IWOTH)
		doctor_tell(d, DOCTOR_FAIL, "permissions", "chmod o-w", "%s: everybody may write it", path);
	else if (secret && (st.st_mode & S_IROTH))
		doctor_tell(
		    d, DOCTOR_FAIL, "permissions", "chmod 0640", "%s: everybody may read this secret", path);
}

/* A file that many feeds share is told of once. */
static bool is_told(const struct conf *conf, size_t feed, const char *path)
{
	for (size_t i = 0; i < feed; i++) {
		const struct conf_feed *f = &conf->feeds[i];
		const char *const files[] = { f->password_file, f->bearer_file, f->fetch->proxy_password_file,
			f->fetch->client_key };
		for (size_t k = 0; k < ARRAY_LEN(files); k++)
			if (files[k] && strcmp(files[k], path) == 0)
				return true;
	}
	return false;
}

void doctor_permissions(struct doctor *d)
{
	const struct conf *conf = d->conf;
	char requests[PATH_MAX];
	int n = snprintf(requests, sizeof(requests), "%s/requests", conf->storage.state_directory);
	look_at_folder(d, conf->storage.directory);
	look_at_folder(d, conf->storage.state_directory);
	if (n > 0 && (size_t)n < sizeof(requests))
		look_at_folder(d, requests);
	look_at_file(d, conf->file, false);
	look_at_file(d, conf->storage.sign_key_file, true);
	for (size_t i = 0; i < conf->feed_count; i++) {
		const struct conf_feed *f = &conf->feeds[i];
		const char *const files[] = { f->password_file, f->bearer_file, f->fetch->proxy_password_file,
			f->fetch->client_key };
		for (size_t k = 0; k < ARRAY_LEN(files); k++)
			if (files[k] && !is_told(conf, i, files[k]))
				look_at_file(d, files[k], true);
	}
}

/* Whoever relies on the environment finds out here. */
void doctor_proxies(struct doctor *d)
{
	static const char *const names[] = { "http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY",
		"ALL_PROXY" };
	size_t with = 0;
	for (size_t i = 0; i < d->conf->feed_count; i++)
		with += d->conf->feeds[i].fetch->proxy != NULL;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!getenv(names[i]))
			continue;
		doctor_tell(d, DOCTOR_WARN, "proxies", "write fetch.proxy",
		    "%s is set, and the daemon never uses it", names[i]);
	}
	doctor_tell(d, DOCTOR_OK, "proxies", NULL, "%zu of %zu feeds are asked through one", with,
	    d->conf->feed_count);
}

void doctor_service(struct doctor *d)
{
	const json_t *status = d->status;
	const json_t *counts = json_object_get(status, "counts");
	struct str trouble = member(status, "trouble");
	if (!status)
		doctor_tell(d, DOCTOR_FAIL, "service", "systemctl start gazetted", "%s", d->no_status.text);
	else if (status_file_is_ended(status))
		doctor_tell(d, DOCTOR_FAIL, "service", "systemctl start gazetted; journalctl -u gazetted",
		    "it does not run");
	else if (status_file_is_stale(status, d->args->now))
		doctor_tell(d, DOCTOR_FAIL, "service", "systemctl restart gazetted; journalctl -u gazetted",
		    "it does not run, or hangs");
	else if (status_file_is_degraded(status))
		doctor_tell(d, DOCTOR_WARN, "service", "gazettectl status",
		    "it runs, in trouble: %.*s%s%lld of %lld feeds fail", STR_ARG(trouble),
		    trouble.n ? "; " : "", member_number(counts, "feeds_failing"),
		    member_number(counts, "feeds"));
	else
		doctor_tell(d, DOCTOR_OK, "service", NULL, "it runs; %lld of %lld feeds fail",
		    member_number(counts, "feeds_failing"), member_number(counts, "feeds"));
}
