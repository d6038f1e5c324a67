"""The platforms on this machine, for other processes."""

from __future__ import annotations

import json
import signal
import socket


async def test_it_prints_settings_that_work_and_ends_on_sigterm(townhall) -> None:
    """One JSON object on one line: a bot that is given them can log in."""
    async with townhall.running("simulate", "telegram", "twitter", "--json") as process:
        told = json.loads(await townhall.line(process))
        assert set(told) == {"telegram", "twitter"}
        settings = told["telegram"]["settings"] | told["twitter"]["settings"]
        assert (await townhall("check", "eliza", **settings)).code == 0
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def test_without_a_name_it_runs_all(townhall) -> None:
    """And prints lines for a shell."""
    async with townhall.running("simulate") as process:
        lines = [await townhall.line(process)]
        while "Ctrl-C" not in lines[-1]:
            lines.append(await townhall.line(process))
    exported = {one.split("=")[0] for one in lines}
    for name in ("DISCORD_BOT_TOKEN", "TELEGRAM_BOT_TOKEN", "TWITTER_API_KEY"):
        assert f"export {name}" in exported


async def test_a_taken_port_is_named(townhall) -> None:
    """As a mistake, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        result = await townhall("simulate", "telegram", "--port", port)
    assert result.code == 2
    assert f"error: port {port} is in use" in result.err


async def test_an_unknown_platform_is_a_mistake(townhall) -> None:
    """Those that are known are named."""
    result = await townhall("simulate", "fax")
    assert result.code == 2
    assert "fax" in result.err
    assert "telegram" in result.err


async def test_ports_that_do_not_exist_are_refused(townhall) -> None:
    """Three platforms want three ports in a row."""
    result = await townhall("simulate", "--port", "65534")
    assert result.code == 2
    assert "no 3 ports from 65534 on" in result.err
