# daemon/pipe/websub.c 179-websub-one-hub: a 429 of a hub is obeyed by one subscription alone
s/if (r && r->status == 429)/if (r \&\& r->status == 1)/
