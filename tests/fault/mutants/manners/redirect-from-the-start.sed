# daemon/pipe/polls.c 164-redirect-waits: after the wait the redirect is asked again, not where it pointed
s/p->resumed = !p->archive && feedtext(f->state.texts, FEEDTEXT_RESUME);/p->resumed = false;/
