"""The records of an event file: each the length of an event, the event itself, and a checksum of both."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from tb_lrfinder.storage.checksum import masked

_LENGTH, _CHECKSUM = struct.Struct("<Q"), struct.Struct("<I")
_HEAD_SIZE = _LENGTH.size + _CHECKSUM.size
# Larger events are passed over: TensorBoard's loader cannot hand them on either, and a segment of ours is smaller.
_MAX_EVENT_BYTES = 256 * 2**20


def framed(event: bytes) -> bytes:
    """The record of a serialized event."""
    length = _LENGTH.pack(len(event))
    return b"".join((length, _checksum(length), event, _checksum(event)))


def events_with(file: BinaryIO, *words: bytes) -> Iterator[bytes]:
    """The events of a file that contain one of some words, up to the first damaged one.

    The checksums of all others are not verified, which would take most of the time.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    while len(head := file.read(_HEAD_SIZE)) == _HEAD_SIZE:
        length, checksum = head[: _LENGTH.size], head[_LENGTH.size :]
        (num_bytes,) = _LENGTH.unpack(length)
        if num_bytes + _CHECKSUM.size > size - file.tell():
            return
        if num_bytes > _MAX_EVENT_BYTES:
            if checksum != _checksum(length):
                return
            file.seek(num_bytes + _CHECKSUM.size, os.SEEK_CUR)
            continue
        event, event_checksum = file.read(num_bytes), file.read(_CHECKSUM.size)
        if any(word in event for word in words):
            if checksum != _checksum(length) or event_checksum != _checksum(event):
                return
            yield event


def _checksum(data: bytes) -> bytes:
    return _CHECKSUM.pack(masked(data))
