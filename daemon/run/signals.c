/* signals: HUP reloads, USR1 reopens and rotates, TERM and INT drain. */
#include "daemon/base/log.h"
#include "daemon/run/notify.h"
#include "daemon/run/service_priv.h"

#include <signal.h>

#define DRAIN_MS                                                                                             \
	1000 /* for a commit and for scripts that are about to end; one that is not is killed and owed at the next start */

static void on_patience_lost(uv_timer_t *t)
{
	struct service *s = t->data;
	if (s->stopping) /* closing took longer than the rest of it */
		return;
	log_warn("drain", LOG_CSTR("result", "gave-up"), LOG_MS("after", DRAIN_MS));
	s->stopping = true;
	uv_stop(&s->loop);
}

void service_drain(struct service *s)
{
	if (s->draining)
		return;
	s->draining = true;
	notify_send("STOPPING=1\nSTATUS=Draining");
	engine_drain(s->engine);
	hooks_drain(s->hooks);
	status_file_begin(&s->status_file,
	    (mode_t)s->conf->storage.file_mode); /* whoever asks for something finds out why it is refused */
	uv_timer_start(&s->patience, on_patience_lost, DRAIN_MS, 0);
}

static void take_hup(struct service *s)
{
	service_reload(s, NULL);
}

static void take_usr1(struct service *s)
{
	engine_reopen(s->engine);
}

static void take_end(struct service *s)
{
	if (s->draining) { /* asked twice: at once */
		s->stopping = true;
		uv_stop(&s->loop);
		return;
	}
	log_info("stop", LOG_CSTR("reason", "signal"));
	service_drain(s);
}

static const struct {
	int number;
	void (*take)(struct service *s);
} handled[] = {
	{ SIGHUP, take_hup },
	{ SIGUSR1, take_usr1 },
	{ SIGTERM, take_end },
	{ SIGINT, take_end },
};

static void on_signal(uv_signal_t *handle, int number)
{
	struct service *s = handle->data;
	if (s->stopping) /* there may be no engine any more */
		return;
	for (size_t i = 0; i < ARRAY_LEN(handled); i++)
		if (handled[i].number == number)
			handled[i].take(s);
}

static void block(int how)
{
	sigset_t all;
	sigemptyset(&all);
	for (size_t i = 0; i < ARRAY_LEN(handled); i++)
		sigaddset(&all, handled[i].number);
	sigprocmask(how, &all, NULL);
}

void service_hold_signals(void)
{
	block(SIG_BLOCK);
}

void service_release_signals(void)
{
	block(SIG_UNBLOCK);
}

bool service_watch_signals(struct service *s, struct err *e)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	_Static_assert(ARRAY_LEN(handled) == ARRAY_LEN(s->signals), "one handle for each signal");
	sigaction(SIGPIPE, &ignore, NULL);
	uv_timer_init(&s->loop, &s->patience);
	s->patience.data = s;
	for (size_t i = 0; i < ARRAY_LEN(handled); i++) {
		uv_signal_init(&s->loop, &s->signals[i]);
		s->signals[i].data = s;
		int failed = uv_signal_start(&s->signals[i], on_signal, handled[i].number);
		if (failed != 0)
			return err_set(e, ERR_IO, -failed, "signal %d cannot be watched", handled[i].number);
	}
	service_release_signals();
	return true;
}
