# daemon/store/names.c: a file is as old as its own name says, whatever those before it say
s/if (f\[i\]\.closed_ms <= now_ms && f\[i\]\.closed_ms > latest)/if (f[i].closed_ms <= now_ms)/
