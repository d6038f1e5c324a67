"""Models are asked by priority, and it is known who answered and who did not."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.errors import ModelError
from bot.model import Generated, Models

YES = Generated(text="yes")


def asked(*models, **options):
    """Models of one type; each gives its answers in turn, the last for ever; errors are raised."""
    registry = Models(**options)
    for n, answers in enumerate(models):
        registry.register("text", _model(list(answers)), f"model {n}")
    return registry


def _model(left):
    async def handler(_params):
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handler


async def test_an_answer_names_who_gave_it():
    """By the name it was registered with, unless it says itself."""
    models = asked([YES, YES.model_copy(update={"provider": "mine"})])
    assert [(await models.use("text", None)).provider for _ in range(2)] == ["model 0", "mine"]


async def test_an_answer_names_who_was_passed_over():
    """Whether it failed, refused or rests, and why."""
    models = asked([ConnectionError("down")], [ModelError()], [ValueError("no")], [YES], patience=1)
    first, second = [(await models.use("text", None)).passed for _ in range(2)]
    assert first == (
        "model 0: ConnectionError: down",
        "model 1: ModelError",
        "model 2: ValueError: no",
    )
    assert second == (
        "model 0: resting after 1 failures: ConnectionError: down",
        "model 1: resting after 1 failures: ModelError",
        "model 2: ValueError: no",
    )


async def test_a_model_that_asks_others_says_who_was_passed_over():
    """Whoever they passed over comes after those that were asked before it."""
    inner = YES.model_copy(update={"provider": "inner", "passed": ("deep: down",)})
    answer = await asked([ModelError("down")], [inner]).use("text", None)
    assert (answer.provider, answer.passed) == ("inner", ("model 0: down", "deep: down"))


async def test_an_answer_that_is_no_text_is_handed_on_as_it_is():
    """Numbers have no room for a name."""
    assert await asked([ModelError("down")], [[0.5]]).use("text", None) == [0.5]


@pytest.mark.parametrize("error", [ModelError("quota exceeded"), ValueError("no")])
async def test_a_model_that_does_not_answer_is_logged_once(error):
    """Until it answers again; with what to do."""
    models = asked([error, error, YES, error], [YES])
    with capture_logs() as lines:
        for _ in range(2):
            await models.use("text", None)
        [line] = lines
        for _ in range(3):
            await models.use("text", None)
    assert (line["log_level"], line["provider"]) == ("warning", "model 0")
    assert str(error) in line["why"]
    assert "key" in line["fix"]
    assert len(lines) == 2


async def test_a_provider_rests_when_several_requests_failed():
    """One that is tried again and again does not take it from the others."""
    models = asked([ConnectionError("down")], patience=2)
    for request in ("bad", "bad", "another"):
        with pytest.raises(ModelError, match="down"):
            await models.use("text", request)
    with pytest.raises(ModelError, match="resting after 2 failures"):
        await models.use("text", "third")


async def test_what_a_client_of_a_model_raises_may_pass():
    """Whoever wrote it, it says nothing about the request."""

    class APIStatusError(Exception):
        """As many clients have one."""

    with pytest.raises(ModelError, match="APIStatusError: 503"):
        await asked([APIStatusError("503")]).use("text", None)


async def test_where_all_refuse_the_last_is_heard():
    """An outage among them may pass, so that the request is tried again."""
    with pytest.raises(KeyError):
        await asked([ValueError()], [KeyError()]).use("text", None)
    with pytest.raises(ModelError, match="model 0: ValueError: no; model 1: down"):
        await asked([ValueError("no")], [ModelError("down")]).use("text", None)
