# daemon/pipe/rhythm.c 149-slow-least: a server that is slow has less than interval_min to itself
s/if (delay < r->fetch->interval_min)/if (delay < 0)/
