# daemon/feed/build.c: a text for which there was no memory is left out of the item
/^bool build_failed/,/^}/s/ || b->text.failed//
