# daemon/net/redirect.c: a redirect is followed before its Retry-After
s/x->waits = retry_after_ms(.*) > 0;/x->waits = false;/
