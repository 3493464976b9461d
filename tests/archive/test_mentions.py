"""Sightings of images that the archive has, told without the images: by digest, or by an address."""

from __future__ import annotations

from provenance.model import Mention, Sighting
from provenance.recording import attach

KNOWN, OTHER, UNKNOWN = (f"{number:064x}" for number in (1, 2, 3))
PICTURE = "https://example.org/a.jpg"


def mention(**more):
    said = Sighting("feed#1", "/feed", url="https://facts.example/1", rating="False")
    return Mention(**{"origin": "feed", "sighting": said, **more})


def ratings(archive, digest=KNOWN):
    return [s.rating for s in archive.sightings(archive.by_digest(digest).id) if s.rating]


def test_a_mention_by_digest_becomes_a_sighting_once(archive, entry):
    archive.add([entry(1)])
    before = archive.info()
    added, skipped = attach([mention(sha256=KNOWN)], archive)
    again, _ = attach([mention(sha256=KNOWN)], archive)
    assert (added.images, added.sightings, again.sightings, again.known, skipped) == (0, 1, 0, 1, ())
    assert ratings(archive) == ["False"]
    after = archive.info()
    assert (after.images, after.sightings - before.sightings, after.generation - before.generation) == (
        1,
        1,
        1,
    )


def test_a_mention_by_the_address_of_the_picture_or_its_page_becomes_one(archive, entry):
    archive.add([entry(1, url=PICTURE), entry(2, page="https://example.org/page")])
    attach([mention(addresses=(PICTURE,)), mention(addresses=("https://example.org/page",))], archive)
    assert (ratings(archive), ratings(archive, OTHER)) == (["False"], ["False"])


def test_an_address_of_several_images_does_not_say_which_was_meant(archive, entry):
    archive.add([entry(1, url=PICTURE), entry(2, url=PICTURE)])
    added, (skipped,) = attach([mention(addresses=(PICTURE,))], archive)
    assert added.sightings == 0
    assert skipped.path == "feed"


def test_the_same_image_under_several_addresses_is_one(archive, entry):
    archive.add([entry(1, url=PICTURE), entry(1, url="https://mirror.example/a.jpg")])
    attach([mention(addresses=(PICTURE, "https://mirror.example/a.jpg"))], archive)
    assert ratings(archive) == ["False"]


def test_what_the_archive_does_not_know_is_told_once_a_source_with_the_first(archive, entry):
    archive.add([entry(1)])
    added, (skipped,) = attach([mention(sha256=UNKNOWN), mention(addresses=("https://x.example",))], archive)
    assert (added.sightings, archive.info().images) == (0, 1)
    assert skipped.path == "feed"
    assert skipped.reason.startswith("2 records are of pictures that neither lie with it")
    assert "feed#1 (https://facts.example/1)" in skipped.reason


def test_sightings_of_images_that_are_gone_make_none(archive):
    assert archive.add_sightings([(KNOWN, mention().sighting)]).sightings == 0
    assert (archive.info().images, archive.info().generation) == (0, 0)
