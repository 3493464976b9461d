"""A draft of schema.org MediaReview (JSON-LD) for publishing, with blanks where a person must judge."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from provenance.model import Level
from provenance.report.escaping import json_text, web_address
from provenance.report.json_report import TOOL
from provenance.report.outcome import copies, first_seen, link, sighting_words, worst_first

if TYPE_CHECKING:
    from provenance.model import Claim, Report, Result

SCHEMA_ORG = "https://schema.org/"

BLANK = None
"""For a person to fill in. JSON-LD ignores null, so what is left blank says nothing."""

UNJUDGED = (
    f"Draft by {TOOL['name']} {TOOL['version']}, not judged by anybody. The category is a suggestion: a person "
    "decides on it, fills in what is null, replaces this text and takes out creativeWorkStatus."
)


def report_media_review(report: Report) -> str:
    """Return one JSON-LD document with a draft for each photo that has a copy in the archive or an error."""
    worth = [r for r in report.results if copies(r) or any(f.level is Level.ERROR for f in r.findings)]
    return json_text({"@context": "https://schema.org", "@graph": [_review(r) for r in worth]})


def _review(result: Result) -> dict[str, Any]:
    # A fact-check shows the picture because it was misused: its page is no original.
    first = first_seen(result, fact_checks=False)
    reasons = [f"{f.id}: {f.message}" for f in worst_first(result.findings) if f.level is not Level.NOTE]
    return {
        "@type": "MediaReview",
        "creativeWorkStatus": "Draft",
        "author": BLANK,
        "url": BLANK,
        "datePublished": BLANK,
        "inLanguage": BLANK,
        "headline": BLANK,
        "reviewBody": BLANK,
        "associatedClaimReview": BLANK,
        "mediaAuthenticityCategory": [f"{SCHEMA_ORG}{rating}" for rating in result.ratings] or BLANK,
        "originalMediaLink": web_address(link(first)) if first else BLANK,
        "originalMediaContextDescription": (
            f"Earliest sighting held, which need not be the first: {sighting_words(first)}"
            if first
            else BLANK
        ),
        "abstract": " ".join([UNJUDGED, *reasons]),
        "itemReviewed": _image(result),
    }


def _image(result: Result) -> dict[str, Any]:
    claim = result.claim
    size = dict(zip(("width", "height"), map(_pixels, result.size or ()), strict=False))
    return {
        "@type": "ImageObject",
        "name": PurePath(result.path).name,
        "sha256": result.sha256,
        **size,
        "contentUrl": web_address(claim.url) if claim else BLANK,
        "interpretedAsClaim": _claim(claim) if claim else BLANK,
    }


def _pixels(count: int) -> dict[str, Any]:
    """Return a number of pixels; E37 is their code in UN/CEFACT's recommendation 20."""
    return {"@type": "QuantitativeValue", "value": count, "unitCode": "E37"}


def _claim(claim: Claim) -> dict[str, Any]:
    address = web_address(claim.url)
    return {
        "@type": "Claim",
        "text": claim.caption,
        "temporalCoverage": claim.date and claim.date.text,
        "contentLocation": {"@type": "Place", "name": claim.place} if claim.place else BLANK,
        "appearance": {"@type": "CreativeWork", "url": address} if address else BLANK,
        "author": BLANK,
    }
