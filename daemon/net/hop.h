/* hop: one request to one address: an easy handle that is set up once, and one transfer on it at a time. Private to the fetcher. */
#ifndef NET_HOP_H
#define NET_HOP_H

#include "daemon/net/fetch_priv.h"

bool hop_new(struct fetch *x, struct err *e) MUST_CHECK;
void hop_free(struct fetch *x);
/* What holds for all hops of a request. */
bool hop_prepare(
    struct fetch *x, const struct fetch_request *req, const char *ca_file, struct err *e) MUST_CHECK;
bool hop_set_credentials(
    struct fetch *x, const char *username, const char *password, struct err *e) MUST_CHECK;
/* Ready for curl_multi_add_handle. */
bool hop_begin(struct fetch *x, int64_t now_ms, struct err *e) MUST_CHECK;
/* Before curl_multi_remove_handle: a connection on which more came than belonged to the answer is not used again. */
void hop_drop_leftovers(struct fetch *x);
/* Nothing came over the kept connections that libcurl tried; it gives up after five, and never opens one for it. */
bool hop_found_dead_connections(const struct fetch *x, CURLcode code);
/* After curl_multi_remove_handle: judges the answer; x->error says what was wrong. */
void hop_end(struct fetch *x, CURLcode code);
/* ERR_NET into *e when the request may not talk to this address. */
bool hop_may_reach(const struct fetch *x, const struct in6_addr *mapped, struct err *e) MUST_CHECK;

#endif
