# daemon/pipe/hold.c 189-good-answer-that-asks-to-wait: only failures may ask to wait
s#return asked < most ? asked : most;#return 0;#
