# daemon/base/retry_after.c: a Retry-After that is a date is not understood
s/if (!date_parse_http(value, now_ms, &at))/at = 0;/; s/return at > now_ms ? at - now_ms : 0;//
