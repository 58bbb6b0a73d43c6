/* host_rule: hosts that are asked otherwise than `hosts` says. In a snapshot each rule is whole: what it did not say has been filled in. */
#ifndef CONF_HOST_RULE_H
#define CONF_HOST_RULE_H

#include "daemon/base/str.h"

#include <stddef.h>
#include <stdint.h>

struct conf_hosts;

struct conf_host_rule {
	const char *host; /* a name, with a port or without, or "*." and a name; in lower case */
	int64_t per_host, gap; /* as in struct conf_hosts */
};

/* The most exact rule for a host ("www.gov.hk:8080", as url_host_key writes it); NULL: none. `rules` are those of a snapshot. */
const struct conf_host_rule *conf_host_rule_for(
    const struct conf_host_rule *rules, size_t count, struct str host);

/* Between two requests to the host of this address. */
int64_t conf_host_gap(const struct conf_hosts *hosts, struct str url);

#endif
