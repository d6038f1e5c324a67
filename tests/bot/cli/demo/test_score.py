"""How the demo counts."""

from __future__ import annotations

from bot.cli.demo.score import Score, score
from bot.testing.simulator import Said


def person(message: str, at: float = 0.0) -> Said:
    """A person says something."""
    return Said("room", message, "ada", "hi", None, by_bot=False, at=at)


def answer(to: str | None, at: float = 1.0) -> Said:
    """The bot says something."""
    return Said("room", f"answer-{to}-{at}", "bot", "oh", to, by_bot=True, at=at)


def of(*said: Said, asked: str = "") -> Score:
    """The score of a room, in which the messages named were for the bot."""
    return score([said], set(asked))


def test_one_answer_each_is_perfect() -> None:
    """The latency is the answer's."""
    found = of(person("a"), answer("a", 0.25), person("b"), answer("b", 0.5), asked="ab")
    assert found.is_perfect
    assert (found.asked, found.answered) == (2, 2)
    assert (found.percentile(0.5), found.percentile(0.99)) == (250.0, 500.0)


def test_what_is_not_answered_is_lost() -> None:
    """Only if it was for the bot."""
    found = of(person("a"), person("b"), answer("b"), person("c"), asked="ab")
    assert (found.lost, found.answered) == (1, 1)
    assert not found.is_perfect


def test_a_second_answer_is_a_duplicate() -> None:
    """And so is one to what was not for the bot."""
    assert of(person("a"), answer("a"), answer("a", 2.0), asked="a").duplicates == 1
    assert of(person("a"), answer("a"), person("b"), answer("b"), asked="a").duplicates == 1


def test_an_answer_that_overtakes_is_out_of_order() -> None:
    """Each that comes after the answer to a later message counts."""
    found = of(*map(person, "abc"), answer("c"), answer("a"), answer("b"), asked="abc")
    assert found.out_of_order == 2


def test_the_rest_of_a_long_answer_is_no_duplicate() -> None:
    """It names nothing, or the bot's own words."""
    first = answer("a")
    found = of(person("a"), first, answer(None), answer(first.message), asked="a")
    assert found.is_perfect


def test_where_answers_name_nothing_they_are_matched_in_order() -> None:
    """What is left over is a duplicate, or lost."""
    assert of(person("a"), answer(None), person("b"), answer(None), asked="ab").is_perfect
    assert of(person("a"), answer(None), answer(None), asked="a").duplicates == 1
    assert of(person("a"), person("b"), answer(None), asked="ab").lost == 1


def test_a_duplicate_is_forgiven_where_nobody_could_know() -> None:
    """As often as the bot itself says that it could not know."""
    said = [person("a"), answer("a"), answer("a", 2.0)]
    assert score([said], {"a"}, ambiguous=1).is_perfect
    assert not score([said], {"a"}, ambiguous=0).is_perfect
