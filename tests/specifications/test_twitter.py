"""What tweepy and a simulated X say to each other is as X's OpenAPI says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from . import twitter_day
from .findings import unexcused
from .recorder import Exchange

OLD_WORDS = {
    "tweet.fields": "post.fields",
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "referenced_tweets.id": "referenced_posts",
    "tweets": "posts",
}
"""tweepy speaks of tweets, and is answered so; the newest specification has only posts."""
EXCUSES = {
    "X's pages have it among the fields, the specification only among the expansions": (
        "GET /2/* > query.*.fields: 'referenced_posts' is no choice",
        "GET /2/* > query.*.fields: 'in_reply_to_user_id' is no choice",
    ),
    "X's pages have it, for the authors of what is quoted": (
        "GET /2/* > query.expansions: 'referenced_tweets.id.author_id' is no choice",
    ),
    "X's page on errors shows this for all that is about no resource": (
        "* > 4??.type: 'about:blank' is no choice",
    ),
    "X's page on errors lists it": (
        "GET /2/users/me > 403.type: '*/unsupported-authentication' is no choice",
    ),
    "X is seen to say so to an app that may only read": (
        "POST /2/tweets > 403.type: '*/oauth1-permissions' is no choice",
    ),
    "X is seen to say here what was wrong": (
        "POST /2/tweets* > 400.errors: unknown",
        "GET /2/media/upload > 400.errors: unknown",
    ),
    "X's page on errors lists it, for what is not in the app's plan": (
        "POST /2/users/{id}/likes > 403.type: '*/client-forbidden' is no choice",
    ),
    "X's page on chunked uploads shows it, where a file cannot be used": (
        "GET /2/media/upload > 200.data.processing_info.error: unknown",
    ),
    "X is seen to say so of a rule that is there": (
        "POST /2/tweets/search/stream/rules > 200.errors.type: '*/duplicate-rules' is no choice",
    ),
    "X is seen to say so when there is no credit": (
        "POST /2/tweets > 402.type: '*/credits' is no choice",
    ),
    "X is seen to send direct messages so; the specification has the kind, and no payload": (
        "GET /2/activity/stream > 200.data.payload.direct_message_events: unknown",
        *(
            f"GET /2/activity/stream > 200.data.payload.{field}: unknown"
            for field in (
                "created_at",
                "dm_conversation_id",
                "event_type",
                "id",
                "sender_id",
                "text",
            )
        ),
    ),
    "The specification tells payloads apart by what stands beside them": (
        "GET /2/activity/stream > 200.data.payload: fits several alternatives",
    ),
    "X's page on OAuth 2.0 has it, the specification only as a scheme": (
        "POST /2/oauth2/token: no such operation",
    ),
}

POST = {"id": "5", "text": "Hello", "created_at": "2026-01-01T00:00:00.000Z"}
READ = Exchange(
    "GET",
    "/2/users/1/mentions",
    query={"max_results": "100", "post.fields": "created_at,entities"},
    headers={"Authorization": "OAuth x"},
    told={"Content-Type": "application/json"},
    answer={"data": [POST], "meta": {"result_count": 1}},
)


async def test_a_day_on_x_is_as_its_specification_says(x_api, recorder):
    """Every request and every answer, but for what is excused."""
    await twitter_day.play(recorder)
    heard = set()
    exchanges = [in_new_words(exchange, heard) for exchange in recorder.exchanges]
    problems = unexcused({one for e in exchanges for one in x_api.findings(e)}, EXCUSES)
    assert not problems, "\n".join(problems)
    assert heard == OLD_WORDS.keys()


@pytest.mark.parametrize(
    ("finding", "changes"),
    [
        ("query.max_results: must be of maximum 100", {"query": {"max_results": "101"}}),
        ("query.post.fields: 'mood' is no choice", {"query": {"post.fields": "id,mood"}}),
        ("200.data.id: must be of type string", {"answer": {"data": [POST | {"id": 5}]}}),
        ("200.data.mood: unknown", {"answer": {"data": [POST | {"mood": "good"}]}}),
        (
            "200.data.created_at: must be of format date-time",
            {"answer": {"data": [POST | {"created_at": "today"}]}},
        ),
        ("500.message: missing", {"status": 500, "answer": {"code": 1}}),
        (
            "credentials: must be ['BearerToken', 'OAuth2UserToken', 'UserToken']",
            {"headers": {"Authorization": "Basic x"}},
        ),
    ],
)
async def test_what_deviates_is_found(x_api, finding, changes):
    """Alone, in an exchange that is without fault otherwise."""
    assert x_api.findings(READ) == set()
    [found] = x_api.findings(replace(READ, **changes))
    assert str(found) == f"GET /2/users/{{id}}/mentions > {finding}"


def in_new_words(exchange, heard):
    """The same with new words for the old ones, which are added to `heard`."""

    def new(word):
        heard.update({word} & OLD_WORDS.keys())
        return OLD_WORDS.get(word, word)

    def renamed(value):
        if isinstance(value, list):
            return [renamed(one) for one in value]
        if isinstance(value, bytes):
            return value.decode("latin-1")  # a file is text to a schema
        if isinstance(value, dict):
            return {new(name): renamed(one) for name, one in value.items()}
        return value

    asked = {new(k): ",".join(map(new, v.split(","))) for k, v in exchange.query.items()}
    if exchange.path == twitter_day.STREAM:
        asked = exchange.query  # here the specification has the old words, too
    return replace(exchange, query=asked, answer=renamed(exchange.answer))
