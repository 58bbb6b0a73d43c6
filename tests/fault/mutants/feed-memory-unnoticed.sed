# daemon/feed/memory.c: libxml2 and jansson were refused memory, and nobody asks
/^bool memory_refused/,/^}/s/return .*;/return false;/
