"""Durations, quiet hours and quoted text, as people write them."""

from __future__ import annotations

import re
from datetime import time
from zoneinfo import ZoneInfo

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&@:])")


def seconds(text: str) -> float:
    """A duration in seconds, from `90`, `90s`, `30m`, `1h30m` or `2d`.

    Raises:
        ValueError: it is none.
    """
    text = text.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    if not re.fullmatch(r"(\d+[smhd])+", text):
        raise ValueError(f"{text!r} is no duration; write 90s, 30m, 1h30m or 2d")
    return float(sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+)([smhd])", text)))


def quiet_hours(text: str) -> dict[str, time | str]:
    """The fields of a `Quiet`, from `22:00-07:00@Europe/Berlin`; without a zone it is UTC.

    Raises:
        ValueError: they are none.
    """
    hours, _, zone = text.strip().partition("@")
    begins, _, ends = hours.partition("-")
    zone = zone or "UTC"
    try:
        found: dict[str, time | str] = {
            "begins": time.fromisoformat(begins.strip()),
            "ends": time.fromisoformat(ends.strip()),
        }
    except ValueError:
        raise ValueError(f"{text!r} are no hours; write 22:00-07:00@Europe/Berlin") from None
    try:
        return {**found, "zone": ZoneInfo(zone).key}
    except (LookupError, ValueError, OSError):  # a folder of zones is an OSError
        raise ValueError(f"there is no time zone {zone!r}; write one as Europe/Berlin") from None


def literal(text: str) -> str:
    """CommonMark that shows `text` as it stands, in one line."""
    return MARKS.sub(r"\\\1", " ".join(text.split()))
