# daemon/net/redirect.c: a redirect that leads back is followed
s/if (again)/if (false)/
