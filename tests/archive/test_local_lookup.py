"""Local features are kept with their image, and found again whatever lies beside the archive."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.archive import local_lookup, maintenance, verification
from provenance.archive.local_lookup import local_folder
from provenance.archive.sqlite import SqliteArchive
from provenance.errors import ArchiveError
from provenance.index import segments
from provenance.index.cache import CacheKey
from provenance.index.parts import proposed
from provenance.index.posting_lists import PostingLists
from provenance.index.segments import SegmentStore
from provenance.index.word_scan import WordScan
from provenance.index.words import WORDS, Features
from provenance.model import LocalCandidate, LocalCode, Variant, VariantKeys

LOCAL = ("local", 1)
UPRIGHT, MIRRORED = Variant(mirrored=False, inverted=False), Variant(mirrored=True, inverted=False)


def made_local(*features: tuple[int, int], version: int = 1) -> LocalCode:
    """Return a code of these words and signatures."""
    return LocalCode(
        "local",
        version,
        b"".join(word.to_bytes(3, "little") for word, _ in features),
        b"".join(signature.to_bytes(4, "little") for _, signature in features),
        b"features of " + repr(features).encode(),
    )


def asked(*features: tuple[int, int], variant: Variant = UPRIGHT) -> VariantKeys:
    """Return the keys of a query that shows these from its upper left to its lower right."""
    words = np.array([[word] for word, _ in features], dtype=np.uint32).reshape(-1, 1)
    signatures = np.array([signature for _, signature in features], dtype=np.uint32)
    places = np.linspace((0, 0), (1, 1), len(features), dtype=np.float32)
    return VariantKeys(variant, words, signatures, places)


def of_number(number: int, count: int = 20) -> list[tuple[int, int]]:
    """Return the same features whenever they are asked for; no two numbers share one."""
    rng = np.random.default_rng(number)
    return [(int(w), int(s)) for w, s in rng.integers(0, (WORDS, 1 << 32), (count, 2))]


def found(archive: SqliteArchive, *features: tuple[int, int], limit: int = 1000) -> list[int]:
    return [c.image_id for c in archive.local_candidates([asked(*features)], LOCAL, limit)]


def files(archive: SqliteArchive) -> dict[str, int]:
    """Return the segments beside the archive, with the identity of each file."""
    return {path.name: path.stat().st_ino for path in local_folder(archive.path).glob("*.words")}


@pytest.fixture
def small(monkeypatch):
    """Few images make a tail, few are read together, and segments are merged by their sizes only."""
    monkeypatch.setattr(local_lookup, "TAIL", 2)
    monkeypatch.setattr(local_lookup, "CHUNK", 4)
    monkeypatch.setattr(segments, "SMALL", 0)


@pytest.fixture
def stored(archive, entry, small):
    """Return an archive of ten images whose index is in files, with image n at number n."""
    archive.add([entry(n, local=made_local((7, 0), *of_number(n))) for n in range(1, 11)])
    archive.refresh_index()
    assert files(archive)
    return archive


def test_local_features_come_back_as_they_were_given(archive, entry):
    archive.add([entry(1, local=made_local((5, 6))), entry(2), entry(3, local=made_local())])
    assert archive.local_features([1, 2, 3, 99]) == {1: b"features of ((5, 6),)", 3: b"features of ()"}
    assert archive.previews([3, 99, 1]) == {3: b"\xff\xd8preview", 1: b"\xff\xd8preview"}
    assert archive.without_local_features() == 1
    assert list(verification.verify(archive)) == []


def test_a_batch_whose_local_features_fail_leaves_nothing(archive, entry):
    broken = entry(2, local=replace(made_local(), features=object()))
    with pytest.raises(Exception, match="object"):
        archive.add([entry(1, local=made_local((5, 6))), broken])
    assert archive.info().images == archive.without_local_features() == 0
    assert found(archive, (5, 6)) == []


def test_the_same_photo_again_is_counted_once(archive, entry):
    archive.add([entry(1, local=made_local((5, 6)))])
    archive.add([entry(1, local=made_local((5, 6)), outlet="Wire")])
    assert archive.without_local_features() == 0
    assert found(archive, (5, 6)) == [1]


FEATURE = st.tuples(
    st.sampled_from([0, 1, 5, WORDS - 1]), st.integers(0, 255) | st.integers(0, (1 << 32) - 1)
)
IMAGE = st.none() | st.lists(FEATURE, max_size=6)


def brute_force(images: list[list[tuple[int, int]] | None], keys: list[VariantKeys], limit: int) -> list:
    rows = [(id_, *feature) for id_, features in enumerate(images, 1) for feature in features or []]
    ids, words, signatures = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    scan = WordScan(Features(ids, words.astype(np.uint32), signatures.astype(np.uint32)))
    hits = [scan.search(key.words, key.signatures) for key in keys]
    best = proposed(hits, [key.places for key in keys], limit)
    return [LocalCandidate(vote.id, keys[order].variant, vote.weight) for order, vote in best]


@given(
    images=st.lists(IMAGE, max_size=14),
    cuts=st.lists(st.integers(0, 14), max_size=2),
    queries=st.lists(st.lists(FEATURE, max_size=4), min_size=1, max_size=2),
    limit=st.integers(0, 20),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_candidates_equal_brute_force(tmp_path_factory, entry, small, **drawn):
    """With all in the tail, all in files, or some in each; in the process that added, and in a new one."""
    images, cuts, queries, limit = (drawn[name] for name in ("images", "cuts", "queries", "limit"))
    keys = [asked(*q, variant=v) for q, v in zip(queries, [UPRIGHT, MIRRORED], strict=False)]
    entries = [
        entry(n, local=None if features is None else made_local(*features))
        for n, features in enumerate(images)
    ]
    path = tmp_path_factory.mktemp("local") / "a.db"
    with SqliteArchive.writing(path) as archive:
        for cut in [*sorted(cuts), len(images)]:
            archive.add(entries[:cut])
            expected = brute_force(images[:cut], keys, limit)
            assert archive.local_candidates(keys, LOCAL, limit) == expected
        with SqliteArchive.reading(path) as reader:
            assert reader.local_candidates(keys, LOCAL, limit) == expected


def test_tail_and_segments_give_equal_answers(archive, entry, monkeypatch):
    archive.add([entry(n, local=made_local((7, n), *of_number(n % 3))) for n in range(1, 31)])
    keys = [asked((7, 0), *of_number(1)), asked(*of_number(2), variant=MIRRORED)]
    in_tail = archive.local_candidates(keys, LOCAL, 25)
    assert files(archive) == {}
    monkeypatch.setattr(local_lookup, "TAIL", 2)
    with SqliteArchive.reading(archive.path) as reader:
        assert reader.local_candidates(keys, LOCAL, 25) == in_tail
    assert files(archive)


def test_variants_of_an_image_are_candidates_of_their_own_best_first(archive, entry):
    archive.add([entry(1, local=made_local((5, 6), (8, 9))), entry(2, local=made_local((8, 9)))])
    keys = [asked((8, 9), variant=MIRRORED), asked((5, 6), (8, 9))]
    assert archive.local_candidates(keys, LOCAL, 9) == [
        LocalCandidate(1, UPRIGHT, 1.5),
        LocalCandidate(1, MIRRORED, 0.5),
        LocalCandidate(2, MIRRORED, 0.5),
        LocalCandidate(2, UPRIGHT, 0.5),
    ]
    assert len(archive.local_candidates(keys, LOCAL, 2)) == 2
    assert archive.local_candidates([], LOCAL, 9) == []


def test_features_of_another_algorithm_or_version_are_never_found(archive, entry):
    archive.add([entry(1, local=made_local((5, 6), version=2)), entry(2, local=made_local((5, 6)))])
    key = asked((5, 6))
    assert [c.image_id for c in archive.local_candidates([key], ("local", 2), 9)] == [1]
    assert [c.image_id for c in archive.local_candidates([key], LOCAL, 9)] == [2]
    assert archive.local_candidates([key], ("other", 1), 9) == []


def test_a_removed_image_is_never_found_again_whoever_looks(stored, entry):
    with SqliteArchive.reading(stored.path) as other:
        assert found(other, (7, 0)) == list(range(1, 11))
        for name in ("3", "10"):
            maintenance.remove(stored, maintenance.find(stored, name))
        left = [1, 2, 4, 5, 6, 7, 8, 9]
        assert found(other, (7, 0)) == found(stored, (7, 0)) == left
        stored.add([entry(10, local=made_local((7, 0)))], restore=True)
        assert found(other, (7, 0)) == found(stored, (7, 0)) == [*left, 11]
    assert stored.local_features([3, 10]) == {}
    assert stored.without_local_features() == 0
    assert list(verification.verify(stored)) == []


def test_files_of_an_earlier_epoch_are_replaced(stored):
    before = files(stored)
    maintenance.remove(stored, maintenance.find(stored, "3"))
    stored.refresh_index()
    assert files(stored)
    assert not before.keys() & files(stored).keys()


@pytest.mark.parametrize("added", [0, 1, 9])
def test_files_of_an_archive_that_a_backup_replaced_are_not_used(stored, entry, tmp_path, added):
    """Identity and epoch are those of before, and numbers are given again."""
    maintenance.backup(stored, tmp_path / "backup.db")
    stored.add([entry(n, local=made_local((7, 0), *of_number(n))) for n in range(11, 16)])
    stored.refresh_index()
    restored = tmp_path / "restored.db"
    shutil.copytree(local_folder(stored.path), local_folder(restored))
    (tmp_path / "backup.db").rename(restored)
    with SqliteArchive.writing(restored) as archive:
        archive.add([entry(n, local=made_local((7, 0), *of_number(n))) for n in range(50, 50 + added)])
        assert found(archive, (7, 0)) == list(range(1, 11 + added))
        for n in range(added):
            assert found(archive, *of_number(50 + n)) == [11 + n]
        archive.refresh_index()
    with SqliteArchive.reading(restored) as archive:
        assert found(archive, (7, 0)) == list(range(1, 11 + added))


def test_where_no_index_can_be_written_all_is_found_still(archive, entry, small):
    local_folder(archive.path).parent.write_bytes(b"a file where the folder would be")
    for n in range(1, 16):
        archive.add([entry(n, local=made_local((7, 0)))])
        assert found(archive, (7, 0)) == list(range(1, n + 1))
    archive.refresh_index()
    with SqliteArchive.reading(archive.path) as reader:
        assert found(reader, (7, 0)) == list(range(1, 16))


def damage_ids(archive: SqliteArchive) -> None:
    """Let every posting name an image far beyond the last."""
    for path in local_folder(archive.path).glob("*.words"):
        content = bytearray(path.read_bytes())
        third = (len(content) - 4096) // 3
        content[4096 + third : 4096 + 2 * third] = b"\xee" * third
        path.write_bytes(content)


@pytest.mark.parametrize("clearable", [True, False])
def test_a_damaged_index_is_made_anew(stored, monkeypatch, clearable):
    damage_ids(stored)
    before = files(stored)
    if not clearable:
        monkeypatch.setattr(SegmentStore, "clear", lambda _: False)
    with SqliteArchive.reading(stored.path) as reader:
        assert found(reader, (7, 0)) == found(reader, (7, 0)) == list(range(1, 11))
    assert bool(before.keys() & files(stored).keys()) is not clearable


def test_an_index_damaged_while_it_is_in_use_is_made_anew(stored):
    found(stored, (7, 0))
    damage_ids(stored)
    assert found(stored, (7, 0)) == list(range(1, 11))
    assert found(stored, *of_number(4)) == [4]


def test_an_index_that_holds_less_than_the_archive_is_made_anew(stored):
    store = SegmentStore(local_folder(stored.path), stored_key(stored))
    assert store.clear()
    none = np.empty(0, dtype=np.uint32)
    assert store.append(PostingLists.build(Features(none.astype(np.int64), none, none), 0, 10))
    with SqliteArchive.reading(stored.path) as reader:
        assert found(reader, (7, 0)) == list(range(1, 11))


def stored_key(archive: SqliteArchive) -> CacheKey:
    meta = dict(archive.connection.execute("SELECT name, value FROM meta"))
    return CacheKey(meta["identity"], *LOCAL, int(meta["epoch"]))


@pytest.mark.parametrize(
    "damage",
    [
        "words = x'0102'",
        "words = x''",
        "signatures = x'01020304'",
        "signatures = x'010203040506070809'",
        "words = x'050000ffffff'",
        "words = 'text'",
        "signatures = 'four'",
    ],
)
def test_a_row_that_makes_no_sense_is_told(archive, entry, damage):
    archive.add([entry(n, local=made_local((5, 6), (7, 8))) for n in (1, 2, 3)])
    archive.connection.execute(f"UPDATE local_feature SET {damage} WHERE image_id = 2")
    archive.connection.commit()
    with pytest.raises(ArchiveError, match="image 2 make no sense") as error:
        found(archive, (5, 6))
    assert "backup" in error.value.advice
    assert [p.where for p in verification.verify(archive)] == ["image 2"]


def test_ten_photos_more_rewrite_little(archive, entry, monkeypatch):
    monkeypatch.setattr(segments, "SMALL", 0)
    archive.add([entry(n, local=made_local((7, 0), *of_number(n))) for n in range(1, 601)])
    archive.refresh_index()
    large = files(archive)
    ten = [entry(n, local=made_local((7, 0), *of_number(n))) for n in range(601, 611)]
    with SqliteArchive.writing(archive.path) as other:
        other.add(ten)
        other.refresh_index()
        assert files(archive) == large, "ten are listed in memory"
        monkeypatch.setattr(local_lookup, "TAIL", 5)
        other.add([entry(611, local=made_local((7, 0), *of_number(611)))])
        other.refresh_index()
        (new,) = files(archive).keys() - large.keys()
        assert large.items() <= files(archive).items()
        assert (local_folder(archive.path) / new).stat().st_size < 10_000
        assert found(other, (7, 0)) == list(range(1, 612))


def test_a_second_look_reads_no_rows(stored):
    found(stored, (7, 0))
    told: list[str] = []
    stored.connection.set_trace_callback(told.append)
    found(stored, (7, 0))
    assert not any("local_feature" in statement for statement in told)


def test_what_is_added_while_others_check_is_found_once_it_is_committed(archive, entry, small):
    """One adds and keeps the index, two look and keep it as well, each with a connection of its own."""
    committed, failures, done = [0], [], threading.Event()

    def look() -> None:
        try:
            with SqliteArchive.reading(archive.path) as reader:
                while not done.is_set():
                    least = committed[0]
                    ids = found(reader, (7, 0))
                    assert ids == list(range(1, len(ids) + 1))
                    assert len(ids) >= least
                assert found(reader, (7, 0)) == list(range(1, 41))
        except BaseException as error:
            failures.append(error)

    archive.add([entry(0, local=made_local((7, 0)))])
    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for start in range(1, 40, 3):
        archive.add([entry(n, local=made_local((7, 0))) for n in range(start, start + 3)])
        committed[0] = start + 3
        archive.refresh_index()
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []


def test_refreshing_an_archive_without_local_features_does_nothing(archive, entry):
    archive.refresh_index()
    archive.add([entry(1)])
    archive.refresh_index()
    assert not local_folder(archive.path).parent.exists()


def test_opening_and_looking_codes_up_do_not_load_numpy(archive, entry):
    archive.add([entry(1, local=made_local((5, 6)))])
    code = """if True:
        import sys
        from pathlib import Path
        from provenance.archive.sqlite import SqliteArchive
        from provenance.model import QueryCode
        with SqliteArchive.reading(Path(sys.argv[1])) as archive:
            assert archive.candidates([QueryCode("pdq", 1, (1).to_bytes(32, "big"))], 31)
            assert archive.local_features([1]) and archive.previews([1])
            assert archive.without_local_features() == 0
        assert "numpy" not in sys.modules
        assert "sqlite_utils" not in sys.modules"""
    subprocess.run([sys.executable, "-c", code, str(archive.path)], check=True, timeout=60)


def test_removing_the_newest_image_at_any_moment_breaks_no_look_up(stored, monkeypatch):
    """As when another removes it between two statements of a look-up."""
    found(stored, (7, 0))
    monkeypatch.setattr(local_lookup, "cache_key", lambda *_: stored_key_before)
    stored_key_before = stored_key(stored)
    with sqlite3.connect(stored.path) as other:
        other.execute("DELETE FROM image WHERE id > 5")
        other.execute("DELETE FROM local_feature WHERE image_id > 5")
    other.close()
    assert found(stored, (7, 0))[:5] == [1, 2, 3, 4, 5]
    with SqliteArchive.reading(stored.path) as reader:
        assert found(reader, (7, 0))[:5] == [1, 2, 3, 4, 5]
