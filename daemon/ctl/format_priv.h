/* format_priv: what several formats need of a record. */
#ifndef CTL_FORMAT_PRIV_H
#define CTL_FORMAT_PRIV_H

#include "daemon/base/json.h"
#include "daemon/base/uuid.h"
#include "daemon/ctl/format.h"

/* When the line was written: seen_at of a record, else at. */
struct str format_time(const json_t *record);
/* Its texts: the title, or where it stands, so that there is always one; the text, or the summary, or nothing. */
struct str format_title(const json_t *record);
struct str format_text(const json_t *record);

/* Does it match, of a topic that counts? From a shadow nothing follows. */
bool format_is_match(const json_t *topic);

/* The same for the same things everywhere: of what (so that a report and an event of one record have two), and which. */
void format_uuid(const char *what, struct str which, char out[UUID_TEXT]);
/* What tells a line from all others: its chain; a line that has none is told by its text. */
struct str format_identity(const struct format_line *line);

#endif
