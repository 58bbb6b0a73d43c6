# daemon/net/hop.c: validators go to a redirect's target too
s/return strcmp(x->text.p + x->validator_url_at, fetch_url(x, x->hop)) == 0;/return true;/
