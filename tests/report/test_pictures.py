"""Pictures of what differs: they lie where they should, show what they should, and hide nothing."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from provenance.model import ChangedRegion, ChangeKind
from provenance.report import pictures
from provenance.report.folder_names import MOST_LETTERS, folder_names
from provenance.report.heat_map import MOST, over_grey
from provenance.report.outlines import DARK, LIGHT, outlined
from provenance.report.warping import laid

Pixels = NDArray[np.uint8]
Picture = Callable[..., Image.Image]

SAME = np.eye(3)
BOX = (120, 80, 60, 40)


def region(box: tuple[int, int, int, int]) -> ChangedRegion:
    return ChangedRegion(box, box, ChangeKind.CHANGED, 9.0, 0.1)


def opened(content: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(content)))


def marked(box: tuple[int, int, int, int], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    x, y, w, h = box
    mask = np.zeros(shape[:2], bool)
    mask[y : y + h, x : x + w] = True
    return mask


def drawn(query: Pixels, reference: Pixels, matrix: NDArray[np.float64] | None = SAME) -> dict[str, bytes]:
    """Return the pictures of a query in which one box is changed."""
    mask = marked(BOX, query.shape)
    if matrix is None:
        return pictures.unaligned(query, reference)
    heat = mask.astype(np.float32) * 12
    return pictures.drawn(pictures.layers(query, reference, matrix, [region(BOX)], mask, heat))


def is_tag(picture: Pixels) -> NDArray[np.bool_]:
    return np.asarray((picture == LIGHT).all(axis=2))


@pytest.fixture(scope="module")
def original() -> Pixels:
    """A smooth picture, which interpolation does not change much."""
    y, x = np.mgrid[:240, :320]
    layers = [127 + 90 * np.sin(x / 23 + k) * np.cos(y / 31 - k) for k in range(3)]
    return np.stack(layers, axis=2).astype(np.uint8)


@pytest.fixture(scope="module")
def altered(original: Pixels) -> Pixels:
    query = original.copy()
    query[marked(BOX, query.shape)] = (30, 90, 200)
    return query


@pytest.fixture(scope="module")
def made(altered: Pixels, original: Pixels) -> dict[str, bytes]:
    return drawn(altered, original)


class TestTheSet:
    def test_an_aligned_pair_has_every_picture(self, made: dict[str, bytes]) -> None:
        assert set(made) == {
            "query.png",
            "aligned.png",
            "mask.png",
            "outlined.png",
            "heatmap.png",
            "side_by_side.png",
            "blink.png",
        }

    def test_without_a_map_there_are_the_two_as_they_are(self, altered: Pixels, original: Pixels) -> None:
        made = drawn(altered, original[:100], None)
        assert set(made) == {"query.png", "side_by_side.png"}
        sheet = opened(made["side_by_side.png"])
        assert sheet.shape[1] > 2 * 320
        assert sheet.shape[0] > 240

    def test_the_same_input_gives_the_same_bytes(
        self, altered: Pixels, original: Pixels, made: dict[str, bytes]
    ) -> None:
        assert drawn(altered, original) == made

    def test_inputs_are_left_as_they_are(self, altered: Pixels, original: Pixels) -> None:
        query, reference = altered.copy(), original.copy()
        query.flags.writeable = reference.flags.writeable = False
        drawn(query, reference)

    def test_what_does_not_belong_together_is_refused(self, altered: Pixels, original: Pixels) -> None:
        mask = np.zeros((3, 4), bool)
        with pytest.raises(ValueError, match="a mask"):
            pictures.layers(altered, original, SAME, [], mask, mask.astype(np.float32))

    @pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.full((3, 3), np.nan), np.eye(2)])
    def test_a_map_that_is_none_is_refused(
        self, altered: Pixels, original: Pixels, matrix: NDArray[np.float64]
    ) -> None:
        with pytest.raises(ValueError, match="no map"):
            drawn(altered, original, matrix)


class TestTheBlinkPair:
    def test_the_query_is_as_it_was_decoded(self, made: dict[str, bytes], altered: Pixels) -> None:
        assert np.array_equal(opened(made["query.png"]), altered)

    def test_a_reference_of_the_same_extent_lies_there_unchanged(
        self, made: dict[str, bytes], original: Pixels
    ) -> None:
        aligned = opened(made["aligned.png"])
        assert np.array_equal(aligned[:, :, :3], original)
        assert (aligned[:, :, 3] == 255).all()

    def test_a_mirrored_crop_gets_exactly_its_part(self, original: Pixels) -> None:
        mirrored_crop = np.array([[-1, 0, 300], [0, 1, 40], [0, 0, 1.0]])
        aligned = laid(original, mirrored_crop, (200, 150))
        assert np.array_equal(aligned[:, :, :3], original[40:190, 100:300][:, ::-1])

    @pytest.mark.parametrize("scale", [0.3, 0.5, 1.7])
    def test_another_size_lies_within_a_fraction_of_a_pixel(self, original: Pixels, scale: float) -> None:
        size = round(320 * scale), round(240 * scale)
        expected = np.asarray(Image.fromarray(original).resize(size, Image.Resampling.BICUBIC))
        aligned = laid(original, np.diag([320 / size[0], 240 / size[1], 1.0]), size)
        assert np.abs(aligned[:, :, :3].astype(float) - expected).mean() < 1.5

    def test_a_denser_reference_is_averaged(self) -> None:
        board = np.indices((400, 400)).sum(axis=0) % 2 * np.uint8(255)
        aligned = laid(
            np.repeat(board[:, :, None], 3, axis=2).astype(np.uint8), np.diag([4, 4, 1.0]), (100, 100)
        )
        assert np.abs(aligned[:, :, :3].astype(int) - 127).max() <= 1

    def test_where_the_reference_has_nothing_it_is_transparent(self, original: Pixels) -> None:
        shifted = np.array([[1, 0, -50], [0, 1, 0], [0, 0, 1.0]])
        aligned = laid(original, shifted, (320, 240))
        assert not aligned[:, :50].any()
        assert (aligned[:, 50:, 3] == 255).all()

    def test_what_lies_behind_the_viewer_is_transparent(self, original: Pixels) -> None:
        horizon = np.array([[1, 0, 0], [0, 1, 0], [-1 / 160, 0, 1.0]])
        assert not laid(original, horizon, (320, 240))[:, 161:].any()

    def test_a_picture_beyond_one_tile_has_no_seam(self) -> None:
        wide = np.tile(np.linspace(0, 255, 2600).astype(np.uint8)[None, :, None], (40, 1, 3))
        aligned = laid(wide, np.array([[1, 0, 0.25], [0, 1, 0], [0, 0, 1.0]]), (2599, 40))
        assert np.abs(np.diff(aligned[:, :, 0].astype(int), axis=1)).max() <= 1

    def test_the_animation_shows_two_frames_of_one_size_for_ever(self, made: dict[str, bytes]) -> None:
        blink = Image.open(io.BytesIO(made["blink.png"]))
        first = np.asarray(blink.convert("RGB"))
        blink.seek(1)
        second = np.asarray(blink.convert("RGB"))
        assert (blink.n_frames, blink.info["loop"], blink.info["duration"]) == (2, 0, 600)
        assert first.shape == second.shape
        assert max(first.shape) <= 1000
        assert (first != second).any()

    def test_equal_pictures_blink_too(self, original: Pixels) -> None:
        blink = Image.open(io.BytesIO(drawn(original, original)["blink.png"]))
        assert blink.n_frames == 2


class TestTheMask:
    def test_it_is_what_was_given(self, made: dict[str, bytes], altered: Pixels) -> None:
        mask = Image.open(io.BytesIO(made["mask.png"]))
        assert mask.mode == "L"
        assert np.array_equal(np.asarray(mask), marked(BOX, altered.shape) * np.uint8(255))


class TestOutlines:
    def test_what_is_in_a_region_is_not_covered(self, made: dict[str, bytes], altered: Pixels) -> None:
        picture, mask = opened(made["outlined.png"]), marked(BOX, altered.shape)
        assert np.array_equal(picture[mask], altered[mask])

    @pytest.mark.parametrize("ground", [0, 128, 255])
    def test_a_light_and_a_dark_line_run_around_it(self, ground: int) -> None:
        picture = np.full((240, 320, 3), ground, np.uint8)
        row = outlined(picture, marked(BOX, picture.shape), [])[100]
        assert (tuple(row[119]), tuple(row[118])) == (LIGHT, DARK)
        assert (tuple(row[180]), tuple(row[181])) == (LIGHT, DARK)

    def test_far_from_regions_the_picture_is_as_it_was(self, made: dict[str, bytes], altered: Pixels) -> None:
        picture = opened(made["outlined.png"])
        assert np.array_equal(picture[150:], altered[150:])
        assert np.array_equal(picture[:, :90], altered[:, :90])

    def test_a_picture_changed_all_over_is_framed_inside(self) -> None:
        picture = np.full((100, 100, 3), 128, np.uint8)
        framed = outlined(picture, np.ones((100, 100), bool), [])
        assert tuple(framed[0, 50]) == DARK
        assert tuple(framed[1, 50]) == LIGHT
        assert (framed[3:-3, 3:-3] == 128).all()

    def test_nothing_changed_is_nothing_drawn(self, original: Pixels) -> None:
        assert np.array_equal(outlined(original, np.zeros((240, 320), bool), []), original)

    @pytest.mark.parametrize("corner", [(0, 0), (300, 0), (0, 225), (300, 225), (150, 0), (150, 225)])
    def test_its_number_is_whole_and_inside_the_picture(self, corner: tuple[int, int]) -> None:
        picture = np.full((240, 320, 3), 128, np.uint8)
        box = (*corner, 20, 15)
        mask = marked(box, picture.shape)
        with_number, without = outlined(picture, mask, [box]), outlined(picture, mask, [])
        tag = is_tag(with_number) & ~is_tag(without)
        rows, columns = np.nonzero((with_number != without).any(axis=2))
        assert tag.sum() > 60
        assert np.ptp(rows) >= 13
        assert np.ptp(columns) >= 10
        assert np.array_equal(with_number[mask], without[mask])

    def test_numbers_of_neighbours_do_not_cover_each_other(self) -> None:
        picture = np.full((240, 320, 3), 128, np.uint8)
        boxes = [(100, 100, 8, 8), (116, 100, 8, 8), (132, 100, 8, 8)]
        mask = np.logical_or.reduce([marked(box, picture.shape) for box in boxes])
        areas = [
            int(is_tag(outlined(picture, mask, boxes[:n])).sum())
            - int(is_tag(outlined(picture, mask, [])).sum())
            for n in (1, 2, 3)
        ]
        assert areas[2] > 2.4 * areas[0]
        assert areas[1] > 1.6 * areas[0]


class TestHeat:
    def test_nothing_is_drawn_where_it_is_0(self, altered: Pixels) -> None:
        heat = marked(BOX, altered.shape).astype(np.float32) * 12
        picture = over_grey(altered, heat)
        cold = picture[heat == 0]
        assert (cold == cold[:, :1]).all()
        assert (np.ptp(picture[heat > 0].astype(int), axis=1) > 40).all()

    def test_more_is_lighter_without_exception(self) -> None:
        scores = np.linspace(2, MOST, 200, dtype=np.float32)[None]
        picture = over_grey(np.full((1, 200, 3), 128, np.uint8), scores).astype(float)
        lightness = picture @ (0.2126, 0.7152, 0.0722)
        assert (np.diff(lightness[0, ::8]) > 0).all()

    def test_scores_that_are_none_or_too_large_do_not_break_it(self) -> None:
        heat = np.array([[np.nan, np.inf, -1, 99]], np.float32)
        picture = over_grey(np.full((1, 4, 3), 128, np.uint8), heat)
        assert np.array_equal(picture[0, 0], picture[0, 2])
        assert np.array_equal(picture[0, 1], picture[0, 3])

    def test_a_legend_stands_under_it(self, made: dict[str, bytes]) -> None:
        picture = opened(made["heatmap.png"])
        assert picture.shape[1] == 320
        assert picture.shape[0] > 280


class TestAnySize:
    @settings(max_examples=12)
    @given(
        query=st.tuples(st.integers(1, 200), st.integers(1, 200)),
        reference=st.tuples(st.integers(1, 200), st.integers(1, 200)),
        count=st.integers(0, 12),
    )
    def test_every_picture_is_made(
        self, query: tuple[int, int], reference: tuple[int, int], count: int
    ) -> None:
        (w, h), (rw, rh) = query, reference
        picture = np.full((h, w, 3), 90, np.uint8)
        mask = np.ones((h, w), bool)
        layers = pictures.layers(
            picture,
            np.full((rh, rw, 3), 200, np.uint8),
            np.diag([rw / w, rh / h, 1.0]),
            [region((0, 0, w, h))] * count,
            mask,
            mask.astype(np.float32) * 30,
        )
        made = pictures.drawn(layers)
        assert opened(made["aligned.png"]).shape == (h, w, 4)
        assert (opened(made["aligned.png"])[:, :, :3] == 200).all()
        assert opened(made["outlined.png"]).shape == (h, w, 3)

    @pytest.mark.parametrize("shape", [(4000, 1), (1, 4000), (120, 160), (600, 2400)])
    def test_sheets_stay_bounded(self, shape: tuple[int, int]) -> None:
        grey = np.full((*shape, 3), 77, np.uint8)
        mask = np.ones(shape, bool)
        regions = [region((0, 0, shape[1], shape[0]))]
        made = pictures.drawn(pictures.layers(grey, grey, SAME, regions, mask, mask.astype(np.float32)))
        sizes = {name: Image.open(io.BytesIO(content)).size for name, content in made.items()}
        assert sizes["mask.png"] == sizes["aligned.png"] == (shape[1], shape[0])
        assert max(sizes["outlined.png"]) <= 2000
        assert max(sizes["side_by_side.png"]) <= 2100
        assert max(sizes["blink.png"]) <= 1000

    def test_a_picture_longer_than_opencv_samples_is_laid(self) -> None:
        strip = np.full((2, 40_000, 3), 60, np.uint8)
        aligned = laid(strip, SAME, (40_000, 2))
        assert (aligned[:, :, :3] == 60).all()


HOSTILE = [
    "../../etc/passwd",
    "..\\..\\windows\\system32",
    "https://example.org/a/viral.jpg?size=large#top",
    "https://example.org/%2e%2e%2fviral.jpg",
    "https://example.org/",
    "CON",
    "nul.txt",
    "a\x00b\x1b[31m\n.jpg",
    "صورة.jpg",
    "Großes Café.JPEG",
    "x" * 5000 + ".png",
    "\udcff.jpg",
    ". . .",
    "",
    "~",
    "-rf",
]


class TestFolderNames:
    def test_they_are_numbered_and_tell_the_photo(self) -> None:
        assert folder_names(["desk/viral.jpg", "other/viral.jpg"]) == ["001-viral", "002-viral"]

    def test_addresses_are_told_by_their_last_part(self) -> None:
        assert folder_names(HOSTILE[2:4]) == ["001-viral", "002-viral"]

    def test_accents_leave_their_letters(self) -> None:
        assert folder_names(["Großes Café.JPEG"]) == ["001-grosses-cafe"]

    def test_what_leaves_no_letters_is_a_number(self) -> None:
        assert folder_names(["صورة.jpg", "", ". . ."]) == ["001", "002", "003"]

    def test_they_sort_in_their_order_however_many(self) -> None:
        names = folder_names(["a.jpg"] * 1200)
        assert names == sorted(names)
        assert names[0] == "0001-a"

    @given(st.lists(st.one_of(st.text(), st.sampled_from(HOSTILE)), max_size=30))
    def test_any_paths_give_safe_short_unique_names(self, paths: list[str]) -> None:
        names = folder_names(paths)
        assert len(set(names)) == len(names) == len(paths)
        for name in names:
            assert name[:3].isdigit()
            assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
            assert len(name) <= 4 + MOST_LETTERS
            assert not name.endswith("-")
        assert folder_names(paths) == names
