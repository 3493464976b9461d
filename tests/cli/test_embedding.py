"""A user's own embedding model through the real program: it proposes, local features decide."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest
from PIL import ImageOps

ARCHIVED = 30
"""More than a model may propose: a copy must be among the nearest, not only among all."""


@pytest.fixture
def use(tmp_path, model, monkeypatch):
    """Write a model and set it, by a path from the working directory."""

    def call(name="model.onnx", **made):
        (tmp_path / name).write_bytes(model(**made))
        monkeypatch.setenv("PROVENANCE_EMBEDDING_MODEL", name)

    return call


@pytest.fixture(scope="module")
def many(tmp_path_factory, picture, model, run_in):
    """An archive of many photos, made with a model."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "model.onnx").write_bytes(model())
    names = [f"old-{seed:02}.jpg" for seed in range(ARCHIVED)]
    for seed, name in enumerate(names):
        picture(seed, 640, 480).save(folder / name, quality=92)
    environment = {**os.environ, "PROVENANCE_EMBEDDING_MODEL": "model.onnx"}
    assert run_in(folder, "add", *names, "-a", "many.db", env=environment).returncode == 0
    return folder / "many.db"


@pytest.fixture(scope="module")
def one(tmp_path_factory, picture, run_in):
    """A folder with `a.jpg`, and an archive of it that was made without a model."""
    folder = tmp_path_factory.mktemp("one")
    picture(1).save(folder / "a.jpg")
    assert run_in(folder, "add", "a.jpg", "-a", "a.db").returncode == 0
    return folder


@pytest.fixture
def archived(one, tmp_path):
    """A copy of it, where the program runs."""
    shutil.copytree(one, tmp_path, dirs_exist_ok=True)
    return "a.db"


@pytest.fixture
def copies(tmp_path, picture):
    """Crops of two of them, one mirrored, and a photo of nothing archived; which photo each should find."""
    box = (50, 40, 560, 420)
    picture(7, 640, 480).crop(box).save(tmp_path / "crop.jpg", quality=80)
    ImageOps.mirror(picture(8, 640, 480).crop(box)).save(tmp_path / "mirrored.jpg", quality=80)
    picture(99, 640, 480).save(tmp_path / "new.jpg", quality=80)
    return {"crop.jpg": ["old-07.jpg"], "mirrored.jpg": ["old-08.jpg"], "new.jpg": []}


@pytest.fixture
def used(use):
    """A model is set."""
    use()


@pytest.fixture
def wordless(many, tmp_path):
    """A copy of it that has every image's local features, and none of the words by which they are looked up."""
    shutil.copy(many, tmp_path / "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("UPDATE local_feature SET words = x'', signatures = x''")
    return "a.db"


def found(done):
    assert done.returncode in {0, 1}, done.stderr
    results = json.loads(done.stdout)["results"]
    return {r["path"]: [m["reference"]["path"] for m in r["matches"]] for r in results}


@pytest.mark.usefixtures("used")
def test_what_only_the_model_proposes_is_found_once_local_features_confirm_it(
    run, wordless, copies, monkeypatch
):
    with_model = run("check", *copies, "-a", wordless, "-f", "json")
    assert (found(with_model), with_model.stderr) == (copies, "")
    matches = {r["path"]: r["matches"] for r in json.loads(with_model.stdout)["results"]}
    assert (matches["crop.jpg"][0]["kind"], matches["crop.jpg"][0]["mirrored"]) == ("partial", False)
    assert (matches["mirrored.jpg"][0]["kind"], matches["mirrored.jpg"][0]["mirrored"]) == ("partial", True)
    fast = run("check", *copies, "-a", wordless, "-f", "json", "--fast")
    monkeypatch.delenv("PROVENANCE_EMBEDDING_MODEL")
    without = run("check", *copies, "-a", wordless, "-f", "json")
    assert found(fast) == found(without) == {name: [] for name in copies}


def test_a_code_is_stored_beside_the_hashes_and_the_archive_stays_whole(tmp_path, run, use, photo, model):
    from provenance.fingerprint.embedding import algorithm

    use()
    photo("a.jpg", 1)
    run("add", "a.jpg", "-a", "a.db")
    shown = json.loads(run("archive", "show", "1", "-a", "a.db", "-f", "json").stdout)
    codes = {f["algorithm"]: f for f in shown["fingerprints"]}
    name = algorithm(str(tmp_path / "model.onnx"))
    assert set(codes) == {"pdq", "phash", "dhash", name}
    assert (codes[name]["frame"], codes[name]["searchable"]) == (0, False)
    assert run("archive", "verify", "-a", "a.db").returncode == 0


def test_a_settings_file_names_the_model_too(tmp_path, run, photo, model):
    (tmp_path / "m.onnx").write_bytes(model())
    (tmp_path / "provenance.toml").write_text("embedding_model = 'm.onnx'\n")
    photo("a.jpg", 1)
    run("add", "a.jpg", "-a", "a.db")
    assert '"onnx-' in run("archive", "show", "1", "-a", "a.db", "-f", "json").stdout


def test_images_without_a_code_of_the_model_are_told_in_one_line(run, use, photo, monkeypatch):
    photo("a.jpg", 1)
    photo("b.jpg", 2)
    run("add", "a.jpg", "-a", "a.db")
    use()
    run("add", "b.jpg", "-a", "a.db")
    told = "1 images have no code of this embedding_model"
    assert told in run("archive", "info", "-a", "a.db").stdout
    assert (
        json.loads(run("archive", "info", "-a", "a.db", "-f", "json").stdout)["images_without_embedding"] == 1
    )
    checked = run("check", "a.jpg", "-a", "a.db", "-f", "json")
    assert found(checked) == {"a.jpg": ["a.jpg"]}
    assert [told in line for line in checked.stderr.splitlines()] == [True]
    assert run("check", "a.jpg", "-a", "a.db", "-f", "json", "--fast").stderr == ""
    use("other.onnx", seed=2)
    assert "2 images have no code" in run("archive", "info", "-a", "a.db").stdout
    monkeypatch.delenv("PROVENANCE_EMBEDDING_MODEL")
    assert "no code" not in run("archive", "info", "-a", "a.db").stdout
    info = json.loads(run("archive", "info", "-a", "a.db", "-f", "json").stdout)
    assert info["images_without_embedding"] is None


FAULTS = {
    "missing": (None, "'model.onnx' cannot be read: No such file"),
    "garbage": (lambda _: b"no model at all", "'model.onnx' is not a model that onnxruntime reads"),
    "few dimensions": (lambda model: model(dimensions=31), "'model.onnx' gives 31 dimensions, fewer than 32"),
    "four at a time": (
        lambda model: model(4, 3, 288, 288),
        "'model.onnx' takes 4 pictures at a time, not one",
    ),
}


@pytest.fixture(params=FAULTS)
def told_of_a_faulty_model(request, tmp_path, model, monkeypatch):
    """Set a model that cannot be used, and return what must be said of it."""
    content, told = FAULTS[request.param]
    if content:
        (tmp_path / "model.onnx").write_bytes(content(model))
    monkeypatch.setenv("PROVENANCE_EMBEDDING_MODEL", "model.onnx")
    return told


@pytest.mark.parametrize("command", ["add", "check"])
def test_a_model_that_cannot_be_used_ends_the_run_with_one_error(
    run, photo, archived, told_of_a_faulty_model, command
):
    photos = [photo(f"{seed}.jpg", seed).name for seed in range(5)]
    assert_one_error(run(command, *photos, "-a", archived, "-j", "2"), told_of_a_faulty_model)


def assert_one_error(done, told):
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error:")]
    assert len(errors) == 1
    assert told in errors[0]
    assert "embedding_model in the settings" in done.stderr or "provenance[embedding]" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Skipped" not in done.stderr


def test_a_fast_check_does_without_the_model(run, archived, monkeypatch):
    monkeypatch.setenv("PROVENANCE_EMBEDDING_MODEL", "nowhere.onnx")
    assert run("check", "a.jpg", "-a", archived, "--fast").returncode == 1


@pytest.fixture
def watched_import(tmp_path, monkeypatch):
    """Put in onnxruntime's place what notes each process that imports it, and is not installed."""
    folder, note = tmp_path / "instead", tmp_path / "imported"
    folder.mkdir()
    (folder / "onnxruntime.py").write_text(
        f"import os\nwith open({str(note)!r}, 'a') as note:\n    note.write(f'{{os.getpid()}}\\n')\n"
        "raise ModuleNotFoundError('onnxruntime')\n"
    )
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    return lambda: {int(line) for line in note.read_text().split()} if note.exists() else set()


@pytest.mark.parametrize("command", ["add", "check"])
def test_without_onnxruntime_its_installation_is_advised_and_only_a_child_looked_for_it(
    start, use, archived, watched_import, command
):
    use()
    process = start(command, "a.jpg", "-a", archived)
    out, err = process.communicate(timeout=60)
    done = subprocess.CompletedProcess([], process.returncode, out, err)
    assert_one_error(done, "onnxruntime is not installed")
    assert watched_import()
    assert process.pid not in watched_import()


def test_with_the_setting_off_nothing_imports_onnxruntime(run, photo, watched_import):
    photo("a.jpg", 1)
    assert run("add", "a.jpg", "-a", "a.db").returncode == 0
    assert run("check", "a.jpg", "-a", "a.db").returncode == 1
    assert run("archive", "info", "-a", "a.db").returncode == 0
    assert watched_import() == set()


def test_the_same_model_gives_the_same_report_whatever_the_number_of_workers(run, use, many, copies):
    use()
    reports = [run("check", *copies, "-a", many, "-f", "json", "-j", workers) for workers in (1, 3)]
    assert found(reports[0]) == copies
    assert reports[0].stdout == reports[1].stdout
