# daemon/pipe/poll.c 035-error-page-validators: an error's validators are kept
s/^\t\tpoll_finish(x, p, reaction == REACT_LATER/\t\tvalidators_keep_document(p);\n&/
