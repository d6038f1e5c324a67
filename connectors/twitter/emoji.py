"""What X takes for one picture when it counts, by Unicode's list of emoji, version 13.

A sequence that Unicode added since may still be several pictures to X. It is counted as such: too
high rather than too low.
"""

from __future__ import annotations

import re

COUNTRIES = (
    "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO "
    "DZ EC EE EG ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT "
    "GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP "
    "KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MO MP MQ MR MS "
    "MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR "
    "PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY "
    "SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF "
    "WS YE YT ZA ZM ZW"
)
"""The codes of those that have a flag, and a top-level domain."""

REGIONS = "BL BQ CP DG EA EH IC MF TA UM UN XK"
"""The codes of those that have a flag alone."""

SYMBOLS = (
    "203C 2049 2122 2139 2194-2199 21A9-21AA 231A-231B 2328 23CF 23E9-23F3 23F8-23FA 24C2 "
    "25AA-25AB 25B6 25C0 25FB-25FE 2600-2604 260E 2611 2614-2615 2618 261D 2620 2622-2623 2626 "
    "262A 262E-262F 2638-263A 2640 2642 2648-2653 265F-2660 2663 2665-2666 2668 267B 267E-267F "
    "2692-2697 2699 269B-269C 26A0-26A1 26A7 26AA-26AB 26B0-26B1 26BD-26BE 26C4-26C5 26C8 "
    "26CE-26CF 26D1 26D3-26D4 26E9-26EA 26F0-26F5 26F7-26FA 26FD 2702 2705 2708-270D 270F 2712 "
    "2714 2716 271D 2721 2728 2733-2734 2744 2747 274C 274E 2753-2755 2757 2763-2764 2795-2797 "
    "27A1 27B0 27BF 2934-2935 2B05-2B07 2B1B-2B1C 2B50 2B55 3030 303D 3297 3299"
)
"""Code points below U+10000 that are emoji, by themselves or with a selector behind."""

MODIFIABLE = (
    "261D 26F9 270A-270D 1F385 1F3C2-1F3C4 1F3C7 1F3CA-1F3CC 1F442-1F443 1F446-1F450 "
    "1F466-1F478 1F47C 1F481-1F483 1F485-1F487 1F48F 1F491 1F4AA 1F574-1F575 1F57A 1F590 "
    "1F595-1F596 1F645-1F647 1F64B-1F64F 1F6A3 1F6B4-1F6B6 1F6C0 1F6CC 1F90C 1F90F 1F918-1F91F "
    "1F926 1F930-1F939 1F93C-1F93E 1F977 1F9B5-1F9B6 1F9B8-1F9B9 1F9BB 1F9CD-1F9CF 1F9D1-1F9DD"
)
"""Code points of those that may have a tone of skin."""

_JOINER, _STYLE, _TONE = "\u200d", "\ufe0f", "[\U0001f3fb-\U0001f3ff]"


def _any_of(ranges: str) -> str:
    pairs = (one.partition("-") for one in ranges.split())
    ends = ((int(first, 16), int(last or first, 16)) for first, _, last in pairs)
    return f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in ends)}]"


def _flag(code: str) -> str:
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in code)


def _joined(*parts: str) -> str:
    return _JOINER.join(parts)


_HUMAN = f"[👨👩🧑](?:{_TONE})?"
_ACTING = f"(?:{_any_of(MODIFIABLE)}(?:{_TONE}|{_STYLE})?|[👯🤼🧞🧟])"
_ROLE = f"(?:[⚕⚖✈]{_STYLE}|[🌾🍳🍼🎄🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦯🦰🦱🦲🦳🦼🦽])"
_PAIR = f"(?:❤{_STYLE}{_JOINER}(?:💋{_JOINER})?|🤝{_JOINER})"
_CHILD = f"{_JOINER}[👦👧]"

_SINGLES = (
    _joined(f"🏳{_STYLE}", "🌈"),
    _joined(f"🏳{_STYLE}", f"⚧{_STYLE}"),
    _joined("🏴", f"☠{_STYLE}"),
    _joined(f"👁(?:{_STYLE})?", f"🗨(?:{_STYLE})?"),
    _joined("🐕", "🦺"),
    _joined("🐈", "⬛"),
    _joined("🐻", f"❄{_STYLE}"),
    _joined(f"❤{_STYLE}", "[🔥🩹]"),
    _joined("😮", "💨"),
    _joined("😵", "💫"),
    _joined("😶", f"🌫{_STYLE}"),
)

_ENGLAND, _SCOTLAND, _WALES = (
    "".join(chr(0xE0000 + ord(letter)) for letter in code) for code in ("gbeng", "gbsct", "gbwls")
)

_FLAG = "|".join(map(_flag, f"{COUNTRIES} {REGIONS}".split()))

_ALL = "|".join(
    (
        f"(?=[\U0001f1e6-\U0001f1ff])(?:{_FLAG})",
        f"🏴(?:{_ENGLAND}|{_SCOTLAND}|{_WALES})\U000e007f",
        f"[0-9#*](?:{_STYLE})?\u20e3",
        *_SINGLES,
        _joined(_HUMAN, f"{_PAIR}{_HUMAN}"),
        f"[👨👩](?:{_JOINER}[👨👩])?(?:{_CHILD}){{1,2}}",
        _joined(_HUMAN, _ROLE),
        _joined(_ACTING, f"[♀♂]{_STYLE}"),
        f"{_any_of(MODIFIABLE)}(?:{_TONE}|{_STYLE})?",
        f"(?:{_any_of(SYMBOLS)}|[\U0001f000-\U0001faff])(?:{_STYLE})?",
        f"[©®]{_STYLE}",
    )
)

EMOJI = re.compile(f"(?=[0-9#*©®\u203c-\u3299\U0001f000-\U0001faff])(?:{_ALL})")
"""One picture, as long as can be. The first look is for those that are none, which are most."""
