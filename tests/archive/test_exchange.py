"""What one archive has seen, another takes from a signed file: all of it, as that desk's word, or nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.archive import custody, maintenance, signing
from provenance.archive.exchange import Wanted, exported, imported
from provenance.archive.exchange_lines import MAX_SIGHTINGS, Understood
from provenance.archive.interface import Entry
from provenance.archive.parts import Parts
from provenance.archive.reindexing import incomplete
from provenance.archive.sqlite import SqliteArchive
from provenance.archive.verification import verify
from provenance.errors import ArchiveError, SignatureError, UsageError
from provenance.evidence.dates import parse_edtf
from provenance.model import DateRange, Fingerprint, ImageRecord, LocalCode, Orientation, QueryCode, Sighting

LOCAL = LocalCode("local", 1, bytes(3), bytes(4), b"features")
TODAY = datetime.now(UTC).date()


def check_features(features):
    if features.startswith(b"damaged"):
        raise ArchiveError("damaged")


UNDERSTOOD = Understood(parse_edtf, ("local", 1), check_features)


def take(archive, file, **trusted):
    """Import a file; `trusted` are secret keys by the desk's name."""
    return imported(archive, file, {name: key.public for name, key in trusted.items()}, UNDERSTOOD)


def signed(content, key):
    return content + signing.signature(key, hashlib.blake2b(content).digest(), "by hand")


def everything(archive):
    """Return all rows of an archive, but for when it recorded them."""
    tables = {}
    for table in ("image", "sighting", "fingerprint", "chunk", "local_feature", "preview"):
        columns = [row[1] for row in archive.connection.execute(f"PRAGMA table_info({table})")]
        names = ", ".join(name for name in columns if name != "recorded")
        tables[table] = sorted(archive.connection.execute(f"SELECT {names} FROM {table}"), key=repr)
    return tables


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return signing.new_key(tmp_path_factory.mktemp("keys") / "desk.key")


@pytest.fixture(scope="module")
def other_key(tmp_path_factory):
    return signing.new_key(tmp_path_factory.mktemp("keys") / "other.key")


@pytest.fixture
def theirs(tmp_path, entry):
    """Return another desk's archive of three images, one with local features, one seen twice."""
    with SqliteArchive.writing(tmp_path / "theirs.db") as it:
        it.add(
            [
                entry(
                    1, code(1), LOCAL, published=parse_edtf("2016-12~"), outlet="Wire", caption="حلب “x”\n2"
                ),
                entry(2, code(2), place="Aleppo", url="https://example.org/2", note="seen twice"),
                entry(2, code(2), page="https://example.org/page", archived=parse_edtf("2020-01-01")),
                entry(
                    3, code(3), location="/home/someone/source/secret-name.jpg", path="source/secret-name.jpg"
                ),
            ]
        )
        yield it


def code(number):
    """Return a code of 128 bits that are set, as PDQ's are."""
    half = hashlib.blake2b(bytes([number]), digest_size=16).digest()
    return half + bytes(byte ^ 0xFF for byte in half)


@pytest.fixture
def share(tmp_path, key):
    """Return a function that exports an archive."""

    def export(archive, name="theirs.exchange", by=key, **wanted):
        path = tmp_path / name
        path.write_bytes(b"".join(exported(archive, by, Wanted(**{"desk": "Theirs", **wanted}))))
        return path

    return export


def test_an_import_holds_what_was_exported_as_that_desks_word(theirs, archive, share, key):
    done = take(archive, share(theirs), B=key)
    assert (done.added.images, done.added.sightings, done.without_features) == (3, 4, 2)
    assert (done.desk, done.header.desk, done.key) == ("B", "Theirs", key.public)
    ours, held = everything(archive), everything(theirs)
    assert [row[1:] for row in ours["image"]] == [row[1:] for row in held["image"]]
    for number in (1, 2, 3):
        (here, there) = (a.by_digest(f"{number:064x}") for a in (archive, theirs))
        assert not here.pictured
        assert maintenance.fingerprints(archive, here.id) == maintenance.fingerprints(theirs, there.id)
        assert archive.local_features([here.id]).get(here.id) == theirs.local_features([there.id]).get(
            there.id
        )
        told = [replace(s, path="", location="", recorded=None) for s in theirs.sightings(there.id)]
        heard = [replace(s, path="", location="", recorded=None) for s in archive.sightings(here.id)]
        assert heard == [replace(s, desk="B", held=TODAY) for s in told]
    assert list(verify(archive)) == []


def test_an_import_is_an_entry_of_the_custody_log_with_whose_word_it_is(theirs, archive, share, key):
    take(archive, share(theirs), B=key)
    entry = custody.head(archive.connection)
    told = json.loads(entry.details)
    assert entry.what == "imported"
    assert told["images_added"] == [f"{number:064x}" for number in (1, 2, 3)]
    assert len(told["sightings_added"]) == 4
    assert (told["desk"], told["key"]) == ("B", key.public.fingerprint.replace(" ", ""))
    assert told["imported_from"] == theirs.info().identity
    take(archive, share(theirs), B=key)
    assert custody.head(archive.connection) == entry


def test_what_others_told_of_is_never_whole_and_never_made_anew(theirs, archive, share, key, entry):
    """`add` examines its picture when it comes; `reindex` has nothing to make it from."""
    take(archive, share(theirs), B=key)
    wanted = Parts(frozenset({("pdq", 1)}), preview=True)
    assert not archive.holding(f"{1:064x}").parts.cover(wanted)
    assert incomplete(archive, wanted) == []
    archive.add([entry(1, code(1))])
    assert archive.holding(f"{1:064x}").parts.cover(wanted)


def test_a_removed_image_does_not_come_back_by_an_import(theirs, archive, share, key):
    take(archive, share(theirs), B=key)
    maintenance.remove(archive, archive.by_digest(f"{1:064x}"), "asked for")
    done = take(archive, share(theirs), B=key)
    assert [refused.reason for refused in done.added.refused] == [
        archive.removal(f"{1:064x}") + "; --restore adds it again"
    ]
    assert archive.by_digest(f"{1:064x}") is None
    assert list(verify(archive)) == []


def test_what_was_imported_is_found_by_its_hash(theirs, archive, share, key):
    take(archive, share(theirs), B=key)
    (found,) = archive.candidates([QueryCode("pdq", 1, code(2), Orientation.IDENTITY)], 31)
    assert archive.references([found.image_id])[found.image_id].sha256 == f"{2:064x}"


def test_neither_pictures_nor_places_nor_names_leave_the_archive_unasked(theirs, share):
    content = share(theirs).read_bytes()
    for private in (b"preview", b"/home", b"someone", b"secret-name", b"nowhere", b".jpg", b"location"):
        assert private not in content
    named = share(theirs, names=True).read_bytes()
    assert b"secret-name.jpg" in named
    assert b"someone" not in named and b"source/" not in named


def test_the_same_archive_gives_the_same_lines_by_digest(theirs, share):
    first, second = (share(theirs).read_bytes().splitlines() for _ in range(2))
    assert first[1:-4] == second[1:-4]
    digests = [json.loads(line)["image"] for line in first[1:-5]]
    assert digests == sorted(digests)


def test_importing_twice_changes_nothing(theirs, archive, share, key):
    take(archive, share(theirs), B=key)
    before, generation = everything(archive), archive.info().generation
    again = take(archive, share(theirs), B=key)
    assert (again.added.images, again.added.sightings, again.added.known) == (0, 0, 4)
    assert (everything(archive), archive.info().generation) == (before, generation)


def test_what_is_ours_stays_and_is_given_what_it_lacks(theirs, archive, share, key, entry):
    features = replace(LOCAL, features=b"our own")
    archive.add([entry(1, code(101), features), entry(2, code(102))])
    theirs.add([entry(2, code(2), LOCAL)])
    before = everything(archive)
    take(archive, share(theirs), B=key)
    after = everything(archive)
    assert (archive.local_features([1]), archive.local_features([2])) == ({1: b"our own"}, {2: b"features"})
    for table in ("image", "fingerprint", "preview", "sighting"):
        assert set(before[table]) <= set(after[table])
    assert [f.code for f in maintenance.fingerprints(archive, 1) if f.algorithm == "pdq"] == [code(101)]
    assert archive.references([1])[1].pictured
    assert archive.sightings(1)[0].desk is None


def test_the_word_of_others_gives_way_to_the_picture_itself(theirs, archive, share, key, entry):
    take(archive, share(theirs), B=key)
    image_id = archive.by_digest(f"{1:064x}").id
    mine = entry(1, code(101), replace(LOCAL, features=b"our own"))
    archive.add([replace(mine, image=replace(mine.image, width=4000, height=3000))])
    held = archive.references([image_id])[image_id]
    assert (held.pictured, held.width, held.height) == (True, 4000, 3000)
    assert archive.local_features([image_id]) == {image_id: b"our own"}
    assert [f.code for f in maintenance.fingerprints(archive, image_id) if f.algorithm == "pdq"] == [
        code(101)
    ]
    assert archive.candidates([QueryCode("pdq", 1, code(1), Orientation.IDENTITY)], 31) == []
    assert [s.desk for s in archive.sightings(image_id)] == ["B", None]
    assert list(verify(archive)) == []


def test_a_third_desks_word_is_passed_on_only_if_asked_and_never_as_that_desks_own(
    theirs, archive, share, key, entry
):
    theirs.add(
        [entry(4, code(4), desk="Desk Z", caption="hearsay"), entry(5, code(5), desk="Z, passed on by Y")]
    )
    take(archive, share(theirs), B=key)
    assert archive.by_digest(f"{4:064x}") is None
    take(archive, share(theirs, others=True), B=key)
    (heard,) = archive.sightings(archive.by_digest(f"{4:064x}").id)
    assert (heard.desk, heard.caption) == ("Desk Z, passed on by B", "hearsay")
    assert archive.by_digest(f"{5:064x}") is None


def test_only_what_was_recorded_since_a_day_is_exported(theirs, archive, share, key):
    theirs.connection.execute("UPDATE sighting SET recorded = '2020-05-05T00:00:00+00:00' WHERE image_id = 1")
    theirs.connection.commit()
    take(archive, share(theirs, since=date(2020, 5, 6)), B=key)
    assert archive.by_digest(f"{1:064x}") is None
    assert archive.info().images == 2
    take(archive, share(theirs, since=date(2020, 5, 5)), B=key)
    (sighting,) = archive.sightings(archive.by_digest(f"{1:064x}").id)
    assert sighting.held == date(2020, 5, 5)


def test_an_image_with_many_sightings_comes_in_several_lines(archive, share, key, tmp_path, entry):
    with SqliteArchive.writing(tmp_path / "many.db") as many:
        many.add([entry(1, code(1), caption=f"number {n}") for n in range(MAX_SIGHTINGS + 1)])
        path = share(many)
    assert len(path.read_bytes().splitlines()) == 1 + 2 + 1 + 4
    assert take(archive, path, B=key).added.sightings == MAX_SIGHTINGS + 1
    assert archive.info().images == 1


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_is_refused_before_anything_is_added(theirs, archive, share, key, data):
    content = bytearray(share(theirs).read_bytes())
    place = data.draw(st.integers(0, len(content) - 1) | st.integers(len(content) - 350, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    refused(archive, share(theirs), bytes(content), key)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_that_is_cut_off_or_was_given_more_is_refused(theirs, archive, share, key, data):
    content = share(theirs).read_bytes()
    place = data.draw(st.integers(0, len(content)))
    more = data.draw(st.binary(min_size=1, max_size=20))
    refused(archive, share(theirs), content[:place] if place < len(content) else b"", key)
    refused(archive, share(theirs), content[:place] + more + content[place:], key)


def refused(archive, path, content, key):
    path.write_bytes(content)
    generation = archive.info().generation
    with pytest.raises(SignatureError):
        take(archive, path, B=key)
    assert (archive.info().images, archive.info().generation) == (0, generation)


def test_a_key_that_is_not_trusted_is_refused_and_named(theirs, archive, share, key, other_key):
    with pytest.raises(SignatureError, match=key.public.number[::-1].hex().upper()):
        take(archive, share(theirs), B=other_key)
    forged = replace(other_key, public=replace(other_key.public, number=key.public.number))
    with pytest.raises(SignatureError, match="changed"):
        take(archive, share(theirs), B=forged)
    assert archive.info().images == 0


def test_the_key_tells_who_signed_whatever_the_file_calls_itself(theirs, archive, share, key, other_key):
    done = take(
        archive, share(theirs, desk="Trusted Desk", by=other_key), **{"Trusted Desk": key, "C": other_key}
    )
    assert done.desk == "C"
    assert {s.desk for n in (1, 2, 3) for s in archive.sightings(n)} == {"C"}


def test_an_archive_does_not_take_its_own_word_from_others(theirs, share, key):
    with pytest.raises(ArchiveError, match="from this very archive"):
        take(theirs, share(theirs), B=key)


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\nb", "a\x1b[0m", "Z, passed on by Y"])
def test_names_that_could_be_taken_for_something_else_are_refused(theirs, archive, share, key, name):
    with pytest.raises(UsageError, match="cannot be the name of a desk"):
        take(archive, share(theirs), **{name: key})
    with pytest.raises(UsageError, match="cannot be the name of a desk"):
        share(theirs, desk=name)


def without(value, name):
    return {n: v for n, v in value.items() if n != name}


def sighting_with(**said):
    return lambda image: {**image, "sightings": [{**image["sightings"][0], **said}]}


def fingerprint_with(**said):
    return lambda image: {**image, "fingerprints": [{**image["fingerprints"][0], **said}]}


HOSTILE = {
    "no digest": lambda image: without(image, "image"),
    "a path for a digest": lambda image: {**image, "image": "../../etc/passwd"},
    "an unknown field": lambda image: {**image, "preview": "aGVsbG8="},
    "a negative width": lambda image: {**image, "width": -1},
    "a huge width": lambda image: {**image, "width": 10**30},
    "a width in words": lambda image: {**image, "width": "400"},
    "a true height": lambda image: {**image, "height": True},
    "a fraction": lambda image: {**image, "byte_count": 1.5},
    "no fingerprints": lambda image: {**image, "fingerprints": []},
    "many fingerprints": lambda image: {**image, "fingerprints": image["fingerprints"] * 100},
    "the same fingerprint twice": lambda image: {**image, "fingerprints": image["fingerprints"] * 2},
    "a short code": fingerprint_with(code="00"),
    "an unknown algorithm": fingerprint_with(algorithm="x"),
    "quality beyond 100": fingerprint_with(quality=101),
    "fingerprints as a map": lambda image: {**image, "fingerprints": {}},
    "no sightings": lambda image: {**image, "sightings": []},
    "a sighting of numbers": lambda image: {**image, "sightings": [1]},
    "a location": sighting_with(location="/etc/passwd"),
    "a number for a caption": sighting_with(caption=5),
    "half a character": sighting_with(caption="\ud800"),
    "a null character": sighting_with(caption="a\0b"),
    "a date that is none": sighting_with(published="yesterday"),
    "a day that is none": sighting_with(held="2016-13-01"),
    "a long caption": sighting_with(caption="x" * (2**20 + 1)),
    "features that make no sense": lambda image: {**image, "local": {**image["local"], "features": "ZGFtYWdlZA=="}},
    "words that do not fit": lambda image: {**image, "local": {**image["local"], "words": "AAAA" * 2}},
    "no base64": lambda image: {**image, "local": {**image["local"], "words": "é"}},
    "local features as a list": lambda image: {**image, "local": []},
    "a list": lambda image: [image],
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_signed_file_that_makes_no_sense_is_refused_with_its_line_and_wholly(
    theirs, archive, share, key, what
):
    path = share(theirs)
    header, *images, end = path.read_bytes().splitlines(keepends=True)[:-4]
    # The last image, so that there would be something to add before it.
    first = next(json.loads(line) for line in images if json.loads(line)["local"])
    hostile = json.dumps(HOSTILE[what](first)).encode() + b"\n"
    path.write_bytes(signed(b"".join([header, *images[:2], hostile, end]), key))
    with pytest.raises(ArchiveError, match="Line 4 of the exchange file makes no sense") as caught:
        take(archive, path, B=key)
    assert not isinstance(caught.value, SignatureError)
    assert archive.info().images == 0


@pytest.mark.parametrize(
    "shape",
    [
        (lambda lines: lines[:-1], "has no end"),
        (lambda lines: lines[:-2] + lines[-1:], "does not hold what it says"),
        (lambda lines: lines + lines[-1:], "does not hold what it says"),
        (lambda lines: [*lines[:-1], lines[1], lines[-1]], "does not hold what it says"),
        (lambda lines: lines[1:], "no exchange file"),
        (lambda _: [], "makes no sense"),
        (lambda _: [b"[" * 100_000 + b"\n"], "makes no sense"),
        (lambda lines: [lines[0].replace(b'"version":1', b'"version":2'), *lines[1:]], "has version 2"),
        (lambda lines: [lines[0], b"x" * (16 * 2**20 + 1) + b"\n"], "longer than"),
    ],
)  # fmt: skip
def test_a_signed_file_of_another_shape_is_refused(theirs, archive, share, key, shape):
    change, reason = shape
    path = share(theirs)
    lines = path.read_bytes().splitlines(keepends=True)[:-4]
    path.write_bytes(signed(b"".join(change(lines)), key))
    with pytest.raises(ArchiveError, match=reason):
        take(archive, path, B=key)
    assert archive.info().images == 0


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_rubbish_that_is_signed_is_refused_and_never_anything_else(tmp_path_factory, key, content):
    folder = tmp_path_factory.mktemp("rubbish")
    (folder / "file").write_bytes(signed(content, key))
    with SqliteArchive.writing(folder / "a.db") as archive, pytest.raises(ArchiveError):
        take(archive, folder / "file", B=key)


def test_a_code_of_a_flat_picture_is_kept_but_never_looked_up(tmp_path, archive, share, key, entry):
    flat = entry(1, code(1))
    prints = (
        Fingerprint("pdq", 1, code(1), 20, 0, searchable=True),
        Fingerprint("pdq", 1, bytes(32), None, 1, True),
    )
    with SqliteArchive.writing(tmp_path / "flat.db") as theirs:
        theirs.add([replace(flat, image=replace(flat.image, fingerprints=prints))])
        take(archive, share(theirs), B=key)
    assert [f.searchable for f in maintenance.fingerprints(archive, 1)] == [False, False]
    assert archive.connection.execute("SELECT count(*) FROM chunk").fetchone() == (0,)


def test_features_of_another_version_are_left_out_and_counted(tmp_path, archive, share, key, entry):
    with SqliteArchive.writing(tmp_path / "later.db") as theirs:
        theirs.add([entry(1, code(1), replace(LOCAL, version=2))])
        assert take(archive, share(theirs), B=key).without_features == 1
    assert archive.local_features([1]) == {}


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
DAY = st.dates().map(lambda day: DateRange(day.isoformat(), day, day))
SIGHTINGS = st.builds(
    Sighting,
    path=TEXT,
    location=TEXT,
    **{
        name: st.none() | TEXT
        for name in ("url", "outlet", "place", "caption", "credit", "page", "rating", "note")
    },
    **{name: st.none() | DAY for name in ("published", "captured", "archived")},
)


@settings(max_examples=50)
@given(st.lists(SIGHTINGS, min_size=1, max_size=6))
def test_whatever_sightings_say_arrives_as_it_was_said(tmp_path_factory, key, sightings):
    folder = tmp_path_factory.mktemp("said")
    image = ImageRecord("ab" * 32, "PNG", 4, 3, 99, 1, (Fingerprint("pdq", 1, code(9), 90, searchable=True),))
    with (
        SqliteArchive.writing(folder / "theirs.db") as theirs,
        SqliteArchive.writing(folder / "ours.db") as ours,
    ):
        theirs.add([Entry(image, sighting) for sighting in sightings])
        (folder / "file").write_bytes(b"".join(exported(theirs, key, Wanted("Theirs"))))
        take(ours, folder / "file", B=key)
        told, heard = theirs.sightings(1), ours.sightings(1)
    expected = {
        replace(s, path="", location="", recorded=None, desk="B", held=s.recorded.date()) for s in told
    }
    assert {replace(s, path="", location="", recorded=None) for s in heard} == expected
