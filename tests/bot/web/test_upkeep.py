"""Files that were kept to be sent are removed when nobody needs them."""

from __future__ import annotations

import os

from bot.content import Attachment, Content
from bot.errors import Rejected
from bot.memory import Room
from bot.services.notification import NotificationService, plugin
from bot.testing.connector import LoopbackService
from bot.web.files import Files
from bot.web.upkeep import Upkeep
from tests.bot.supervision import until


def kept(files, tmp_path, name, *, is_old=True):
    """A file that was kept, long ago or just now."""
    source = tmp_path / name
    source.write_text(name)
    path = files.add(source)
    if is_old:
        os.utime(path, (0, 0))
    return path


async def test_old_files_go_that_nothing_names(bot, tmp_path):
    """What a draft or a dead letter may still send stays, and so does what is new."""
    files = Files(tmp_path / "townhall.db")
    draft, dead, old = (kept(files, tmp_path, name) for name in ("draft", "dead", "old"))
    new = kept(files, tmp_path, "new", is_old=False)
    carries = LoopbackService.capabilities.model_copy(update={"files": 1})
    async with bot(plugin) as runtime:
        runtime.outbox.capabilities = lambda _room: carries
        LoopbackService.outcomes.append(Rejected("no"))
        lobby = Room(platform="loopback", account="default", key="lobby")
        await runtime.send(lobby, Content(attachments=(Attachment.file(dead),)))
        await runtime.drain()
        service = runtime.get_service(NotificationService)
        content = Content(attachments=(Attachment.file(draft),))
        await service.broadcast(content, "loopback:a", draft=True)
        await Upkeep(runtime.store, files, 30).tidy(30)
    assert [path.exists() for path in (draft, dead, old, new)] == [True, True, False, True]
    assert not old.parent.exists()


async def test_the_next_day_is_another_day(bot, tmp_path, monkeypatch):
    """Whatever it was that kept files from being removed, it is tried again."""
    monkeypatch.setattr("bot.web.upkeep.FIRST", 0.0)
    monkeypatch.setattr("bot.web.upkeep.EVERY", 0.01)
    files = Files(tmp_path / "townhall.db")
    old = kept(files, tmp_path, "old")
    problems, remove = [OSError("not permitted"), RuntimeError("broken")], files.remove

    def removing(*what):
        if problems:
            raise problems.pop()
        remove(*what)

    files.remove = removing
    async with bot() as runtime, Upkeep(runtime.store, files, 30).at_work():
        await until(lambda: not old.exists())
