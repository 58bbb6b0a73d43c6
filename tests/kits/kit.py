"""kit.py KIT ARGUMENTS…: runs one of the fault kits in place.

A kit waits until the sizes of all files below the store stand still. Those of a daemon that keeps a ledger of its polls never do, so
that what every poll moves (the ledger itself, the state) has one size here; and a file may go while it is looked at.

A kit that arms a fault for a while takes a daemon that this fault strikes in the last moment for one that lived, and then finds it gone. Here the kit looks
again only when a stroke that has begun has come to its end.

A kit that counts processes counts those of the daemon's tree, and adds every `sleep` that it met a little later and that is not in the tree when it looks
once more. One that was in the tree and has ended since would count twice; here it counts once. Everything else about the kit is as it is."""
import os
import runpy
import sys
import time

STROKE = 0.1  # seconds from a fault's beginning to the end of the process that it kills

size_of, unlink_file = os.path.getsize, os.unlink


def resting_size(path):
    moves = os.path.basename(path).startswith("polls") or os.sep + "state" + os.sep in path
    try:
        return min(1, size_of(path)) if moves else size_of(path)
    except FileNotFoundError:  # renamed since the kit looked
        return 0


def unlink_and_wait(path, **where):
    unlink_file(path, **where)
    if os.path.basename(path) == "armed":
        time.sleep(STROKE)


class Family:
    """The processes of a daemon: those that a sample has counted, those that are in its tree now, and those that are gone."""

    def __init__(self, pid):
        self.pid = pid

    def __contains__(self, pid):
        return pid in counted or not os.path.exists("/proc/%d" % pid) or pid in tree_of(self.pid)


def counting_sample(pid):
    counted[:] = tree_of(pid)
    hostile_test.tree = lambda _: counted
    try:
        return sample_of(pid)
    finally:
        hostile_test.tree = Family


sys.dont_write_bytecode = True
os.path.getsize, os.unlink = resting_size, unlink_and_wait
sys.argv = sys.argv[1:]
sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[0])))
import hostile_test  # noqa: E402: it lies beside the kit

counted = []
tree_of, sample_of = hostile_test.tree, hostile_test.sample
hostile_test.sample, hostile_test.tree = counting_sample, Family
runpy.run_path(sys.argv[0], run_name="__main__")
