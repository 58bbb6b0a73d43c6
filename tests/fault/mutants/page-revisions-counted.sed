# daemon/page/trend.c by_day: what a publisher changes later counts as a match of that day
s/str_eq(m\[0\].value, STR("\\"revision\\""))/false/
