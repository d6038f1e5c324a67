"""How X counts."""

import time

import pytest

from connectors.twitter.length import weighted_length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Hello, world!", 13),
        ("Zoë", 3),
        ("Zoe\u0308", 3),  # composed before it is counted
        ("日本語", 6),
        ("“quoted” — dash…", 17),
        ("😀", 2),
        ("👩🏽‍🚀", 2),  # joined into one picture
        ("👨‍👩‍👧‍👦", 2),
        ("🇩🇪🇫🇷", 4),
        ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", 2),
        ("1️⃣", 2),
        ("❤️", 2),
        ("https://example.org", 23),
        ("https://example.org/" + "a" * 200, 23),
        ("see https://example.org/a?b=c&d=e.", 4 + 23 + 1),
        ("(https://example.org/a)", 25),
        ("a.example.org", 23),
        ("one.two three", 23 + 6),
        ("http://localhost/" + "a" * 40, 57),
        ("\u10ff\u1100", 3),  # the last of the light ones, and the first that is not
        ("\u200d\u2010\u201f\u2032\u2037", 5),
        ("\u200e\u2020\u2031\u2038", 8),
        ("\U00010000", 2),
    ],
)
def test_a_text_counts_as_x_counts_it(text, length):
    """Light characters count 1, all others 2, an emoji 2, a link 23."""
    assert weighted_length(text) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("👍🏽", 2),
        ("👩🏽‍🤝‍👨🏿", 2),
        ("👩‍❤️‍💋‍👨", 2),
        ("👨‍👧‍👦", 2),
        ("🏃🏾‍♀️", 2),
        ("🧑🏻‍🦰", 2),
        ("❤️‍🔥", 2),
        ("🏳️‍🌈🏴‍☠️", 4),
        ("#️⃣*️⃣", 4),
        ("©®", 2),
        ("©️®️", 4),
        ("❤", 2),
        ("🫠", 2),  # younger than the list, and one character
        ("🚀🏽", 4),  # a rocket has no skin
        ("🇦🇦", 4),  # no country
        ("🇦🇦🇩🇪", 6),
        ("😀‍😀", 5),  # joined by somebody, and not by Unicode
        ("→️", 4),  # an arrow that is no emoji
        ("🏴󠁵󠁳󠁴󠁸󠁿", 12),  # Texas has no flag of its own here
    ],
)
def test_one_picture_counts_two_however_it_is_made(text, length):
    """What looks like a sequence but is none counts for each of its parts."""
    assert weighted_length(text) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("example.com", 23),
        ("example.com/a/b?c=d#e", 23),
        ("EXAMPLE.COM", 23),
        ("HTTPS://Example.Org:8080/", 23),
        ("www.example.de", 23),
        ("example.de/a", 23),
        ("t.co", 23),
        ("example.de", 10),  # a single name of a country is none without something behind
        ("https://example.de", 23),
        ("日本語example.com", 29),
        ("example.com日本語", 29),
        ("https://example.org/слово", 23),
        ("https://example.org/wiki/Tree_(graph_theory)", 23),
        ("(https://example.org/wiki/Tree)", 25),
        ("https://example.org.", 24),
        ("https://example.org/a,", 24),
        ("https://example.org/?a=b!", 24),
        ("https://one.example.org,two.example.com", 47),
        ("https://my_name.example.org/", 23),
        ("ada@example.com", 15),
        ("ada.name@example.com", 20),
        ("@example.com", 12),
        ("#example.com", 12),
        ("/example.com", 12),
        ("xhttps://example.org/" + "a" * 40, 61),
        ("https://wiki.internal/" + "a" * 40, 62),  # X does not know such a domain
        ("ftp://localhost/" + "a" * 40, 56),
    ],
)
def test_what_x_makes_a_link_of_counts_23(text, length):
    """Also without a scheme; not in an address of mail, nor behind a sign of X's own."""
    assert weighted_length(text) == length


@pytest.mark.parametrize(
    "text", ["a." * 3_000, "https://a.com/" + "(a" * 3_000, "a-" * 3_000 + ".b"]
)
def test_no_text_takes_long_to_count(text):
    """Whatever somebody writes, a bot that repeats it must not stand still."""
    began = time.perf_counter()
    weighted_length(text)
    assert time.perf_counter() - began < 1


def test_a_long_name_of_a_host_counts_no_less_than_it_is_long():
    """Without a scheme X may not take it for a link, so the larger count is right."""
    assert weighted_length("a" * 60 + ".example") == 68
