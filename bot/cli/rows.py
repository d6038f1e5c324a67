"""Addresses out of files: CSV, JSONL, or one in each line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from bot.connector import account_name
from bot.errors import ConfigError

HEADER = "write a column address, or platform and room, and perhaps account"


class Row(NamedTuple):
    """A line of a file.

    Args:
        number: from 1.
        address: such as `telegram:-1001234`; empty where the line holds none.
        why: what is wrong with it then.
    """

    number: int
    line: str
    address: str
    why: str = ""


def rows(path: Path, file: IO[str]) -> Iterator[Row]:
    """The lines of a file that say something, one by one.

    Args:
        path: its ending tells how it is written.

    Raises:
        ConfigError: a CSV file has no header.
    """
    kind = path.suffix.lower()
    if kind == ".csv":
        return _of_csv(path, file)
    return _of_jsonl(file) if kind in (".jsonl", ".ndjson") else _of_lines(file)


def _of_lines(file: IO[str]) -> Iterator[Row]:
    """An address in each line; `#` begins a remark."""
    for number, line in enumerate(file, 1):
        if (address := line.strip()) and not address.startswith("#"):
            yield Row(number, address, address)


def _of_jsonl(file: IO[str]) -> Iterator[Row]:
    """An address, or an object, in each line."""
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield Row(number, line.strip(), "", f"it is not JSON: {error}")
            continue
        yield _row(number, line.strip(), {"address": found} if isinstance(found, str) else found)


def _of_csv(path: Path, file: IO[str]) -> Iterator[Row]:
    reader = csv.DictReader(file)
    names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    if "address" not in names and not {"platform", "room"} <= set(names):
        raise ConfigError("the first line does not name the columns", fix=HEADER, file=path, line=1)
    reader.fieldnames = names
    try:
        for found in reader:
            line = ",".join(str(one) for one in found.values() if isinstance(one, str))
            yield _row(reader.line_num, line, found)
    except csv.Error as error:
        yield Row(reader.line_num, "", "", f"it is not CSV: {error}")


def _row(number: int, line: str, found: Any) -> Row:
    if not isinstance(found, Mapping):
        return Row(number, line, "", "it is neither an address nor an object")
    given = {name: str(value).strip() for name, value in found.items() if value is not None}
    if address := given.get("address"):
        return Row(number, line, address)
    platform, room = given.get("platform"), given.get("room")
    if not (platform and room):
        return Row(number, line, "", "it has no address")
    return Row(number, line, f"{account_name(platform, given.get('account') or 'default')}:{room}")
