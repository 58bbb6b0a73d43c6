/* explain_html: the answer of explain as one page that needs nothing else: no script, no address, no byte of the text that is not escaped. */
#ifndef CTL_EXPLAIN_HTML_H
#define CTL_EXPLAIN_HTML_H

#include "daemon/ctl/judge.h"

/* What stands before and behind the texts. The same model and texts make the same page. */
judge_frame_f explain_html_begin, explain_html_end;
judge_each_f explain_html;

#endif
