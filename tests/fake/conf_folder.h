/* conf_folder: a folder with configuration files for a test, and what loading them said. */
#ifndef FAKE_CONF_FOLDER_H
#define FAKE_CONF_FOLDER_H

#include "daemon/conf/conf.h"

struct conf_folder {
	char path[128];
	struct buf said; /* complaints, one a line: "gazetted.yaml:1:2: text", without the folder's path */
	struct conf *conf; /* of the last load, or NULL */
};

void conf_folder_init(struct conf_folder *f); /* empty, on tmpfs where there is one */
void conf_folder_fini(struct conf_folder *f); /* removes it with all its files */

/* Creates folders on the way; `name` is relative. mode: permissions. */
void conf_folder_write(struct conf_folder *f, const char *name, struct str text, unsigned mode);
void conf_folder_put(struct conf_folder *f, const char *name, const char *text); /* 0644 */

/* Loads gazetted.yaml; drops what was loaded before. */
struct conf *conf_folder_load(struct conf_folder *f);
/* The same with this text in gazetted.yaml. */
struct conf *conf_folder_load_text(struct conf_folder *f, const char *text);

/* What the last load said, "" when nothing. */
const char *conf_folder_said(struct conf_folder *f);

#endif
