/*
 * decode: the content codings of a whole body (RFC 9110 section 8.4.1), undone within a bound. Knows neither libcurl nor what the body is.
 * libcurl could do it while it receives; whole bodies go three times as fast, and the caller's cap on what was sent bounds the input.
 */
#ifndef NET_DECODE_PRIV_H
#define NET_DECODE_PRIV_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/str.h"

#define DECODE_ACCEPTED "gzip, br, zstd, deflate" /* what may be asked for */
#define DECODE_CODINGS_MAX 3u /* on top of each other; servers that compress twice exist, more is an attack */

struct decoder; /* memory that all bodies share, one after the other */

struct decoder *decoder_new(void) MUST_CHECK; /* NULL: no memory */
void decoder_free(struct decoder **d);

/*
 * Replaces *body, as it was sent with this Content-Encoding, by what it stands for. False, with what could be read in *body: not encoded
 * so (ERR_HTTP), more than `max` bytes (ERR_LIMIT), memory. A body that is cut short is no error: what there is of it is handed over.
 */
bool decode_body(
    struct decoder *d, struct str encoding, size_t max, struct buf *body, struct err *e) MUST_CHECK;

#endif
