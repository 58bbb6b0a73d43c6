/* http_proxy: CONNECT becomes a tunnel; any other request goes on in the server's form, without the lines that are the proxy's. */
#include "tests/fake/http_proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

int http_proxy_connect(unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

void http_proxy_relay(int a, int b)
{
	struct pollfd both[2] = { { .fd = a, .events = POLLIN }, { .fd = b, .events = POLLIN } };
	char bytes[4096];
	while (poll(both, 2, -1) > 0) {
		for (int i = 0; i < 2; i++) {
			if (!both[i].revents)
				continue;
			ssize_t n = read(both[i].fd, bytes, sizeof(bytes));
			if (n <= 0 || write(both[1 - i].fd, bytes, (size_t)n) != n)
				return;
		}
	}
}

static bool put(int fd, const char *text, size_t n)
{
	return write(fd, text, n) == (ssize_t)n;
}

/* Byte by byte: what follows the head belongs to the tunnel. */
static bool take_head(struct http_proxy *p, int fd)
{
	char head[sizeof(p->head)] = "";
	size_t n = 0;
	while (!strstr(head, "\r\n\r\n")) {
		if (n + 1 == sizeof(head) || read(fd, head + n, 1) != 1)
			return false;
		head[++n] = '\0';
	}
	memcpy(p->head, head, n + 1);
	__atomic_add_fetch(&p->asked, 1, __ATOMIC_SEQ_CST);
	return true;
}

static bool is_known(const struct http_proxy *p)
{
	char line[256];
	snprintf(line, sizeof(line), "\r\nProxy-Authorization: Basic %s\r\n", p->user ? p->user : "");
	return !p->user || strstr(p->head, line) != NULL;
}

/* "GET http://host/path HTTP/1.1" becomes "GET /path HTTP/1.1". */
static bool pass_on(const struct http_proxy *p, int to)
{
	const char *host = strstr(p->head, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;
	if (!path || !put(to, "GET ", 4))
		return false;
	for (const char *line = path, *end; (end = strstr(line, "\r\n")); line = end + 2) {
		if (strncasecmp(line, "Proxy-", 6) != 0 && !put(to, line, (size_t)(end - line) + 2))
			return false;
	}
	return true;
}

/* What the server says, until the client has something to say again; false: one of them has gone. */
static bool bring_back(int fd, int to)
{
	struct pollfd both[2] = { { .fd = fd, .events = POLLIN }, { .fd = to, .events = POLLIN } };
	char bytes[4096];
	while (poll(both, 2, -1) > 0) {
		if (both[0].revents)
			return true;
		ssize_t n = read(to, bytes, sizeof(bytes));
		if (n <= 0 || !put(fd, bytes, (size_t)n))
			return false;
	}
	return false;
}

/* True: the client may ask again on this connection. */
static bool go_through(struct http_proxy *p, int fd, int to)
{
	static const char through[] = "HTTP/1.1 200 Through\r\n\r\n";
	bool tunnel = strncmp(p->head, "CONNECT ", 8) == 0;
	if (!(tunnel ? put(fd, through, sizeof(through) - 1) : pass_on(p, to)))
		return false;
	__atomic_add_fetch(&p->passed, 1, __ATOMIC_SEQ_CST);
	if (!tunnel)
		return bring_back(fd, to);
	http_proxy_relay(fd, to);
	return false;
}

static void serve(struct http_proxy *p, int fd)
{
	static const char stranger[] =
	    "HTTP/1.1 407 Who are you?\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\n"
	    "Content-Length: 0\r\nConnection: close\r\n\r\n";
	bool more = true;
	while (more && take_head(p, fd)) {
		if (!is_known(p)) {
			(void)put(fd, stranger, sizeof(stranger) - 1);
			return;
		}
		int to = http_proxy_connect(p->target_port);
		more = to >= 0 && go_through(p, fd, to);
		if (to >= 0)
			close(to);
	}
}

static void *run(void *ctx)
{
	struct http_proxy *p = ctx;
	int fd;
	while ((fd = accept(p->listener, NULL, NULL)) >= 0) {
		serve(p, fd);
		close(fd);
	}
	return NULL;
}

void http_proxy_open(struct http_proxy *p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(p->listener, (struct sockaddr *)&a, n) != 0 || listen(p->listener, 8) != 0 ||
	    getsockname(p->listener, (struct sockaddr *)&a, &n) != 0 ||
	    pthread_create(&p->thread, NULL, run, p) != 0) {
		perror("http_proxy");
		abort();
	}
	p->port = ntohs(a.sin_port);
}

void http_proxy_close(struct http_proxy *p)
{
	shutdown(p->listener, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	close(p->listener);
}
