"""Laws of ELIZA: she always answers, in turn, from the other side, and the same way again."""

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import GenerateText, Message, Models
from bot.models.eliza import plugin
from bot.models.eliza.engine import Eliza
from bot.models.eliza.script import HOLE, Rule, load_script

SCRIPT = load_script()
ELIZA = Eliza(SCRIPT)
KEYWORDS = list({id(one): one for one in SCRIPT.keywords.values()}.values())
RULES = [rule for keyword in KEYWORDS for rule in keyword.rules]
HARD = [
    "",
    " \n\t",
    "\x00",
    "😀👍",
    "{0} {1} {} {x}",
    "%s %(a)s",
    "مرحبا كيف حالك",
    "你好。我很难过",
    "i " * 5_000,
    "my you i " * 1_112,
    "a" * 10_000,
    "- " * 5_000,
    "@" * 10_000,
    "@a " * 3_333,
    "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 10_000,
]


def talk(*texts: str) -> list[str]:
    said: list[str] = []
    for index, text in enumerate(texts):
        said.append(ELIZA.reply(text, texts[:index], said))
    return said


def conversation(*texts: str) -> GenerateText:
    roles = ("user", "assistant")
    lines = [Message(role=roles[n % 2], text=text) for n, text in enumerate(texts)]
    return GenerateText(messages=(Message(role="system", text="my system"), *lines))


class TestTalking:
    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ("I want to see my hat", "your hat"),
            ("I feel you are right about me", "I am right about you"),
            ("i'm not what you said I was", "what I said you were"),
            ("I love my dog, but he hates you", "your dog"),
            ("I HATE MY JOB", "your job"),
            ("I hate @everyone and <@&123>", "everyone and 123"),
        ],
    )
    def test_words_come_back_from_the_other_side(self, text, part):
        """I is you, my is your."""
        assert re.search(rf"\b{part}\b", talk(text)[0], re.IGNORECASE)

    @pytest.mark.parametrize("name", ["@eliza_bot", "<@123> @Eliza", "@Eliza,"])
    def test_whom_a_text_speaks_to_is_no_part_of_it(self, name):
        """A mention in front changes nothing."""
        assert talk(f"{name} good morning") == talk("good morning")

    def test_the_higher_rank_is_heard_first(self):
        """Danger counts more than anything else in the text."""
        answer = talk("hello my friend, I dreamed that I want to die")[0]
        assert answer in {a.text for a in SCRIPT.keywords["suicide"].rules[0].answers}

    def test_answers_take_turns(self):
        """Nothing is repeated before everything was said."""
        rule = next(rule for rule in SCRIPT.keywords["always"].rules if rule.answers)
        said = talk(*(f"It always rained on day {n}" for n in range(2 * len(rule.answers))))
        assert said == [answer.text for answer in rule.answers] * 2

    def test_turns_go_on_in_a_long_conversation(self):
        """However little of the conversation is left to see, two answers in a row differ."""
        said: list[str] = []
        for n in range(30):
            said.append(ELIZA.reply(f"I saw {n} ships", [], said[-3:]))
        assert all(one != next_one for one, next_one in pairwise(said))

    def test_what_was_said_earlier_is_remembered_once(self):
        """When nothing else fits, she comes back to it; then she lets it rest."""
        said = talk("my hat is green", "well", "xyzzy", "plugh", "abracadabra")
        assert sum("your hat is green" in answer for answer in said[1:]) == 1

    def test_the_same_again_is_noticed(self):
        """Whoever repeats himself is asked why."""
        assert talk("the sky is low", "The sky is low!")[1] == SCRIPT.repeat[0].text

    def test_a_farewell_is_answered_by_a_farewell(self):
        """Hello and goodbye are words like any others."""
        answers = {a.text for rule in SCRIPT.keywords["goodbye"].rules for a in rule.answers}
        assert talk("Goodbye, Eliza")[0] in answers
        assert talk("I said goodbye to my mother yesterday")[0] not in answers


class TestAlways:
    @pytest.mark.parametrize("text", HARD)
    def test_any_text_has_a_short_answer(self, text):
        """Nothing that a person can send is too strange or too long."""
        assert 0 < len(ELIZA.reply(text, [text] * 20, [text] * 20)) < 500

    @settings(deadline=None)
    @given(st.lists(st.text(), max_size=6))
    def test_no_answer_mentions_anybody(self, texts):
        """What would make a platform call people never comes back."""
        for answer in talk(*texts):
            assert answer
            assert not set("@<>") & set(answer)

    @settings(deadline=None)
    @given(st.lists(st.sampled_from([*sorted(SCRIPT.keywords), "i", "my", "am", "@here"])))
    def test_no_answer_has_a_hole(self, words):
        """Whatever words come together, each answer is whole."""
        answer = ELIZA.reply(" ".join(words))
        assert not re.search(r"[{}]|  | [.?!,:]", answer)

    def test_the_same_conversation_has_the_same_answers(self):
        """A rerun after a crash says what was said."""
        texts = ("hello", "my cat is ill", "blah", "I am sad", "I am sad", "why?")
        assert talk(*texts) == talk(*texts)

    def test_an_answer_takes_less_than_a_millisecond(self):
        """With twenty lines to look back on; the best of some, since machines are shared."""
        heard = [f"I think my brother never remembers ship {n}" for n in range(20)]
        said = talk(*heard)

        def once() -> float:
            begin = time.perf_counter()
            ELIZA.reply("xyzzy, nothing of the sort", heard, said)
            return time.perf_counter() - begin

        assert min(once() for _ in range(50)) < 0.001


class TestScript:
    def test_it_can_talk_for_some_minutes(self):
        """Many keywords, many answers."""
        assert len(KEYWORDS) >= 35
        assert sum(len(rule.answers) for rule in RULES) >= 150

    def test_an_answer_only_uses_what_its_pattern_surely_caught(self):
        """A `*` may be empty; a `+` and a group are not."""
        for rule in (*RULES, *SCRIPT.memory):
            caught = [sign for sign in rule.form.split() if sign[0] in "*+@"]
            assert rule.pattern.groups == len(caught), rule.form
            for hole in HOLE.findall(" ".join(answer.text for answer in rule.answers)):
                assert caught[int(hole[1:-1]) - 1] != "*", rule.form

    def test_every_rule_leads_to_an_answer(self):
        """No way in a circle, and none into nothing."""

        def follow(rule: Rule, gone: tuple[str, ...] = ()) -> None:
            assert bool(rule.answers) != bool(rule.goto)
            assert rule.goto not in gone
            for way in SCRIPT.keywords[rule.goto].rules if rule.goto else ():
                follow(way, (*gone, rule.goto))

        for rule in RULES:
            follow(rule)


class TestModel:
    async def test_it_answers_the_person_who_spoke_last(self):
        """Instructions are not part of the conversation."""
        generate = plugin.models[0].handler
        answer = await generate(conversation("hello", "Hi.", "I love my garden"))
        assert "your garden" in answer.text
        assert (answer.provider, answer.calls) == ("eliza", ())

    async def test_nobody_spoke_yet(self):
        """Silence has an answer too."""
        answer = await plugin.models[0].handler(GenerateText(messages=()))
        assert answer.text == SCRIPT.silence[0].text

    async def test_it_remembers_each_person_apart(self):
        """What one says is not held up to another."""
        lines = [("ann", "my hat is green"), ("bob", "well"), ("bob", "xyzzy")]
        messages = tuple(Message(role="user", text=text, name=name) for name, text in lines)
        answer = await plugin.models[0].handler(GenerateText(messages=messages))
        assert "green" not in answer.text

    async def test_any_other_model_is_asked_first(self):
        """It stands in when nobody else is there."""

        async def other(_: GenerateText) -> str:
            return "other"

        models = Models()
        for one in plugin.models:
            models.register(one.type, one.handler, one.provider, one.priority)
            models.register(one.type, other, "other")
        assert await models.use("text_large", conversation("hello")) == "other"
