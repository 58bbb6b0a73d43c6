/* setting: the configuration that a command works under, and where its files are. */
#ifndef CTL_SETTING_H
#define CTL_SETTING_H

#include "daemon/conf/conf.h"
#include "daemon/ctl/command.h"

conf_report_f setting_complain; /* file:line:column: text on stderr */

bool setting_default_exists(void);
const char *setting_default(void); /* its path */
/* That of -c, else the default one. NULL after complaints, with the exit code. The program of an alert may be missing, or not to be seen by who asks:
 * what the daemon wrote is read all the same. */
struct conf *setting_load(const struct ctl_args *args, int *code) MUST_CHECK;
/* The same for who judges it: as strict as gazetted -t. */
struct conf *setting_check(const struct ctl_args *args, int *code) MUST_CHECK;

/* Folder of the stores: -d, else the configuration's; kept in the arena. NULL after complaints. */
const char *setting_directory(const struct ctl_args *args, int *code) MUST_CHECK;
/* PATH in the folder of the daemon's state; kept in the arena. */
const char *setting_state_file(const struct ctl_args *args, const char *name, int *code) MUST_CHECK;

#endif
