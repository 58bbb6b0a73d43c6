# daemon/pipe/reaction.c: a 429 is about its feed alone
s/REACT_HOLD_HOST, "too many/REACT_HOLD_FEED, "too many/
