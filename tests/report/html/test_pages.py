"""Pages say everything, stand alone, and keep their shape whatever strangers wrote."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.model import (
    Illustrations,
    Kind,
    Level,
    MatchPictures,
    Reference,
    Sighting,
    Verdict,
    Version,
    Versions,
)
from provenance.report.html import LANGUAGES, index_html, photo_html, report_html
from provenance.report.html.derivation import HEIGHT, derivation
from provenance.report.html.photos import box_within, odds
from provenance.report.html.safety import LONGEST, data_uri, link, path_shortened, relative, shortened
from provenance.report.html.words import Headline, headline

NOTHING = Illustrations()
VOID = {"meta", "link", "img", "input", "br", "wbr"}


class Shape(HTMLParser):
    """The elements of a page with the names of their attributes, and what is not closed as it was opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, ...]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, *sorted(name for name, _ in attrs)))
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, *sorted(name for name, _ in attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def index(report, pages=lambda number: f"{number}.html", language="en"):
    return "".join(index_html(report, lambda _: b"", pages, language=language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_well_formed_with_each_id_once_and_each_target_there(desk, illustrate, language):
    for page in (
        report_html(desk, illustrate, language=language),
        photo_html(desk, 0, illustrate(0), language=language, index="../index.html"),
        index(desk, language=language),
    ):
        shape = Shape(page)
        assert (shape.faults, shape.open) == ([], [])
        ids = [value for name, value in shape.attributes if name == "id"]
        assert len(ids) == len(set(ids))
        targets = {value[1:] for name, value in shape.attributes if name == "href" and value.startswith("#")}
        assert targets <= set(ids)
        labels = {value for name, value in shape.attributes if name == "aria-labelledby"}
        assert labels <= set(ids)


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(desk, illustrate):
    page = photo_html(desk, 0, illustrate(0))
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    allowed = dict(part.split(" ", 1) for part in policy.replace("&#39;", "'").split("; "))
    assert allowed.pop("default-src") == "'none'"
    assert allowed.pop("img-src") == "data:"
    assert (allowed.pop("base-uri"), allowed.pop("form-action")) == ("'none'", "'none'")
    for directive, element in (("style-src", "style"), ("script-src", "script")):
        [inline] = re.findall(f"<{element}>(.*?)</{element}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert allowed.pop(directive) == f"'sha256-{digest}'"
    assert allowed == {}
    assert '<meta name="referrer" content="no-referrer">' in page


def test_nothing_is_styled_or_scripted_in_an_attribute(desk, hostile, illustrate):
    for page in (report_html(desk, illustrate), report_html(hostile, illustrate), index(hostile)):
        names = {name for name, _ in Shape(page).attributes}
        assert "style" not in names
        assert not {name for name in names if name.startswith("on")}


@given(text=st.text(min_size=1, max_size=40))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_strangers_wrote_a_page_keeps_its_elements(desk, by_stranger, text):
    def elements(said):
        photo = replace(desk, results=(by_stranger(said),), skipped=())
        shape = Shape(photo_html(photo, 0, NOTHING))
        # A folder is set apart from the name, an address is a link: that is decided by the text, harmlessly.
        return [e for e in shape.elements if e[0] not in {"span", "wbr", "a"}], "".join(shape.texts)

    plain, _ = elements("plain")
    told, texts = elements(text)
    titled = [(tag, *(name for name in names if name != "title")) for tag, *names in told]
    assert titled == [(tag, *(name for name in names if name != "title")) for tag, *names in plain]
    assert not set(texts) & set("\u202e\u2066\u2028\x1b\x00\r")


def test_a_long_text_is_cut_and_folded_and_has_an_end(desk, by_stranger):
    page = photo_html(replace(desk, results=(by_stranger("word " * 50_000),)), 0, NOTHING)
    assert '<details class="long' in page
    assert "(+246,000)" in page
    assert len(page) < 400_000


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", " https://example.org", "https://", "//example.org/x",
        "ftp://example.org",
        "https://example.org/\u202e", "https://exa mple.org",
        "data:text/html,x", "https://[", "", None, "archive/a.jpg",
        "https://example.org/" + "a" * LONGEST,
    ],
)  # fmt: skip
def test_only_plain_web_addresses_are_linked(url):
    assert link(url) is None


def test_web_addresses_are_linked_as_they_are():
    assert link("https://example.org/حلب?a=b&c=d#e") == "https://example.org/حلب?a=b&c=d#e"
    assert link("HTTP://EXAMPLE.ORG") == "HTTP://EXAMPLE.ORG"


@pytest.mark.parametrize("href", ["javascript:alert(1)", "//example.org", "https://example.org", "a.html"])
def test_the_address_of_a_page_beside_this_one_can_be_nothing_else(desk, href):
    assert relative(href) == f"./{href}"
    assert f'href="./{href}"' in index(desk, lambda _: href)


@given(text=st.text(max_size=300), most=st.integers(3, 200))
def test_shortened_texts_keep_to_their_length_and_say_when_they_are_cut(text, most):
    for short in (shortened(text, most), path_shortened(text, most)):
        assert len(short.shown) <= most
        assert short.is_cut or short.shown == short.whole


def test_pictures_are_embedded_by_what_they_are_and_nothing_else_is():
    assert data_uri(b"\xff\xd8\xff\xe0").startswith("data:image/jpeg;base64,")
    assert data_uri(b"\x89PNG\r\n\x1a\n").startswith("data:image/png;base64,")
    assert data_uri(b"RIFF\0\0\0\0WEBPVP8 ").startswith("data:image/webp;base64,")
    assert data_uri(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == ""
    assert data_uri(b"") == ""


def test_a_page_without_pictures_still_says_everything(desk):
    page = photo_html(desk, 0, NOTHING)
    assert "No pictures were kept of this match." in page
    assert "other content put in" in page


def test_a_picture_that_the_photo_cannot_be_laid_on_is_shown_beside_it(desk, illustrate):
    pictures = illustrate(0)
    small = Illustrations(pictures.query, {1: MatchPictures(pictures.matches[1].reference)})
    page = photo_html(desk, 0, small)
    assert "data-compare" not in page.split("<script>", maxsplit=1)[0]
    assert '<div class="beside"' in page


def test_a_match_without_a_picture_here_says_so_and_whose_date_it_has(desk):
    result = desk.results[0]
    told = replace(
        result.matches[0],
        kind=Kind.NEAR_DUPLICATE,
        reference=Reference(9, "list.csv#pdq=00", f"pdq:{'0' * 64}", 0, 0, pictured=False),
        sightings=(Sighting("x", "x", desk="Desk B", held=date(2020, 5, 5)),),
        alteration=None,
    )
    shown = photo_html(
        replace(desk, results=(replace(result, matches=(told,), versions=None),)), 0, Illustrations()
    )
    assert "The archive holds no picture of it" in shown
    assert '<span class="dating held">' in shown
    assert "Whether 1 match is a copy or another photo of the scene" in shown
    assert "0 × 0" not in shown
    assert "with `--fast`" not in shown


def test_the_verdict_and_the_reasons_come_first_with_what_settles_them(desk, illustrate):
    page = photo_html(desk, 0, illustrate(0))
    order = [
        ">Flagged<", "Seen before the claimed date", "Open that publication and confirm",
        "Left and right are exchanged", "What the picture shows was changed", "Accepted by",
        "Sightings in time", "Matches in the archive",
        "Versions of the picture", "What the file says of itself", "What was not checked", "How this was checked",
    ]  # fmt: skip
    main = page[page.index("<main") :]
    places = [main.index(text) for text in order]
    assert places == sorted(places)
    assert "fails this run" in page
    assert "holds until 31 January 2027" in page
    assert "1,234,567 images · 2,345,678 sightings · generation 812" in page.replace("</bdi>", "")
    assert "at most one accidental match is expected in 1,000 checks" in page
    assert "28 November 2026, 10:05 UTC" in page


def test_headings_are_in_order(desk, illustrate):
    for page in (report_html(desk, illustrate), photo_html(desk, 0, illustrate(0)), index(desk)):
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_what_was_not_checked_follows_from_what_was(desk):
    def said(number, **changes):
        changed = replace(desk.results[number], **changes)
        results = (*desk.results[:number], changed, *desk.results[number + 1 :])
        return photo_html(replace(desk, results=results), number, NOTHING)

    assert "there is no earlier copy to compare it with" in said(1)
    matches = desk.results[0].matches
    fast = tuple(replace(match, alteration=None) for match in matches)
    assert "no match was compared for that (with `--fast`, none is)" in said(0, matches=fast)
    assert "against 2 of the matches" in said(0)
    assert "Small or faint changes against 1 match" in said(0)
    assert "Whether anything" not in said(0, matches=matches[:1])
    assert "not compared for changes: the original is gone" in said(2)


def test_nothing_found_never_reads_as_authentic(desk):
    page = photo_html(desk, 1, NOTHING)
    assert "That does not make it authentic, new or unaltered." in page
    assert "Ask the sender for the file as it was taken" in page


def test_a_headline_tells_apart_what_one_verdict_covers(desk):
    assert [headline(result) for result in desk.results] == [
        Headline.FLAGGED,
        Headline.NOTHING_FOUND,
        Headline.INCONCLUSIVE,
        Headline.WORTH_A_LOOK,
        Headline.NOTHING_AGAINST,
    ]


def test_matches_beyond_the_best_are_folded(desk, illustrate):
    page = photo_html(desk, 0, illustrate(0))
    assert page.count('<article class="match card"') == 3
    assert page.count('<details class="match card"') == 2


def test_the_index_comes_in_pieces_worst_first_and_asks_for_each_thumbnail_when_it_is_needed(desk):
    many = replace(desk, results=desk.results * 40)
    asked = []

    def thumbnail(number):
        asked.append(number)
        return b""

    pieces = index_html(many, thumbnail, lambda _: None)
    begun = "".join(next(pieces) for _ in range(3))
    assert asked == []
    whole = begun + "".join(pieces)
    assert sorted(asked) == list(range(200))
    verdicts = re.findall(r'<tr role="row" data-verdict="(\w+)"', whole)
    assert verdicts == sorted(verdicts, key=[head.value for head in Headline].index)
    assert whole.endswith("</html>")


def test_an_empty_run_has_its_pages_too(desk):
    empty = replace(desk, results=(), skipped=())
    assert "0 photos checked" in report_html(empty, lambda _: NOTHING)
    assert "0 photos checked" in index(empty)


@pytest.mark.parametrize(
    ("score", "n"), [(-2, 1), (0.2, 1), (1, 10), (2.4, 200), (3, 1000), (8.99, 900_000_000), (9, None)]
)
def test_odds_are_told_to_one_digit_and_never_too_high(score, n):
    assert odds(score) == n


@given(st.tuples(*[st.integers(-50, 150)] * 2, *[st.integers(0, 200)] * 2))
def test_a_box_stays_within_the_picture(box):
    x, y, width, height = box_within(box, (100, 80))
    assert 0 <= x <= 100
    assert 0 <= y <= 80
    assert width >= 1
    assert height >= 1
    assert x + width <= 101
    assert y + height <= 81


def drawn(*versions, **marks):
    from provenance.model import Result

    return derivation(Result("a", "b", Verdict.FLAGGED, (), (), versions=Versions(tuple(versions), **marks)))


def test_what_can_be_cropped_lies_above_its_crops_and_one_frame_in_one_box(desk):
    graph = derivation(desk.results[0])
    heights = {node.place: node.y for node in graph.nodes}
    assert heights[3] < heights[1] < heights[0] == heights[2] == heights[4]
    assert [frame.several for frame in graph.frames].count(True) == 1
    assert len(graph.edges) == 3


def test_versions_of_one_layer_do_not_lie_over_each_other():
    graph = drawn(Version(None, (1, 2)), Version(1), Version(2), Version(3, (1,)))
    corners = [(node.x, node.y) for node in graph.nodes]
    assert len(set(corners)) == 4
    assert graph.height > 2 * HEIGHT


def test_versions_that_claim_to_be_crops_of_each_other_are_drawn_all_the_same():
    assert len(drawn(Version(None, (1,)), Version(1, (2,)), Version(2, (1,))).nodes) == 3


def test_many_versions_are_drawn_in_part_and_two_not_at_all():
    assert drawn(Version(None, (1,)), Version(1)) is None
    assert drawn(*[Version(number or None) for number in range(30)]).left_out == 18


def test_every_kind_and_level_has_its_words():
    from provenance.model import Against, ChangeKind, ChangeOutcome, DateBasis
    from provenance.report.html import words

    assert set(words.KINDS) == set(Kind)
    assert set(words.LEVELS) == set(Level)
    assert set(words.CHANGES) == set(ChangeKind)
    assert set(words.NOT_COMPARED) == set(ChangeOutcome) - {ChangeOutcome.COMPARED}
    assert set(words.AGAINST) == set(Against)
    assert set(words.BASES) == set(DateBasis)
    assert set(words.HEADLINES) == set(Headline)
