"""Laws of the HTTP below python-telegram-bot."""

import asyncio
import socket

import pytest
from telegram import Bot, InputFile
from telegram.error import TelegramError, TimedOut

from connectors.telegram.request import AiohttpRequest, NotSent


async def test_a_slow_answer_is_a_timeout(scene):
    """It was written, and nobody knows more."""
    scene.telegram.delay = 30
    async with AiohttpRequest(read=0.05) as request:
        with pytest.raises(TimedOut):
            await request.post(f"{scene.telegram.url}/bot{scene.telegram.token}/getMe")


async def test_a_connection_that_is_never_made_was_not_sent():
    """A server that accepts nobody."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        async with AiohttpRequest(connect=0.2) as request:
            with pytest.raises(NotSent):
                await request.post(url)


async def test_a_full_pool_was_not_sent(scene):
    """Waiting for a free connection is part of connecting."""
    url = f"{scene.telegram.url}/bot{scene.telegram.token}/"
    scene.telegram.delay = 30
    async with AiohttpRequest(connections=1) as request:
        busy = asyncio.create_task(request.post(f"{url}getMe"))
        await scene.until(lambda s: s.telegram.calls["getme"] == 1)
        with pytest.raises(NotSent):
            await request.post(f"{url}getMe", connect_timeout=0.05)
        busy.cancel()


async def test_a_closed_pool_sends_nothing():
    """Rather than opening another behind our back."""
    with pytest.raises(NotSent):
        await AiohttpRequest().post("http://127.0.0.1:1")


async def test_a_lone_surrogate_does_not_spoil_an_answer():
    """It becomes the replacement character, so that it can be stored."""
    answer = AiohttpRequest.parse_json_payload(b'{"result": ["\\ud83d", {"a": "\\ud83d\\ude00"}]}')
    assert answer == {"result": ["\ufffd", {"a": "\U0001f600"}]}


@pytest.mark.parametrize("payload", [b"", b"<html>", b"\xff"])
async def test_what_is_not_json_is_an_error(payload):
    """Of the library's own kind."""
    with pytest.raises(TelegramError):
        AiohttpRequest.parse_json_payload(payload)


async def test_files_go_as_multipart(scene):
    """The rest of python-telegram-bot works on it, too."""
    async with AiohttpRequest() as request:
        bot = Bot(
            scene.telegram.token,
            f"{scene.telegram.url}/bot",
            request=request,
            get_updates_request=request,
        )
        sent = await bot.do_api_request(
            "send_message_",
            {"chat_id": scene.dm, "text": "with a file", "file": InputFile(b"x", "x.txt")},
        )
    assert sent["text"] == "with a file"
