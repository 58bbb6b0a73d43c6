# daemon/net/fetch.c: no User-Agent is sent
s/!add_line(x, LINE_USER_AGENT, "User-Agent", req->user_agent, e)/!add_line(x, LINE_USER_AGENT, "User-Agent", NULL, e)/
