# daemon/pipe/absorb.c 033-truncated: a document that is well counts as mended
s/^\tif (a->recovered) {$/\tif (a->format < FEED_FORMATS) {/
