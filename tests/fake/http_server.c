/* http_server: one thread that accepts, one per connection. Everything shared is under one mutex. */
#include "tests/fake/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define RULES_MAX 64
#define REQUESTS_MAX 4096
#define CONNECTIONS_MAX 512
#define REQUEST_BYTES_MAX 65536

struct http_server {
	int listener, stop; /* stop: an eventfd that becomes readable */
	unsigned port;
	pthread_t acceptor;
	pthread_mutex_t lock;
	struct http_rule rules[RULES_MAX];
	size_t rule_count;
	char *requests[REQUESTS_MAX];
	size_t request_count, connection_count;
	pthread_t threads[CONNECTIONS_MAX];
	size_t thread_count;
};

struct connection {
	struct http_server *server;
	int fd;
	char *in;
	size_t n;
};

static void die(const char *what)
{
	perror(what);
	abort();
}

static struct str copy(struct str s)
{
	char *p = malloc(s.n + 1);
	if (!p)
		die("malloc");
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return str_of(p, s.n);
}

static void free_rule(struct http_rule *r)
{
	free((char *)r->path);
	free((char *)r->head.p);
	free((char *)r->body.p);
}

void http_server_rule(struct http_server *s, const struct http_rule *rule)
{
	struct http_rule own = *rule;
	own.path = copy(str_from(rule->path)).p;
	own.head = copy(rule->head);
	own.body = copy(rule->body);
	pthread_mutex_lock(&s->lock);
	size_t i = 0;
	while (i < s->rule_count && strcmp(s->rules[i].path, rule->path) != 0)
		i++;
	if (i == RULES_MAX)
		die("too many rules");
	if (i < s->rule_count)
		free_rule(&s->rules[i]);
	else
		s->rule_count++;
	s->rules[i] = own;
	pthread_mutex_unlock(&s->lock);
}

void http_server_answer(
    struct http_server *s, const char *path, const char *status, const char *headers, struct str body)
{
	char head[8192];
	int n = snprintf(
	    head, sizeof(head), "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, headers, body.n);
	if (n < 0 || (size_t)n >= sizeof(head))
		die("head too long");
	struct http_rule rule = { .path = path, .head = { head, (size_t)n }, .body = body };
	http_server_rule(s, &rule);
}

/* Waits for the descriptor or for the end of the server; false: the end. */
static bool wait_for(struct http_server *s, int fd, short events)
{
	struct pollfd p[2] = { { fd, events, 0 }, { s->stop, POLLIN, 0 } };
	while (poll(p, 2, -1) < 0) {
		if (errno != EINTR)
			die("poll");
	}
	return p[1].revents == 0;
}

static bool send_all(struct connection *c, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = send(c->fd, bytes.p, bytes.n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN && wait_for(c->server, c->fd, POLLOUT))
			continue;
		if (n <= 0)
			return false;
		bytes = str_skip(bytes, (size_t)n);
	}
	return true;
}

static bool send_pieces(struct connection *c, struct str bytes, size_t piece)
{
	while (bytes.n > 0) {
		size_t n = piece > 0 && piece < bytes.n ? piece : bytes.n;
		if (!send_all(c, str_of(bytes.p, n)))
			return false;
		bytes = str_skip(bytes, n);
	}
	return true;
}

static void stall(struct connection *c)
{
	char byte;
	while (wait_for(c->server, c->fd, POLLIN)) {
		if (recv(c->fd, &byte, 1, MSG_DONTWAIT) <= 0)
			return;
	}
}

static void repeat(struct connection *c, const struct http_rule *rule)
{
	size_t n = rule->piece > 0 && rule->piece < rule->body.n ? rule->piece : rule->body.n;
	while (wait_for(c->server, c->fd, POLLOUT)) {
		if (!send_all(c, str_of(rule->body.p + rule->body.n - n, n)))
			return;
	}
}

/* True: the connection goes on. */
static bool play(struct connection *c, const struct http_rule *rule)
{
	struct linger hard = { 1, 0 };
	if (!send_all(c, rule->head) || !send_pieces(c, rule->body, rule->piece))
		return false;
	if (rule->end == HTTP_STALL)
		stall(c);
	if (rule->end == HTTP_REPEAT)
		repeat(c, rule);
	if (rule->end == HTTP_RESET)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	return rule->end == HTTP_KEEP;
}

/* "GET /path HTTP/1.1" -> "/path" */
static struct str path_of(struct str head)
{
	(void)str_cut(&head, ' ');
	return str_cut(&head, ' ');
}

static void find_rule(struct http_server *s, struct str head, struct http_rule *out)
{
	struct str path = path_of(head);
	const struct http_rule *found = NULL;
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->rule_count; i++) {
		bool exact = str_eq(path, str_from(s->rules[i].path));
		if (exact || (!found && strcmp(s->rules[i].path, "*") == 0))
			found = &s->rules[i];
		if (exact)
			break;
	}
	*out = found
	           ? *found
	           : (struct http_rule){ .head = STR("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") };
	out->path = NULL;
	out->head = copy(out->head);
	out->body = copy(out->body);
	if (s->request_count < REQUESTS_MAX)
		s->requests[s->request_count++] = (char *)copy(head).p;
	pthread_mutex_unlock(&s->lock);
}

/* Reads until a head is whole; its length, or 0. */
static size_t read_head(struct connection *c)
{
	for (;;) {
		size_t end = str_find(str_of(c->in, c->n), STR("\r\n\r\n"), 0);
		if (end != SIZE_MAX)
			return end + 4;
		if (c->n == REQUEST_BYTES_MAX || !wait_for(c->server, c->fd, POLLIN))
			return 0;
		ssize_t n = recv(c->fd, c->in + c->n, REQUEST_BYTES_MAX - c->n, MSG_DONTWAIT);
		if (n <= 0)
			return 0;
		c->n += (size_t)n;
	}
}

static void *serve(void *ctx)
{
	struct connection *c = ctx;
	bool more = true;
	while (more) {
		struct http_rule rule;
		size_t n = read_head(c);
		if (n == 0)
			break;
		find_rule(c->server, str_of(c->in, n), &rule);
		memmove(c->in, c->in + n, c->n - n);
		c->n -= n;
		more = play(c, &rule);
		free_rule(&rule);
	}
	close(c->fd);
	free(c->in);
	free(c);
	return NULL;
}

static void add_connection(struct http_server *s, int fd)
{
	static const int on = 1;
	struct connection *c = calloc(1, sizeof(*c));
	if (!c || !(c->in = malloc(REQUEST_BYTES_MAX)))
		die("malloc");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->server = s;
	c->fd = fd;
	pthread_mutex_lock(&s->lock);
	if (s->thread_count == CONNECTIONS_MAX ||
	    pthread_create(&s->threads[s->thread_count], NULL, serve, c) != 0)
		die("connection");
	s->thread_count++;
	s->connection_count++;
	pthread_mutex_unlock(&s->lock);
}

static void *accept_all(void *ctx)
{
	struct http_server *s = ctx;
	while (wait_for(s, s->listener, POLLIN)) {
		int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			add_connection(s, fd);
	}
	return NULL;
}

struct http_server *http_server_new(void)
{
	struct http_server *s = calloc(1, sizeof(*s));
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	if (!s)
		die("calloc");
	pthread_mutex_init(&s->lock, NULL);
	s->stop = eventfd(0, EFD_CLOEXEC);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->stop < 0 || s->listener < 0 || bind(s->listener, (struct sockaddr *)&a, n) != 0 ||
	    listen(s->listener, 128) != 0 || getsockname(s->listener, (struct sockaddr *)&a, &n) != 0)
		die("listen");
	s->port = ntohs(a.sin_port);
	if (pthread_create(&s->acceptor, NULL, accept_all, s) != 0)
		die("pthread_create");
	return s;
}

void http_server_forget(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->request_count; i++)
		free(s->requests[i]);
	s->request_count = s->connection_count = 0;
	pthread_mutex_unlock(&s->lock);
}

void http_server_free(struct http_server **server)
{
	struct http_server *s = *server;
	static const uint64_t one = 1;
	if (!s)
		return;
	if (write(s->stop, &one, sizeof(one)) != sizeof(one))
		die("write");
	pthread_join(s->acceptor, NULL);
	for (size_t i = 0; i < s->thread_count; i++)
		pthread_join(s->threads[i], NULL);
	http_server_forget(s);
	for (size_t i = 0; i < s->rule_count; i++)
		free_rule(&s->rules[i]);
	close(s->listener);
	close(s->stop);
	pthread_mutex_destroy(&s->lock);
	free(s);
	*server = NULL;
}

unsigned http_server_port(const struct http_server *s)
{
	return s->port;
}

size_t http_server_requests(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	size_t n = s->request_count;
	pthread_mutex_unlock(&s->lock);
	return n;
}

char *http_server_request(struct http_server *s, size_t i)
{
	pthread_mutex_lock(&s->lock);
	char *head = i < s->request_count ? (char *)copy(str_from(s->requests[i])).p : NULL;
	pthread_mutex_unlock(&s->lock);
	return head;
}

size_t http_server_connections(struct http_server *s)
{
	pthread_mutex_lock(&s->lock);
	size_t n = s->connection_count;
	pthread_mutex_unlock(&s->lock);
	return n;
}
