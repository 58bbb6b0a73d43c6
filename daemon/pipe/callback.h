/* callback: what hubs ask of and send to the daemon's server. Plain data between the server and the engine. */
#ifndef PIPE_CALLBACK_H
#define PIPE_CALLBACK_H

#include "daemon/base/buf.h"

#include <stdint.h>

#define CALLBACK_CHALLENGE_MAX 1024u /* bytes that are said back */

struct callback_request { /* views */
	bool push; /* POST; else a GET that asks whether we meant it */
	struct str token; /* last part of its path */
	struct str query;
	struct str content_type, signature; /* headers, or absent */
	struct buf *body; /* of a push; may be taken */
	uint64_t ticket; /* for an answer that comes later; never 0 */
};

struct callback_answer {
	int status; /* 0: it comes later, through the port */
	char text[CALLBACK_CHALLENGE_MAX];
	size_t length;
};

#endif
