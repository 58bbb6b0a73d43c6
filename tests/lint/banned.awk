# banned: functions that have no place in the house, or only in their home file. First file: the list (name, then homes); comments and strings are not code.
FNR == NR && FILENAME ~ /banned\.txt$/ {
	if ($0 !~ /^#/ && NF > 0) { homes[$1] = " "; for (i = 2; i <= NF; i++) homes[$1] = homes[$1] $i " " }
	next
}
FNR == 1 { comment = 0 }
{
	line = $0
	gsub(/\\"/, "", line); gsub(/"[^"]*"/, "\"\"", line)
	if (comment) { if (line ~ /\*\//) { sub(/^.*\*\//, "", line); comment = 0 } else next }
	gsub(/\/\*[^*]*\*+([^\/*][^*]*\*+)*\//, "", line)
	if (line ~ /\/\*/) { sub(/\/\*.*/, "", line); comment = 1 }
	if (line ~ /(^|[^A-Za-z0-9_])(TODO|FIXME|XXX)([^A-Za-z0-9_]|$)/) print FILENAME ":" FNR ": left open"
	while (match(line, /[A-Za-z_][A-Za-z0-9_]*\(/)) {
		name = substr(line, RSTART, RLENGTH - 1)
		before = RSTART > 1 ? substr(line, RSTART - 1, 1) : ""
		before2 = RSTART > 2 ? substr(line, RSTART - 2, 2) : ""
		line = substr(line, RSTART + RLENGTH)
		if (!(name in homes) || before == "." || before2 == "->")
			continue
		if (!allowed(homes[name]))
			print FILENAME ":" FNR ": " name "() is banned here"
	}
}
function allowed(list,   n, h, i) {
	n = split(list, h, " ")
	for (i = 1; i <= n; i++)
		if (index(FILENAME, h[i]) == 1)
			return 1
	return 0
}
