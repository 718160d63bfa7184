"""How much of the machine other processes took while something was measured.

A client that shares its CPU can't load a fast server, so a busy machine makes all servers look
alike: requests/s, tails and their ratios count only from samples taken while it was quiet.
"""

import os
import random
import resource
import time

from .figures import pick, spread

QUIET_PERCENT = 12
JIFFY = 1 / os.sysconf("SC_CLK_TCK")


class Noise:
    """Begins when it is made; the client must be a child process that has been waited for."""

    def __init__(self, server):
        self.server = server
        self.began = self.now()

    def others_percent(self):
        """Share of all CPUs that neither the server nor the client took."""
        elapsed, busy, own = (now - then for now, then in zip(self.now(), self.began, strict=True))
        return max(0.0, 100 * (busy - own) / (elapsed * os.cpu_count()))

    def now(self):
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = self.server.cpu_seconds() + children.ru_utime + children.ru_stime
        return time.monotonic(), machine_busy(), own


def machine_busy():
    """Seconds that all CPUs together were not idle."""
    with open("/proc/stat") as stat:
        user, nice, system, _idle, _wait, *rest = map(int, stat.readline().split()[1:9])
    return (user + nice + system + sum(rest)) * JIFFY


def shuffled(items, number):
    """A round's own order, the same in each run: no server always follows the same other one."""
    return random.Random(number).sample(items, len(items))


def quiet(samples, group):
    """The samples whose whole group was quiet, so that pairs stay pairs; and a line about it."""
    loud = {group(s) for s in samples if s["others_percent"] > QUIET_PERCENT}
    groups = {group(s) for s in samples}
    kept = [s for s in samples if group(s) not in loud]
    others = f"other processes took {spread(pick(samples, 'others_percent'))} % of the machine"
    if kept:
        took = (
            f"{len(groups) - len(loud)} of {len(groups)} groups of samples were quiet and are shown"
        )
        return kept, f"{took}; over all, {others}.\n"
    return samples, f"**The machine was never quiet** ({others}): only CPU times count.\n"
