"""Reviews in every form that feeds have become sightings in the fact-checker's own words."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.errors import TableError
from provenance.evidence.dates import parse_edtf
from provenance.ingest import feed_records
from provenance.ingest.fact_checks import FactChecks, is_feed
from provenance.ingest.interface import Reading
from provenance.model import Mention, Skipped, Submission


def image(url="a.jpg", **more):
    return {"@type": "ImageObject", "contentUrl": url, **more}


def claim_review(appearance=None, **more):
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": "https://facts.example/1",
        "datePublished": "2020-06-22T00:00:00Z",
        "author": {"@type": "Organization", "name": "Facts Example"},
        "claimReviewed": "This is Aleppo today",
        "reviewRating": {
            "@type": "Rating",
            "ratingValue": 1,
            "bestRating": 5,
            "alternateName": "خارج السياق",
        },
        "itemReviewed": {"@type": "Claim", "appearance": image() if appearance is None else appearance},
        **more,
    }


def media_review(reviewed, **more):
    return {
        "@type": "MediaReview",
        "mediaAuthenticityCategory": "https://schema.org/DecontextualizedContent",
        "itemReviewed": reviewed,
        **more,
    }


@pytest.fixture
def collect(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"photo")

    def call(value, name="feed.json"):
        lines = name.endswith(("jsonl", "ndjson"))
        text = "\n".join(map(json.dumps, value)) if lines else json.dumps(value)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return list(FactChecks(tmp_path / name, Reading(parse_edtf)).collect())

    return call


FORMS = {
    "single": lambda one: one,
    "list": lambda one: [one],
    "graph": lambda one: {"@context": "https://schema.org", "@graph": [{"@type": "NewsArticle"}, one]},
    "feed": lambda one: {"@type": "DataFeed", "dataFeedElement": [{"@type": "DataFeedItem", "item": [one]}]},
    "feed of single items": lambda one: {"@type": "DataFeed", "dataFeedElement": [{"item": one}]},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_review_says_the_same_in_every_form(collect, tmp_path, form):
    (item,) = collect(form(claim_review()))
    said = item.sighting
    assert (item.file, item.path) == (tmp_path / "a.jpg", str(tmp_path / "a.jpg"))
    assert (said.url, said.outlet, said.published.text) == (
        "https://facts.example/1", "Facts Example", "2020-06-22T00:00:00Z",
    )  # fmt: skip
    assert (said.rating, said.caption) == ("خارج السياق", "This is Aleppo today")


def test_json_lines_hold_a_review_or_a_feed_item_each(collect):
    first, second = collect(
        [claim_review(), {"item": [claim_review(url="https://facts.example/2")]}], "f.jsonl"
    )
    assert (first.sighting.url, second.sighting.url) == ("https://facts.example/1", "https://facts.example/2")


REVIEWED = {
    "the picture": image(),
    "several": [image(), image("gone.jpg")],
    "a MediaReviewItem": {"@type": "MediaReviewItem", "mediaItemAppearance": [image()]},
    "by path": {"@type": "ImageObject", "path": "a.jpg", "contentUrl": "https://example.org/a.jpg"},
}


@pytest.mark.parametrize("reviewed", REVIEWED.values(), ids=REVIEWED)
def test_a_media_review_names_its_picture_in_several_ways(collect, tmp_path, reviewed):
    item = collect(media_review(reviewed))[0]
    assert (item.file, item.sighting.rating) == (tmp_path / "a.jpg", "DecontextualizedContent")


def test_a_media_review_within_a_claim_review_adds_its_category(collect):
    (item,) = collect(claim_review([], associatedMediaReview=media_review(image())))
    assert item.sighting.rating == "خارج السياق; DecontextualizedContent"


def test_a_picture_in_the_feed_itself_is_taken_from_it(collect, tmp_path):
    (item,) = collect(claim_review(image("data:image/jpeg;base64," + base64.b64encode(b"pixels").decode())))
    assert (item.content, item.file, item.path) == (
        b"pixels",
        tmp_path / "feed.json",
        f"{tmp_path}/feed.json#1",
    )


@pytest.mark.parametrize("uri", ["data:image/jpeg;base64,@@@", "data:,x", "data:image/png;base64,", "data:"])
def test_a_picture_in_the_feed_that_is_damaged_is_told(collect, uri):
    (item,) = collect(claim_review(image(uri)))
    assert isinstance(item, Skipped)
    assert "no base64 data: URI" in item.reason


@pytest.mark.parametrize(
    "given", ["../secret.jpg", "/etc/hostname", "link.jpg", "a\0b", "file:///etc/hostname"]
)
def test_nothing_outside_the_feeds_folder_is_read(collect, tmp_path, given):
    outside = tmp_path.parent / "secret.jpg"
    outside.write_bytes(b"x")
    (tmp_path / "link.jpg").symlink_to(outside)
    (item,) = collect(claim_review(image(given)))
    assert isinstance(item, Skipped)
    assert "no such file beside the feed" in item.reason


def test_a_picture_that_is_elsewhere_is_mentioned_by_digest_and_address(collect, tmp_path):
    (item,) = collect(claim_review(image("https://example.org/a.jpg", sha256="AB" * 32)))
    assert isinstance(item, Mention)
    assert (item.sha256, item.addresses) == ("ab" * 32, ("https://example.org/a.jpg",))
    assert item.origin == f"{tmp_path}/feed.json"
    assert item.sighting.rating == "خارج السياق"


def test_where_no_picture_is_named_the_posts_are(collect):
    posts = ["https://social.example/1", {"@type": "CreativeWork", "url": "https://social.example/2"}]
    (item,) = collect(claim_review(posts))
    assert isinstance(item, Mention)
    assert item.addresses == ("https://social.example/1", "https://social.example/2")


def test_the_picture_of_the_fact_checkers_own_article_is_not_what_was_checked(collect):
    (item,) = collect(claim_review([], image="https://facts.example/our-collage.jpg"))
    assert isinstance(item, Skipped)


def test_reviews_of_words_and_of_videos_are_counted_not_listed(collect, tmp_path):
    video = {"@type": "VideoObject", "contentUrl": "https://example.org/v.mp4"}
    found = collect([claim_review([]), claim_review([]), media_review(video)])
    assert [item.reason for item in found] == [
        "2 reviews are about no picture and no address",
        "1 reviews are about video or sound",
    ]
    assert {item.path for item in found} == {f"{tmp_path}/feed.json"}


def test_a_review_without_a_rating_is_told(collect):
    (item,) = collect(claim_review(reviewRating={}))
    assert item.reason == "the review gives no rating in words or numbers"


def test_numbers_are_told_where_there_are_no_words(collect):
    (item,) = collect(claim_review(reviewRating={"ratingValue": 1, "bestRating": "5"}))
    assert item.sighting.rating == "1 of 5"


def test_a_date_that_cannot_be_read_goes_into_the_note_and_the_rating_stays(collect):
    (item,) = collect(claim_review(datePublished="June 22, 2020"))
    assert (item.sighting.published, item.sighting.note) == (None, "dated “June 22, 2020”")
    assert item.sighting.rating


def test_a_fact_checker_without_a_name_is_named_by_its_host(collect):
    (item,) = collect(claim_review(author={"@type": "Organization"}))
    assert item.sighting.outlet == "facts.example"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("f.json", '{"@type": "ClaimReview"}', True),
        ("f.jsonl", '{"@type": ["MediaReview"]}', True),
        ("f.jsonld", '{"@type":"http://schema.org/ClaimReview"}', True),
        ("f.jsonl", '{"path": "a.jpg", "caption": "a ClaimReview says"}', False),
        ("f.csv", '{"@type": "ClaimReview"}', False),
        ("f.json", "", False),
    ],
)
def test_feeds_are_told_from_lists_by_what_they_hold(tmp_path, name, text, expected):
    (tmp_path / name).write_text(text)
    assert is_feed(tmp_path / name) is expected


@pytest.mark.parametrize(("name", "told"), [("f.json", "f.json: not JSON"), ("f.jsonl", "line 2: not JSON")])
def test_what_is_no_json_stops_the_run_and_says_where(tmp_path, name, told):
    (tmp_path / name).write_text('{}\n{"@type": "ClaimReview"\n')
    with pytest.raises(TableError, match=told):
        list(FactChecks(tmp_path / name, Reading(parse_edtf)).collect())


def test_a_feed_too_large_to_hold_says_how_to_split_it(collect, monkeypatch):
    monkeypatch.setattr(feed_records, "MOST_BYTES", 100)
    with pytest.raises(TableError) as error:
        collect(claim_review())
    assert "jq -c" in error.value.advice


NAMES = (
    "@type", "itemReviewed", "appearance", "contentUrl", "url", "author", "name", "reviewRating", "alternateName",
    "datePublished", "mediaAuthenticityCategory", "@graph", "item", "sha256", "@value", "associatedMediaReview",
)  # fmt: skip
TEXTS = ("ClaimReview", "MediaReview", "ImageObject", "https://[", "a.jpg", "data:;base64,AA==")
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=25,
)


@given(values)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_gives_photos_mentions_and_reasons(collect, value):
    for item in collect({"@type": "ClaimReview", "x": 1, **value} if isinstance(value, dict) else value):
        assert isinstance(item, Submission | Mention | Skipped)
        json.dumps(item.path if not isinstance(item, Mention) else item.origin).encode()


@given(st.binary(max_size=100))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_feed_or_a_table_error(tmp_path, content):
    for name in ("f.json", "f.jsonl"):
        (tmp_path / name).write_bytes(content)
        with contextlib.suppress(TableError):
            list(FactChecks(tmp_path / name, Reading(parse_edtf)).collect())
