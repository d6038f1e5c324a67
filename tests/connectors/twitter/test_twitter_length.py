"""How X counts."""

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
    ],
)
def test_a_text_counts_as_x_counts_it(text, length):
    """Light characters count 1, all others 2, an emoji 2, a link 23."""
    assert weighted_length(text) == length


def test_a_long_name_of_a_host_counts_no_less_than_it_is_long():
    """Without a scheme X may not take it for a link, so the larger count is right."""
    assert weighted_length("a" * 60 + ".example") == 68
