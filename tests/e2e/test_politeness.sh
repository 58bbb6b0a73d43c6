#!/bin/sh
# What a publisher sees of us, rule by rule. $1: build folder.
exec python3 "$(dirname "$0")/../politeness/exam.py" "$1"
