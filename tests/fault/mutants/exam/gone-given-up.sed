# daemon/pipe/rhythm.c 043-gone: an address that is gone is never asked again
s/if (stretch\[r->reaction\].cap == 0)/if (r->reaction == REACT_GONE)\n\t\treturn INT64_C(366) * 86400000;\n&/
