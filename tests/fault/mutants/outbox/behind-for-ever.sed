# daemon/pipe/delivery.c 089-alert-stream-turns: what waits for its stream is not looked for when a line was answered
s/if (x->alerts.behind) {/if (false) {/
