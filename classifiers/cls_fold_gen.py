#!/usr/bin/env python3
"""Writes cls_fold_table.c: for every code point its class and what it becomes for matching.

Unicode data come from Python's unicodedata, Traditional to Simplified from OpenCC's table of single characters:
    opencc_dict -i /usr/share/opencc/TSCharacters.ocd2 -f ocd2 -o TS.txt -t text
    python3 classifiers/cls_fold_gen.py TS.txt > classifiers/cls_fold_table.c
"""
import sys
import unicodedata as ud

SEP, WORD, CHAR, IGNORE, BREVE, CLAUSE, SENTENCE, SPACE, DASH = range(9)
BLOCK = 32  # code points per page; small pages are shared more often
LIMIT = 0x31400  # code points above are separators

NO_DECOMPOSITION = {
    "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ħ": "h", "ŧ": "t", "ə": "e",
}
SENTENCE_MARKS = ".!?。！？｡．‼⁇⁈⁉।॥؟۔።\u2029"
CLAUSE_MARKS = ",;:()[]{}<>|、，；：（）［］｛｝【】〔〕〖〗︰｜…‥—―•‣▪●■◆※、､،؛\u2028"
DASHES = "-‐‑‒–−－"
BY_CHARACTER = [  # scripts without spaces, or whose particles stick to the word
    (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B), (0x3041, 0x30FF), (0x3105, 0x312F),
    (0x31A0, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
    (0x1B000, 0x1B16F), (0x1100, 0x11FF), (0xA960, 0xA97F), (0xAC00, 0xD7FF),
    (0x0E01, 0x0E4E), (0x0E81, 0x0ECD), (0x0EDC, 0x0EDF), (0x1000, 0x109F), (0x1780, 0x17DD),
]
DROPPED_MARKS = [  # accents and points; the vowel signs of other scripts are letters here
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
    (0x06D6, 0x06ED), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F),
    (0x302A, 0x302F), (0x180B, 0x180F), (0xE0100, 0xE01EF),
]
IGNORED = [(0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),
           (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0x1D173, 0x1D17A), (0x0640, 0x0640)]


def within(cp, ranges):
    return any(a <= cp <= b for a, b in ranges)


def read_simplified(path):
    table = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            left, right = line.rstrip("\n").split("\t")
            right = right.split(" ")[0]
            if len(left) == 1 and len(right) == 1 and left != right:
                table[left] = right
    return table


def strip_marks(s):
    out = []
    for ch in ud.normalize("NFD", s):
        if ch == "\u0306" and out and out[-1] == "и":
            out.append(ch)
        elif not (within(ord(ch), DROPPED_MARKS) and ud.combining(ch)) and not within(ord(ch), IGNORED):
            out.append(ch)
    return ud.normalize("NFC", "".join(out))


def fold_once(s, simplified):
    s = ud.normalize("NFKC", s).casefold()
    s = strip_marks(s)
    s = "".join(NO_DECOMPOSITION.get(c, c) for c in s)
    s = "".join(chr(ord("0") + ud.digit(c)) if ud.category(c) == "Nd" else c for c in s)
    return "".join(simplified.get(c, c) for c in s)


def fold(ch, simplified):
    s = ch
    for _ in range(8):
        t = fold_once(s, simplified)
        if t == s:
            return s
        s = t
    raise SystemExit("no fixed point for U+%04X" % ord(ch))


def is_text(ch):
    return ud.category(ch)[0] in "LNM"


def class_of(cp, simplified):
    """(class, what it becomes)"""
    ch = chr(cp)
    if 0xD800 <= cp <= 0xDFFF:
        return SEP, ""
    if cp == 0x306:
        return BREVE, ""
    if within(cp, IGNORED) or (within(cp, DROPPED_MARKS) and ud.category(ch) in ("Mn", "Me", "Cf")):
        return IGNORE, ""
    if ch in SENTENCE_MARKS:
        return SENTENCE, ""
    if ch in CLAUSE_MARKS:
        return CLAUSE, ""
    if ch in DASHES:
        return DASH, ""
    if ch in "\t\n\v\f\r \x85" or ud.category(ch) in ("Zs", "Zl", "Zp"):
        return SPACE, ""
    if cp in (0x3099, 0x309A, 0xFF9E, 0xFF9F):
        return IGNORE, ""  # joined to the kana before it by the tokeniser
    s = fold(ch, simplified) if is_text(ch) or ud.category(ch) == "So" else ""
    if ud.category(ch) == "So" and s == ch:
        return SEP, ""
    inner = [c for c in s if is_text(c)]
    if not inner:
        return SEP, ""
    s = "".join(inner) if within(ord(inner[0]), BY_CHARACTER) or len(inner) == len(s) else ""
    if not s:
        return SEP, ""
    kinds = {within(ord(c), BY_CHARACTER) for c in s}
    if len(kinds) > 1:
        return SEP, ""
    return (CHAR if kinds == {True} else WORD), s


def kana_pairs():
    for base in list(range(0x3041, 0x3100)):
        for mark in ("\u3099", "\u309A"):
            s = ud.normalize("NFC", chr(base) + mark)
            if len(s) == 1:
                yield base, mark, ord(s)


def words(numbers, per_line, fmt):
    for i in range(0, len(numbers), per_line):
        print("\t" + ", ".join(fmt % n for n in numbers[i:i + per_line]) + ",")


def entry_text(entry):
    name, value = "0WCIBLEPD"[entry >> 24], entry & 0xFFFFFF
    return name if not value else "%s+0x%x" % (name, value)


def main():
    simplified = read_simplified(sys.argv[1])
    multi, multi_at, pages, page_at, index = [], {}, [], {}, []
    changed = 0
    for first in range(0, LIMIT, BLOCK):
        page = []
        for cp in range(first, first + BLOCK):
            kind, s = class_of(cp, simplified)
            entry = kind << 24
            if len(s) > 1:
                assert kind != CHAR or len(s) <= 8  # STRETCH_TOKENS of the tokeniser allows more
                if s not in multi_at:
                    multi_at[s] = len(multi)
                    multi.extend([len(s)] + [ord(c) for c in s])
                entry |= 1 << 23 | multi_at[s]
            elif s and s != chr(cp):
                entry |= ord(s)
                changed += 1
            page.append(entry)
        key = tuple(page)
        if key not in page_at:
            page_at[key] = len(pages)
            pages.append(page)
        index.append(page_at[key])
    assert len(pages) < 65536
    print("/* cls_fold_table: written by cls_fold_gen.py, not by hand. Unicode %s; %d Traditional characters; %d code points"
          " change. */" % (ud.unidata_version, len(simplified), changed))
    print("/* clang-format off */")
    print('#include "classifiers/cls_fold.h"\n')
    print("const uint16_t cls_fold_index[%d] = {" % len(index))
    words(index, 24, "%d")
    print("};\n\nconst uint32_t cls_fold_multi[%d] = {" % len(multi))
    words(multi, 14, "0x%x")
    print("};\n\nconst struct cls_fold_pair cls_fold_kana[] = {")
    pairs = list(kana_pairs())
    for i in range(0, len(pairs), 5):
        print("\t" + " ".join("{0x%x, %d, 0x%x}," % (b, m == "\u309A", c) for b, m, c in pairs[i:i + 5]))
    print("};\nconst size_t cls_fold_kana_count = %d;\n" % len(pairs))
    for kind, name in ((WORD, "W"), (CHAR, "C"), (IGNORE, "I"), (BREVE, "B"), (CLAUSE, "L"), (SENTENCE, "E"), (SPACE, "P"),
                       (DASH, "D")):
        print("#define %s 0x%xu" % (name, kind << 24))
    print()
    print("const uint32_t cls_fold_pages[%d][%d] = {" % (len(pages), BLOCK))
    for page in pages:
        print("\t{")
        print("\t\t" + ",".join(entry_text(e) for e in page))
        print("\t},")
    print("};")


main()
