# daemon/pipe/reaction.c: Expires says nothing
s/ms = expires > date ? expires - date : 0;/ms = 0;/
