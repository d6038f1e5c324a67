"""Sending through Apprise: what arrives, and what each failure is called."""

from __future__ import annotations

import logging
import socket
import traceback
from contextlib import contextmanager
from io import StringIO
from uuid import uuid4

import pytest

from bot.content import Attachment
from bot.errors import RateLimited, Rejected, Unavailable, Unconfirmed
from bot.part import Part
from connectors.apprise import connector

from .conftest import started
from .hook import SECRET


async def test_a_text_arrives_as_it_is(scene):
    """Nothing in it is markup, an emoji or an escape."""
    text = "Good & <day> :smile: \\n\\x41 *so*\n\n{x}"
    receipt = await scene.send(text)
    assert scene.texts() == [text]
    assert receipt.message


async def test_files_arrive_byte_for_byte(scene, tmp_path):
    """With their names, with a text or alone."""
    path = tmp_path / "Übersicht.bin"
    path.write_bytes(bytes(range(256)) * 100)
    for text in ("Look.", ""):
        await scene.send(text, attachments=(Attachment.file(path),))
        said = scene.hook.said_by_bot("json/hall")[-1]
        [file] = scene.hook.files(said.message)
        assert (said.text, file.name, file.data) == (text, path.name, path.read_bytes())


async def test_nothing_is_no_message(scene):
    """Apprise sends none, and that is not taken for a success."""
    with pytest.raises(Rejected):
        await scene.send("")
    assert scene.texts() == []


async def test_a_file_that_is_not_there_is_rejected(scene, tmp_path):
    """Nothing is sent of a message that would not be whole."""
    with pytest.raises(Rejected, match="cannot be read"):
        await scene.send("Look.", attachments=(Attachment.file(tmp_path / "gone"),))
    assert scene.texts() == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Rejected),
        (401, Rejected),
        (404, Rejected),
        (429, RateLimited),
        (503, Unavailable),
        (500, Unconfirmed),
        (502, Unconfirmed),
    ],
)
async def test_an_answer_of_failure_is_named(scene, status, error):
    """By what is known: it was refused, it is too early, or nobody can tell."""
    scene.hook.refusals.append(status)
    with pytest.raises(error, match=f"json/hall.*{status}") as caught:
        await scene.send("hello")
    assert type(caught.value) is error
    await scene.send("hello")
    assert scene.texts() == ["hello"]


async def test_a_failure_counts_though_the_address_says_otherwise(scene):
    """Apprise has `optional` for that; the ledger tells what happened."""
    room = await scene.service.room_of(f"{scene.hook.address}/yard?optional=yes")
    scene.hook.refusals.append(400)
    with pytest.raises(Rejected):
        await scene.send("hello", room.key)


async def test_where_nobody_listens_nothing_is_sent(scene):
    """It can be tried again without doubt."""
    async with scene.hook.outage():
        with pytest.raises(Unavailable, match="json/hall cannot be reached"):
            await scene.send("hello")
    await scene.send("hello")
    assert scene.texts() == ["hello"]


async def test_a_name_that_leads_nowhere_is_no_doubt_either():
    """A connection that was not made took nothing."""
    async with started({"APPRISE_URLS": "json://nowhere.invalid/x"}) as service:
        [key] = service.config.rooms
        with pytest.raises(Unavailable):
            await service.send(_part(service, key))


async def test_an_answer_that_does_not_come_leaves_doubt():
    """The service may have taken it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"json://127.0.0.1:{silent.getsockname()[1]}/?rto=0.1"
        async with started({"APPRISE_URLS": f"silent={url}"}) as service:
            with pytest.raises(Unconfirmed, match="json/silent did not answer"):
                await service.send(_part(service, "json/silent"))


async def test_a_send_does_not_last_for_ever(scene, monkeypatch):
    """A service that hangs is given up after a while, whatever its own patience."""
    monkeypatch.setattr(connector, "SEND_SECONDS", 0.1)
    scene.hook.hold.clear()
    with pytest.raises(Unconfirmed):
        await scene.send("hello")
    scene.hook.hold.set()


async def test_no_failure_shows_an_address(scene):
    """Neither error nor log, however much of it somebody wants to see."""
    with logged() as log:
        for status, error in ((400, Rejected), (500, Unconfirmed)):
            scene.hook.refusals.append(status)
            with pytest.raises(error) as caught:
                await scene.send("hello")
            assert SECRET not in "".join(traceback.format_exception(caught.value))
        async with scene.hook.outage():
            with pytest.raises(Unavailable) as caught:
                await scene.send("hello")
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in log.getvalue()


@contextmanager
def logged():
    """All that anybody logs in the block."""
    root, log = logging.getLogger(), StringIO()
    handler, level = logging.StreamHandler(log), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield log
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def _part(service, key):
    return Part(delivery=uuid4(), ordinal=0, room=service.room(key), text="hello")
