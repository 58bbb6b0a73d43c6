/* beat: tells the outside how the daemon is: the status file (replaced by rename), systemd's status line and watchdog. */
#include "daemon/base/log.h"
#include "daemon/run/notify.h"
#include "daemon/run/service_priv.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>

#define BEAT_MS 2000 /* the status file of some hundred feeds is at most this old */
#define BEAT_BYTES                                                                                           \
	(256u                                                                                                \
	    << 10) /* of a larger one each further so many make it older by a beat: to write it takes time */
#define STATUS_AGE_MAX_MS                                                                                    \
	60000 /* but no more than this: gazettectl takes one of two minutes for a dead daemon's */
#define LINE_FEEDS                                                                                           \
	10000u /* feeds for each further of which systemd's line is older by a beat: all of them are counted for it */
#define RETURN_MS 60000 /* between two times that free memory goes back: a millisecond or two */

static void send_status_line(const struct service *s)
{
	struct engine_status st;
	char line[512];
	engine_status(s->engine, &st);
	snprintf(line, sizeof(line),
	    "WATCHDOG=1\nSTATUS=%llu feeds: %llu ok, %llu failing, %llu waiting; %llu items new, %llu "
	    "matches, %llu alerts pending%s%s",
	    (unsigned long long)st.feeds, (unsigned long long)st.feeds_ok,
	    (unsigned long long)st.feeds_failing, (unsigned long long)st.feeds_waiting,
	    (unsigned long long)st.items_new, (unsigned long long)st.matches,
	    (unsigned long long)st.deliveries_pending, st.degraded ? "; trouble: " : "",
	    st.degraded ? st.trouble : "");
	/* A line break would begin another variable. */
	for (char *p = strchr(line, '\n') + 1; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	notify_send(line);
}

static void give_sign(struct service *s)
{
	if (!notify_is_heard())
		return;
	if (s->beats++ % (1 + s->conf->feed_count / LINE_FEEDS) == 0)
		send_status_line(s);
	else
		notify_send("WATCHDOG=1");
}

bool service_replace_file(const struct service *s, const char *name, struct str contents)
{
	const struct conf_storage *c = &s->conf->storage;
	char path[4096], temporary[4096];
	struct err e = { 0 };
	size_t done;
	int a = snprintf(path, sizeof(path), "%s/%s", c->state_directory, name);
	int b = snprintf(temporary, sizeof(temporary), "%s/%s.tmp", c->state_directory, name);
	if (a < 0 || b < 0 || (size_t)b >= sizeof(temporary))
		return false;
	int fd = fs_system.open(
	    &fs_system, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, (mode_t)c->file_mode);
	if (fd < 0)
		return false;
	bool written = fs_append_all(&fs_system, fd, contents.p, contents.n, &done, &e);
	fs_system.close(&fs_system, fd);
	return written && fs_system.rename(&fs_system, temporary, path) == 0;
}

/* Between what stays, what came and went leaves holes that the allocator keeps: after a crowd, a tenth of all. */
static void return_holes(struct service *s)
{
	if (uv_now(&s->loop) - s->returned < RETURN_MS)
		return;
	s->returned = uv_now(&s->loop);
	(void)malloc_trim(0);
}

static uint64_t status_age(const struct service *s)
{
	uint64_t age = BEAT_MS * (s->status_file.last_bytes / BEAT_BYTES);
	return age < STATUS_AGE_MAX_MS ? age : STATUS_AGE_MAX_MS;
}

static void on_beat(uv_timer_t *t)
{
	struct service *s = t->data;
	if (s->stopping)
		return;
	if (!s->status_file.busy && uv_now(&s->loop) - s->status_begun >= status_age(s)) {
		s->status_begun = uv_now(&s->loop);
		status_file_begin(&s->status_file, (mode_t)s->conf->storage.file_mode);
	}
	give_sign(s);
	log_tell_repeated();
	return_holes(s);
}

bool service_start_beat(struct service *s, struct err *e)
{
	uint64_t watchdog = notify_watchdog_ms();
	uint64_t every = watchdog > 0 && watchdog < BEAT_MS ? watchdog : BEAT_MS;
	if (!status_file_init(&s->status_file, &s->loop, s->engine, s->conf->storage.state_directory, e))
		return false;
	int failed = uv_timer_init(&s->loop, &s->beat);
	if (failed == 0)
		failed = uv_timer_start(&s->beat, on_beat, 0, every);
	if (failed != 0)
		return err_set(e, ERR_IO, -failed, "timer");
	s->beat.data = s;
	return true;
}
