/* ask: a request to the running daemon: one file in its folder, which it takes within a second or so. */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "daemon/base/buf.h"
#include "daemon/base/json.h"
#include "daemon/ctl/command.h"

#define ASK_NAME_MAX 80 /* bytes of a request's name */

enum ask_result { ASK_TAKEN, ASK_REFUSED, ASK_WAITING };

/* Begins the text of a request of this kind: an object that the caller closes; the text is his to free. */
void ask_begin(struct json *w, struct buf *text, const char *kind);

/* Writes it and waits a few seconds for the daemon. name: what it is called. False after a complaint, with the exit code. */
bool ask(const struct ctl_args *args, struct str request, char name[ASK_NAME_MAX], enum ask_result *result,
    int *code) MUST_CHECK;
/* Its two halves, for many in a row: args->now makes the names, in order. */
bool ask_put(const struct ctl_args *args, struct str request, char name[ASK_NAME_MAX], int *code) MUST_CHECK;
bool ask_wait(const struct ctl_args *args, const char *name, enum ask_result *result, int *code) MUST_CHECK;
/* What became of a request in this folder by now. */
enum ask_result ask_look(const char *folder, const char *name);
/* As ask, telling what became of it; the exit code of the command. */
int ask_and_tell(const struct ctl_args *args, struct str request);

/* Withdraws a request that nobody took. */
void ask_withdraw(const struct ctl_args *args, const char *name);

/* For people: why nobody took it, as far as the daemon's status tells. */
const char *ask_why_not_taken(const struct ctl_args *args);

/* A tenth of a second. */
void ask_pause(void);

#endif
