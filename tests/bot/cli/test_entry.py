"""The first moment of a command."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

ENTRY = Path(__file__).parents[3] / "townhall.py"

SLOW = "import sys\nprint('importing', flush=True)\nsys.stdin.read()\n"


def test_ctrl_c_while_it_still_imports_ends_it_quietly(townhall):
    """Without a traceback, with the status that shells know."""
    (townhall.folder / "structlog.py").write_text(SLOW)  # a library that takes its time
    process = subprocess.Popen(
        [sys.executable, str(ENTRY), "run", "eliza"],
        env={**townhall.environment, "PYTHONPATH": str(townhall.folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        assert process.stdout.readline() == b"importing\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=20) == (b"", b"")
    assert process.returncode == 130


def test_the_command_is_that_of_the_package(townhall):
    """It takes the same arguments, and mistakes have the same status."""
    done = subprocess.run(
        [sys.executable, str(ENTRY), "run", "elizza"],
        env=townhall.environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: ")
