# daemon/net/hop.c: a Referer is sent
s/^\tset_lines(x);$/&\n\t(void)curl_easy_setopt(x->easy, CURLOPT_REFERER, fetch_url(x, 0));/
