# includes: "header included-header" pairs of our own headers, for tsort, which complains about cycles.
/^[ \t]*#[ \t]*include[ \t]*"/ {
	target = $0; sub(/^[^"]*"/, "", target); sub(/".*/, "", target)
	print FILENAME, target
}
