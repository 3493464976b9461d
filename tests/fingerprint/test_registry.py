from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from provenance.fingerprint import FINGERPRINTERS, PRIMARY, fingerprints, query_codes

if TYPE_CHECKING:
    from .conftest import MakePhoto, Scene

ALGORITHMS = [fingerprinter.algorithm for fingerprinter in FINGERPRINTERS]


def test_a_photo_has_one_fingerprint_an_algorithm(scene: Scene, photo: MakePhoto) -> None:
    found = fingerprints(photo(scene(300, 200, 1)))
    assert [fingerprint.algorithm for fingerprint in found] == ALGORITHMS
    assert {fingerprint.frame for fingerprint in found} == {0}


def test_only_the_primary_code_is_searchable(scene: Scene, photo: MakePhoto) -> None:
    found = fingerprints(photo(scene(300, 200, 1)))
    assert [fingerprint.algorithm for fingerprint in found if fingerprint.searchable] == [PRIMARY]


def test_a_flat_photo_is_stored_but_not_searchable(photo: MakePhoto) -> None:
    found = fingerprints(photo(np.full((200, 300, 3), 128, np.uint8)))
    assert len(found) == len(FINGERPRINTERS)
    assert not any(fingerprint.searchable for fingerprint in found)


def test_what_add_stores_is_what_check_looks_up(scene: Scene, photo: MakePhoto) -> None:
    picture = photo(scene(300, 200, 1))
    (stored,) = (fingerprint for fingerprint in fingerprints(picture) if fingerprint.searchable)
    looked_up = query_codes(picture).codes[0]
    assert (stored.algorithm, stored.version, stored.code) == (
        looked_up.algorithm,
        looked_up.version,
        looked_up.code,
    )


def test_frames_that_repeat_are_stored_once(scene: Scene, photo: MakePhoto) -> None:
    first, second = scene(300, 200, 1), scene(300, 200, 2)
    found = fingerprints(photo(first, first, second, first))
    assert [(fingerprint.algorithm, fingerprint.frame) for fingerprint in found] == [
        (algorithm, frame) for frame in (0, 2) for algorithm in ALGORITHMS
    ]


def test_of_a_fade_the_frame_of_best_quality_is_kept(scene: Scene, photo: MakePhoto) -> None:
    blocks = (scene(300, 200, 1) > 128).astype(np.uint8)
    found = fingerprints(photo(blocks, blocks * 200, blocks * 100))
    (primary,) = (fingerprint for fingerprint in found if fingerprint.algorithm == PRIMARY)
    assert primary.frame == 1
    assert primary.searchable
