/* hook_frame: a script to run and how it ended, as frames between the daemon and the hook runner. Decoded as if hostile. */
#ifndef RUN_HOOK_FRAME_H
#define RUN_HOOK_FRAME_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/pipe/ports.h"

#define HOOK_WORDS_MAX 256 /* arguments, and variables, of one script */
#define HOOK_REQUEST_MAX (16u << 20) /* bytes: a record on stdin and its variables */
#define HOOK_RESULT_MAX (2u << 20) /* bytes: the end of a script's output */
#define HOOK_OUTPUT_MAX (1u << 20) /* bytes of output that a request may ask to keep */

void hook_request_encode(const struct hook_request *r, struct buf *out);
/* Words are copied into the arena; `input` is a view into the frame. */
bool hook_request_decode(struct str frame, struct arena *a, struct hook_request *r, struct err *e) MUST_CHECK;

void hook_result_encode(const struct hook_result *r, struct buf *out);
/* failure is copied into the arena; `output` is a view into the frame. */
bool hook_result_decode(struct str frame, struct arena *a, struct hook_result *r, struct err *e) MUST_CHECK;

#endif
