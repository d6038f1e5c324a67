"""Why X refuses something, by its code or its words, and what to do about it.

X's newer answers have only words, its older ones a code as well
(developer.x.com/en/support/x-api/error-troubleshooting).
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import DeliveryError, RateLimited, Rejected, Unauthorized


class Duplicate(Rejected):
    """We said the same not long ago: an earlier attempt of this part, or an older post."""


class Done(Rejected):
    """It was done before."""


class Gone(Rejected):
    """What it is about is not there, or not visible to us."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    Args:
        plain: what it means and what to do; empty where X says it well enough.
        codes: X's numbers of it.
        words: what X's text has in it, in small letters; one is enough.
    """

    error: type[DeliveryError]
    plain: str = ""
    codes: frozenset[int] = frozenset()
    words: tuple[str, ...] = ()

    def fits(self, code: int | None, said: str) -> bool:
        """Whether X gave this reason; `said` is its text in small letters."""
        return code in self.codes or any(word in said for word in self.words)


REASONS = (
    Reason(
        Duplicate,
        "the bot has said the same not long ago: say it in other words",
        frozenset({187}),
        ("duplicate content", "status is a duplicate"),
    ),
    Reason(Done, "", frozenset({139}), ("already favorited", "already liked")),
    Reason(Done, "", frozenset({327}), ("already retweeted", "already reposted")),
    Reason(
        Rejected,
        "X takes this for spam by a machine: label the account as automated in its settings, and "
        "say less often the same to many",
        frozenset({226}),
        ("might be automated", "looks automated"),
    ),
    Reason(
        Unauthorized,
        "the bot's account is suspended: log in at x.com with it, and appeal",
        frozenset({64}),
        ("your account is suspended",),
    ),
    Reason(
        Unauthorized,
        "the bot's account is locked: log in at x.com with it, and do what is asked there",
        frozenset({326}),
        ("account is temporarily locked", "unlock your account"),
    ),
    Reason(
        RateLimited,
        "the account has reached its limit of posts for a day",
        frozenset({185}),
        ("over daily status update limit", "daily limit"),
    ),
    Reason(
        Rejected,
        "only those whom the author has mentioned or answered may reply: X lets a bot reply to "
        "those who mentioned it",
        frozenset({433}),
        ("not been mentioned", "restricted who can reply"),
    ),
    Reason(
        Rejected,
        "the bot may not write to this person: they take messages only from those whom they "
        "follow, or have blocked it",
        frozenset({150, 349}),
        ("cannot send messages to", "permission to dm", "not following you"),
    ),
    Reason(
        Rejected,
        "this person has blocked the bot",
        frozenset({136, 162}),
        ("have been blocked", "has blocked you"),
    ),
    Reason(
        Rejected,
        "the other account is protected: the bot sees and answers it only once it lets the bot "
        "follow it",
        frozenset({179}),
        ("not authorized to see this", "account is protected", "protected account"),
    ),
    Reason(
        Gone,
        "the other account is suspended",
        frozenset({63}),
        ("user has been suspended",),
    ),
    Reason(
        Gone,
        "the post is deleted, or the bot may not see it",
        frozenset({34, 144, 385}),
        ("deleted or not visible", "no status found", "could not find tweet"),
    ),
    Reason(
        Rejected,
        "X does not take the files: send them again, as JPEG, PNG, WebP, GIF or MP4",
        frozenset({324}),
        ("media id", "media ids"),
    ),
    Reason(
        Rejected,
        "the text is too long for X",
        frozenset({186, 354}),
        ("needs to be a bit shorter", "too long", "over the max limit"),
    ),
)
"""The first that fits is meant."""
