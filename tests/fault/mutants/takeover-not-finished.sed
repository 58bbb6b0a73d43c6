# daemon/store/stores_takeover.c: a start leaves a closed file plain and compressed side by side
s/if (!f->compressed)/if (f->compressed)/
