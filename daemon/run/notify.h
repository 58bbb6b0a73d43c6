/*
 * notify: tells systemd how the service is doing: one datagram to $NOTIFY_SOCKET (sd_notify(3), without its library).
 * Does nothing when nobody listens. Main thread.
 */
#ifndef RUN_NOTIFY_H
#define RUN_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* "READY=1", "RELOADING=1\nMONOTONIC_USEC=…", "STOPPING=1", "STATUS=…", "WATCHDOG=1"; several joined by '\n'. */
void notify_send(const char *state);
bool notify_is_heard(void); /* is there anybody to be told? */

/* How often "WATCHDOG=1" is due, in milliseconds (half of what the manager waits); 0: not wanted. */
uint64_t notify_watchdog_ms(void);

#endif
