# daemon/pipe/requests.c 131-review-killed: the file of a review goes before its line is durable
s|^	snprintf(x->requests.name, sizeof(x->requests.name), "%s", a->name);|&requests_finish(x, a->name);|
