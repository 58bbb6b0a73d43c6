/*
 * zst: reading a zstd file as a stream, from its start or from one of its frames. Understands the seek table of zstd's seekable format where
 * there is one. Owns its descriptor.
 */
#ifndef STORE_ZST_H
#define STORE_ZST_H

#include "daemon/base/buf.h"
#include "daemon/base/fs.h"

#include <stdint.h>

#define ZST_SKIPPABLE_MAGIC 0x184D2A5Eu
#define ZST_SEEKABLE_MAGIC 0x8F92EAB1u
#define ZST_FOOTER_SIZE 9u /* bytes: frames, descriptor, magic */
#define ZST_TABLE_MAX (16u << 20) /* bytes of a seek table: two million frames */
#define ZST_CHUNK_MAX (1u << 20) /* bytes that one zst_read adds at most */

struct zst;

bool zst_open(const struct fs *fs, const char *path, struct zst **out, struct err *e) MUST_CHECK;
void zst_close(struct zst **z);

/* Adds up to ZST_CHUNK_MAX bytes of text to out, of one frame at most; *more is false at the end. ERR_PARSE: damaged. */
bool zst_read(struct zst *z, struct buf *out, bool *more, struct err *e) MUST_CHECK;

/* Frames by the seek table; 0: there is none. */
uint32_t zst_frames(const struct zst *z);
/* Goes on reading at the start of this frame; 0 is the start of the file, with or without a table. */
void zst_seek_frame(struct zst *z, uint32_t frame);
/* Goes on reading at the start of the frame behind the one that is damaged. False: there is none, or nothing tells where. */
bool zst_pass_frame(struct zst *z);

#endif
