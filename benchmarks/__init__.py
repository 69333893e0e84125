"""Measurements of the hall, each beside its peers: ``python -m benchmarks [NAME ...]``.

How to read a result:

- Every table compares ways of doing the same work in the same run. The contenders take turns,
  round by round, so that a busy moment of the machine strikes them all; the first round only warms
  up (where a table says so, there is none).
- A figure is the median over the rounds with the least and the greatest round in brackets. Where
  a table gives percentiles, they are taken over all single calls of all rounds.
- ``ratio`` is the row's cost divided by ours in the same round, median and extremes again: above 1
  the hall is cheaper, below 1 the peer is. Rows marked *floor* do less than the hall on purpose:
  they show how much of the cost is the work itself.
- A figure belongs to the machine, the load and the versions printed above it. Two runs on two
  machines compare by their ratios, not by their milliseconds.

Nothing here passes or fails. ``--write`` puts the tables into docs/benchmarks.md between its
markers; no figure in that page is typed by hand. What needs the recordings says so and is left out
where they are absent.

This file imports nothing: the peers' processes import the package, and their memory is measured.
"""
