"""The checksum of records, CRC-32C: of a long text and of many short ones at once, by NumPy.

TensorBoard's own goes byte by byte in Python, a second for ten megabytes, and holds up a training beside it.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

_Checks = NDArray[np.uint32]
_POLYNOMIAL = 0x82F63B78  # of Castagnoli, its bits reversed
_ALL_ONES = 0xFFFFFFFF
# A mask keeps the checksum of a text that holds checksums from being a special one (TensorFlow, `crc32c.h`).
_MASK = 0xA282EAD8
# A shorter text is done sooner byte by byte.
_LONG = 2048
# Texts side by side: with more, NumPy gives the lock of the interpreter away in each operation, and a busy loop in another
# thread takes it for five milliseconds.
_BESIDE = 500


def masked(text: bytes) -> int:
    """The masked checksum of a text."""
    if len(text) < _LONG:
        return masked_crc32c(text)
    return int(_mask(_finished(_of_long(text))[None])[0])


def masked_each(texts: NDArray[np.uint8]) -> _Checks:
    """The masked checksum of each row of bytes, shape `[texts, length]`."""
    checks = np.full(len(texts), _ALL_ONES, np.uint32)
    for start in range(0, len(texts), _BESIDE):
        beside = slice(start, start + _BESIDE)
        checks[beside] = _over_columns(texts[beside], checks[beside])
    return _mask(_finished(checks))


def _finished(checks: _Checks) -> _Checks:
    return checks ^ np.uint32(_ALL_ONES)


def _mask(checks: _Checks) -> _Checks:
    return ((checks >> np.uint32(15)) | (checks << np.uint32(17))) + np.uint32(_MASK)


def _of_long(text: bytes) -> _Checks:
    """The checksum of a long text, before its bits are inverted: that of its pieces, taken side by side and joined.

    A checksum that starts with zero is linear, and zeros in front do not change it; one that starts with all ones is that of
    the text with its first four bytes inverted.
    """
    power = max((len(text) // _BESIDE).bit_length(), 6)
    length = 1 << power
    pieces = np.zeros((-(-len(text) // length), length), np.uint8)
    content = pieces.reshape(-1)[-len(text) :]
    content[:] = np.frombuffer(text, np.uint8)
    content[:4] ^= 0xFF
    checks = _over_columns(pieces, np.zeros(len(pieces), np.uint32))
    while len(checks) > 1:
        if len(checks) % 2:
            checks = np.concatenate([np.zeros(1, np.uint32), checks])
        checks = _shifted(checks[::2], _zeros(power)) ^ checks[1::2]
        power += 1
    return checks[0]


def _over_columns(texts: NDArray[np.uint8], checks: _Checks) -> _Checks:
    table = _table()
    for column in np.ascontiguousarray(texts.T):
        checks = table[(checks & np.uint32(0xFF)) ^ column] ^ (checks >> np.uint32(8))
    return checks


@functools.cache
def _table() -> _Checks:
    """The checksum of each byte."""
    checks = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        checks = (checks >> np.uint32(1)) ^ (np.uint32(_POLYNOMIAL) * (checks & np.uint32(1)))
    return checks


@functools.cache
def _zeros(power: int) -> _Checks:
    """What `2 ** power` zeros behind a text make of each byte of its checksum, shape `[4, 256]`."""
    if power > 0:
        before = _zeros(power - 1)
        return _shifted(before, before)
    each = np.arange(256, dtype=np.uint32) << (8 * np.arange(4, dtype=np.uint32))[:, None]
    return _table()[each & np.uint32(0xFF)] ^ (each >> np.uint32(8))


def _shifted(checks: _Checks, zeros: _Checks) -> _Checks:
    """The checksums of texts with zeros behind them."""
    parts = [zeros[place][(checks >> np.uint32(8 * place)) & np.uint32(0xFF)] for place in range(4)]
    return parts[0] ^ parts[1] ^ parts[2] ^ parts[3]
