/*
 * scenario: a small interpreter for days in the life of the daemon, one text file each. One command a line, words may stand in "…" or '…', `#` begins a comment.
 *
 *   set SECTION KEY VALUE          a key of the configuration
 *   feed NAME [KEY VALUE]...       url, interval, …; the address is http://NAME.example/feed unless url is given
 *   drop-feed NAME   drop-alert NAME
 *   alert NAME [KEY VALUE]...      topics, decision, feeds, retry_for, …
 *   item NAME [KEY VALUE]...       guid (none: without), link (none: without), title, text, date, size; "alarm" and "maybe" in the title match and are reviewed
 *   serve FEED items A B ... [OPTION VALUE]...   options: etag, modified, redirect, retry-after, cache, type, latency; conditional;
 *                                  wait: a Retry-After of the redirect, which is not followed before;
 *                                  moved: a redirect for good; stubborn: 304 to whatever validator comes; challenge: what a wall says
 *                                  hub, self: addresses in the document, link-header: of the answer; archive, next: an address of older items;
 *                                  says: XML of the channel; FEED may be an address itself
 *   publish FEED N DURATION        N times a new item, and then so long nothing
 *   pass DURATION                  lets time pass
 *   serve FEED many NAME N         items NAME-N … NAME-1, each with "alarm" in its title
 *   serve FEED cut A B ...         the document breaks off behind B
 *   serve FEED status N | body TEXT | error net|limit|nomem
 *   hook ALERT exit N | signal N | timeout | broken, takes DURATION
 *   topics alarm|flood|flood-shadow...   a reload with these topics, in this order, instead of both
 *   start, stop, kill, reload, drain, clock-jump DURATION, wall TIME (of the calendar), remove-state, remove-journal, forget-details, lose-worker N, worker-takes DURATION (for each document), damage-answer N, free-space SIZE,
 *   lock-state (nobody can change it), fold-state (another thread folds its log, for a while), release-state (ends both), unsynced-state yes|no (it cannot be made durable but by folding), damage-rows ALERT,
 *   damage-store STORE (a bit in its last line, while nothing runs),
 *   short-of-memory (no buffer of the engine could grow, once)
 *   journal fail N | kill-after N  the next N commits fail | the Nth next one is durable, then the process is gone
 *   disk full | full-for-stores | keeps-requests (their files cannot be taken away) | small (no room for a usual segment of the journal) | ok
 *   request NAME TEXT              a file in the folder of requests; request-odd NAME link|pipe|folder|large|long-replay BYTES, or unsafe|safe for the folder itself
 *   replay NAME TOPIC ALERT|none SEQ...   a request, as gazettectl makes it of these records
 *   verify FEED [mode M] [topic T] [lease SECONDS] [token T]   a hub asks whether its last request was meant
 *   push FEED signed|unsigned|sha1|wrong items|text A B ...   a hub sends a document
 *   at TIME [COMMAND]              lets time pass until TIME after the beginning
 *   expect-log STORE N, expect-kind STORE KIND N, expect-cases N, expect-alerts ALERT N [or-more], expect-requests FEED N [or-fewer], expect-asked FEED DURATION N [or-fewer] (in the last so long), expect-event EVENT N [or-more], expect-ledger FEED RESULT N,
 *   expect-sent FEED etag|modified VALUE|none, over fresh|any (connection), or pin some|none, expect-status NAME N|TEXT, expect-feed FEED MEMBER N|TEXT|none (of the status), expect-measure NAME DURATION|all|sum N (a histogram), expect-spread DURATION (no two first requests of all feeds closer on average),
 *   expect-gap FEED DURATION (between any two of its requests, or of those whose addresses begin so, at least), expect-quiet FEED SINCE (no request since that time),
 *   expect-in-flight N (never more), expect-went-on N (how often starts said that they take their time), expect-titles STORE A,B,C (in this order), expect-hooks-at-once N, expect-attempts ALERT N, expect-decision ALERT WORD,
 *   expect-known-prints N (that went with jobs to the workers), expect-crowd DURATION N (never more requests in such a span), expect-text STORE TEXT,
 *   expect-records ALERT N (that its scripts got and ended well with), expect-last ALERT record|digest|burst|test N (what its last run was about), expect-about ALERT EVENT TITLE,
 *   expect-waiting N [refused N] (requests), expect-replayed N (records of which the state knows that they were replayed), expect-fingerprints N (texts that it remembers),
 *   expect-keys ALERT N (different idempotency keys of its runs),
 *   expect-tie FEED TIE N (lines of the ledger), expect-told FEED KIND N (events),
 *   expect-answer STATUS [TEXT] (that the hub got last; 0: none yet), expect-hub FEED MODE N (forms posted to hubs with this mode),
 *   expect-state-log N (bytes of the state's log of changes),
 *   expect-idle, expect-round N (`-1` is done, N feeds failed)
 */
#ifndef FAKE_SCENARIO_H
#define FAKE_SCENARIO_H

#include "daemon/base/buf.h"

struct scenario_result {
	unsigned long disk_steps; /* that the whole scenario takes */
	unsigned checks; /* expectations that were met */
	char failure[512]; /* "" when all were */
};

/* crash_at: kill at this step of the disk, then start again and go on; 0: never. */
void scenario_run(const char *path, unsigned long crash_at, struct scenario_result *out);

#endif
