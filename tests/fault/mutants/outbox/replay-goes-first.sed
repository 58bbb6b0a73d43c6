# daemon/pipe/replays.c 138-replay-killed: the request goes before its lines are durable: after a crash they are lost
s/^\tx->requests\.replay = json_incref(request);/\trequests_finish(x, name);\n&/
