# daemon/net/hop.c: conditional requests are HEAD
s/^\tset_lines(x);$/&\n\t(void)curl_easy_setopt(x->easy, CURLOPT_NOBODY, x->conditional ? 1L : 0L);/
