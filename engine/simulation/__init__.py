"""Simulated shows: the hall's own code in every process, on virtual time, under random faults.

Anchor: TigerBeetle's deterministic simulator. One seed draws film, audience, faults and their
times. Engine, player core, link, workers, console and session writer are the real ones; only
clock, net, disk, decoders and processes are made. After each show it is checked what must hold in
all (`violations`); what did not hold is told with the story in words and the seed that shows it
again.
"""

from engine.simulation._faults import FAULTS
from engine.simulation._many import Simulated, simulate, simulate_many
from engine.simulation._net import SimNet
from engine.simulation._plants import PLANTS
from engine.simulation._seen import Seen
from engine.simulation._world import MS, World

__all__ = [
    "FAULTS",
    "MS",
    "PLANTS",
    "Seen",
    "SimNet",
    "Simulated",
    "World",
    "simulate",
    "simulate_many",
]
