"""What is said in the demo: data.

A line of the play is `room person: words`. Before the words, `@` names the bot, `>` answers what
it said last in the room, `~` changes what the person said there last, and `!` takes that back. The
rest is said to the room, and not for the bot to answer, except in a direct message (`dm`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

PEOPLE = ("Ada", "Alan", "Grace", "Mary")
HALL, ATTIC, DM = "hall", "attic", "dm"


class How(StrEnum):
    """How a line is said."""

    TO_THE_ROOM = ""
    NAMING = "@"
    ANSWERING = ">"
    CHANGING = "~"
    TAKING_BACK = "!"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a person does."""

    room: str
    person: str
    how: How
    words: str

    @property
    def asks(self) -> bool:
        """Whether the bot must answer."""
        return self.how in (How.NAMING, How.ANSWERING) or (
            self.room == DM and self.how is How.TO_THE_ROOM
        )


LINE = re.compile(r"(\w+)\s+(\w+): ([@>~!]?)\s*(.*)")


def _lines(text: str) -> tuple[Line, ...]:
    found = (LINE.fullmatch(line) for line in text.strip().splitlines())
    return tuple(Line(m[1], m[2], How(m[3]), m[4]) for m in found if m)


OPENING = _lines("hall Ada: @ Hello. Is anybody at the desk?")

WORK = _lines("""
hall Alan: Has anyone tried the new clerk?
hall Grace: She only asks questions.
hall Grace: ~ She mostly asks questions.
hall Ada: > I am a little tired of my machine.
dm Alan: I need more time.
dm Alan: My work is never finished.
hall Mary: @ I feel that the engine is too slow.
hall Grace: @ Why do my programs always fail at night?
attic Grace: @ I found a moth in the relay.
attic Ada: That is a good one for the logbook.
attic Grace: > Because it was dark, I think.
dm Grace: You are very patient.
dm Grace: I remember the first computer that I saw.
hall Ada: @ Can you count to seven?
hall Alan: wrong window, sorry
hall Alan: !
hall Mary: > I don't know what to say.
dm Mary: I want to write a book about a monster.
""")

HOME = _lines("""
dm Mary: My mother liked poetry.
dm Mary: Nobody reads it now.
hall Grace: The tea is ready, by the way.
hall Mary: @ I dreamed about a lake last night.
hall Alan: > It was not my lake.
attic Ada: @ I think of numbers all day.
attic Ada: Sometimes of music.
attic Alan: @ Are you a machine?
dm Ada: I am happy today.
dm Ada: I cannot explain it.
dm Ada: Perhaps it is the weather.
hall Grace: @ My brother says that I work too much.
hall Grace: > He says it every Sunday.
hall Ada: @ I was at sea when I was young, and I remember the ship, the long grey mornings, \
the captain who would never laugh, the bell, the smell of the tar, and how I always wished that \
somebody would ask me what I wanted to be when the ship came home again
dm Alan: I am afraid of nothing.
dm Alan: Do you believe me?
""")

CROWD = _lines("""
hall Ada: @ I need an answer.
hall Alan: @ I need one too.
dm Ada: Are you there?
dm Alan: I feel lost here.
dm Grace: I am in a hurry.
dm Mary: What do you think of crowds?
attic Grace: @ I am still in the attic.
hall Grace: @ Everybody talks at once.
hall Mary: @ I can't hear myself.
dm Ada: I am waiting.
dm Mary: My turn?
attic Ada: @ We are all here.
""")

FAREWELL = _lines("""
dm Ada: I am sorry that I asked so much.
dm Grace: Was that always so?
hall Alan: @ You don't seem to mind.
hall Alan: > I would.
attic Mary: @ I wonder who wrote you.
attic Mary: Some professor, I believe.
attic Grace: @ Yes.
dm Mary: I want to come again.
hall Mary: @ My friends must go home.
dm Alan: Thank you.
dm Grace: I feel better.
hall Ada: @ Goodbye, and thank you.
""")
