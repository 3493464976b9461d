"""The draft keeps to schema.org's vocabulary, says what it rests on, and leaves blank what a person must judge."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rfc3986_validator import validate_rfc3986
from schema_org import registry

from provenance.model import Kind
from provenance.report.media_review import report_media_review
from provenance.verdict.decide import RATINGS

SCHEMA_ORG = "https://schema.org/"


def faults(node, path="$"):
    """Yield what in a JSON-LD node is not as schema.org's vocabulary has it: type, properties, values."""
    kind = node.get("@type")
    if kind not in registry.CLASS_METADATA:
        yield f"{path}: there is no type {kind}"
        return
    types = {kind, *registry.ancestry(kind)}
    for name, value in node.items():
        if name.startswith("@"):
            continue
        known = registry.PROPERTY_BY_SCHEMA.get(name)
        if known is None or not types & set(known.domains):
            yield f"{path}: {kind} has no property {name}"
            continue
        for part in value if isinstance(value, list) else [value]:
            yield from _value_faults(part, known.ranges, f"{path}.{name}")


def _value_faults(value, ranges, path):
    if value is None:
        return
    if isinstance(value, dict):
        kind = value.get("@type")
        if not {kind, *registry.ancestry(kind)} & set(ranges):
            yield f"{path}: {kind} is none of {ranges}"
        yield from faults(value, path)
    elif isinstance(value, str):
        members = {SCHEMA_ORG + m for name in ranges for m in registry.ENUM_MEMBERS.get(name, ())}
        fits = (
            "Text" in ranges
            or value in members
            or ("URL" in ranges and value.startswith(("http://", "https://")) and validate_rfc3986(value))
            or (bool({"Date", "DateTime"} & set(ranges)) and bool(date.fromisoformat(value)))
        )
        if not fits:
            yield f"{path}: {value!r} is none of {ranges}"
    elif not {"Number", "Integer"} & set(ranges):
        yield f"{path}: {value!r} is none of {ranges}"


def valid_graph(report):
    """Return the drafts, which must keep to the vocabulary."""
    written = report_media_review(report)
    written.encode()
    document = json.loads(written)
    assert document["@context"] == "https://schema.org"
    assert [fault for node in document["@graph"] for fault in faults(node)] == []
    return document["@graph"]


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"@type": "MediaRevue"}, "$: there is no type MediaRevue"),
        ({"@type": "MediaReview", "sha256": "a"}, "$: MediaReview has no property sha256"),
        (
            {"@type": "MediaReview", "author": "A desk"},
            "$.author: 'A desk' is none of ('Organization', 'Person')",
        ),
        (
            {"@type": "MediaReview", "mediaAuthenticityCategory": [SCHEMA_ORG + "Fake"]},
            f"$.mediaAuthenticityCategory: '{SCHEMA_ORG}Fake' is none of ('MediaManipulationRatingEnumeration',)",
        ),
        ({"@type": "ImageObject", "contentUrl": "a b"}, "$.contentUrl: 'a b' is none of ('URL',)"),
        (
            {"@type": "ImageObject", "interpretedAsClaim": {"@type": "Place"}},
            "$.interpretedAsClaim: Place is none of ('Claim',)",
        ),
        (
            {"@type": "Review", "itemReviewed": {"@type": "ImageObject", "nameless": "a"}},
            "$.itemReviewed: ImageObject has no property nameless",
        ),
        ({"@type": "QuantitativeValue", "value": 1, "name": 1}, "$.name: 1 is none of ('Text',)"),
    ],
)
def test_the_check_finds_what_the_vocabulary_does_not_have(wrong, fault):
    assert list(faults(wrong)) == [fault]


def test_it_is_as_it_was(mixed, snapshot):
    valid_graph(mixed)
    snapshot("media_review.json", report_media_review(mixed))


def test_every_rating_that_can_be_suggested_is_one_of_schema_orgs():
    assert set(RATINGS.values()) <= set(registry.ENUM_MEMBERS["MediaManipulationRatingEnumeration"])


def test_there_is_a_draft_for_each_photo_with_a_copy_or_an_error(mixed):
    names = [node["itemReviewed"]["name"] for node in valid_graph(mixed)]
    assert names == ["fails, 100%.jpg", "let-pass.jpg", "unsettled.jpg", "accepted.jpg"]
    scene = replace(mixed.results[4], matches=(replace(mixed.results[4].matches[0], kind=Kind.SAME_SCENE),))
    assert valid_graph(replace(mixed, results=(scene,))) == []


def test_a_draft_says_what_is_known_and_leaves_the_judgement_open(mixed):
    draft = valid_graph(mixed)[0]
    assert draft["creativeWorkStatus"] == "Draft"
    assert [draft[name] for name in ("author", "url", "datePublished", "reviewBody")] == [None] * 4
    assert draft["mediaAuthenticityCategory"] == [
        "https://schema.org/DecontextualizedContent",
        "https://schema.org/TransformedContent",
    ]
    assert draft["originalMediaLink"] == "https://example.org/1"
    assert draft["originalMediaContextDescription"].startswith(
        "Earliest sighting held, which need not be the first: published 2016-12, Example Wire, حلب"
    )
    item = draft["itemReviewed"]
    assert (item["sha256"], item["contentUrl"]) == ("b" * 64, "https://example.com/posts/7")
    assert item["interpretedAsClaim"]["text"] == "The gate, today"
    assert item["interpretedAsClaim"]["contentLocation"]["name"] == "Aleppo"


def test_a_fact_check_is_no_original_and_the_page_comes_before_the_picture(mixed):
    result = mixed.results[2]
    (match, _), (seen,) = result.matches, result.matches[0].sightings
    check = replace(seen, rating="False", url="https://example.net/check")
    shown = replace(seen, page="https://example.org/page", outlet="Later Wire", published=None)
    draft = valid_graph(
        replace(mixed, results=(replace(result, matches=(replace(match, sightings=(check, shown)),)),))
    )[0]
    assert draft["originalMediaLink"] == "https://example.org/page"
    assert "Later Wire" in draft["originalMediaContextDescription"]
    assert "rated" not in draft["originalMediaContextDescription"]


def test_an_address_that_is_none_is_left_blank(saying):
    draft = valid_graph(saying("javascript:alert(1)"))[0]
    assert (draft["originalMediaLink"], draft["itemReviewed"]["contentUrl"]) == (None, None)


@given(
    text=st.text(st.characters(exclude_categories=()), max_size=60),
    start=st.sampled_from(["", "https://a/", "http://"]),
)
@example(text="\ud800\u202e\x00" + "x" * 10_000, start="")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_strangers_wrote_it_keeps_to_the_vocabulary(saying, text, start):
    assert len(valid_graph(saying(start + text))) == 4
