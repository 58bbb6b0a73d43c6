# daemon/store/reader.c: a rotated file is left without a last look
/^static enum step at_end/,/^}/s/\*final = true;/source_close(\&r->source);/
