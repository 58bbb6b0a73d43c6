# daemon/pipe/gate.c 12: quiet hours put nothing off
s/\.until = quiet_ends(a, now)/.until = now/
