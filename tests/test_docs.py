"""What the pages say is so: their code runs, their tables are complete, their links lead on."""

from __future__ import annotations

import asyncio
import itertools
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from bot.character import load_character
from bot.cli import app
from bot.cli.setup import OURS
from bot.discovery import installed_connectors, installed_simulators
from bot.service import ServiceState
from bot.settings import names_of
from bot.testing.connector import LoopbackService, said

ROOT = Path(__file__).parent.parent
PAGES = {str(p.relative_to(ROOT)): p for p in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]}
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:\.venv/bin/townhall|townhall|python -m bot) ((?:[^#`\n\\])*)")


def blocks(page, *languages):
    """The code of a page, each piece with its language and the name in its first line."""
    found = FENCE.findall(PAGES[page].read_text())
    named = [(lang, re.match(r"(?:# )?(\S+\.\w+)\n", code), code) for lang, code in found]
    return [(lang, m and m[1], code) for lang, m, code in named if lang in languages]


def files(page, folder):
    """Write the named files of a page into a folder; their paths."""
    paths = [(folder / name, code) for _, name, code in blocks(page, "python", "yaml") if name]
    for path, code in paths:
        path.write_text(code)
    return [path for path, _ in paths]


def with_python(wanted):
    """The pages of which a Python file's name satisfies `wanted`."""
    return [p for p in sorted(PAGES) if any(map(wanted, (n for _, n, _ in blocks(p, "python"))))]


def conversations():
    """Each Python block that a conversation follows."""
    return list(_conversations())


def _conversations():
    for page in sorted(PAGES):
        found = blocks(page, "python", "text")
        for (lang, name, code), (after, _, text) in itertools.pairwise(found):
            if (lang, after) == ("python", "text") and text.startswith("ada> "):
                yield pytest.param(code, text, id=f"{page}:{name}")


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_python_block_is_a_file(page):
    """Its first line is its name, so that a reader knows where it goes; none would hide ours."""
    names = [name for _, name, _ in blocks(page, "python")]
    assert None not in names
    assert not {"bot.py", "connectors.py"} & set(names)


@pytest.mark.parametrize("page", with_python(lambda name: name.startswith("test_")))
def test_the_tests_in_the_pages_pass(page, tmp_path):
    """A reader who copies a page's files into a folder and runs pytest there sees them pass."""
    files(page, tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\npythonpath = .\n")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        check=False,
        cwd=tmp_path,
        text=True,
        capture_output=True,
    )
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("page", sorted(PAGES))
async def test_the_files_in_the_pages_can_be_used(page, bot, tmp_path, monkeypatch):
    """Each can be imported, and the services of each plugin start."""
    monkeypatch.syspath_prepend(tmp_path)
    for path in files(page, tmp_path):
        if path.suffix == ".py" and (plugin := runpy.run_path(str(path)).get("plugin")):
            async with bot(plugin) as runtime:
                states = {one.state for one in runtime.supervisor.services.values()}
                assert states == {ServiceState.RUNNING}


async def test_a_program_without_the_command_line_runs(tmp_path):
    """`fortuna.py` is a whole bot, in the terminal."""
    files("docs/actions.md", tmp_path)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "fortuna.py"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=tmp_path,
    )
    process.stdin.write(b"/toss\n")
    while (line := await process.stdout.readline()) != b"Heads.\n":
        assert line
    process.terminate()
    await process.communicate()


@pytest.mark.parametrize(("code", "text"), conversations())
async def test_the_conversations_in_the_pages_take_place(bot, code, text, tmp_path):
    """The plugin in a block, spoken to as the page says, answers as the page says."""
    (tmp_path / "example.py").write_text(code)
    plugin = runpy.run_path(str(tmp_path / "example.py"))["plugin"]
    said_here = []
    async with bot(plugin) as runtime:
        for number, line in enumerate(re.findall(r"^ada> (.*)$", text, re.MULTILINE)):
            await runtime.deliver(said(line, number))
            await runtime.drain()
            answers, LoopbackService.sent["lobby"] = LoopbackService.sent["lobby"], []
            said_here += [f"ada> {line}", *(f"bot> {part.text}" for part in answers)]
    wanted = re.escape(text.strip()).replace("…", ".*")
    assert re.fullmatch(wanted, "\n".join(said_here)), "\n".join(said_here)


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_characters_in_the_pages_are_good(page, tmp_path):
    """Each file loads without a mistake; one of elizaOS warns as the page says."""
    text = PAGES[page].read_text()
    for language, name, code in blocks(page, "yaml", "json"):
        file = tmp_path / (name or f"character.{language}")
        file.write_text(code)
        warnings = load_character(file).warnings
        assert all(one.partition(": ")[2] in text for one in warnings), warnings


@pytest.mark.parametrize("page", sorted(PAGES))
def test_links_lead_to_what_is_there(page):
    """A file that is linked exists, and the heading too."""
    for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[page].read_text()):
        path, _, heading = target.partition("#")
        if "://" not in target:
            file = PAGES[page].parent / path if path else PAGES[page]
            assert file.exists(), target
            headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE) if heading else ()
            slugs = [re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings]
            assert not heading or heading in slugs, target


@pytest.mark.parametrize("page", sorted(PAGES))
def test_commands_are_those_of_the_program(page):
    """Each `townhall ...` names a command, and gives it arguments and options that it takes."""
    program = get_command(app)
    code = [code for _, _, code in blocks(page, "sh")]
    quoted = re.findall(r"`(townhall [^`]+)`", PAGES[page].read_text())
    for line in COMMAND.findall("\n".join([*code, *quoted])):
        name, *arguments = re.split(r"[|&>]", line)[0].split()
        if not name.startswith("-"):
            # A command that is only mentioned stands without its arguments.
            command = program.commands[name]
            command.make_context(name, arguments, resilient_parsing=not arguments)


def row(info):
    """A setting's line in the tables."""
    name, *others = names_of(info)
    also = "".join(f", or `{other}`" for other in others)
    plain = "" if info.is_required() or info.default in (None, (), "") else f"`{info.default}`"
    plain = plain.replace("True", "on").replace("False", "off")
    default = "**needed**" if info.is_required() else plain
    meaning = info.description.replace("<", "\\<")
    return f"| `{name}`{also} | {default} | {meaning} |"


@pytest.mark.parametrize("platform", sorted(installed_connectors()))
@pytest.mark.parametrize("page", ["docs/settings.md", "docs/platforms/{}.md"])
def test_tables_of_settings_are_those_of_the_connectors(platform, page):
    """Name, default and meaning stand in the page as in the code, and nothing else does."""
    fields = installed_connectors()[platform].config_type.model_fields.values()
    prefix = f"| `{platform.upper()}_"
    lines = PAGES[page.format(platform)].read_text().splitlines()
    assert [line for line in lines if line.startswith(prefix)] == [row(info) for info in fields]


def test_the_settings_of_no_service_are_in_the_table():
    """All of `TOWNHALL_...`."""
    found = re.findall(r"^\| `(TOWNHALL_\w+)`", PAGES["docs/settings.md"].read_text(), re.MULTILINE)
    assert sorted(found) == sorted(OURS)


def test_the_tree_of_files_is_the_tree_of_files():
    """Each file and folder of `bot/` stands in the architecture, and so does each connector's."""
    tree = next(c for _, _, c in blocks("docs/architecture.md", "text") if c.startswith("bot/"))
    named = set(re.findall(r"^  ([\w/.]+)", tree, re.MULTILINE))
    bot = [p for p in (ROOT / "bot").iterdir() if p.name not in ("__pycache__", "py.typed")]
    there = {f"{p.name}/" if p.is_dir() else p.name for p in bot}
    for p in (ROOT / "connectors").glob("[!_]*"):
        there |= {f"{p.name}/"} if p.is_dir() else {p.name}
    assert named == there - {"py.typed"}


def test_each_proof_of_a_guarantee_exists():
    """The tests that the architecture names are there."""
    text = PAGES["docs/architecture.md"].read_text()
    proofs = re.findall(r"`((?:tests|bot/testing)/[\w/]+\.py)::(\w+)`", text)
    missing = [
        (path, name) for path, name in proofs if f"def {name}(" not in (ROOT / path).read_text()
    ]
    assert proofs
    assert not missing


def control_routes(simulator):
    """The routes of the control API, each verb by itself."""
    for route in simulator._runner.app.router.routes():
        path = route.resource.canonical
        if path.startswith("/control") and route.method != "HEAD":
            pattern = str(route.resource.get_info().get("pattern"))
            verbs = re.search(r"\(\?P<verb>([^)]*)\)", pattern)
            for verb in verbs[1].split("|") if verbs else [""]:
                yield f"`{route.method} {path.replace('{verb}', verb)}`"


@pytest.mark.parametrize("platform", sorted(installed_simulators()))
async def test_the_control_api_is_described(platform):
    """Every route of every simulator stands in the page."""
    page = PAGES["docs/simulators.md"].read_text()
    async with installed_simulators()[platform]() as simulator:
        missing = [route for route in control_routes(simulator) if route not in page]
    assert not missing


@pytest.mark.skipif(not shutil.which("curl"), reason="the example uses curl")
async def test_the_shell_examples_of_the_simulators_work(unused_tcp_port, tmp_path):
    """Each command prints what stands below it."""
    [talk] = [code for lang, _, code in blocks("docs/simulators.md", "console")]
    port = str(unused_tcp_port)
    simulator = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "simulate", "telegram", "--port", port),
        stdout=asyncio.subprocess.PIPE,
        cwd=tmp_path,
    )
    try:
        await simulator.stdout.readline()
        for step in talk.replace("8081", port).split("$ ")[1:]:
            command, wanted = re.fullmatch(r"((?:.*\\\n)*.*)\n([\s\S]*)", step).groups()
            ran = await asyncio.create_subprocess_shell(command, stdout=asyncio.subprocess.PIPE)
            printed, _ = await ran.communicate()
            pattern = re.escape("".join(wanted.split())).replace("…", ".*")
            assert re.fullmatch(pattern, "".join(printed.decode().split())), printed
    finally:
        simulator.terminate()
        await simulator.wait()
