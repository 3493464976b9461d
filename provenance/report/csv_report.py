"""CSV for spreadsheets: a row a photo and match, with no cell that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from provenance.model import DateRange
from provenance.model.clean import clean
from provenance.report.outcome import acceptance, fails, link, verdict_words, worst_first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provenance.model import Match, Report, Result

BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for the system's own encoding."""

Cell = str | int | float | None

COLUMNS = (
    "path",
    "sha256",
    "verdict",
    "fails",
    "findings",
    "accepted",
    "messages",
    "suggested_ratings",
    "claimed_date",
    "claimed_place",
    "match",
    "reference_path",
    "reference_sha256",
    "kind",
    "score",
    "mirrored",
    "first_seen",
    "first_seen_basis",
    "first_seen_latest",
    "outlet",
    "place",
    "caption",
    "url",
    "fact_check_rating",
    "changed_regions",
    "skipped_reason",
)
"""What each holds is in docs/reports.md."""

FORMULA = re.compile(r"""(^|[;,|"'])([\s\u200c\u200d"']*)(?=[=+\-@＝＋－＠])""")
"""Where a cell may come to begin with a formula: at its start, or after what another locale separates cells by."""


def report_csv(report: Report) -> str:
    """Return the report as CSV (RFC 4180) with a byte order mark; skipped photos are rows too."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, restval="", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    for row in _rows(report):
        writer.writerow({column: cell(value) for column, value in row.items()})
    return BOM + written.getvalue()


def _rows(report: Report) -> Iterator[dict[str, Cell]]:
    for result in report.results:
        photo = _photo(result)
        for number, match in enumerate(result.matches, start=1):
            yield {**photo, "match": number, **_match(match)}
        if not result.matches:
            yield photo
    for skipped in report.skipped:
        yield {"path": skipped.path, "verdict": "skipped", "skipped_reason": skipped.reason}


def _photo(result: Result) -> dict[str, Cell]:
    told, claim = worst_first(result.findings), result.claim
    return {
        "path": result.path,
        "sha256": result.sha256,
        "verdict": verdict_words(result),
        "fails": "yes" if any(map(fails, told)) else "no",
        "findings": " ".join(f.id for f in told),
        "accepted": " | ".join(f"{f.id}: {acceptance(f)}" for f in told if f.accepted),
        "messages": " | ".join(f"{f.id}: {f.message}" for f in told),
        "suggested_ratings": " ".join(result.ratings),
        "claimed_date": claim.date.text if claim and claim.date else None,
        "claimed_place": claim.place if claim else None,
    }


def _match(match: Match) -> dict[str, Cell]:
    regions = match.alteration.regions if match.alteration else ()
    return {
        "reference_path": match.reference.path,
        "reference_sha256": match.reference.sha256,
        "kind": match.kind.value,
        "score": round(match.score, 3),
        "mirrored": "yes" if match.mirrored else "no",
        **_first_seen(match),
        "changed_regions": " | ".join(
            f"{region.kind.value} {width}x{height} at {x} {y}"
            for region in regions
            for x, y, width, height in [region.query]
        ),
    }


def _first_seen(match: Match) -> dict[str, Cell]:
    if not match.sightings:
        return {}
    first = match.sightings[0]
    dating = next(iter(first.datings), None)
    when = dating.when if dating else DateRange("", None, None)
    return {
        "first_seen": when.text,
        "first_seen_basis": dating.basis.value if dating else None,
        "first_seen_latest": when.latest.isoformat() if when.latest else None,
        "outlet": first.outlet,
        "place": first.place,
        "caption": first.caption,
        "url": link(first),
        "fact_check_rating": first.rating,
    }


def cell(value: Cell) -> Cell:
    """Return a value without control characters, and with an apostrophe before what would begin a formula."""
    if not isinstance(value, str):
        return value
    return FORMULA.sub(r"\1\2'", clean(value))
