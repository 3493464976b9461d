"""What was altered, and where: found where it is, and nowhere else."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from provenance.compare.change_kinds import SURE, told
from provenance.compare.changes import Changes, find_changes
from provenance.model import ChangeKind, ChangeOutcome

Pixels = NDArray[np.uint8]
Draw = Callable[..., Image.Image]

SAME = np.eye(3)


def compare(query: Image.Image, reference: Image.Image, matrix: NDArray[np.float64] | None = None) -> Changes:
    """Compare pictures of one extent, unless a map says otherwise."""
    tables = getattr(query, "quantization", None)
    scale = np.diag([reference.width / query.width, reference.height / query.height, 1.0])
    return find_changes(
        np.asarray(query.convert("RGB")),
        np.asarray(reference.convert("RGB")),
        scale if matrix is None else matrix,
        tables=[list(tables[k]) for k in sorted(tables)] if tables else None,
    )


def as_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=quality)
    return Image.open(content)


def patched(picture: Image.Image, other: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """Return a picture with what another one shows in a box (left, top, right, bottom)."""
    result = picture.copy()
    result.paste(other.crop(box), box[:2])
    return result


def found_share(changes: Changes, box: tuple[int, int, int, int]) -> tuple[float, float]:
    """Return how much of a box is in the mask, and how much of the mask lies in the box grown by eight pixels."""
    left, top, right, bottom = box
    inside = changes.mask[top:bottom, left:right]
    near = changes.mask[max(0, top - 8) : bottom + 8, max(0, left - 8) : right + 8]
    return float(inside.mean()), float(near.sum() / max(1, changes.mask.sum()))


@pytest.fixture(scope="module")
def picture(drawn: Draw) -> Image.Image:
    return drawn(11)


@pytest.fixture(scope="module")
def other(drawn: Draw) -> Image.Image:
    return drawn(12)


class TestAlteredPictures:
    BOX = (200, 130, 280, 200)

    @pytest.mark.parametrize("quality", [None, 90, 70])
    def test_a_replaced_part_is_found_and_nothing_else(
        self, picture: Image.Image, other: Image.Image, quality: int | None
    ) -> None:
        query = patched(picture, other, self.BOX)
        changes = compare(query if quality is None else as_jpeg(query, quality), picture)
        covered, within = found_share(changes, self.BOX)
        assert changes.outcome is ChangeOutcome.COMPARED
        assert covered > 0.8
        assert within > 0.98

    def test_what_compression_left_noisy_hides_no_faint_part(self, picture: Image.Image) -> None:
        random = np.random.default_rng(4)
        grain = np.asarray(picture) + random.normal(scale=14, size=(360, 480, 3))
        fainter = grain.copy()
        fainter[200:216, 300:316] += 16
        before, after = (Image.fromarray(np.clip(p, 0, 255).astype(np.uint8)) for p in (grain, fainter))
        covered, within = found_share(compare(as_jpeg(after, 40), before), (300, 200, 316, 216))
        assert covered > 0.5
        assert within > 0.98

    def test_two_parts_are_two_regions(self, picture: Image.Image, other: Image.Image) -> None:
        query = patched(patched(picture, other, (30, 40, 90, 90)), other, (330, 250, 400, 310))
        changes = compare(query, picture)
        assert len(changes.regions) == 2

    def test_a_region_is_told_in_the_pixels_of_both(self, picture: Image.Image, other: Image.Image) -> None:
        query = patched(picture, other, self.BOX).crop((40, 20, 480, 360)).resize((660, 510))
        crop = np.array([[440 / 660, 0, 40], [0, 340 / 510, 20], [0, 0, 1.0]])
        (region,) = compare(query, picture, crop).regions
        assert region.reference is not None
        assert region.reference == pytest.approx((200, 130, 80, 70), abs=10)
        assert region.query == pytest.approx((240, 165, 120, 105), abs=15)

    def test_the_map_may_be_off_by_pixels(self, picture: Image.Image, other: Image.Image) -> None:
        off = np.array([[1.004, 0.003, 1.8], [-0.002, 0.997, -1.5], [0, 0, 1.0]])
        changes = compare(patched(picture, other, self.BOX), picture, off)
        assert changes.matrix is not None
        assert changes.matrix == pytest.approx(SAME, abs=0.05)
        assert found_share(changes, self.BOX)[1] > 0.98

    def test_tone_and_softness_do_not_hide_it(self, picture: Image.Image, other: Image.Image) -> None:
        query = patched(picture, other, self.BOX).filter(ImageFilter.GaussianBlur(0.8))
        query = ImageEnhance.Brightness(query).enhance(1.15)
        assert found_share(compare(as_jpeg(query, 80), picture), self.BOX)[0] > 0.7

    def test_most_of_the_frame_may_have_changed(self, picture: Image.Image, other: Image.Image) -> None:
        box = (0, 0, 480, 190)
        changes = compare(as_jpeg(patched(picture, other, box), 85), picture)
        assert changes.outcome is ChangeOutcome.COMPARED
        assert changes.mask[:180].mean() > 0.7
        assert changes.mask[200:].mean() < 0.02

    def test_either_photo_may_be_the_altered_one(self, picture: Image.Image, other: Image.Image) -> None:
        altered = patched(picture, other, self.BOX)
        there, back = compare(altered, picture), compare(picture, altered)
        both = np.count_nonzero(there.mask & back.mask)
        assert both / np.count_nonzero(there.mask | back.mask) > 0.9

    def test_a_mirrored_copy_is_compared_as_it_lies(self, picture: Image.Image, other: Image.Image) -> None:
        mirror = np.array([[-1, 0, 480], [0, 1, 0], [0, 0, 1.0]])
        query = patched(picture, other, self.BOX).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        changes = compare(query, picture, mirror)
        assert changes.overall is not None
        assert changes.overall.mirrored
        assert found_share(changes, (480 - 280, 130, 480 - 200, 200))[1] > 0.98


class TestUnchangedPictures:
    @pytest.mark.parametrize("quality", [90, 70, 50, 30])
    def test_compression_is_no_change(self, picture: Image.Image, quality: int) -> None:
        assert compare(as_jpeg(picture, quality), picture).regions == ()

    @pytest.mark.parametrize("factor", [0.5, 0.7, 1.5, 2.0])
    def test_another_size_is_no_change(self, picture: Image.Image, factor: float) -> None:
        size = round(480 * factor), round(360 * factor)
        assert compare(as_jpeg(picture.resize(size, Image.Resampling.LANCZOS), 80), picture).regions == ()

    @pytest.mark.parametrize(
        "edit",
        [
            pytest.param(lambda p: ImageEnhance.Brightness(p).enhance(1.2), id="brighter"),
            pytest.param(lambda p: ImageEnhance.Contrast(p).enhance(0.7), id="paler"),
            pytest.param(lambda p: ImageEnhance.Color(p).enhance(1.5), id="more colourful"),
            pytest.param(lambda p: p.convert("L").convert("RGB"), id="grey"),
            pytest.param(lambda p: p.point(lambda v: 255 * (v / 255) ** 1.3), id="gamma"),
            pytest.param(lambda p: p.filter(ImageFilter.GaussianBlur(1.0)), id="softened"),
            pytest.param(lambda p: p.filter(ImageFilter.UnsharpMask(2, 60, 0)), id="sharpened"),
            pytest.param(
                lambda p: p.filter(ImageFilter.UnsharpMask(2, 120, 3)), id="sharpened from a threshold"
            ),
        ],
    )
    def test_what_happens_to_all_of_it_is_no_region(
        self, picture: Image.Image, edit: Callable[[Image.Image], Image.Image]
    ) -> None:
        assert compare(as_jpeg(edit(picture), 85), picture).regions == ()

    @settings(max_examples=12, deadline=None, derandomize=True)
    @given(
        seed=st.integers(0, 1000),
        quality=st.integers(35, 95),
        shift=st.tuples(st.integers(0, 40), st.integers(0, 40)),
        gain=st.floats(0.8, 1.1),
    )
    def test_crops_of_any_tone_and_quality_have_no_region(
        self, drawn: Draw, seed: int, quality: int, shift: tuple[int, int], gain: float
    ) -> None:
        whole = drawn(seed, 320, 240)
        left, top = shift
        query = as_jpeg(ImageEnhance.Brightness(whole.crop((left, top, 320, 240))).enhance(gain), quality)
        assert compare(query, whole, np.array([[1, 0, left], [0, 1, top], [0, 0, 1.0]])).regions == ()


class TestHonestOutcomes:
    def test_another_picture_cannot_be_aligned(self, picture: Image.Image, other: Image.Image) -> None:
        changes = compare(other, picture)
        assert changes.outcome is ChangeOutcome.CANNOT_ALIGN
        assert changes.regions == ()
        assert not changes.mask.any()

    def test_parallax_cannot_be_aligned(self, picture: Image.Image) -> None:
        moved = np.asarray(picture).copy()
        for top in range(0, 360, 60):
            moved[top : top + 60] = np.roll(moved[top : top + 60], (top // 60 % 3 - 1) * 2, axis=1)
        assert compare(Image.fromarray(moved), picture).outcome is ChangeOutcome.CANNOT_ALIGN

    def test_what_lies_half_a_pixel_beside_is_no_change(self, picture: Image.Image) -> None:
        across, down = np.meshgrid(np.arange(480.0), np.arange(360.0))
        bulge = 0.8 * np.exp(-((across - 240) ** 2 + (down - 180) ** 2) / (2 * 40**2))
        beside = cv2.remap(
            np.asarray(picture), (across + bulge).astype("f4"), down.astype("f4"), cv2.INTER_CUBIC
        )
        assert compare(Image.fromarray(beside), picture).regions == ()

    def test_a_faint_spot_on_plain_ground_did_not_move_there(self, picture: Image.Image) -> None:
        plain = picture.copy()
        ImageDraw.Draw(plain).rectangle((60, 60, 400, 260), fill=(225, 225, 225))
        query = plain.copy()
        ImageDraw.Draw(query).ellipse((200, 120, 260, 170), fill=(210, 210, 210))
        assert len(compare(as_jpeg(query, 90), plain).regions) == 1

    def test_a_sliver_is_too_small_to_tell(self, picture: Image.Image) -> None:
        assert compare(picture.resize((40, 30)), picture).outcome is ChangeOutcome.TOO_SMALL

    def test_an_even_picture_is_too_small_to_tell(self) -> None:
        even = Image.new("RGB", (300, 200), (90, 120, 150))
        assert compare(as_jpeg(even, 80), even).outcome is ChangeOutcome.TOO_SMALL

    @pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.full((3, 3), np.nan), np.diag([1.0, 1.0, -1.0])])
    def test_a_map_that_is_none_is_told(self, picture: Image.Image, matrix: NDArray[np.float64]) -> None:
        assert compare(picture, picture, matrix).outcome is ChangeOutcome.TOO_SMALL

    def test_the_same_pictures_give_the_same_answer(self, picture: Image.Image, other: Image.Image) -> None:
        query = as_jpeg(patched(picture, other, (100, 100, 180, 160)), 75)
        first, second = compare(query, picture), compare(query, picture)
        assert first.regions == second.regions
        assert np.array_equal(first.mask, second.mask)
        assert np.array_equal(first.heat, second.heat)

    def test_the_mask_is_of_the_querys_size(self, picture: Image.Image, other: Image.Image) -> None:
        large = patched(picture, other, (100, 100, 180, 160)).resize((2000, 1500), Image.Resampling.BICUBIC)
        changes = compare(large, picture.resize((2000, 1500), Image.Resampling.BICUBIC))
        assert changes.mask.shape == changes.heat.shape == (1500, 2000)
        assert changes.mask[500:600, 500:700].mean() > 0.8


class TestTheWholePicture:
    def test_a_crop_is_told_in_shares(self, picture: Image.Image) -> None:
        crop = np.array([[1, 0, 48], [0, 1, 36], [0, 0, 1.0]])
        overall = compare(picture.crop((48, 36, 480, 360)), picture, crop).overall
        assert overall is not None
        assert (overall.left, overall.top) == pytest.approx((0.1, 0.1), abs=0.003)
        assert (overall.right, overall.bottom) == pytest.approx((0, 0), abs=0.003)
        assert overall.gone == pytest.approx(0.19, abs=0.005)

    def test_size_stretch_and_quality_are_told(self, picture: Image.Image) -> None:
        overall = compare(as_jpeg(picture.resize((720, 450)), 60), picture).overall
        assert overall is not None
        assert overall.stretch == pytest.approx(1.5 / 1.25, abs=0.01)
        assert overall.scale == pytest.approx((1.5 * 1.25) ** 0.5, abs=0.01)
        assert overall.quality == 60

    def test_a_turn_is_told_in_degrees_clockwise(self, picture: Image.Image) -> None:
        query = picture.transpose(Image.Transpose.ROTATE_270)
        back = np.array([[0, 1, 0], [-1, 0, 360], [0, 0, 1.0]])
        overall = compare(query, picture, back).overall
        assert overall is not None
        assert overall.rotation == pytest.approx(90, abs=0.1)

    def test_tone_and_colour_are_told(self, picture: Image.Image) -> None:
        grey = compare(picture.convert("L").convert("RGB"), picture).overall
        paler = compare(picture.point(lambda v: v * 0.8 + 20), picture).overall
        assert grey is not None
        assert paler is not None
        assert grey.greyscale
        assert not paler.greyscale
        assert (paler.gain, paler.offset) == pytest.approx((0.8, 20), abs=1.5)

    def test_softening_and_sharpening_are_told_apart(self, picture: Image.Image) -> None:
        soft = compare(picture.filter(ImageFilter.GaussianBlur(1.5)), picture).overall
        sharp = compare(picture.filter(ImageFilter.UnsharpMask(2, 100, 0)), picture).overall
        assert soft is not None
        assert sharp is not None
        assert soft.sharpness < 0.7
        assert sharp.sharpness > 1.2

    def test_softening_is_not_taken_for_a_tone(self, picture: Image.Image) -> None:
        overall = compare(picture.filter(ImageFilter.GaussianBlur(2)), picture).overall
        assert overall is not None
        assert overall.gain == pytest.approx(1, abs=0.02)
        assert overall.bend <= 2

    def test_a_frame_around_it_is_a_bar_outside_the_reference(self, picture: Image.Image) -> None:
        page = Image.new("RGB", (560, 440))
        page.paste(picture, (40, 40))
        changes = compare(page, picture, np.array([[1, 0, -40], [0, 1, -40], [0, 0, 1.0]]))
        assert [(r.likeliest, r.reference) for r in changes.regions] == [(ChangeKind.BAR, None)]
        assert changes.overall is not None
        assert changes.overall.added == pytest.approx(1 - 480 * 360 / (560 * 440), abs=0.01)


class TestKinds:
    """One clear case each; how often they are right is measured (tests/benchmarks/changes.py)."""

    def kind(self, query: Image.Image, reference: Image.Image) -> ChangeKind:
        return max(compare(as_jpeg(query, 90), reference).regions, key=lambda r: r.area).kind

    @pytest.mark.parametrize("kind", SURE)
    def test_a_kind_is_named_only_where_it_is_sure_enough(self, kind: ChangeKind) -> None:
        assert told(kind, SURE[kind]) is kind
        assert told(kind, SURE[kind] - 0.01) is ChangeKind.CHANGED

    def test_other_content_is_replaced(self, picture: Image.Image, other: Image.Image) -> None:
        assert self.kind(patched(picture, other, (150, 100, 270, 200)), picture) is ChangeKind.REPLACED

    def test_a_line_of_text_is_an_overlay(self, picture: Image.Image) -> None:
        query = picture.copy()
        ImageDraw.Draw(query).text(
            (60, 150), "BREAKING NEWS", fill="white", font=ImageFont.load_default(size=40)
        )
        assert self.kind(query, picture) is ChangeKind.OVERLAY

    def test_a_caption_is_a_bar(self, picture: Image.Image) -> None:
        query = picture.copy()
        ImageDraw.Draw(query).rectangle((0, 310, 480, 360), fill=(20, 20, 60))
        assert self.kind(query, picture) is ChangeKind.BAR

    def test_a_logo_is_an_overlay(self, picture: Image.Image) -> None:
        query = picture.copy()
        draw = ImageDraw.Draw(query)
        draw.rectangle((100, 100, 190, 160), fill=(220, 30, 30))
        draw.text((108, 115), "NEWS 24", fill="white", font=ImageFont.load_default(size=20))
        assert self.kind(query, picture) is ChangeKind.OVERLAY

    def test_a_blurred_part_is_obscured(self, picture: Image.Image) -> None:
        box = (150, 100, 270, 200)
        query = patched(picture, picture.filter(ImageFilter.GaussianBlur(7)), box)
        assert self.kind(query, picture) is ChangeKind.OBSCURED

    def test_another_colour_of_the_same_is_recoloured(self, picture: Image.Image) -> None:
        red, green, blue = picture.split()
        query = patched(picture, Image.merge("RGB", (blue, red, green)), (150, 100, 270, 200))
        assert self.kind(query, picture) in {ChangeKind.RECOLOURED, ChangeKind.CHANGED}
