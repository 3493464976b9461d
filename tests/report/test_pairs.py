"""What two files say of each other, and regions of a match, as text and JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema

from provenance.model import (
    Against,
    Alteration,
    ChangedRegion,
    ChangeKind,
    ChangeOutcome,
    Finding,
    Level,
    Verdict,
)
from provenance.report.json_report import pair_json, report_json
from provenance.report.terminal import REGIONS_SHOWN, pair_text

SCHEMAS = files("provenance.report") / "schemas"
REPORT, PAIR = (json.loads((SCHEMAS / f"{name}-1.0.json").read_text()) for name in ("report", "pair"))


def altered(report, regions):
    told = tuple(
        ChangedRegion((n, 0, 5, 6), (n, 1, 5, 6), ChangeKind.CHANGED, 9.0, 0.01) for n in range(regions)
    )
    match = report.results[0].matches[0]
    return replace(match, alteration=Alteration(ChangeOutcome.COMPARED, Against.PREVIEW, told, 0.01))


def test_pairs_and_matches_with_regions_are_valid_and_have_the_same_keys(report):
    match = altered(report, 2)
    result = replace(report.results[0], matches=(match,))
    jsonschema.validate(json.loads(report_json(replace(report, results=(result,)))), REPORT)
    pair = json.loads(pair_json(result, match.reference))
    nothing = json.loads(pair_json(replace(result, matches=()), match.reference))
    for document in (pair, nothing):
        jsonschema.validate(document, PAIR)
    assert pair.keys() == nothing.keys()
    assert pair["changed_regions"][1]["reference"] == {"x": 1, "y": 1, "width": 5, "height": 6}


def test_what_warns_is_never_headed_as_nothing_found(report):
    calm = replace(report.results[0], verdict=Verdict.NOTHING_FOUND, findings=())
    warned = replace(calm, findings=(Finding("PR204", Level.WARNING, "Something lies over it."),))
    reference = calm.matches[0].reference
    assert pair_text(calm, reference).startswith("NOTHING FOUND  ")
    assert pair_text(warned, reference).startswith("WORTH A LOOK  ")


def test_regions_beyond_those_shown_are_counted(report):
    match = altered(report, REGIONS_SHOWN + 2)
    told = pair_text(replace(report.results[0], matches=(match,)), match.reference)
    assert told.count("changed  5 x 6 pixels at") == REGIONS_SHOWN
    assert "    and 2 more regions (--format json has all)\n" in told
