/* rows: options that several commands share, for the tables of struct ctl_option; the members that they set are struct ctl_args's. */
#ifndef CTL_ROWS_H
#define CTL_ROWS_H

extern const char *const ctl_output_names[], *const ctl_page_names[], *const ctl_colour_names[],
                                                                          *const ctl_kind_names[];
#define CTL_AT(member) offsetof(struct ctl_args, member)
#define CTL_OPT_OUTPUT                                                                                       \
	{                                                                                                    \
		'o', "output", "FORMAT", "short, json, cat, csv, tsv, ecs, cloudevents, stix or misp",       \
		    CTL_CHOICE, CTL_AT(output), ctl_output_names                                             \
	}
#define CTL_OPT_CONFIG                                                                                       \
	{                                                                                                    \
		'c', "config", "FILE", "configuration (default " GAZETTED_SYSCONFDIR "/gazetted.yaml)",      \
		    CTL_TEXT, CTL_AT(config), NULL                                                           \
	}
#define CTL_OPT_JSON                                                                                         \
	{                                                                                                    \
		'\0', "json", NULL, "print JSON, one line per entry", CTL_FLAG, CTL_AT(json), NULL           \
	}
#define CTL_OPT_DIRECTORY                                                                                    \
	{                                                                                                    \
		'd', "directory", "DIR", "folder of the stores, instead of the configuration's", CTL_TEXT,   \
		    CTL_AT(directory), NULL                                                                  \
	}
#define CTL_OPT_COLOUR                                                                                       \
	{                                                                                                    \
		'\0', "color", "WHEN", "auto, always or never (NO_COLOR is obeyed)", CTL_CHOICE,             \
		    CTL_AT(colour), ctl_colour_names                                                         \
	}
#define CTL_OPT_TOPIC_FILE                                                                                   \
	{                                                                                                    \
		't', "topic-file", "FILE", "topic file instead of the configured ones; may be repeated",     \
		    CTL_LIST, CTL_AT(topic_files), NULL                                                      \
	}
#define CTL_OPT_TOPIC_FOLDER                                                                                 \
	{                                                                                                    \
		'\0', "topics", "DIR", "every topic file of a folder; may be repeated", CTL_LIST,            \
		    CTL_AT(topic_folders), NULL                                                              \
	}

#endif
