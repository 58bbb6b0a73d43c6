/*
 * html_check: is a page made of nothing but the markup that we write? Stricter than HTML: a tag or an attribute that is not on the list, an attribute
 * without double quotes, a character that must be escaped, an element that is not closed, an address that is neither ours nor http: each is told.
 */
#ifndef FAKE_HTML_CHECK_H
#define FAKE_HTML_CHECK_H

#include "daemon/base/str.h"

/* NULL: it is; else what is wrong, in a static buffer. */
const char *html_check(struct str html);

#endif
