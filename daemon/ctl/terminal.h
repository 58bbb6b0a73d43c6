/*
 * terminal: keys one at a time, without their letters appearing. However the program ends, the terminal is as it was: also by a signal, and while it is
 * stopped. One at a time.
 */
#ifndef CTL_TERMINAL_H
#define CTL_TERMINAL_H

#include "daemon/base/attr.h"

#include <stdbool.h>

#define TERMINAL_END (-1) /* nothing comes any more */
#define TERMINAL_NOTHING (-2) /* no key in that time, or another size */

bool terminal_is_there(void); /* on standard input and output both */
bool terminal_open(void) MUST_CHECK;
/* Waits for one; Ctrl-C is TERMINAL_END, what cursor keys and their like send is 0. */
int terminal_key(void);
/* The same, for so long only; ends early when the terminal changes its size. */
int terminal_wait(int ms);
/* After terminal_open: a page of its own without cursor; what stood there before is back when the terminal is. */
void terminal_screen(void);
void terminal_size(unsigned *columns, unsigned *rows);
void terminal_close(void);

#endif
