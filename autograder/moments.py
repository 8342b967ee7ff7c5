"""Points in time as people write them, always with a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_WRITTEN = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ]+(\d\d?:\d\d(?::\d\d(?:[.,]\d{1,9})?)?))?\s*(\S[\S ]*)?"
)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?")


def parse_moment(text: str, zone: tzinfo | None = None) -> datetime:
    """Return a moment such as ``2026-03-01 23:59 Europe/Berlin``.

    A day without a time means its last second.

    Parameters
    ----------
    zone
        For a text that names none.

    Raises
    ------
    ValueError
        With a sentence on what is wrong.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no moment, such as 2026-03-01 23:59 Europe/Berlin")
    day, clock, name = found.groups()
    stated = _zone(name) if name else zone
    if stated is None:
        raise ValueError(f"{text!r} states no time zone, such as Europe/Berlin, UTC or +01:00")
    clock = re.sub(r"^(\d):", r"0\1:", clock or "23:59:59").replace(",", ".")
    whole, _, fraction = clock.partition(".")
    try:
        naive = datetime.fromisoformat(f"{day}T{whole}")
    except ValueError:
        raise ValueError(f"{text!r} is no day and time of the calendar") from None
    micro = int((fraction + "000000")[:6]) if fraction else 0
    return naive.replace(microsecond=micro, tzinfo=stated)


def _zone(name: str) -> tzinfo:
    name = name.strip()
    if name in {"Z", "UTC", "GMT"}:
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset:
        sign, hours, minutes = offset.groups()
        size = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(size if sign == "+" else -size)
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError(f"{name!r} is no time zone that this machine knows") from None


def in_utc(moment: datetime) -> str:
    """Return a moment as nbgrader writes it into ``timestamp.txt``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
