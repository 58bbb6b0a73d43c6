# daemon/pipe/delivery.c 089-alert-stream-turns: all lines of a stream are given to it at once, and no reload reaches those that wait
s/if (o->phase == DELIVERY_RUNNING && o->row.status == DELIVERY_STARTED &&/if (false \&\& o->phase == DELIVERY_RUNNING \&\&/
