# daemon/pipe/rhythm.c 043-gone: an address that is gone is asked as often as one that fails
s/\[REACT_GONE\] = { 2,/[REACT_GONE] = { 1,/
