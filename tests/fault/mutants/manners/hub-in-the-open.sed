# daemon/pipe/hub.c 178-websub-downgrade: a feed that comes over https is entrusted to a hub of plain http
s/if (is_https(hub) ||/if (hub.n > 0 ||/
