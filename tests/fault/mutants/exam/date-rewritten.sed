# daemon/net/fetch.c: a Last-Modified goes back in another form
s|"If-Modified-Since", req->last_modified, e|"If-Modified-Since", req->last_modified ? "Sat, 01 Feb 2020 00:00:00 GMT" : NULL, e|
