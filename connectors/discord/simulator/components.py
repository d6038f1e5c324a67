"""What can be pressed and chosen under the messages of a simulated Discord."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.discord.simulator.checks import LINK, SELECT
from connectors.discord.simulator.shapes import Json


def numbered(rows: Iterable[Json]) -> list[Json]:
    """Rows as Discord gives them back: each part has a number."""
    told, number = [], 0
    for row in rows:
        number += 1
        held, key = [], number
        for one in row["components"]:
            number += 1
            held.append({**one, "id": number})
        told.append({**row, "id": key, "components": held})
    return told


def labels(rows: Iterable[Json]) -> tuple[str, ...]:
    """What one reads on them."""
    return tuple(label for label, _ in _choices(rows))


def pressed(rows: Iterable[Json], label: str) -> Json:
    """The data of the interaction that pressing or choosing it makes.

    Raises:
        KeyError: there is nothing of that label that a bot is told of.
    """
    for found, data in _choices(rows):
        if found == label and data:
            return data
    raise KeyError(label)


def _choices(rows: Iterable[Json]) -> Iterator[tuple[str, Json]]:
    for row in rows:
        for one in row["components"]:
            told = {"component_type": one["type"], "id": one["id"]}
            if one["type"] == SELECT:
                for option in one["options"]:
                    chosen = {"custom_id": one["custom_id"], "values": [option["value"]]}
                    yield option["label"], {**told, **chosen}
            else:
                is_link = one["style"] == LINK
                yield one["label"], {} if is_link else {**told, "custom_id": one["custom_id"]}
