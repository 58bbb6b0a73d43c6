# daemon/pipe/hours.c 125-quiet-zones: quiet hours are those of UTC
s/minutes = floor_div(at + offset_ms(a, at), MINUTE_MS)/minutes = floor_div(at, MINUTE_MS)/
