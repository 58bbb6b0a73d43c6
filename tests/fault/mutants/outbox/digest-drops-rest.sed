# daemon/pipe/gather.c 122-digest-large: what does not fit into a digest is marked as if it had
s/j->d\.id = row->id;/j->d.id = INT64_MAX;/
