"""A user's own model: what is asked of it, what is made of its answer, and how its faults are told."""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from provenance.errors import SettingsError
from provenance.fingerprint.embedding import VERSION, Embedder, algorithm, embedder
from provenance.index.keys import distance
from provenance.model import Orientation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Shape = tuple[int | str, ...]


@pytest.fixture
def load(tmp_path, model):
    """Load a weak model of this input shape; `embedder` remembers by path, so each has its own."""

    def call(*shape: int | str, **made: int) -> Embedder:
        path = tmp_path / f"{shape}{made}.onnx"
        path.write_bytes(model(*shape, **made))
        return embedder(str(path))

    return call


@pytest.fixture
def faulty(tmp_path):
    """Return what is told of a file of this content."""

    def call(content: bytes) -> SettingsError:
        path = tmp_path / f"{hashlib.sha256(content).hexdigest()}.onnx"
        path.write_bytes(content)
        with pytest.raises(SettingsError) as told:
            embedder(str(path))
        return told.value

    return call


class Recorder:
    """A session that keeps what it is asked, and answers as told."""

    def __init__(self, answer: NDArray[np.float32]) -> None:
        self.asked: list[NDArray[np.float32]] = []
        self.answer = answer

    def get_inputs(self) -> list[object]:
        return [type("Input", (), {"name": "rgb"})]

    def run(self, _: None, named: dict[str, NDArray[np.float32]]) -> list[object]:
        self.asked.append(named["rgb"])
        return [self.answer]


def test_the_same_picture_has_the_same_code_and_a_recompressed_one_a_near_one(load, scene):
    model, pixels = load(), scene(480, 360, 1)
    (code,), (again,) = model.fingerprints(pixels), model.fingerprints(pixels.copy())
    softer = np.asarray(Image.fromarray(pixels).resize((240, 180)))
    (near,), (other,) = model.fingerprints(softer), model.fingerprints(scene(480, 360, 2))
    assert code == again
    assert distance(code.code, near.code) < 20 < distance(code.code, other.code)


def test_a_code_is_stored_for_the_first_frame_and_not_searchable(load, scene):
    (stored,) = load().fingerprints(scene(480, 360, 1))
    assert (stored.version, stored.frame, stored.quality, stored.searchable) == (VERSION, 0, None, False)
    assert len(stored.code) == 32


def test_a_query_is_asked_for_as_it_is_and_mirrored(load, scene):
    model, pixels = load(), scene(480, 360, 1)
    upright, mirrored = model.query_codes(pixels)
    (stored,), (flipped,) = model.fingerprints(pixels), model.fingerprints(pixels[:, ::-1])
    assert (upright.orientation, mirrored.orientation) == (
        Orientation.IDENTITY,
        Orientation.FLIP_LEFT_RIGHT,
    )
    assert upright.code == stored.code
    assert distance(mirrored.code, flipped.code) <= 2  # a resized mirror image is rounded otherwise
    assert distance(mirrored.code, stored.code) > 20


def test_the_name_of_the_algorithm_is_the_content_of_the_file(load, tmp_path, model):
    one, other = load(seed=1), load(seed=2)
    digest = hashlib.sha256(model(seed=1)).hexdigest()
    assert one.algorithm == f"onnx-{digest[:16]}" != other.algorithm
    (tmp_path / "renamed").write_bytes(model(seed=1))
    assert algorithm(str(tmp_path / "renamed")) == one.algorithm


@pytest.mark.parametrize(
    ("shape", "picture", "seen"),
    [
        ((1, 3, 20, 40), (300, 200), (40, 20)),
        ((1, 3, "h", 40), (300, 200), (40, 288)),
        (("n", 3, "h", "w"), (300, 200), (432, 288)),
        (("n", 3, "h", "w"), (600, 1200), (288, 576)),
        (("n", 3, "h", "w"), (1, 5000), (288, 864)),
        (("n", 3, "h", "w"), (5000, 1), (864, 288)),
    ],
)
def test_sizes_are_as_the_model_fixes_them_and_else_288_pixels_of_the_shorter_side(
    tmp_path, shape, picture, seen
):
    path = tmp_path / "mean.onnx"
    path.write_bytes(graph_of("GlobalAveragePool", shape=shape, widened=True))
    recorder = Recorder(np.ones((1, 32), np.float32))
    model = dataclasses.replace(embedder(str(path)), _session=recorder)
    model.fingerprints(np.zeros((*picture[::-1], 3), np.uint8))
    assert [tensor.shape for tensor in recorder.asked] == [(1, 3, *seen[::-1])]


def test_a_model_sees_the_picture_squeezed_in_rgb_less_the_mean_over_the_deviation():
    pixels = np.zeros((60, 100, 3), np.uint8)
    pixels[:, :50] = (255, 0, 51)
    recorder = Recorder(np.ones((1, 32), np.float32))
    Embedder("onnx-0", recorder, (40, 20), np.ones((256, 32))).query_codes(pixels)
    upright, mirrored = recorder.asked
    assert (upright.shape, upright.dtype) == ((1, 3, 20, 40), np.float32)
    left, right = upright[0, :, 10, 5], upright[0, :, 10, 35]
    assert left == pytest.approx([(1 - 0.485) / 0.229, (0 - 0.456) / 0.224, (0.2 - 0.406) / 0.225], abs=1e-5)
    assert right == pytest.approx([-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225], abs=1e-5)
    assert np.array_equal(mirrored, upright[..., ::-1])


def test_an_answer_that_is_no_number_gives_no_code(scene):
    answer = np.ones((1, 32), np.float32)
    answer[0, 5] = np.nan
    model = Embedder("onnx-0", Recorder(answer), (40, 20), np.ones((256, 32)))
    assert model.fingerprints(scene(100, 60, 1)) == ()
    assert model.query_codes(scene(100, 60, 1)) == ()


def test_a_missing_file_is_told_with_what_to_do(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere.onnx' cannot be read: No such file") as told:
        embedder(str(tmp_path / "nowhere.onnx"))
    assert "remove it" in told.value.advice
    with pytest.raises(SettingsError, match=r"nowhere.onnx' cannot be read"):
        algorithm(str(tmp_path / "nowhere.onnx"))


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\x08\x08\x12\x00" * 50])
def test_a_file_that_is_no_model_is_told(faulty, content):
    assert "is not a model that onnxruntime reads" in faulty(content).message


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((1, 1, 8, 8), "takes tensor(float) [1, 1, 8, 8], not float32 of shape (1, 3, height, width)"),
        ((1, 8, 8, 3), "not float32 of shape (1, 3, height, width)"),
        ((3, 288, 288), "not float32 of shape (1, 3, height, width)"),
        ((4, 3, 288, 288), "takes 4 pictures at a time, not one"),
    ],
)
def test_another_input_is_told(faulty, shape, told):
    assert told in faulty(graph_of("Identity", shape=shape)).message


def test_a_model_that_only_claims_to_take_any_size_is_told(faulty, model):
    assert "fails on a picture of 384 x 288 pixels" in faulty(model("n", 3, "h", "w")).message


def test_another_output_is_told(faulty, model):
    assert "gives 31 dimensions, fewer than 32" in faulty(model(dimensions=31)).message
    assert "gives float32 of shape (1, 3, 2, 2), not float32 of shape (1, dimensions)" in (
        faulty(graph_of("AveragePool", kernel_shape=[2, 2])).message
    )
    assert "gives float64 of shape (1, 3, 3, 3)" in faulty(graph_of("Cast", to=11)).message


def test_another_type_of_input_is_told(faulty):
    assert "takes tensor(uint8)" in faulty(graph_of("Identity", kind=2)).message


def test_weights_in_a_second_file_are_refused_for_the_digest_would_not_cover_them(faulty, model, tmp_path):
    import onnx

    onnx.save_model(
        onnx.load_from_string(model()),
        tmp_path / "split.onnx",
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=0,
    )
    assert "second file" in faulty((tmp_path / "split.onnx").read_bytes()).message


def test_without_onnxruntime_its_installation_is_advised(faulty, model, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    told = faulty(model(seed=77))
    assert "onnxruntime is not installed" in told.message
    assert "provenance[embedding]" in told.advice


def graph_of(
    operator: str, *, shape: Shape = (1, 3, 3, 3), kind: int = 1, widened: bool = False, **attributes: object
) -> bytes:
    """Return a model of one operator; if `widened`, of 32 dimensions made of its three."""
    from onnx import helper, numpy_helper

    nodes = [helper.make_node(operator, ["rgb"], ["found"], **attributes)]
    if widened:
        nodes.append(helper.make_node("Flatten", ["found"], ["flat"]))
        nodes.append(helper.make_node("MatMul", ["flat", "matrix"], ["out"]))
    graph = helper.make_graph(
        nodes,
        "one",
        [helper.make_tensor_value_info("rgb", kind, shape)],
        [helper.make_tensor_value_info(nodes[-1].output[0], 11 if operator == "Cast" else kind, None)],
        [numpy_helper.from_array(np.ones((3, 32), np.float32), "matrix")] if widened else [],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


def test_the_module_does_not_load_onnxruntime_by_itself():
    code = "import sys, provenance.fingerprint.embedding as e; e.algorithm(sys.executable)\n"
    code += "print('onnxruntime' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
