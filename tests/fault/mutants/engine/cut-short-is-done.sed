# daemon/store/state_statements.c: deliveries that a kill cut short are not run again
s/SET status = 0 WHERE status = 3/SET status = 0 WHERE status = 33/
