"""Expands the paths that people give: `~` becomes the home directory, `file://` a local path.

Looks nothing up, neither on a disk nor in a network: that is `file_system`'s.
"""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

# A letter alone is a drive. `::` chains the file systems of fsspec.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)(?:::[^/]*)?:/(/?)")


def expanded(path: Any, name: str) -> str:
    """The path as text: a local one with `~` expanded, the address of a remote one as it is.

    Args:
        path: What was given: `str` or `os.PathLike`.
        name: Name of the argument, for the message.

    Raises:
        ValueError: If it is no path, or one that would lead to another place than it says.

    Example:
        >>> expanded("s3://bucket/logs", "log_dir"), expanded("file:///tmp/logs", "log_dir")
        ('s3://bucket/logs', '/tmp/logs')
    """
    text = os.fspath(path) if isinstance(path, (str, os.PathLike)) else None
    if not isinstance(text, str):
        raise ValueError(f"`{name}` must be a path, as str or pathlib.Path. Received: {name}={path!r}.")
    if not text:
        raise ValueError(f"`{name}` must not be empty: '.' is the current directory. Received: {name}=''.")
    if scheme_of(text) is None:
        return os.path.expanduser(text)
    if scheme_of(text) == "file":
        return _local(text, name)
    return text.rstrip("/")


def scheme_of(path: str) -> str | None:
    """The scheme before `://`, in lower case; None for a local path.

    Raises:
        ValueError: If a slash is missing: `pathlib` folds the two of an address into one.
    """
    match = _ADDRESS.match(path)
    if match is None:
        return None
    if not match[2]:
        raise ValueError(
            f"An address has two slashes, which pathlib.Path makes one of: give it as a str. Received: {path!r}. "
            f"(A local directory of that name is './{path}'.)"
        )
    return match[1].lower()


def _local(address: str, name: str) -> str:
    """The path that a `file://` address names."""
    parts = urlsplit(address)
    if parts.netloc not in ("", "localhost"):
        raise ValueError(
            f"`{name}` must name no other machine after file://: a path from the root has three slashes, as in "
            f"file:///tmp. Received: {name}={address!r}."
        )
    return url2pathname(parts.path)
