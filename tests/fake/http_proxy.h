/*
 * http_proxy: an HTTP proxy on 127.0.0.1 that asks who comes (Basic). Whatever it is asked for, it connects to one port of this machine. Runs in a
 * thread of the test, one connection after the other; the port is the kernel's choice.
 */
#ifndef FAKE_HTTP_PROXY_H
#define FAKE_HTTP_PROXY_H

#include <pthread.h>
#include <stdbool.h>

struct http_proxy {
	const char *user; /* "name:password" in base64; NULL: everybody may pass */
	unsigned target_port;
	unsigned port;
	unsigned asked, passed;
	char head[4096]; /* of the last request, as it came */
	int listener;
	pthread_t thread;
};

/* user and target_port are set before; aborts the test program when it cannot listen. */
void http_proxy_open(struct http_proxy *p);
void http_proxy_close(struct http_proxy *p);

/* A connection to this port of 127.0.0.1, or -1. */
int http_proxy_connect(unsigned port);
/* Both ways, until one of them ends or fails. */
void http_proxy_relay(int a, int b);

#endif
