# daemon/pipe/twins.c 187-follower-made-leader: one that leads from now on waits as long as the leader before it planned
s#sooner_than_planned(x, f, NULL, roster_due_in(x, f))#roster_due_in(x, f)#
