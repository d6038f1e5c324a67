"""What is made of the webhooks of other programs."""

from __future__ import annotations

from contextlib import suppress

import pytest

from bot.capabilities import Capabilities
from bot.content import Content
from bot.errors import TownhallError
from bot.render.layout import lay
from bot.web.templates import Request, template

ALERTS = {
    "version": "4",
    "groupKey": '{}:{alertname="Disk"}',
    "status": "firing",
    "commonLabels": {"alertname": "Disk"},
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "Disk", "severity": "page", "instance": "db1:9100"},
            "annotations": {"summary": "The disk of db1 is full"},
            "startsAt": "2030-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.test/graph?g0=1",
            "fingerprint": "a1",
        }
    ],
}
PUSH = {
    "ref": "refs/heads/main",
    "repository": {"full_name": "ada/engine"},
    "sender": {"login": "ada"},
    "compare": "https://github.test/compare",
    "commits": [{"id": "0123456789", "message": "Mend it\n\nAll", "url": "https://github.test/c"}],
}
ISSUE = {
    "action": "opened",
    "repository": {"full_name": "ada/engine"},
    "sender": {"login": "eve"},
    "issue": {"number": 7, "title": "[free](http://evil.test) @everyone *now*"},
}


def said(name, body, **headers):
    """What a reader sees."""
    made = template(name)(Request(body, headers))
    content = Content(text=made.text, markdown=made.markdown)
    return "\n".join(m.text for m in lay(content, Capabilities(max_length=4_000))), made


def test_a_text_is_said_as_it_stands():
    """As a body, or in a field with a headline."""
    assert said("text", "a *b* <c>")[0] == "a *b* <c>"
    assert said("text", {"text": "done", "title": "Backup"})[0] == "Backup\n\ndone"


def test_alerts_are_told_with_what_matters():
    """The state and name of the group, and each alert in a line."""
    text, made = said("alertmanager", ALERTS)
    assert text.startswith("FIRING: Disk")
    assert "firing: The disk of db1 is full (severity page, instance db1:9100)" in text
    assert "http://prometheus.test/graph?g0=1" in text
    assert made.title == "FIRING: Disk"


def test_a_repetition_of_the_same_alerts_is_the_same_message():
    """Another state, or the same alert on another day, is another one."""
    resolved = ALERTS | {"status": "resolved"}
    later = ALERTS | {"alerts": [ALERTS["alerts"][0] | {"startsAt": "2030-01-02T00:00:00Z"}]}
    keys = [said("alertmanager", one)[1].key for one in (ALERTS, dict(ALERTS), resolved, later)]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_grafana_names_its_own_title():
    """Its body is that of Alertmanager, with more in it."""
    text, _ = said("grafana", ALERTS | {"title": "[FIRING:1] Disk", "state": "alerting"})
    assert "[FIRING:1] Disk" in text


def test_a_push_lists_its_commits():
    """The first line of each."""
    text, made = said("github", PUSH, **{"x-github-event": "push", "x-github-delivery": "d-1"})
    assert "ada/engine: 1 commit to main" in text
    assert "Mend it" in text
    assert "0123456" in text
    assert "All" not in text
    assert made.key == "d-1"


def test_what_strangers_write_never_becomes_markup():
    """A title that looks like a link is shown as it was written."""
    text, _ = said("github", ISSUE, **{"x-github-event": "issues"})
    assert "issues #7 opened: [free](http://evil.test) @everyone *now*" in text


@pytest.mark.parametrize("event", ["ping", "star", "workflow_run", "pull_request_review", "new"])
def test_any_event_of_github_is_told(event):
    """Also one that GitHub adds later."""
    text, _ = said(
        "github", {"repository": {"full_name": "ada/engine"}}, **{"x-github-event": event}
    )
    assert text.startswith(f"ada/engine: {event.replace('_', ' ')}")


def test_a_text_of_ones_own_has_fields():
    """By their paths; a doubled brace is a brace."""
    text, _ = said(
        "**{who.name}** {{x}} {tags.1} {n}",
        {"who": {"name": "A_d_a"}, "tags": "", "n": 1} | {"tags": ["a", "b"]},
    )
    assert text == "A_d_a {x} b 1"


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("{a.b}", {"a": {}}, "'a.b'"),
        ("{a.3}", {"a": [1]}, "'a.3'"),
        ("{__class__}", {}, "'__class__'"),
        ("text", {"title": "x"}, "'text'"),
        ("text", " ", "'text' is empty"),
        ("text", {"text": 1}, "must be texts"),
        ("alertmanager", {"status": "firing"}, "'alerts'"),
        ("alertmanager", [], "'alerts'"),
        ("alertmanager", {"status": "firing", "alerts": [1]}, "'alerts'"),
        ("grafana", {"alerts": []}, "'status'"),
        ("github", {}, "X-GitHub-Event"),
    ],
)
def test_what_is_missing_is_named(name, body, words):
    """By the field's path."""
    with pytest.raises(TownhallError, match=words):
        template(name)(Request(body, {}))


@pytest.mark.parametrize("name", ["alertmanager", "grafana", "github", "text", "{a}"])
@pytest.mark.parametrize("body", [None, 1, "x", [], {"alerts": None}, {"commits": 3, "ref": []}])
def test_nonsense_is_refused_in_words(name, body):
    """Whatever its shape, nothing else is raised."""
    with suppress(TownhallError):
        assert template(name)(Request(body, {"x-github-event": "push"})).text
