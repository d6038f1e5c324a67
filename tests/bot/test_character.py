"""Laws of characters: what loads, what is a mistake, and what a person is told."""

import re
from pathlib import Path

import pytest

from bot.character import Character, Example, Installed, Loaded, load_character, shipped
from bot.errors import ConfigError
from bot.settings import Settings

OFFER = Installed(connectors={"discord", "telegram", "twitter"}, plugins={"eliza", "openai"})
ELIZAOS = Path(__file__).with_name("elizaos")


def load(path: Path, text: str | bytes, name: str = "bot.yaml") -> Loaded:
    file = path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_character(file, OFFER)


def mistake(path: Path, text: str | bytes, name: str = "bot.yaml") -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(path, text, name)
    return caught.value


class TestOurs:
    def test_a_name_is_enough(self, tmp_path):
        """Everything but the name has a default."""
        loaded = load(tmp_path, "name: Ada\n")
        assert loaded.character == Character(name="Ada")
        assert loaded.character.connectors is None
        assert loaded.warnings == ()

    def test_one_text_is_a_list_of_one(self, tmp_path):
        """Where a list is wanted, a single text will do."""
        character = load(tmp_path, "name: Ada\nbio: Counts.\nplugins: eliza\n").character
        assert (character.bio, character.plugins) == (("Counts.",), ("eliza",))

    def test_a_name_without_a_value_is_absent(self, tmp_path):
        """An empty entry leaves the default."""
        character = load(tmp_path, "name: Ada\nbio:\nsettings:\nstyle:\n").character
        assert character == Character(name="Ada")

    def test_words_that_old_yaml_took_for_values_are_text(self, tmp_path):
        """`no`, times and dates stay what they look like."""
        topics = load(tmp_path, "name: Ada\ntopics: [no, on, 12:30, 2024-01-01, 007]\n").character
        assert topics.topics == ("no", "on", "12:30", "2024-01-01", "007")

    def test_json_says_the_same_as_yaml(self, tmp_path):
        """The form of the file makes no difference."""
        yaml = load(tmp_path, "name: Ada\nrules: [{when: hi, say: ho}]\ncatch_up: 5\n")
        json = load(
            tmp_path, '{"name": "Ada", "rules": [{"when": "hi", "say": "ho"}], "catch_up": 5}', "x"
        )
        assert json.character == yaml.character

    def test_secrets_are_settings_that_are_not_shown(self, tmp_path):
        """A secret is found like any setting, and known to be one."""
        loaded = load(
            tmp_path,
            "name: Ada\nsettings:\n  A: one\n  secrets:\n    B: hidden\nsecrets: {C: too}\n",
        )
        assert loaded.character.settings == {"A": "one", "B": "hidden", "C": "too"}
        assert loaded.layer.secret == {"B", "C"}
        assert "hidden" not in repr(loaded)

    def test_settings_know_their_line(self, tmp_path):
        """Where a value came from can be looked up in the file."""
        loaded = load(tmp_path, "name: Ada\nsettings:\n  A: 1\n  secrets:\n    B: 2\n")
        settings = Settings([loaded.layer])
        assert [settings.find(name).line for name in "AB"] == [3, 5]

    def test_an_account_has_its_own_settings(self, tmp_path):
        """Several accounts of one platform stand in one file."""
        text = "name: Ada\naccounts:\n  discord:\n    Sales:\n      DISCORD_BOT_TOKEN: abc\n"
        found = Settings([load(tmp_path, text).layer]).find("DISCORD_BOT_TOKEN", "sales", "discord")
        assert (found.value, found.line) == ("abc", 5)

    def test_what_is_not_installed_is_named_with_its_line(self, tmp_path):
        """A plugin or connector that is missing is a warning, not an end."""
        loaded = load(tmp_path, "name: Ada\nplugins:\n  - elisa\nconnectors: [discrod]\n")
        assert re.search(r"bot.yaml:3: no plugin `elisa`.*mean `eliza`", loaded.warnings[0])
        assert re.search(r"bot.yaml:4: no connector `discrod`.*mean `discord`", loaded.warnings[1])

    def test_a_plugin_may_be_named_by_its_module(self, tmp_path):
        """`module:attribute` needs no entry point."""
        assert load(tmp_path, "name: Ada\nplugins: ['my.things:plugin']\n").warnings == ()

    def test_settings_in_small_letters_are_pointed_out(self, tmp_path):
        """Nobody would read them."""
        loaded = load(tmp_path, "name: Ada\nsettings:\n  discord_token: x\n")
        assert "bot.yaml:3" in loaded.warnings[0]
        assert "`DISCORD_TOKEN`" in loaded.warnings[0]

    def test_the_prompt_tells_who_the_bot_is(self):
        """A model reads all that the character says of itself."""
        talk = (Example(name="{{user1}}", text="Hi"),)
        ada = Character(name="Ada", bio="Counts.", topics=["looms"], message_examples=[talk])
        assert all(word in ada.prompt() for word in ("Ada", "Counts.", "looms", "{{user1}}: Hi"))


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "line", "problem", "fix"),
        [
            ("bio: x\n", None, "`name` is missing", "name: Eliza"),
            ("name: ''\n", 1, "`name` String should have at least 1 character", ""),
            ("name: A\n\nplugns: []\n", 3, "`plugns` is not known", "`plugins`"),
            ("name: A\nstyle:\n  al: x\n", 3, "`style.al` is not known", "`all`"),
            ("name: A\nrules:\n- when: a\n  sai: b\n", 4, "`rules.0.sai` is not known", "`say`"),
            ("name: A\nrules:\n- when: '('\n", 3, "`rules.0.when` is not a regular", ""),
            ("name: A\nbio:\n- ok\n- [no]\n", 4, "`bio.1` should be a valid string", "quotes"),
            ("name: A\nbio: {a: b}\n", 2, "`bio` should be a list", "a list"),
            ("name: A\nsettings: 5\n", 2, "`settings` should be a valid dictionary", "names"),
            ("name: A\ncatch_up: soon\n", 2, "`catch_up` should be a valid number", ""),
            ("name: A\nhistory: -1\n", 2, "`history` should be greater than or equal to 0", ""),
            ("name: A\nbio: x\nname: B\n", 3, "`name` stands here a second time", "one of"),
            ("name: A\nbio: [x\nlore: y\n", 3, "is not valid YAML", "indentation"),
            ("name: A\nbio: !!python/object:os.system x\n", 2, "is not valid YAML", ""),
            ("name: A\nbio: a\x01b\n", 2, "is not valid YAML", ""),
            ("- name: A\n", 1, "holds no names and values", "name: Eliza"),
            ("", 1, "is empty", "name: Eliza"),
            (b"name: A\nbio: \xff\n", 2, "is not UTF-8 text", "encoding"),
        ],
    )
    def test_a_mistake_is_named_with_its_place_and_its_fix(
        self, tmp_path, text, line, problem, fix
    ):
        """File, line, field, and what to do."""
        error = mistake(tmp_path, text)
        assert (error.file, error.line) == (tmp_path / "bot.yaml", line)
        assert error.problem.startswith(problem)
        assert fix in error.fix

    def test_broken_json_is_named_with_its_line(self, tmp_path):
        """JSON too says where."""
        error = mistake(tmp_path, '{\n "name": "A"\n "bio": "x"\n}', "bot.json")
        assert error.line == 3
        assert "is not valid JSON" in error.problem

    def test_a_key_that_stands_twice_in_json_is_a_mistake(self, tmp_path):
        """JSON would silently take the last."""
        error = mistake(tmp_path, '{"name": "A",\n\t"bio": "x",\n\t"bio": "y"}', "bot.json")
        assert (error.line, "second time" in error.problem) == (3, True)

    def test_deep_nesting_is_a_mistake_and_no_crash(self, tmp_path):
        """A file of brackets cannot bring the process down."""
        for name in ("bot.yaml", "bot.json"):
            text = "[" * 100_000 if name == "bot.yaml" else '{"name":' + "[" * 100_000
            assert mistake(tmp_path, text, name).file == tmp_path / name

    def test_aliases_that_lead_back_do_not_hang(self, tmp_path):
        """A list that holds itself is a mistake like any other."""
        assert mistake(tmp_path, "name: A\nbio: &me [*me]\n").line == 2

    def test_a_file_that_cannot_be_read_is_named(self, tmp_path):
        """Whatever is in its place."""
        for place in (tmp_path, tmp_path / "nowhere.yaml"):
            with pytest.raises(ConfigError, match="cannot be read"):
                load_character(place)


class TestShipped:
    @pytest.mark.parametrize("name", list(shipped()))
    def test_a_shipped_character_loads_by_name_without_a_warning(self, name, tmp_path, monkeypatch):
        """`townhall run eliza` works in any folder."""
        monkeypatch.chdir(tmp_path)
        assert load_character(name, OFFER).warnings == ()

    def test_a_file_of_that_name_wins(self, tmp_path, monkeypatch):
        """What a person puts beside them is meant."""
        monkeypatch.chdir(tmp_path)
        Path("eliza").write_text("name: Mine\n")
        assert load_character("eliza", OFFER).character.name == "Mine"

    def test_an_unknown_name_lists_the_known(self, tmp_path, monkeypatch):
        """The fix names what there is."""
        monkeypatch.chdir(tmp_path)
        with pytest.raises(ConfigError, match="eliza"):
            load_character("elisa")


class TestElizaos:
    def test_an_older_file_loads_unchanged(self):
        """Clients become connectors, both kinds of examples are read, secrets are settings."""
        loaded = load_character(ELIZAOS / "harbour.json", OFFER)
        harbour = loaded.character
        assert harbour.connectors == ("discord", "telegram")
        assert harbour.message_examples[0][1].text == "Safer than in here. 😀"
        assert harbour.message_examples[0][1].actions == ("CONTINUE",)
        assert harbour.style.chat == ("nautical words, sparingly",)
        assert loaded.layer.secret == {"DISCORD_API_TOKEN", "TELEGRAM_BOT_TOKEN"}

    @pytest.mark.parametrize(
        ("line", "word"),
        [
            (5, "`direct`"),
            (6, "`anthropic`"),
            (7, "`imageModelProvider`"),
            (14, "`settings.voice`"),
            (15, "`settings.model`"),
            (17, "`clientConfig`"),
            (24, "knowledge"),
            (38, "`style.voice`"),
        ],
    )
    def test_what_we_lack_is_named(self, line, word):
        """One warning for each thing, with its line."""
        warnings = load_character(ELIZAOS / "harbour.json", OFFER).warnings
        assert len(warnings) == 8
        assert any(f"harbour.json:{line}: " in one and word in one for one in warnings)

    def test_a_newer_file_loads_unchanged(self):
        """Plugins of platforms become connectors, what the core does needs no plugin."""
        loaded = load_character(ELIZAOS / "librarian.json", OFFER)
        librarian = loaded.character
        assert librarian.connectors == ("discord", "twitter")
        assert librarian.plugins == ("openai",)
        assert librarian.message_examples[0][0].name == "{{name1}}"
        assert librarian.settings["mcp"]["servers"]["shelf"]["command"] == "shelf"
        assert [re.sub(r".*json", "", one) for one in loaded.warnings] == [
            ":10: plugin `@elizaos/plugin-solana` is not installed here and is left out"
        ]

    def test_an_unknown_key_is_only_a_warning(self, tmp_path):
        """The file was not written for us."""
        loaded = load(tmp_path, '{"name": "A",\n "twitterSpaces": {}}', "bot.json")
        assert "bot.json:2: `twitterSpaces`" in loaded.warnings[0]

    def test_a_mistake_in_it_is_named_in_its_own_words(self, tmp_path):
        """The field and the line are those of the file."""
        error = mistake(tmp_path, '{"name": "A",\n "postExamples": [["x"]]}', "bot.json")
        assert (error.line, error.problem[:16]) == (2, "`postExamples.0`")

    def test_its_words_in_yaml_are_read_as_patiently(self, tmp_path):
        """A camelCase name tells where the file comes from."""
        loaded = load(tmp_path, "name: A\npostExamples: [One.]\nnft: {}\n")
        assert loaded.character.post_examples == ("One.",)
        assert "`nft`" in loaded.warnings[0]
