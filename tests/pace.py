"""How long something takes, told as a quiet machine would tell it."""

import time

USUAL = 0.06  # seconds for a million sums where nothing else runs


def seconds(work):
    """Seconds of the quickest of five runs, less what other programs slow it down.

    They slow a loop of plain sums down as much as they slow the work. Time in which
    another program had the processor does not count at all.
    """
    took, slow = [], []
    for _n in range(5):
        for times, done in ((took, work), (slow, sums)):
            start = time.process_time()
            done()
            times.append(time.process_time() - start)
    return min(took) / max(1, min(slow) / USUAL)


def sums():
    return sum(n * n for n in range(1_000_000))
