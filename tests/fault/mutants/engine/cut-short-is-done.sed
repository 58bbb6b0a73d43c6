# daemon/store/state_statements.c killed_at_every_step: deliveries that a kill cut short are not run again
s/SET status = 0 WHERE status = 3/SET status = 0 WHERE status = 33/
