"""Facts as HTML for a notebook, in the text colours of its theme."""

from __future__ import annotations

import html
from collections.abc import Sequence

# Notebooks align, stripe and pad tables in ways of their own, which only a style at the element itself overrides.
_CELL = "text-align:left;vertical-align:top;padding:2px 16px 2px 0;border:0;background:none;white-space:normal"
_HEAD = f"{_CELL};font-weight:normal;white-space:nowrap;opacity:0.75"
_ROW = "background:none;border:0"
_TABLE = "border-collapse:collapse;border:0;margin:4px 0 0;font-size:13px;line-height:1.45"
_CARD = "max-width:760px;padding:4px 0"


def table(facts: Sequence[tuple[str, str]]) -> str:
    """Pairs of a heading and a text as an HTML table, the first one put forward."""
    rows = (
        f'<tr style="{_ROW}"><th scope="row" style="{_HEAD}">{html.escape(name)}</th>'
        f'<td style="{_CELL}{"" if index else ";font-weight:600"}">{html.escape(text)}</td></tr>'
        for index, (name, text) in enumerate(facts)
    )
    return f'<table style="{_TABLE}"><tbody>{"".join(rows)}</tbody></table>'


def card(title: str, picture: str, facts: Sequence[tuple[str, str]]) -> str:
    """A title, a picture (HTML; may be empty) and facts below it."""
    heading = f'<div style="font-size:14px;font-weight:600;margin-bottom:4px">{html.escape(title)}</div>'
    return f'<div style="{_CARD}">{heading}{picture}{table(facts)}</div>'
