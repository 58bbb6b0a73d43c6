# daemon/page/trend.c by_day: the first of the days is another one
s/(TREND_DAYS - 1)) \* DAY_MS/TREND_DAYS) * DAY_MS/
