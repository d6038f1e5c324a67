"""What people write is a text: it is no markup, no mention, no statement and no command."""

from __future__ import annotations

import re

from bot.events import EventKind
from bot.model import Generated
from bot.service import Status
from bot.testing.connectors.stage import Stage, Witness
from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator
from connectors.telegram.connector import TelegramService
from connectors.telegram.simulator import TelegramSimulator
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator
from tests.specifications.recorder import Recorder

TEXTS = (
    "hello @everyone and @here",
    "<@&1> <@1> <#1> <!channel> tg://user?id=1",
    "<b>bold</b> &lt; &amp; <script>alert(1)</script>",
    "**bold** _it_ __under__ `code` ~~gone~~ ||hidden|| \\*",
    "[click here](https://example.org) <https://example.org>",
    "'; DROP TABLE memories; -- \" ' %",
    "{0.__class__.__init__.__globals__} {settings} %s %(name)s %n ${HOME}",
    "$(touch /tmp/x) `id` ; ls | cat && true > x",
    "{{ 7 * 7 }} <%= 7 * 7 %> {% raw %} #{7}",
    "../../etc/passwd file:///etc/passwd C:\\\\x",
    "> quoted\n# heading\n- item\n```\nfence",
)
"""Each is a mistake that some bot made."""


class Marked(Witness):
    """A bot that says what it heard as Markdown."""

    async def _repeat(self, params):
        said = await super()._repeat(params)
        return Generated(text=said.text, markdown=True, provider=said.provider)


class HostileLaws(Stage):
    """On each platform, somebody tries."""

    async def told(self, path, kind):
        """What people read of the answers to `TEXTS`, and what was asked of the platform."""
        recorder, platform = Recorder(), self.simulator
        self.simulator = lambda **how: recorder.at(platform(**how))
        async with self.play(path) as scene:
            room = scene.platform.add_room(scene.ann, kind="dm")
            async with kind(scene.connector, scene.settings, scene.path) as bot:
                await bot.becomes(Status.UP)
                for number, text in enumerate(TEXTS, 1):
                    await scene.say(text, room)
                    answers = await scene.answers(number, room)
                heard = [one.content.text for one in bot.events(EventKind.MESSAGE)]
                counts = await bot.store.counts()
        assert heard == list(TEXTS)
        assert counts["events.pending"] == 0
        return [one.text for one in answers], [one.body for one in recorder.exchanges if one.body]

    async def test_what_is_repeated_reads_as_it_was_written(self, tmp_path):
        """Letter for letter, whatever it would mean to the platform."""
        read, bodies = await self.told(tmp_path, Witness)
        assert read == list(TEXTS)
        assert len(self.said(bodies)) == len(TEXTS)
        assert all(map(self.is_literal, self.said(bodies)))

    async def test_markdown_is_no_door(self, tmp_path):
        """Where a bot speaks Markdown, what people wrote can be bold, and nothing worse."""
        read, bodies = await self.told(tmp_path, Marked)
        assert "<script>alert(1)</script>" in read[2]
        assert "DROP TABLE" in read[5]
        assert all(map(self.is_tame, self.said(bodies)))

    def said(self, bodies):
        """Of what was asked of the platform, the messages."""
        return [one for one in bodies if isinstance(one, dict) and "text" in one]

    def is_literal(self, body):
        """Whether a platform shows a message as it stands."""
        return self.is_tame(body)

    def is_tame(self, body):
        """Whether a message calls nobody."""
        return "text" in body


class TestDiscord(HostileLaws):
    connector, simulator = DiscordService, DiscordSimulator

    def said(self, bodies):
        return [one for one in bodies if isinstance(one, dict) and "content" in one]

    def is_tame(self, body):
        return body["allowed_mentions"]["parse"] == []


class TestTelegram(HostileLaws):
    connector, simulator = TelegramService, TelegramSimulator

    def is_literal(self, body):
        return "parse_mode" not in body

    def is_tame(self, body):
        marked = "" if self.is_literal(body) else body["text"]
        return "<script" not in marked and 'href="tg:' not in marked


class TestX(HostileLaws):
    connector, simulator = TwitterService, TwitterSimulator

    async def test_posts_read_as_they_were_written(self, tmp_path):
        """In public too, where a name with an @ calls somebody: none is added, each stays."""
        recorder = Recorder()
        self.simulator = lambda **how: recorder.at(TwitterSimulator(**how))
        async with self.play(tmp_path) as scene, scene.bot():
            for number, text in enumerate(TEXTS, 1):
                await scene.say(text)
                answers = await scene.answers(number)
        posts = [one.body for one in recorder.exchanges if one.path == "/2/tweets"]
        assert [one.text for one in answers] == list(TEXTS)
        assert [one["text"] for one in posts] == list(TEXTS)

    def is_literal(self, body):
        return body["text"] in TEXTS

    def is_tame(self, body):
        return called(body["text"]) in map(called, TEXTS)


def called(text):
    """Whom a text calls on X, in order."""
    return re.findall(r"@\w+", text)
