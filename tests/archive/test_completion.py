"""Images of an earlier version's archive are given what they lack when their photos are added again."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.archive import cached, local_lookup, maintenance, verification
from provenance.archive.interface import Added
from provenance.archive.sqlite import SqliteArchive
from provenance.errors import ArchiveError
from provenance.model import Fingerprint, LocalCode, QueryCode, Variant, VariantKeys

ALGORITHMS = [("pdq", 1), ("pdq", 2), ("dhash", 1)]
UPRIGHT = Variant(mirrored=False, inverted=False)


def code_of(number, algorithm, version):
    return bytes([number, len(algorithm), version]) * 10 + b"\0\0"


def local_of(number, version=1, name="local"):
    """Return a code of two features, the same whenever it is asked for: word 7, and one of the number's own."""
    words = b"".join(word.to_bytes(3, "little") for word in (7, 100 + number))
    return LocalCode(name, version, words, bytes(8), f"{name} {version} of {number}".encode())


def having(whole, algorithms=ALGORITHMS, local=1, *, preview=True, original=False):
    """Return an entry of `whole`'s image and sighting, with these parts."""
    number = int(whole.image.sha256, 16)
    image = replace(
        whole.image,
        fingerprints=tuple(
            Fingerprint(name, version, code_of(number, name, version), searchable=name == "pdq")
            for name, version in algorithms
        ),
        preview=b"preview" if preview else b"",
        local=None if local is None else local_of(number, local),
        original=original_of(number) if original else b"",
    )
    return replace(whole, image=image)


def original_of(number):
    return b"original " * (number + 1)


def old(whole):
    """Return an entry as it was before there were local features, previews and two of the algorithms."""
    return having(whole, [("pdq", 1)], None, preview=False)


def found(archive, word=7, version=1):
    words, signatures = np.array([[word]], dtype=np.uint32), np.zeros(1, dtype=np.uint32)
    keys = [VariantKeys(UPRIGHT, words, signatures, np.zeros((len(words), 2), np.float32))]
    return [c.image_id for c in archive.local_candidates(keys, ("local", version), 1000)]


def content(archive):
    """Return what is held of each image, whatever their order, and how much the archive says it holds."""
    held = {
        r.sha256: (
            {(f.algorithm, f.version, f.code) for f in maintenance.fingerprints(archive, r.id)},
            archive.local_features([r.id]).get(r.id),
            archive.preview(r.id),
            archive.originals([r.id]).get(r.id),
            len(archive.sightings(r.id)),
        )
        for r in archive.every()
    }
    info = archive.info()
    sizes = [len(of[3]) for of in held.values() if of[3]]
    assert (info.originals, info.original_bytes) == (len(sizes), sum(sizes))
    return held, info.images, info.sightings, archive.without_local_features()


def state(archive):
    """Return every row, in order, but for the page of SQLite's own counters."""
    return list(archive.connection.iterdump())


def test_a_known_image_is_given_its_local_features_fingerprints_and_preview(archive, entry):
    archive.add([old(entry(1)), old(entry(2))])
    assert archive.add([having(entry(2))]) == Added(known=1, completed=1)
    kinds = [(f.algorithm, f.version) for f in maintenance.fingerprints(archive, 2)]
    assert sorted(kinds) == sorted(ALGORITHMS)
    assert archive.local_features([1, 2]) == {2: b"local 1 of 2"}
    assert (archive.preview(1), archive.preview(2)) == (None, b"preview")
    assert archive.without_local_features() == 1
    assert list(verification.verify(archive)) == []


def test_what_is_completed_with_a_new_sighting_is_both(archive, entry):
    archive.add([old(entry(1))])
    assert archive.add([having(entry(1, outlet="Wire"))]) == Added(sightings=1, completed=1)


def test_a_second_run_completes_nothing_and_changes_nothing(archive, entry):
    archive.add([old(entry(1))])
    archive.add([having(entry(1))])
    before = state(archive)
    assert archive.add([having(entry(1)), having(entry(1))]) == Added(known=2)
    assert archive.add([old(entry(1))]) == Added(known=1)
    assert state(archive) == before


def test_the_same_image_several_times_in_a_batch_is_completed_once_with_all_that_they_bring(archive, entry):
    archive.add([old(entry(1))])
    parts = [having(entry(1), [("dhash", 1)], None, preview=False), having(entry(1), [("pdq", 2)])]
    assert archive.add(parts) == Added(known=2, completed=1)
    assert content(archive) == ({f"{1:064x}": expected(1, parts[0], parts[1], old(entry(1)))}, 1, 1, 0)


@pytest.mark.parametrize("kind", [("local", 2), ("other", 1)])
def test_local_features_of_an_earlier_version_or_another_algorithm_are_replaced(archive, entry, kind):
    archive.add([having(entry(1)), having(entry(2))])
    name, version = kind
    newer = replace(entry(1), image=replace(having(entry(1)).image, local=local_of(1, version, name)))
    assert archive.add([newer]) == Added(known=1, completed=1)
    assert archive.local_features([1]) == {1: f"{name} {version} of 1".encode()}
    assert found(archive) == [2]
    assert archive.without_local_features() == 0
    assert list(verification.verify(archive)) == []


def test_local_features_of_a_later_version_stay(archive, entry):
    archive.add([having(entry(1), local=2)])
    assert archive.add([having(entry(1), local=1)]) == Added(known=1)
    assert found(archive, version=2) == [1]


def test_what_is_completed_after_the_word_index_was_built_is_found_whoever_looks(archive, entry, monkeypatch):
    monkeypatch.setattr(local_lookup, "TAIL", 2)
    archive.add([old(entry(n)) if n in {3, 10} else having(entry(n)) for n in range(1, 11)])
    archive.refresh_index()
    assert list(local_lookup.local_folder(archive.path).glob("*.words"))
    with SqliteArchive.reading(archive.path) as other:
        assert found(other) == found(archive) == [1, 2, 4, 5, 6, 7, 8, 9]
        archive.add([having(entry(3)), having(entry(10))])
        assert found(other) == found(archive) == list(range(1, 11))
        assert found(other, 103) == [3]
        archive.refresh_index()
    with SqliteArchive.reading(archive.path) as later:
        assert found(later) == list(range(1, 11))


def test_codes_completed_after_the_hash_index_was_built_are_found(archive, entry):
    archive.add([having(entry(1), [("dhash", 1)]), having(entry(2))])
    asked = [QueryCode("pdq", 1, code_of(1, "pdq", 1))]

    def by_index(lookup):
        return [c.image_id for c in lookup.candidates(asked, 0)]

    before = cached.CachedLookup(archive.connection, archive.path)
    assert by_index(before) == []
    archive.add([having(entry(1))])
    anew = cached.CachedLookup(archive.connection, archive.path)
    assert by_index(before) == by_index(anew) == [1]
    assert [c.image_id for c in archive.candidates(asked, 0)] == [1]


def test_indexes_are_kept_where_nothing_that_they_list_was_completed(archive, entry):
    archive.add([having(entry(1), [("pdq", 1), ("pdq", 2)], preview=False)])
    key = cached.cache_key(archive.connection, "pdq", 1)
    assert archive.add([having(entry(1))]) == Added(known=1, completed=1)
    archive.add([having(entry(2))])
    assert cached.cache_key(archive.connection, "pdq", 1) == key


def test_a_batch_of_known_photos_asks_once_what_they_lack(archive, entry):
    batch = [having(entry(n), original=True) for n in range(1, 101)]
    archive.add(batch)
    told: list[str] = []
    archive.connection.set_trace_callback(told.append)
    archive.add(batch)
    archive.connection.set_trace_callback(None)
    assert sum("local_feature" in statement for statement in told) <= 2
    assert not [statement for statement in told if "INTO original" in statement]
    assert len(told) < 12


def test_what_is_held_is_looked_up_by_index(archive):
    from provenance.archive.parts import HELD_SQL

    plan = archive.connection.execute("EXPLAIN QUERY PLAN " + HELD_SQL.format(marks="?1,?2"), [1, 2])
    assert not [step for *_, step in plan if step.startswith("SCAN")]


PARTS = st.tuples(
    st.integers(1, 3),
    st.lists(st.sampled_from(ALGORITHMS), unique=True, max_size=3),
    st.sampled_from([None, 1, 2]),
    st.booleans(),
    st.booleans(),
)


def expected(number, *entries):
    """Return what must be held of an image after any of its entries, in any order."""
    kinds = {(f.algorithm, f.version) for e in entries for f in e.image.fingerprints}
    version = max((e.image.local.version for e in entries if e.image.local), default=None)
    return (
        {(name, version, code_of(number, name, version)) for name, version in kinds},
        None if version is None else local_of(number, version).features,
        b"preview" if any(e.image.preview for e in entries) else None,
        original_of(number) if any(e.image.original for e in entries) else None,
        1,
    )


@given(
    drawn=st.lists(PARTS, max_size=8),
    again=st.lists(st.integers(0, 7), max_size=4),
    cuts=st.lists(st.integers(0, 12), max_size=3),
    data=st.data(),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_batches_and_repetition_give_the_same_archive(tmp_path_factory, entry, **given_):
    """And what is looked up in between, with what that leaves in memory and in files, never hides anything."""
    drawn, again, cuts, data = (given_[name] for name in ("drawn", "again", "cuts", "data"))
    entries = [
        having(entry(n), kinds, local, preview=preview, original=original)
        for n, kinds, local, preview, original in drawn
    ]
    repeated = [*entries, *(entries[i] for i in again if i < len(entries))]
    order = data.draw(st.permutations(repeated))
    edges = [0, *sorted(min(cut, len(order)) for cut in cuts), len(order)]
    by_digest = {e.image.sha256: [o for o in entries if o.image.sha256 == e.image.sha256] for e in entries}
    held = {digest: expected(int(digest, 16), *of) for digest, of in by_digest.items()}
    lacking = sum(of[1] is None for of in held.values())
    with SqliteArchive.writing(tmp_path_factory.mktemp("order") / "a.db") as archive:
        for start, end in itertools.pairwise(edges):
            archive.add(order[start:end])
            found(archive)
            archive.refresh_index()
        assert content(archive) == (held, len(held), len(held), lacking)
        assert archive.add(order) == Added(known=len(order))
        for version in (1, 2):
            with_it = [d for d, of in held.items() if of[1] == local_of(int(d, 16), version).features]
            assert {archive.references([i])[i].sha256 for i in found(archive, version=version)} == set(
                with_it
            )
        # These entries' digests are made up, not those of their originals.
        known = ("has no fingerprints", "keeps an original")
        assert not [p for p in verification.verify(archive) if not p.what.startswith(known)]


def test_a_batch_that_fails_midway_completes_nothing(archive, entry):
    archive.add([old(entry(1)), having(entry(2))])
    before = state(archive)
    with pytest.raises(Exception, match="object"):
        archive.add([having(entry(1)), having(entry(2), local=2), having(entry(3, caption=object()))])
    assert state(archive) == before
    assert archive.add([having(entry(1))]).completed == 1


@given(steps=st.integers(1, 6000))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_batch_interrupted_at_any_instant_leaves_all_of_it_or_nothing(tmp_path_factory, entry, steps):
    batch = [having(entry(1)), having(entry(2), local=2), having(entry(3))]
    batch += [having(entry(n), [], None, preview=False, original=True) for n in (1, 3)]
    left = iter([0] * (steps // 10) + [1])
    with SqliteArchive.writing(tmp_path_factory.mktemp("cut") / "a.db") as archive:
        archive.add([old(entry(1)), having(entry(2))])
        before = state(archive)
        archive.connection.set_progress_handler(lambda: next(left, 0), 10)
        try:
            archive.add(batch)
        except ArchiveError:
            archive.connection.set_progress_handler(None, 0)
            assert state(archive) == before
        archive.connection.set_progress_handler(None, 0)
        archive.add(batch)
        assert content(archive)[1:] == (3, 3, 0)
        assert found(archive) == [1, 3]
        assert sorted(archive.originals([1, 2, 3])) == [1, 3]
        assert not [p for p in verification.verify(archive) if not p.what.startswith("keeps an original")]
