# daemon/pipe/rhythm.c 040-back-off: a failing feed is asked in its usual rhythm
s/{ 1, BACKOFF_MAX }/{ 0, BACKOFF_MAX }/
