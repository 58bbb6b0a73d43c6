/* date_text: what publishers write as a date. */
#include "daemon/base/date_priv.h"

bool date_parse(struct str text, int assume_minutes, struct date *out)
{
	(void)assume_minutes;
	*out = (struct date){ DATE_NONE, DATE_ZONE_STATED, false };
	text = str_trim(text);
	return date_parse_rfc3339(text, &out->ms) || date_parse_http(text, INT64_C(1700000000000), &out->ms);
}
