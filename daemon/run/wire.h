/*
 * wire: length-prefixed frames between our own processes: le32 length, le32 type, payload. What arrives is checked as
 * if a stranger had sent it. Blocking calls are for children; wire_take serves the loop.
 */
#ifndef RUN_WIRE_H
#define RUN_WIRE_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

#define WIRE_HEADER 8u /* bytes: length and type */
#define WIRE_PAYLOAD_MAX ((256u << 20) + 1024) /* bytes; an answer with all its records (JOB_ANSWER_MAX) */

enum wire_type {
	WIRE_TOPICS = 1, /* main -> worker: the topic files */
	WIRE_JOB, /* main -> worker */
	WIRE_ANSWER, /* worker -> main */
	WIRE_HOOK, /* main -> hook runner */
	WIRE_HOOK_RESULT /* hook runner -> main */
};

void wire_header(enum wire_type type, size_t length, unsigned char out[WIRE_HEADER]);

/* Reads one frame from a socket into out (cleared first). False with e->kind ERR_NONE: the peer closed between two frames. */
bool wire_read(int fd, size_t limit, enum wire_type *type, struct buf *out, struct err *e) MUST_CHECK;
bool wire_write(int fd, enum wire_type type, struct str payload, struct err *e) MUST_CHECK;

/* Takes the first whole frame from what has been received so far: views into `in`, *used bytes to drop afterwards. */
enum wire_step { WIRE_MORE, WIRE_FRAME, WIRE_BROKEN };
enum wire_step wire_take(
    struct str in, size_t limit, enum wire_type *type, struct str *payload, size_t *used);

#endif
