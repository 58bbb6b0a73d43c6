# daemon/base/retry_after.c: a Retry-After in seconds is not understood
s/^\t\treturn ms;$/\t\treturn -1;/
