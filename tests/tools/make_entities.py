#!/usr/bin/env python3
"""Writes daemon/feed/html_entities_table.c from the list of named character references that Python carries (html.entities)."""
import html.entities


def main():
    table = {}
    for name, text in html.entities.html5.items():
        bare = name.rstrip(";")
        legacy = not name.endswith(";")
        table[bare] = (text, legacy or table.get(bare, ("", False))[1])
    names, rows, at = [], [], 0
    for name in sorted(table):
        text, legacy = table[name]
        raw = text.encode()
        rows.append((at, len(name), int(legacy), len(raw), "".join("\\%03o" % b for b in raw)))
        names.append(name)
        at += len(name)
    out = ["/* html_entities_table: the named character references of HTML, sorted. Written by tests/tools/make_entities.py. */",
           '#include "daemon/feed/html_reference_priv.h"', "", "/* clang-format off */", "const char html_entity_names[] ="]
    line = ""
    for name in names:
        if len(line) + len(name) > 96:
            out.append('\t"%s"' % line)
            line = ""
        line += name
    out.append('\t"%s";' % line)
    out += ["", "const struct html_entity html_entities[] = {"]
    line = ""
    for row in rows:
        cell = '{%d,%d,%d,%d,"%s"},' % row
        if len(line) + len(cell) > 150:
            out.append("\t" + line)
            line = ""
        line += cell
    out += ["\t" + line, "};", "const size_t html_entity_count = %d;" % len(rows)]
    print("\n".join(out))


main()
