# daemon/net/multi.c: a socket that libcurl opens and closes in one call counts as open
s/while (f->fresh_count > 0) {/for (f->fresh_count = 0; f->fresh_count > 0;) {/
