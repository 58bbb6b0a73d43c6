/* utf8: what is valid, what it is worth, how wide it is, and what a terminal must never see. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "daemon/base/buf.h"
#include "daemon/base/str.h"

#include <stdint.h>

/* Length of the longest valid prefix (== s.n when all is valid; Unicode's table 3-7, no surrogates). */
size_t utf8_valid_prefix(struct str s);

/* Decodes one scalar at s.p (s.n > 0): returns its length, or 1 with *cp = 0xFFFD on an invalid byte. */
size_t utf8_decode(struct str s, uint32_t *cp);
/* Length of the maximal ill-formed part at s.p (s.n > 0, where utf8_decode failed): it becomes one U+FFFD. */
size_t utf8_bad_length(struct str s);
size_t utf8_encode(uint32_t cp, char out[4]); /* invalid scalars become U+FFFD */

/* Appends s with every ill-formed sequence replaced by U+FFFD (maximal subparts). */
void utf8_clean(struct str s, struct buf *out);

/* s cut to at most `max` bytes without splitting a scalar. */
struct str utf8_cut(struct str s, size_t max);
/* The end of s: at most `max` bytes, behind the rest of a scalar that began before. */
struct str utf8_tail(struct str s, size_t max);

/* Columns on a terminal: 0, 1 or 2 (East Asian Wide/Fullwidth and emoji are 2, combining marks 0). */
int utf8_width(uint32_t cp);

/* Appends s for a terminal: C0/C1 controls, ESC, bidi overrides and line breaks become visible escapes (\x1b, \u202e) or spaces. */
void utf8_for_terminal(struct str s, struct buf *out);

#endif
