# daemon/store/reader.c: lines that were given are given again after a rotation
/^static enum source_result next_here/,/^}/s/!r->skipping || seq > r->seq/true/
