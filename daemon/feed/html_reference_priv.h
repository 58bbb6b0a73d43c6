/* html_reference: named character references, and references of all kinds decoded. */
#ifndef FEED_HTML_REFERENCE_PRIV_H
#define FEED_HTML_REFERENCE_PRIV_H

#include "daemon/base/str.h"

#include <stdint.h>

#define HTML_ENTITY_MAX 32 /* bytes; the longest name has 31 */

struct html_entity {
	uint16_t at; /* of its name in html_entity_names */
	uint8_t name_length;
	uint8_t legacy; /* may stand without a semicolon */
	uint8_t length;
	char text[7]; /* UTF-8 */
};

extern const char html_entity_names[];
extern const struct html_entity html_entities[];
extern const size_t html_entity_count;

/* By exact name without '&' and ';', or NULL. */
const struct html_entity *html_entity_find(struct str name);

/* What a publisher meant by U+0080 to U+009F: windows-1252. */
uint32_t html_c1(uint32_t cp);

/* Reads the reference at s.p[0] == '&': returns the bytes that it takes, or 0 when it is none. *out gets at most 7 bytes of UTF-8, *length how many.
 * With `strict`, named references need their semicolon. References to nothing (0, surrogates, beyond Unicode) give U+FFFD;
 * 128 to 159 are read as windows-1252; control characters give nothing. */
size_t html_reference(struct str s, bool strict, char out[8], size_t *length);

#endif
