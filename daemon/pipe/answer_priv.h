/* answer: the layout of an answer frame, shared by its writer (work.c) and its reader (answer.c). Private to both. */
#ifndef PIPE_ANSWER_PRIV_H
#define PIPE_ANSWER_PRIV_H

#define ANSWER_MAGIC 0x334e4147u /* "GAN3" */

/* magic, id, error kind (u8), format (u8), flags (u8), skip_days (u8), ttl, skip_hours, total, left, number of blocks: written first with zeros,
 * filled at the end. Then the blocks. Then strings: error text, title, language, encoding, note, archive, hub, self. */
#define ANSWER_HEAD_LEN (4 + 8 + 4 + 8 + 4 + 8 + 8 + 4)
#define ANSWER_RECOVERED 1
#define ANSWER_COMPLETE 2

/* A block begins with a head of fixed length, so that it can be written before the whole document was seen and mended afterwards:
 * flags (u8), alias count (u8), aliases (u64 + u8 each), print (u64), content (u32), members (u32 each), published (u64). Then, of those that
 * are no stubs, the topics, the body as `{…}`, the length of its head (u32), the fingerprint and the link. */
#define BLOCK_STUB 1
#define BLOCK_REPEATED 2 /* exactly like an earlier item: skipped by the reader */
#define BLOCK_ALIASES_AT 2
#define BLOCK_ALIAS_LEN (8 + 1)
#define BLOCK_HEAD_LEN (BLOCK_ALIASES_AT + JOB_ALIASES_MAX * BLOCK_ALIAS_LEN + 8 + 4 + MEMBERS * 4 + 8)

/* The key stands first in the body: {"key":"…" */
#define BODY_KEY_AT (sizeof("{\"key\":\"") - 1)

#endif
