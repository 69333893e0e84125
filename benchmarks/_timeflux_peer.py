"""Timeflux at the same work; runs in an environment of its own and imports nothing of the hall.

``python _timeflux_peer.py WORK.npz GRAPHS`` builds that many graphs, divides the channels among
them, and answers lines: ``turn BLOCKS`` with the seconds each block took, ``powers`` with the last
band powers, [bands, channels]; both as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped, import-not-found, unused-ignore]
from timeflux.core.branch import Branch  # type: ignore[import-not-found]

FILTER = {"module": "timeflux_dsp.nodes.filters", "class": "IIRFilter"}
WINDOW = {"module": "timeflux.nodes.window", "class": "Window"}
APPLY = {"module": "timeflux.nodes.apply", "class": "ApplyMethod"}


def graph(notch: Any, bands: Any, rate: int, window: int, block: int) -> dict[str, Any]:
    """Describe a graph: the notch, then each band's filter, window and mean square."""
    nodes = [{"id": "notch", **FILTER, "params": {"rate": rate, "sos": notch}}]
    edges = []
    for i, sos in enumerate(bands):
        # A band-pass has no mean, so that its variance is its power. The node Welch would do
        # the same for a higher price, and does not run with today's scipy.
        params = {"method": "numpy.var", "apply_mode": "reduce", "axis": 0}
        nodes += [
            {"id": f"band{i}", **FILTER, "params": {"rate": rate, "sos": sos}},
            {
                "id": f"window{i}",
                **WINDOW,
                "params": {"length": window, "step": block, "index": "sample"},
            },
            {"id": f"power{i}", **APPLY, "params": params},
        ]
        edges += [
            {"source": "notch", "target": f"band{i}"},
            {"source": f"band{i}", "target": f"window{i}"},
            {"source": f"window{i}", "target": f"power{i}"},
        ]
    return {"nodes": nodes, "edges": edges}


class Hall:
    """Graphs that share the channels of a hall, fed from a loop of noise."""

    def __init__(self, work: Any, graphs: int) -> None:
        rate, window, self._block = (int(work[name]) for name in ("rate", "window", "block"))
        self._bands = len(work["bands"])
        # One table of samples per graph, [samples, channels].
        self._samples = np.split(work["samples"].astype(np.float64), graphs, axis=1)
        self._step = pd.Timedelta(seconds=1 / rate)
        self._now = pd.Timestamp("2026-01-01")
        self._next = 0
        self._graphs = [
            Branch(graph(work["notch"], work["bands"], rate, window, self._block))
            for _ in range(graphs)
        ]

    def turn(self, blocks: int) -> list[float]:
        """Run some blocks; their tables are made before the clock starts."""
        taken = []
        for _ in range(blocks):
            tables = list(self._tables())
            begun = time.perf_counter()
            for branch, table in zip(self._graphs, tables, strict=True):
                branch.set_port("notch", data=table)
                branch.run()
            taken.append(time.perf_counter() - begun)
        return taken

    def powers(self) -> list[list[float]]:
        """Give each band's power of every channel."""
        return [
            np.concatenate(
                [branch.get_port(f"power{i}").data.to_numpy()[0] for branch in self._graphs]
            ).tolist()
            for i in range(self._bands)
        ]

    def _tables(self) -> Iterator[pd.DataFrame]:
        times = pd.date_range(self._now, periods=self._block, freq=self._step)
        self._now = times[-1] + self._step
        rows = slice(self._next, self._next + self._block)
        self._next = rows.stop % len(self._samples[0])
        for samples in self._samples:
            names = [f"C{i + 1}" for i in range(samples.shape[1])]
            yield pd.DataFrame(samples[rows], index=times, columns=names)


def main() -> None:
    """Answer line by line until the input ends."""
    with np.load(sys.argv[1]) as work:
        hall = Hall(work, int(sys.argv[2]))
    for line in sys.stdin:
        order, *count = line.split()
        answer = hall.turn(int(count[0])) if order == "turn" else hall.powers()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
