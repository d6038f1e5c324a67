"""What is made of what other programs tell: JSON in, a message out.

Values come from strangers: they are shown as they stand, and never become markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from bot.errors import TownhallError
from bot.web.words import literal

FIELD = re.compile(r"\{\{|\}\}|\{([^{}\s]+)\}")
SHOWN = 20
"""How many alerts or commits are told one by one."""


@dataclass(frozen=True, slots=True)
class Request:
    """What came.

    Args:
        body: of a JSON body the value, of any other the text.
        headers: by their names in small letters.
    """

    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """What is made of it.

    Args:
        title: for the list of campaigns.
        key: the same for a repetition of the same message; empty where nothing tells.
    """

    text: str
    title: str = ""
    key: str = ""
    markdown: bool = True


Template = Callable[[Request], Message]
"""Raises a `TownhallError` that names the field where one is missing."""


def template(name: str) -> Template:
    """The ready template of that name, or one that fills in a text of one's own."""
    return READY.get(name) or (lambda request: _filled(name, request))


def field(body: Any, path: str) -> Any:
    """The value at a path such as `alerts.0.labels.severity`.

    Raises:
        TownhallError: there is none.
    """
    found = body
    for step in path.split("."):
        if isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        elif isinstance(found, dict) and step in found:
            found = found[step]
        else:
            raise TownhallError(f"the body has no field {path!r}")
    return found


def _filled(text: str, request: Request) -> Message:
    """A text with the fields of the body in place of `{their.paths}`; `{{` is a brace."""

    def value(match: re.Match[str]) -> str:
        return literal(_shown(field(request.body, match[1]))) if match[1] else match[0][0]

    return Message(FIELD.sub(value, text), key=request.headers.get("idempotency-key", ""))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _text(request: Request) -> Message:
    """The body itself, or its field `text`; `title` is the headline."""
    body = request.body if isinstance(request.body, dict) else {"text": request.body}
    text, title = field(body, "text"), body.get("title") or ""
    if not isinstance(text, str) or not isinstance(title, str):
        raise TownhallError("the fields 'text' and 'title' must be texts")
    if not text.strip():
        raise TownhallError("the field 'text' is empty")
    said = "\n\n".join(filter(None, (title.strip(), text)))
    key = request.headers.get("idempotency-key", "")
    return Message(said, title=title, key=key, markdown=False)


# Alertmanager and Grafana: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
# and https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/


def _alerts(request: Request) -> Message:
    """A group of alerts. A repetition of the same ones, in the same state, is the same message."""
    body = request.body
    alerts = field(body, "alerts")
    if not isinstance(alerts, list) or not all(isinstance(one, dict) for one in alerts):
        raise TownhallError("the field 'alerts' must be a list of objects")
    status = _shown(field(body, "status"))
    labels = _object(body, "commonLabels") or _object(body, "groupLabels")
    name = _shown(body.get("title")) or _shown(labels.get("alertname")) or "alerts"
    head = f"{status.upper()}: {name}"
    more = [f"… and {len(alerts) - SHOWN} more"] if len(alerts) > SHOWN else []
    lines = [_alert(one, status) for one in alerts[:SHOWN]]
    text = "\n".join([f"**{literal(head)}**", "", *(f"- {one}" for one in [*lines, *more])])
    return Message(text, title=head, key=_alerts_key(body, alerts, status))


def _alert(alert: Mapping[str, Any], status: str) -> str:
    labels, notes = _object(alert, "labels"), _object(alert, "annotations")
    said = notes.get("summary") or notes.get("description") or labels.get("alertname") or "alert"
    own = _shown(alert.get("status")) or status
    told = {key: labels[key] for key in ("severity", "instance", "job") if labels.get(key)}
    where = ", ".join(f"{key} {_shown(value)}" for key, value in told.items())
    line = f"{own}: {_shown(said)}" + (f" ({where})" if where else "")
    return literal(line) + _link(" [source]", alert.get("generatorURL"))


def _alerts_key(body: Mapping[str, Any], alerts: list[Any], status: str) -> str:
    states = sorted(
        f"{one.get('fingerprint')} {one.get('status')} {one.get('startsAt')}" for one in alerts
    )
    said = orjson.dumps([body.get("groupKey"), status, states])
    return sha256(said).hexdigest()[:32]


# GitHub: https://docs.github.com/en/webhooks/webhook-events-and-payloads


def _github(request: Request) -> Message:
    """What happened in a repository, in a line or a few."""
    event = request.headers.get("x-github-event")
    if not event:
        raise TownhallError("the header X-GitHub-Event is missing")
    body = request.body
    if not isinstance(body, dict):
        raise TownhallError("the body must be a JSON object")
    place = _object(body, "repository").get("full_name")
    place = _shown(place or _object(body, "organization").get("login") or "GitHub")
    who = _shown(_object(body, "sender").get("login"))
    lines = list(_push(body) if event == "push" else _happening(event, body))
    by = f" by {literal(who)}" if who else ""
    lines[0] = f"**{literal(place)}**: {lines[0]}{by}"
    delivery = request.headers.get("x-github-delivery", "")
    return Message("\n".join(lines), title=f"{place}: {event}", key=delivery)


def _push(body: Mapping[str, Any]) -> Iterator[str]:
    commits = body.get("commits") or []
    if not isinstance(commits, list):
        raise TownhallError("the field 'commits' must be a list")
    branch = _shown(field(body, "ref")).removeprefix("refs/heads/").removeprefix("refs/tags/")
    noun = "commit" if len(commits) == 1 else "commits"
    yield f"{len(commits)} {noun} to {literal(branch)}" + _link(" [compare]", body.get("compare"))
    for one in commits[:SHOWN]:
        known = one if isinstance(one, dict) else {}
        first = _shown(known.get("message")).partition("\n")[0]
        yield f"- {literal(first)}" + _link(f" [{_shown(known.get('id'))[:7]}]", known.get("url"))


def _happening(event: str, body: Mapping[str, Any]) -> Iterator[str]:
    about = _object(body, event) or _object(body, event.partition("_")[0])
    issue = _object(body, "issue") or _object(body, "pull_request") or about
    name = next((one for key in ("title", "name", "tag_name") if (one := issue.get(key))), "")
    number = f" #{issue['number']}" if isinstance(issue.get("number"), int) else ""
    did = _shown(about.get("conclusion") or body.get("action"))
    words = f"{event.replace('_', ' ')}{number} {did}".strip()
    yield (
        literal(words)
        + (f": {literal(_shown(name))}" if name else "")
        + _link(" [open]", about.get("html_url"))
    )


def _object(body: Any, name: str) -> Mapping[str, Any]:
    """The object of that name; an empty one where there is none."""
    found = body.get(name) if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


def _link(label: str, url: Any) -> str:
    """A link, where there is an address that can stand in one."""
    plain = isinstance(url, str) and re.fullmatch(r"https?://[^\s<>()\\]+", url)
    return f"{label}({url})" if plain else ""


READY: dict[str, Template] = {
    "text": _text,
    "alertmanager": _alerts,
    "grafana": _alerts,
    "github": _github,
}
