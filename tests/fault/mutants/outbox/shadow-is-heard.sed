# daemon/pipe/work.c 140-shadow: what a shadow says goes to stores and alerts as if it were live
s/ || cls_topic(w->classifier, i)->shadow)$/)/
