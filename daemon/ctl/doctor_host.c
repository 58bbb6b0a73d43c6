/* doctor_host: clock, limits, disk, certificates. */
#include "daemon/ctl/doctor.h"

#include "daemon/base/fs.h"
#include "daemon/base/roots.h"
#include "daemon/conf/needs.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/status_file.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/timex.h>

#define ROOTS_MAX ((size_t)16 << 20) /* bytes of a file of certificates */
#define ROOTS_FEW 50u /* every system trusts more */
#define MIB (INT64_C(1) << 20)

/* Records are dated by it, and servers' certificates are judged by it. */
void doctor_clock(struct doctor *d)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);
	if (state < 0)
		doctor_tell(d, DOCTOR_WARN, "clock", NULL, "the system does not say whether it is right");
	else if (state == TIME_ERROR || (t.status & STA_UNSYNC))
		doctor_tell(d, DOCTOR_WARN, "clock", "timedatectl set-ntp true",
		    "nothing keeps it right: records are dated by it");
	else
		doctor_tell(d, DOCTOR_OK, "clock", NULL, "synchronised");
}

/* Of the daemon that runs; 0: none runs, or it does not say. */
static unsigned long long limit_of_daemon(const struct doctor *d)
{
	long long limit = 0;
	if (d->status && !status_file_is_stale(d->status, d->args->now))
		limit = member_number(d->status, "open_files_max");
	return limit > 0 ? (unsigned long long)limit : 0;
}

/* The unit gives the daemon another limit than a session has: what this one may do says little. */
static void look_at_own_limit(struct doctor *d, unsigned needed)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		doctor_tell(d, DOCTOR_WARN, "limits", NULL, "the system does not say them");
	else if (limit.rlim_max < needed)
		doctor_tell(d, DOCTOR_WARN, "limits", "start the daemon: it tells its own",
		    "this session: %llu open files at most, %u may be needed",
		    (unsigned long long)limit.rlim_max, needed);
	else
		doctor_tell(d, DOCTOR_OK, "limits", NULL,
		    "this session: %llu open files at most, %u may be needed",
		    (unsigned long long)limit.rlim_max, needed);
}

void doctor_limits(struct doctor *d)
{
	unsigned needed = conf_descriptors(d->conf);
	unsigned long long limit = limit_of_daemon(d);
	if (limit == 0)
		look_at_own_limit(d, needed);
	else if (limit < needed)
		doctor_tell(d, DOCTOR_FAIL, "limits",
		    "raise LimitNOFILE= (ulimit -Hn), or lower hosts.concurrency",
		    "the daemon: %llu open files at most, %u may be needed", limit, needed);
	else
		doctor_tell(d, DOCTOR_OK, "limits", NULL,
		    "the daemon: %llu open files at most, %u may be needed", limit, needed);
}

static void look_at_disk(struct doctor *d, const char *folder)
{
	int64_t room = fs_system.free_bytes(&fs_system, folder), floor = d->conf->storage.free_floor;
	const char *hint = "make room, or set storage.keep_total or keep_free";
	if (room < 0)
		doctor_tell(d, DOCTOR_WARN, "disk", "start the daemon once, or make the folder",
		    "%s: cannot be looked at", folder);
	else if (room < floor)
		doctor_tell(d, DOCTOR_FAIL, "disk", hint, "%s: %lld MiB free, nothing is polled below %lld",
		    folder, (long long)(room / MIB), (long long)(floor / MIB));
	else if (room / 2 < floor)
		doctor_tell(d, DOCTOR_WARN, "disk", hint, "%s: %lld MiB free, nothing is polled below %lld",
		    folder, (long long)(room / MIB), (long long)(floor / MIB));
	else
		doctor_tell(d, DOCTOR_OK, "disk", NULL, "%s: %lld MiB free", folder, (long long)(room / MIB));
}

void doctor_disk(struct doctor *d)
{
	look_at_disk(d, d->conf->storage.directory);
	look_at_disk(d, d->conf->storage.state_directory);
}

static unsigned count_certificates(struct str text)
{
	unsigned count = 0;
	for (size_t at = 0; (at = str_find(text, STR("-----BEGIN CERTIFICATE-----"), at)) != SIZE_MAX; at++)
		count++;
	return count;
}

void doctor_roots(struct doctor *d)
{
	const char *path = roots_file();
	struct buf text;
	struct err e = { 0 };
	if (!fs_read_file(&fs_system, path, ROOTS_MAX, &text, &e)) {
		doctor_tell(d, DOCTOR_FAIL, "certificates", "install ca-certificates", "%s", e.text);
		return;
	}
	unsigned count = count_certificates(buf_view(&text));
	buf_fini(&text);
	doctor_tell(d, count >= ROOTS_FEW ? DOCTOR_OK : DOCTOR_WARN, "certificates",
	    count >= ROOTS_FEW ? NULL : "update-ca-certificates", "%s: %u are trusted", path, count);
}
