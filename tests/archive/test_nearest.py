"""The nearest codes of an archive: all of one model, none of another, as the archive is now."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.archive import maintenance, verification
from provenance.archive.interface import Entry
from provenance.archive.sqlite import SqliteArchive
from provenance.index.keys import distance
from provenance.model import Candidate, Fingerprint, Orientation, QueryCode

MODEL = "onnx-0123456789abcdef"
CODE = st.binary(min_size=32, max_size=32)


def asked(code: bytes, algorithm: str = MODEL, version: int = 1, **other: object) -> QueryCode:
    return QueryCode(algorithm, version, code, **other)


def few(number: int) -> bytes:
    """Return a code `number` bits from zero."""
    return ((1 << number) - 1).to_bytes(32, "big")


@pytest.fixture
def embedded(entry):
    """Return the maker of entries with a code of a model; without one if it is `None`."""

    def make(number: int, code: bytes | None, algorithm: str = MODEL, version: int = 1) -> Entry:
        made = entry(number)
        codes = () if code is None else (Fingerprint(algorithm, version, code),)
        image = dataclasses.replace(made.image, fingerprints=made.image.fingerprints + codes)
        return Entry(image, made.sighting)

    return make


def found(candidates: list[Candidate]) -> list[tuple[int, int]]:
    return [(c.image_id, c.distance) for c in candidates]


@given(stored=st.lists(CODE, max_size=12), codes=st.lists(CODE, max_size=3), limit=st.integers(0, 14))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_nearest_images_are_those_of_comparing_with_all(tmp_path_factory, embedded, stored, codes, limit):
    with SqliteArchive.writing(tmp_path_factory.mktemp("nearest") / "a.db") as archive:
        archive.add([embedded(i, code) for i, code in enumerate(stored)])
        best = sorted((min(distance(q, c) for q in codes), i) for i, c in enumerate(stored, 1) if codes)
        told = archive.nearest([asked(code) for code in codes], limit)
    assert [(c.distance, c.image_id) for c in told] == best[:limit]
    assert all(distance(c.query.code, stored[c.image_id - 1]) == c.distance for c in told)


def test_a_candidate_says_which_of_the_codes_it_is_near(archive, embedded):
    archive.add([embedded(1, few(0)), embedded(2, few(200))])
    upright, mirrored = asked(few(5)), asked(few(190), orientation=Orientation.FLIP_LEFT_RIGHT)
    assert archive.nearest([upright, mirrored], 5) == [Candidate(1, 5, upright), Candidate(2, 10, mirrored)]


def test_codes_of_another_model_or_version_never_compare(archive, embedded):
    archive.add([embedded(1, few(0)), embedded(2, few(0), "onnx-other"), embedded(3, few(0), version=2)])
    assert found(archive.nearest([asked(few(1))], 5)) == [(1, 1)]
    assert found(archive.nearest([asked(few(1), "onnx-other")], 5)) == [(2, 1)]
    assert found(archive.nearest([asked(few(1)), asked(few(3), version=2)], 5)) == [(1, 1), (3, 3)]
    assert archive.nearest([asked(few(1), "onnx-unknown")], 5) == []


def test_what_was_added_or_removed_since_is_seen(archive, embedded):
    archive.add([embedded(1, few(0))])
    with SqliteArchive.reading(archive.path) as reader:
        assert found(reader.nearest([asked(few(0))], 5)) == [(1, 0)]
        archive.add([embedded(2, few(4)), embedded(3, None)])
        assert found(reader.nearest([asked(few(0))], 5)) == [(1, 0), (2, 4)]
        maintenance.remove(archive, maintenance.find(archive, "1"))
        assert found(reader.nearest([asked(few(0))], 5)) == [(2, 4)]


def test_a_code_that_a_known_image_gets_later_is_seen(archive, embedded):
    archive.add([embedded(1, None)])
    assert archive.nearest([asked(few(0))], 5) == []
    assert archive.add([embedded(1, few(0))]).completed == 1
    assert found(archive.nearest([asked(few(0))], 5)) == [(1, 0)]
    assert archive.without_code(MODEL, 1) == 0


def test_codes_are_read_once_while_the_archive_stays_as_it_is(archive, embedded):
    archive.add([embedded(1, few(0))])
    archive.nearest([asked(few(0))], 5)
    statements: list[str] = []
    archive.connection.set_trace_callback(statements.append)
    assert found(archive.nearest([asked(few(2))], 5)) == [(1, 2)]
    assert not any("fingerprint" in statement for statement in statements)


def test_codes_of_a_model_are_not_found_by_the_hashes_look_up(archive, embedded):
    archive.add([embedded(1, few(0))])
    assert archive.candidates([asked(few(0))], 47) == []
    assert list(verification.verify(archive)) == []
    assert MODEL in {f.algorithm for f in maintenance.fingerprints(archive, 1)}


def test_a_removed_image_leaves_no_code(archive, embedded):
    archive.add([embedded(1, few(0))])
    maintenance.remove(archive, maintenance.find(archive, "1"))
    assert archive.connection.execute("SELECT count(*) FROM fingerprint").fetchone() == (0,)


def test_images_without_a_code_of_the_model_are_counted(archive, embedded):
    assert archive.without_code(MODEL, 1) == 0
    archive.add([embedded(1, few(0)), embedded(2, None), embedded(3, few(0), version=2)])
    assert archive.without_code(MODEL, 1) == 2
    assert archive.without_code("onnx-unknown", 1) == 3
