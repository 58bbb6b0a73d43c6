/*
 * discover: `gazetted --discover`, the helper behind `gazettectl feeds discover`: fetches a page and what it links to, has each document read by a
 * sandboxed worker, and prints a line of JSON for each. Everything that bounds the daemon's requests bounds these.
 */
#ifndef RUN_DISCOVER_H
#define RUN_DISCOVER_H

/*
 * --discover [-c FILE] [-a NETWORK]... URL
 * Lines: {"found":HOW,"url":…,"format":…,"title":…,"language":…,"items":N,"newest":…} of a feed, {"found":HOW,"url":…,"error":…} of what is none,
 * {"left":N} when there were more links than are asked. Exit: 0, 1 without a feed, 69 when the page cannot be had, else as sysexits.h has it.
 */
int discover_main(int argc, char **argv);

#endif
