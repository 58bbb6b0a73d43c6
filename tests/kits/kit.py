"""kit.py KIT ARGUMENTS…: runs one of the fault kits in place.

A kit waits until the sizes of all files below the store stand still. Those of a daemon that keeps a ledger of its polls never do, so
that what every poll moves (the ledger itself, the state) has one size here; and a file may go while it is looked at. Everything else about the kit is as it is."""
import os
import runpy
import sys

size_of = os.path.getsize


def resting_size(path):
    moves = os.path.basename(path).startswith("polls") or os.sep + "state" + os.sep in path
    try:
        return min(1, size_of(path)) if moves else size_of(path)
    except FileNotFoundError:  # renamed since the kit looked
        return 0


sys.dont_write_bytecode = True
os.path.getsize = resting_size
sys.argv = sys.argv[1:]
sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[0])))
runpy.run_path(sys.argv[0], run_name="__main__")
