"""Linear algebra in whole numbers: the same digits on every machine.

A number x is held as the integer nearest below x * 2**BITS. Only ``+ - * //`` and the integer
square root are used, in a fixed order, so that no library, compiler or processor has a say in the
result.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from operator import mul

BITS = 128
ONE = 1 << BITS

MICRO = 10**6
"""Micro-points in a point."""

_GUARD = 64
"""Bits behind the micro-point to which a number is rounded first."""


def fixed(numerator: int, denominator: int = 1) -> int:
    """Give a fraction as a fixed-point number."""
    return (numerator << BITS) // denominator


def micro(number: int) -> int:
    """Round a fixed-point number to whole micro-points, halves upwards.

    What was computed lies less than 2**-100 beside the true value. Rounding to 2**-64 micro-points
    first removes that, and a true half is a number of that grid: so equal values are rounded
    equally.
    """
    return _halves_up(_halves_up(number * MICRO, BITS - _GUARD), _GUARD)


def micro_root(number: int) -> int:
    """Give the square root of a fixed-point number in whole micro-points."""
    return _halves_up(isqrt(max(number, 0) * MICRO**2), BITS // 2)


def inverse_factor(matrix: Sequence[Sequence[int]]) -> list[list[int]]:
    """Give the columns of M, lower triangular, with M'M the inverse of a matrix.

    Parameters
    ----------
    matrix : sequence of sequence of int [n, n]
        Symmetric and positive definite, in fixed point; only its lower triangle is read.

    Returns
    -------
    list of list of int [n, n]
        The inverse of the matrix's Cholesky factor, one list for each column.
    """
    size = len(matrix)
    factor: list[list[int]] = []
    for i in range(size):
        row: list[int] = []
        for k in range(i):
            rest = (matrix[i][k] << BITS) - dot(row, factor[k])
            row.append(rest // factor[k][k])
        row.append(isqrt((matrix[i][i] << BITS) - dot(row, row)))
        factor.append(row)
    columns: list[list[int]] = []
    for k in range(size):
        column = [0] * k + [(ONE << BITS) // factor[k][k]]
        for i in range(k + 1, size):
            column.append(-dot(factor[i][k:i], column[k:]) // factor[i][i])
        columns.append(column)
    return columns


def dot(a: Sequence[int], b: Sequence[int]) -> int:
    """Multiply two vectors of fixed-point numbers; the product has 2 * BITS of fraction.

    The longer one's end is left out.
    """
    return sum(map(mul, a, b))


def _halves_up(number: int, bits: int) -> int:
    return (number + (1 << (bits - 1))) >> bits
