/* terminal: its settings are changed here alone, and put back by the handlers of all signals that end or stop a program. */
#include "daemon/ctl/terminal.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define ESCAPE 27
#define CTRL_C 3
#define CTRL_D 4
#define SCREEN_ON "\x1b[?1049h\x1b[?25l"
#define SCREEN_OFF "\x1b[?25h\x1b[?1049l"
#define COLUMNS_USUAL 80u
#define ROWS_USUAL 24u
#define REST_MS 20 /* in which the rest of a key's escape sequence comes */

static struct termios before, while_open; /* a signal handler can have no argument */
static volatile sig_atomic_t is_open, has_screen;

static const int fatal[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL,
	SIGPIPE };

bool terminal_is_there(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* Also from signal handlers: nothing but write(2). */
static void say(const char *text)
{
	size_t n = strlen(text);
	while (n > 0) {
		ssize_t done = write(STDOUT_FILENO, text, n);
		if (done <= 0)
			return;
		text += done;
		n -= (size_t)done;
	}
}

static void put_back(void)
{
	if (has_screen)
		say(SCREEN_OFF);
	if (is_open)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* The default action follows: the handler was taken out when it was called. */
static void on_fatal(int number)
{
	put_back();
	raise(number);
}

static void on_stop(int number)
{
	(void)number;
	put_back();
	raise(SIGSTOP);
	if (is_open)
		tcsetattr(STDIN_FILENO, TCSANOW, &while_open);
	if (has_screen)
		say(SCREEN_ON);
}

/* It ends the wait for a key; that is all. */
static void on_size(int number)
{
	(void)number;
}

static void watch(void)
{
	struct sigaction stop = { .sa_handler = on_stop, .sa_flags = SA_RESTART };
	struct sigaction end = { .sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND };
	sigemptyset(&stop.sa_mask);
	sigemptyset(&end.sa_mask);
	sigaction(SIGTSTP, &stop, NULL);
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		sigaction(fatal[i], &end, NULL);
}

bool terminal_open(void)
{
	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return false;
	while_open = before;
	while_open.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	while_open.c_cc[VMIN] = 1;
	while_open.c_cc[VTIME] = 0;
	watch();
	is_open = 1;
	return tcsetattr(STDIN_FILENO, TCSANOW, &while_open) == 0;
}

void terminal_close(void)
{
	put_back();
	is_open = has_screen = 0;
}

void terminal_screen(void)
{
	struct sigaction size = { .sa_handler = on_size };
	sigemptyset(&size.sa_mask);
	sigaction(SIGWINCH, &size, NULL);
	has_screen = 1;
	say(SCREEN_ON);
}

void terminal_size(unsigned *columns, unsigned *rows)
{
	struct winsize size = { 0 };
	bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
	*columns = known ? size.ws_col : COLUMNS_USUAL;
	*rows = known ? size.ws_row : ROWS_USUAL;
}

/* A key that sends more than one byte: they are taken together, so that none of them counts as a key of its own. */
static void pass_over(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	char rest[32];
	while (poll(&in, 1, REST_MS) > 0 && (in.revents & POLLIN))
		if (read(STDIN_FILENO, rest, sizeof(rest)) <= 0)
			return;
}

int terminal_key(void)
{
	unsigned char c;
	if (read(STDIN_FILENO, &c, 1) != 1 || c == CTRL_C || c == CTRL_D)
		return TERMINAL_END;
	if (c != ESCAPE)
		return c;
	pass_over();
	return 0;
}

int terminal_wait(int ms)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	return poll(&in, 1, ms) > 0 ? terminal_key() : TERMINAL_NOTHING;
}
