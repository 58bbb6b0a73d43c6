/* style: the one style sheet of all pages: light and dark by the reader's own wish, from a phone's width up, nothing loaded from elsewhere. */
#include "daemon/page/page_priv.h"

static const char sheet[] =
    ":root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#d8dee4;--back:#fff;--panel:#f6f8fa;"
    "--link:#0a5bb5;--good:#1a7f37;--bad:#c0211d;--wait:#8a6100;--mark:#fff1a8;--markink:#1b1f24}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa5b1;--line:#30363d;--back:#0d1117;"
    "--panel:#161b22;--link:#79b8ff;--good:#56d364;--bad:#ff8078;--wait:#e3b341;--mark:#5d4a00;--markink:#"
    "fff}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,-apple-system,\"Segoe "
    "UI\","
    "Roboto,\"Noto Sans\",\"Noto Sans CJK SC\",sans-serif;overflow-wrap:break-word}\n"
    "dd,h1{overflow-wrap:anywhere}\n"
    "a{color:var(--link)}a:focus-visible,input:focus-visible,button:focus-visible,select:focus-visible,"
    "summary:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}\n"
    ".skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:.5rem;background:var(--back);padding:."
    "3rem}\n"
    "header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.2rem 1.6rem;padding:.7rem "
    "max(1rem,calc(50vw - 36rem));"
    "border-bottom:1px solid var(--line)}\n"
    ".brand{margin:0;font-weight:700}.brand a{color:inherit;text-decoration:none}\n"
    "nav ul{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;margin:0;padding:0}\n"
    "nav a{text-decoration:none;padding:.25rem 0}nav a[aria-current]{color:inherit;font-weight:600;"
    "border-bottom:2px solid var(--link)}\n"
    "main{max-width:74rem;margin:0 auto;padding:1rem}\n"
    "h1{font-size:1.45rem;line-height:1.25;margin:.6rem 0}h2{font-size:1.1rem;margin:1.8rem 0 .4rem}"
    "h3{font-size:1rem;margin:1.2rem 0 .3rem}\n"
    ".state{font-size:1.1rem;margin:.4rem "
    "0}.soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}"
    ".wait{color:var(--wait)}\n"
    ".trouble{border-left:4px solid var(--bad);background:var(--panel);padding:.5rem .8rem;margin:.8rem 0}\n"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\n"
    "caption{text-align:left;color:var(--soft);padding:.2rem 0}\n"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;border-bottom:1px solid "
    "var(--line)}\n"
    "thead th{color:var(--soft);font-weight:600;font-size:.85rem}tbody "
    "th{font-weight:600}.num{text-align:right}td.num,time,.name{white-space:nowrap}dd "
    "time{white-space:normal}\n"
    ".wide{overflow-x:auto}\n"
    ".items{list-style:none;margin:0;padding:0}.items li{padding:.55rem 0;border-bottom:1px solid "
    "var(--line)}\n"
    ".items .title{font-weight:600;text-decoration:none}.items .title:hover{text-decoration:underline}\n"
    ".meta{color:var(--soft);font-size:.88rem;margin:.1rem 0 0}\n"
    ".topic{display:inline-block;border:1px solid var(--line);background:var(--panel);border-radius:1rem;"
    "padding:0 .55rem;font-size:.85rem;white-space:nowrap}.topic.review{border-style:dashed}\n"
    "form{display:flex;flex-wrap:wrap;gap:.5rem;margin:.8rem 0}\n"
    "input,button{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);"
    "border-radius:6px;padding:.3rem .6rem;max-width:100%}button{cursor:pointer}\n"
    ".text{white-space:pre-wrap;max-width:44rem;border-left:3px solid var(--line);padding-left:.9rem}\n"
    "mark{background:var(--mark);color:var(--markink);border-radius:3px;padding:0 .1em}\n"
    "mark.against{background:none;color:inherit;text-decoration:underline wavy var(--bad)}\n"
    "dl{display:grid;grid-template-columns:fit-content(36%) 1fr;gap:.25rem "
    "1rem}dt{color:var(--soft)}dd{margin:0;min-width:0}\n"
    "svg{vertical-align:middle}.beat{width:144px;height:16px;background:var(--panel);border-radius:2px}.beat "
    "path{stroke-dasharray:2 1;fill:none}"
    ".ok{stroke:var(--good);stroke-width:8}.same{stroke:var(--soft);stroke-width:4}"
    ".fail{stroke:var(--bad);stroke-width:16}.new{stroke:var(--link);stroke-width:12}\n"
    ".chart{display:block;width:100%;max-width:36rem;background:var(--panel);border-radius:3px}"
    ".chart path{fill:none;stroke-width:8}.found{stroke:var(--link)}.asked{stroke:var(--soft)}"
    ".chart .limit{stroke:var(--bad);stroke-width:1}\n"
    "del{color:var(--bad);text-decoration-thickness:2px}ins{color:var(--good);text-underline-offset:.2em}\n"
    "code{font-size:.9em}.pager{display:flex;gap:1rem;margin:1rem 0}\n"
    "@media (max-width:40rem){.hide{display:none}th,td{padding-right:.5rem}"
    ".cards thead{position:absolute;left:-999px}.cards tr{display:grid;grid-template-columns:1fr auto;gap:0 "
    ".8rem;"
    "padding:.5rem 0;border-bottom:1px solid var(--line)}.cards th,.cards td{border:0;padding:.1rem 0}"
    ".cards td:last-child{grid-column:1/-1}.cards td:empty{display:none}}\n";

static const char icon[] = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><rect "
                           "width=\"16\" height=\"16\" rx=\"3\" fill=\"#0a5bb5\"/>"
                           "<path d=\"M4 5h8M4 8h8M4 11h5\" stroke=\"#fff\" stroke-width=\"1.5\"/></svg>\n";

void page_icon(struct asking *a)
{
	buf_add(&a->answer->body, icon, sizeof(icon) - 1);
}

void page_style(struct asking *a)
{
	buf_add(&a->answer->body, sheet, sizeof(sheet) - 1);
}
