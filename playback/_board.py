"""What presenter and libVLC child tell each other in shared memory: 64-bit integers, one page."""

PAGE = 4096
# The first places are those of a decoder's ring.
BEAT_NS, WANTED_MS, AHEAD_MS = range(3, 6)
