# daemon/pipe/gate.c 124-quiet: quiet hours put nothing off
s/\.until = quiet_ends(a, now)/.until = now/
