# daemon/pipe/websub.c 177-websub-stop-between: a life does not look after feeds whose subscription ended just before the last one did
s/	websub_catch_up(x);/	;/
