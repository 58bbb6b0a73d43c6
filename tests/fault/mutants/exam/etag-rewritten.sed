# daemon/net/fetch.c: a weak ETag goes back as a strong one
s|"If-None-Match", req->etag, e|"If-None-Match", req->etag \&\& req->etag[0] == 'W' ? req->etag + 2 : req->etag, e|
