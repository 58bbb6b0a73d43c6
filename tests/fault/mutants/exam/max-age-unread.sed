# daemon/pipe/reaction.c: max-age says nothing
s/if (age.p) {/if (false) {/
