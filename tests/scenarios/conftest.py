"""A bot to live, and to die, again and again."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

MORTAL = Path(__file__).with_name("mortal.py")


@pytest.fixture(scope="module")
def live():
    """Lives once for each call, in a process of its own, and says whether it died."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, str(MORTAL)], stdin=pipe, stdout=pipe) as process:

        def once(folder, point, texts):
            process.stdin.write(json.dumps([str(folder), point, *texts]).encode() + b"\n")
            process.stdin.flush()
            code = int(process.stdout.readline())
            assert code in (0, -signal.SIGKILL)
            return code == -signal.SIGKILL

        async def live(folder, point, *texts):
            return await asyncio.to_thread(once, folder, point, texts)

        yield live
        process.stdin.close()
