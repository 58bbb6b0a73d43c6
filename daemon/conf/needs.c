/* needs: estimates from above. */
#include "daemon/conf/needs.h"

#define BESIDE 256u /* files, pipes to helpers, streams */

/* A transfer has a socket, and a pair while its name is looked up, and another to a second address. Each script has one. */
unsigned conf_descriptors(const struct conf *c)
{
	return (unsigned)(4 * (c->hosts.concurrency + c->hosts.slow_concurrency) + c->hosts.idle_connections +
	                  c->hooks.concurrency + c->workers.count) +
	       BESIDE;
}
