/* multi: the multi handle, and what the kernel knows of the sockets under it. Private to the fetcher. */
#ifndef NET_MULTI_H
#define NET_MULTI_H

#include "daemon/net/fetch_priv.h"

/* Closing it ends its connections; its transfers were removed before. */
bool multi_open(struct fetcher *f, struct err *e) MUST_CHECK;
void multi_close(struct fetcher *f);
/* Every socket of a connection, once it is open; and before it is closed, if libcurl tells. After each call that may open some: multi_settle. */
void multi_socket_opened(struct fetch *x, curl_socket_t fd);
void multi_socket_closes(struct fetcher *f, curl_socket_t fd);
void multi_settle(struct fetcher *f);
/* What lies there, in plain or not, is read away, and the connection with it: libcurl recognises one that is empty and shut down as dead. */
void multi_socket_drop_rest(curl_socket_t fd);
/* Something that nobody has asked for waits to be read there. Of HTTP/2 it says itself whose it is: never. */
bool multi_socket_has_rest(const struct fetcher *f, curl_socket_t fd);
/* Bytes that ever came over the connection that this hop waits on, everything around them counted too; 0: not known. */
uint64_t multi_socket_received(const struct fetch *x);

#endif
