# daemon/net/hop.c: cookies are kept and sent back
s/^\tCURL \*easy = x->easy;$/&\n\t(void)curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");/
