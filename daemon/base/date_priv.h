/* date_priv: what the date_*.c files share. */
#ifndef BASE_DATE_PRIV_H
#define BASE_DATE_PRIV_H

#include "daemon/base/attr.h"
#include "daemon/base/date.h"

#define DATE_DAY_MS INT64_C(86400000)
#define DATE_HOUR_MS INT64_C(3600000)
#define DATE_MINUTE_MS INT64_C(60000)

int date_month_length(int year, int month); /* month 1..12 */
bool date_is_day(int year, int month, int day); /* the calendar has it */

#endif
