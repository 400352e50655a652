"""Docstrings as the reference shows them: every argument in full, and code marked as Sphinx reads it.

In the sources an argument that several names share is described once, and the others say "As in `LRFinder`" or "See
`start_lr`". Whoever reads a page of the reference would have to go elsewhere: here the text itself is put in its place.
Knows nothing of Sphinx.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

SECTIONS = ("Args:", "Attributes:", "Raises:")
_ENTRY = re.compile(r"    (?P<name>\*{0,2}\w+): (?P<text>.*)")
# `As in X`, with what is said beside it up to the full stop, and what follows.
_ELSEWHERE = re.compile(r"(?P<verb>As in|See) `(?P<place>\w+)`(?P<beside>[^.]*)\.\s*(?P<more>.*)", re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")


class UnknownReferenceError(ValueError):
    """An argument refers to where none of its name is described."""


@dataclass
class Entry:
    """One argument, attribute or error of a docstring.

    Attributes:
        name: As it is written, with its stars.
        lines: Its description, without the indentation that all of it has.
    """

    name: str
    lines: list[str]


@dataclass
class Section:
    """A part of a docstring; its heading is None for what is no list of entries."""

    heading: str | None = None
    lines: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


Lookup = Callable[[str], Any]


def resolved(lines: list[str], owner: object, lookup: Lookup) -> list[str]:
    """A docstring whose references to other arguments are replaced by what is said there.

    Args:
        lines: The docstring, without indentation.
        owner: What it describes; names of its methods can be referred to.
        lookup: Returns the object of a public name, or raises a `LookupError`.

    Raises:
        UnknownReferenceError: If an argument refers to something that does not describe one of its name.
    """
    sections = list(_sections(lines))
    return [line for section in sections for line in _written(section, sections, owner, lookup)]


def marked(lines: list[str], is_public: Callable[[str], bool]) -> list[str]:
    """A docstring in which `code` is a literal of reStructuredText, or a link where it is a public name.

    Args:
        lines: The docstring, with code in single backticks.
        is_public: Whether a text is a name that the reference describes.
    """

    def mark(code: re.Match[str]) -> str:
        text = code[1]
        role = f":py:obj:`~tb_lrfinder.{text}`" if is_public(text) else f"``{text}``"
        # What follows without a space, as the `s` of a plural, would not end the mark.
        end = code.string[code.end() : code.end() + 1]
        return role + ("\\ " if end.isalnum() else "")

    text = "\n".join(lines)
    # Examples stay as they are: they are code already.
    parts = re.split(r"(^ *>>> .*(?:\n(?! *\n).+)*)", text, flags=re.MULTILINE)
    return "".join(part if ">>> " in part[:40] else _CODE.sub(mark, part) for part in parts).split("\n")


def _sections(lines: list[str]) -> Iterator[Section]:
    section = Section()
    for line in lines:
        if line in SECTIONS:
            yield section
            section = Section(heading=line)
        elif section.heading is not None and line and not line.startswith("    "):
            yield section
            section = Section(lines=[line])
        else:
            _add(section, line)
    yield section


def _add(section: Section, line: str) -> None:
    entry = _ENTRY.fullmatch(line)
    if section.heading is None:
        section.lines.append(line)
    elif entry:
        section.entries.append(Entry(entry["name"], [entry["text"]]))
    elif section.entries:
        section.entries[-1].lines.append(line.removeprefix(" " * 8))


def _written(section: Section, sections: list[Section], owner: object, lookup: Lookup) -> Iterator[str]:
    if section.heading is not None:
        yield section.heading
    yield from section.lines
    for entry in section.entries:
        first, *others = _described(entry, section, sections, owner, lookup)
        yield f"    {entry.name}: {first}"
        yield from (f"        {line}" if line else "" for line in others)


def _described(entry: Entry, section: Section, sections: list[Section], owner: object, lookup: Lookup) -> list[str]:
    """The description of an entry, in full."""
    reference = _ELSEWHERE.fullmatch("\n".join(entry.lines).strip())
    if reference is None:
        return entry.lines
    told = _told(reference, entry, section, sections, owner, lookup)
    beside = reference["beside"].lstrip(",; ")
    # `like` lists the other arguments that are described there.
    extra = "" if beside.startswith("like ") else beside
    rest = " ".join(part for part in (f"{extra[:1].upper()}{extra[1:]}." if extra else "", reference["more"]) if part)
    # A sentence that both say is said once.
    tail = [] if not rest or rest in " ".join(told) else rest.split("\n")
    blank = [""] if not entry.lines[-1] else []
    return [*_stripped(told), *tail, *blank]


def _told(
    reference: re.Match[str], entry: Entry, section: Section, sections: list[Section], owner: object, lookup: Lookup
) -> list[str]:
    """What is said of an entry where it refers to."""
    place = reference["place"]
    if reference["verb"] == "See":
        there = _entry(sections, section.heading, place)
        further = there and _ELSEWHERE.fullmatch("\n".join(there.lines).strip())
        if not further or further["verb"] == "See":
            raise UnknownReferenceError(
                f"`{entry.name}` refers to `{place}`, which does not say where both are described: describe it itself."
            )
        place = further["place"]
    target = getattr(owner, place, None)
    if target is None:
        try:
            target = lookup(place)
        except LookupError:
            raise UnknownReferenceError(f"`{entry.name}` refers to `{place}`, which is no public name.") from None
    others = list(_sections((inspect.getdoc(target) or "").split("\n")))
    there = _entry(others, section.heading, entry.name)
    if there is None:
        raise UnknownReferenceError(f"`{entry.name}` refers to `{place}`, which does not describe it.")
    return _described(there, Section(heading=section.heading), others, target, lookup)


def _entry(sections: list[Section], heading: str | None, name: str) -> Entry | None:
    found = (one for section in sections if section.heading == heading for one in section.entries)
    return next((one for one in found if one.name.lstrip("*") == name.lstrip("*")), None)


def _stripped(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines
