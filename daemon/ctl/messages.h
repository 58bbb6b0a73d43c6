/* messages: the events of the daemon's log: their names are kept, so that rules over logs can rely on them. */
#ifndef CTL_MESSAGES_H
#define CTL_MESSAGES_H

#include <stddef.h>

struct message {
	const char *name;
	const char *levels; /* "warn", or "error, warn" */
	const char *text; /* what has happened, and what follows */
	const char *act; /* what an operator can do; NULL: there is nothing to do */
};

extern const struct message messages[];
extern const size_t message_count;

#endif
