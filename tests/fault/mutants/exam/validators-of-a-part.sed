# daemon/pipe/poll.c 035-error-page-validators: a 206's validators are kept
s/^\t\tpoll_finish(x, p, reaction == REACT_LATER/\t\tif (r->status == 206)\n\t\t\tvalidators_keep_document(p);\n&/
