/* status_file: the file that the daemon replaces every few seconds, read whole; and what it says about the daemon. */
#ifndef CTL_STATUS_FILE_H
#define CTL_STATUS_FILE_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/conf/conf.h"

#include <jansson.h>
#include <stdint.h>

/* NULL: why in *e; ERR_IO: there is none, so nothing runs. text gets the bytes, or may be NULL. */
json_t *status_file_read(const char *path, struct buf *text, struct err *e) MUST_CHECK;
/* The same of this configuration's daemon. */
json_t *status_file_of(const struct conf *conf, struct err *e) MUST_CHECK;

/* The daemon that wrote it has ended, for certain: nobody has its state open. A daemon has, from its start to its end. */
bool status_file_is_ended(const json_t *status);
/* Looks again: a file stays as it is when its daemon is killed. */
void status_file_note_end(json_t *status, const char *path);
/* That, or no sign of life for two minutes: it does not run, or hangs. */
bool status_file_is_stale(const json_t *status, int64_t now);
/* In trouble, ending, or more than half of its feeds fail. */
bool status_file_is_degraded(const json_t *status);

#endif
