# floors: a file includes its own folder or a lower floor, and only some folders may include some libraries.
BEGIN {
	floor["classifiers"] = 0; floor["daemon/base"] = 0
	floor["daemon/feed"] = 1; floor["daemon/store"] = 1; floor["daemon/net"] = 1; floor["daemon/conf"] = 1
	floor["daemon/pipe"] = 2; floor["daemon/page"] = 3
	floor["daemon/run"] = 4; floor["daemon/ctl"] = 4
	home["libxml/"] = "daemon/feed"; home["curl/"] = "daemon/net"; home["uv.h"] = "daemon/run"; home["seccomp.h"] = "daemon/run"
	home["sqlite3.h"] = "daemon/store"; home["zstd.h"] = "daemon/store daemon/net"; home["uchardet"] = "daemon/feed"
	home["microhttpd.h"] = "daemon/run"; home["openssl/"] = "daemon/base"
	home["libdeflate.h"] = "daemon/net"; home["brotli/"] = "daemon/net"; home["zlib.h"] = "daemon/net"
}
FNR == 1 { folder = FILENAME; sub(/\/[^\/]*$/, "", folder) }
/^[ \t]*#[ \t]*include[ \t]*"/ {
	target = $0; sub(/^[^"]*"/, "", target); sub(/".*/, "", target)
	to = target; sub(/\/[^\/]*$/, "", to)
	if (!(to in floor))
		print FILENAME ":" FNR ": \"" target "\" is in no folder of the house"
	else if (to != folder && floor[to] >= floor[folder])
		print FILENAME ":" FNR ": " folder " (floor " floor[folder] ") includes " to " (floor " floor[to] ")"
	if (to != folder && target ~ /_priv\.h$/)
		print FILENAME ":" FNR ": private header of another folder"
}
/^[ \t]*#[ \t]*include[ \t]*</ {
	for (prefix in home)
		if (index($0, "<" prefix) && !index(home[prefix] " ", folder " "))
			print FILENAME ":" FNR ": <" prefix "> belongs to " home[prefix]
}
