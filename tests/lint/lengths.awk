# lengths: a function fits a screen (60 lines), a source file is one thing (500), a header is a contract (120; three are lists of settings or rows).
BEGIN {
	FUNCTION_MAX = 60; SOURCE_MAX = 500; HEADER_MAX = 120
	longer["daemon/conf/conf.h"] = 240    # the whole configuration as one struct
	longer["daemon/store/state.h"] = 140  # three tables of rows
	longer["classifiers/classify.h"] = 200 # the documented interface of a library
}
FNR == 1 { check(); file = FILENAME; lines = 0; inside = 0 }
{ lines = FNR; if (length($0) > 160) print FILENAME ":" FNR ": line of " length($0) " characters" }
/^{$/ { inside = 1; start = FNR; next }
/^}/ {
	if (inside && FNR - start - 1 > FUNCTION_MAX)
		print FILENAME ":" start ": function of " FNR - start - 1 " lines (at most " FUNCTION_MAX ")"
	inside = 0
}
END { check() }
function check(   most) {
	if (file == "")
		return
	most = file ~ /\.h$/ ? HEADER_MAX : SOURCE_MAX
	if (file in longer)
		most = longer[file]
	if (lines > most)
		print file ": " lines " lines (at most " most ")"
}
