"""Laws of settings: which value wins, where it came from, what is never shown."""

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, SecretStr

from bot.errors import ConfigError
from bot.settings import Config, Layer, Settings, environment, names_of, setting, shown


class Pigeon(Config):
    """The settings of a platform that carries messages by pigeon."""

    token: SecretStr = setting("PIGEON_TOKEN", "PIGEON_API_TOKEN", help="Ask the pigeon.")
    secret: SecretStr | None = setting("PIGEON_SECRET", default=None)
    seconds: Annotated[float, Field(gt=0)] = setting("PIGEON_SECONDS", default=5.0, help="Patience")
    loud: bool = setting("PIGEON_LOUD", default=False)
    rooms: tuple[str, ...] = setting("PIGEON_ROOMS", default=())
    url: str = setting("PIGEON_URL", default="")


class Raven(Config):
    """The settings of a platform that one logs in to by name, or with a ring."""

    logins = (("key", "name"), ("ring",))

    key: SecretStr = setting("RAVEN_KEY", default="")
    name: SecretStr = setting("RAVEN_NAME", default="")
    ring: SecretStr = setting("RAVEN_RING", default="")
    door: SecretStr = setting("RAVEN_DOOR", default="")


def env(**values: str) -> Settings:
    return Settings([environment(values)])


def both(environ: dict[str, str], **rest: object) -> Settings:
    return Settings([environment(environ), Layer("bot.yaml", file=Path("bot.yaml"), **rest)])


class TestWhichWins:
    def test_the_environment_beats_the_file_beats_the_default(self):
        """The nearer to the process, the stronger."""
        file = {"PIGEON_TOKEN": "file", "PIGEON_URL": "file"}
        pigeon = both({"PIGEON_TOKEN": "environ"}, values=file).load(Pigeon)
        assert pigeon.token.get_secret_value() == "environ"
        assert (pigeon.url, pigeon.seconds) == ("file", 5.0)

    def test_the_environment_wins_under_any_of_its_names(self):
        """A second name in the environment beats the first name in the file."""
        settings = both({"PIGEON_API_TOKEN": "environ"}, values={"PIGEON_TOKEN": "file"})
        assert settings.load(Pigeon).token.get_secret_value() == "environ"

    def test_an_empty_value_is_no_value(self):
        """`NAME=` in the environment hides nothing."""
        settings = both({"PIGEON_TOKEN": ""}, values={"PIGEON_TOKEN": "file"})
        assert settings.get("PIGEON_TOKEN") == "file"

    @pytest.mark.parametrize("name", ["PIGEON_TOKEN__SALES", "PIGEON_TOKEN__sales"])
    def test_an_account_has_its_own_value(self, name):
        """`NAME__ACCOUNT` is for that account only, however it is spelt."""
        settings = env(**{name: "own", "PIGEON_TOKEN": "common"})
        assert settings.load(Pigeon, "sales").token.get_secret_value() == "own"
        assert settings.load(Pigeon, "default").token.get_secret_value() == "common"

    def test_an_accounts_own_value_in_the_file_beats_the_common_one_around_it(self):
        """The more special beats the stronger place."""
        accounts = {("pigeon", "sales"): {"PIGEON_TOKEN": "own"}}
        settings = both({"PIGEON_TOKEN": "common"}, accounts=accounts)
        assert settings.load(Pigeon, "sales").token.get_secret_value() == "own"

    def test_accounts_share_what_is_not_secret(self):
        """An address is for all of them."""
        settings = env(PIGEON_TOKEN__SALES="own", PIGEON_URL="http://loft")
        assert settings.load(Pigeon, "sales").url == "http://loft"

    def test_an_account_without_a_secret_is_not_given_anothers(self):
        """It would log in as the other."""
        settings = env(PIGEON_TOKEN="common", PIGEON_LOUD__SALES="yes")
        with pytest.raises(ConfigError, match="PIGEON_TOKEN__SALES is not set"):
            settings.load(Pigeon, "sales")

    def test_an_account_with_a_secret_shares_the_others(self):
        """Several accounts of one application have its key in common."""
        settings = env(PIGEON_TOKEN__SALES="own", PIGEON_SECRET="of the application")
        assert settings.load(Pigeon, "sales").secret == SecretStr("of the application")

    def test_what_else_is_secret_makes_no_account(self):
        """It would log in as the other, though it has some secret of its own."""
        settings = env(PIGEON_TOKEN="common", PIGEON_SECRET__SALES="own")
        with pytest.raises(ConfigError, match="PIGEON_TOKEN__SALES is not set"):
            settings.load(Pigeon, "sales")

    def test_an_account_shares_only_the_login_that_it_has_begun(self):
        """The application's key is everybody's, the ring that another account wears is not."""
        settings = env(
            RAVEN_KEY="common",
            RAVEN_NAME__SALES="own",
            RAVEN_RING="default's",
            RAVEN_DOOR="everybody's",
        )
        found = settings.explain(Raven, "sales")
        values = {name: one.value for name, one in found.items() if one}
        assert values == {"key": "common", "name": "own", "door": "everybody's"}

    def test_accounts_of_one_name_on_two_platforms_are_two(self):
        """With the platform named, nothing is mixed."""
        accounts = {("crow", "sales"): {"SHARED": 1}, ("pigeon", "sales"): {"SHARED": 2}}
        assert both({}, accounts=accounts).find("SHARED", "sales", "pigeon").value == 2


class TestAccounts:
    @pytest.mark.parametrize(
        ("environ", "accounts"),
        [
            ({}, ()),
            ({"PIGEON_TOKEN": "a"}, ("default",)),
            ({"PIGEON_URL": "a"}, ("default",)),
            ({"PIGEON_TOKEN__SALES": "a"}, ("sales",)),
            ({"PIGEON_TOKEN__SALES": "a", "PIGEON_URL": "b"}, ("sales",)),
            ({"PIGEON_TOKEN__SALES": "a", "PIGEON_TOKEN": "b"}, ("default", "sales")),
            ({"PIGEON_TOKEN_FILE__SALES": "a"}, ("sales",)),
            ({"PIGEON_TOKEN__SALES_FILE": "/nowhere"}, ("sales",)),
            ({"CROW_TOKEN__SALES": "a", "PIGEON_TOKEN__SALES": ""}, ()),
        ],
    )
    def test_the_settings_say_which_accounts_there_are(self, environ, accounts):
        """Whoever names an account has it."""
        assert env(**environ).accounts("pigeon", Pigeon) == accounts

    @pytest.mark.parametrize(
        ("environ", "accounts"),
        [
            ({"RAVEN_RING": "a"}, ("default", "sales")),
            ({"RAVEN_KEY": "a", "RAVEN_NAME": "b"}, ("default", "sales")),
            ({"RAVEN_KEY": "a"}, ("sales",)),
        ],
    )
    def test_one_way_to_log_in_is_enough(self, environ, accounts):
        """What is complete is an account; half of a login is only shared."""
        settings = env(RAVEN_NAME__SALES="c", **environ)
        assert settings.accounts("raven", Raven) == accounts

    def test_the_file_names_accounts_too(self):
        """Under their platform."""
        accounts = {("pigeon", "sales"): {}, ("crow", "support"): {}}
        assert both({}, accounts=accounts).accounts("pigeon", Pigeon) == ("sales",)


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "account"),
        [
            ("PIGEON_TOKEN_FILE", "default"),
            ("PIGEON_TOKEN_FILE__SALES", "sales"),
            ("PIGEON_TOKEN__SALES_FILE", "sales"),
        ],
    )
    def test_a_value_may_stand_in_a_file_of_its_own(self, tmp_path, name, account):
        """The line end that an editor adds is no part of it."""
        path = tmp_path / "token"
        path.write_text("abc\n")
        settings = env(**{name: str(path)})
        assert settings.load(Pigeon, account).token.get_secret_value() == "abc"
        assert settings.explain(Pigeon, account)["token"].source == f"environment {name} -> {path}"

    def test_a_path_in_a_file_is_relative_to_that_file(self, tmp_path):
        """A folder with a character and its secrets can be moved."""
        (tmp_path / "token").write_text("abc")
        layer = Layer("bot.yaml", {"PIGEON_TOKEN_FILE": "token"}, file=tmp_path / "bot.yaml")
        assert Settings([layer]).get("PIGEON_TOKEN") == "abc"

    @pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
    def test_a_file_that_does_not_help_is_named(self, tmp_path, content):
        """Missing, empty, or not text: the name, the path and the fix."""
        path = tmp_path / "token"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ConfigError, match=r"PIGEON_TOKEN_FILE names .*token") as caught:
            env(PIGEON_TOKEN_FILE=str(path)).load(Pigeon)
        assert "unset PIGEON_TOKEN_FILE" in caught.value.fix


class TestMeaning:
    def test_text_becomes_what_the_field_is(self):
        """The environment only has text."""
        pigeon = env(
            PIGEON_TOKEN="1", PIGEON_SECONDS="2.5", PIGEON_LOUD="yes", PIGEON_ROOMS="a, b,"
        ).load(Pigeon)
        assert (pigeon.seconds, pigeon.loud, pigeon.rooms) == (2.5, True, ("a", "b"))

    @pytest.mark.parametrize("rooms", [[7, 8], "7, 8"])
    def test_numbers_in_a_file_become_text_where_text_is_wanted(self, rooms):
        """Ids look like numbers."""
        values = {"PIGEON_TOKEN": 12345, "PIGEON_ROOMS": rooms}
        pigeon = both({}, values=values).load(Pigeon)
        assert pigeon.token.get_secret_value() == "12345"
        assert pigeon.rooms == ("7", "8")


class TestMistakes:
    def test_what_is_missing_is_named_with_its_help(self):
        """The fix is what the author of the setting wrote."""
        with pytest.raises(ConfigError) as caught:
            env().load(Pigeon)
        assert (caught.value.problem, caught.value.fix) == (
            "PIGEON_TOKEN is not set",
            "Ask the pigeon.",
        )

    def test_a_wrong_value_in_a_file_is_named_with_its_line(self):
        """File, line, name, and what was found there."""
        values = {"PIGEON_TOKEN": "t", "PIGEON_SECONDS": "soon"}
        with pytest.raises(ConfigError) as caught:
            both({}, values=values, lines={"PIGEON_SECONDS": 7}).load(Pigeon)
        assert (caught.value.file, caught.value.line) == (Path("bot.yaml"), 7)
        assert caught.value.problem.startswith("PIGEON_SECONDS: should be a valid number")
        assert caught.value.problem.endswith("not 'soon'")

    def test_a_wrong_value_in_the_environment_is_named_with_its_place(self):
        """There is no line, but there is a name."""
        with pytest.raises(ConfigError) as caught:
            env(PIGEON_TOKEN="t", PIGEON_SECONDS__SALES="0", PIGEON_TOKEN__SALES="t").load(
                Pigeon, "sales"
            )
        assert "environment PIGEON_SECONDS__SALES" in caught.value.fix

    def test_a_secret_on_several_lines_is_refused_without_being_shown(self):
        """Platforms have no such tokens: more was copied, or something was lost."""
        with pytest.raises(ConfigError, match="PIGEON_TOKEN has a line break") as caught:
            env(PIGEON_TOKEN="half of\nthe token").load(Pigeon)
        assert "half" not in str(caught.value)

    def test_white_space_around_a_secret_is_no_part_of_it(self):
        """It comes along with what is copied, or with a file that was read."""
        assert env(PIGEON_TOKEN=" t\n").load(Pigeon).token.get_secret_value() == "t"

    def test_a_switch_is_shown_as_it_is_written(self):
        """Nobody writes True into a shell."""
        assert shown(Pigeon.model_fields["loud"], None) == "off (default)"

    def test_a_name_that_nobody_reads_is_pointed_out(self):
        """One letter is enough to be heard by nobody."""
        known = [name for info in Pigeon.model_fields.values() for name in names_of(info)]
        settings = env(PIGEON_TOKN="a", PIGEON_SECRET_FILE="b", PIGEON_TOKEN__X="c", HOME="d")
        assert settings.misspelt(known) == {"PIGEON_TOKN": "PIGEON_TOKEN"}


class TestSecrets:
    def test_a_secret_is_never_shown(self):
        """Only that it is there, and how long it is."""
        found = env(PIGEON_TOKEN="abcdefgh").explain(Pigeon)
        assert shown(Pigeon.model_fields["token"], found["token"]) == "set, 8 characters"
        assert "abcdefgh" not in repr(found)

    @pytest.mark.parametrize(
        ("field", "environ", "text"),
        [
            ("token", {}, "not set"),
            ("secret", {}, "not set"),
            ("seconds", {}, "5.0 (default)"),
            ("seconds", {"PIGEON_SECONDS": "7"}, "7"),
            ("url", {"PIGEON_URL": "http://me:secret@loft"}, "http://…@loft"),
        ],
    )
    def test_anything_else_is_shown_as_it_is(self, field, environ, text):
        """A password in an address excepted."""
        found = env(**environ).explain(Pigeon)
        assert shown(Pigeon.model_fields[field], found[field]) == text

    def test_every_secret_that_was_read_is_known_to_the_log(self):
        """From a config, by its name, or from what a character calls secret."""
        settings = both(
            {"PIGEON_TOKEN": "token-1", "OTHER_API_KEY": "key-22"},
            values={"HIDDEN": "hidden-333", "PLAIN": "plain"},
            secret=frozenset({"HIDDEN"}),
        )
        settings.explain(Pigeon)
        assert settings.get("OTHER_API_KEY") == "key-22"
        assert settings.get("PLAIN") == "plain"
        assert settings.secrets() == {"token-1", "key-22", "hidden-333"}
