"""Settings come from a file and the environment, and a mistake is never passed over."""

from __future__ import annotations

import pytest

from provenance.errors import SettingsError
from provenance.settings import Settings


def test_without_file_or_environment_the_defaults_hold(tmp_path):
    assert Settings.load(tmp_path, {}) == Settings()


def test_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / "provenance.toml").write_text("match_score = 4\nworkers = 3\n")
    settings = Settings.load(tmp_path, {"PROVENANCE_MATCH_SCORE": "5.5", "PROVENANCE_ARCHIVE": "a.db"})
    assert (settings.match_score, settings.workers) == (5.5, 3)


def test_text_stays_as_it_is_and_numbers_may_come_as_text(tmp_path):
    (tmp_path / "provenance.toml").write_text("embedding_model = 'models/1.onnx'\nworkers = '3'\n")
    settings = Settings.load(tmp_path, {})
    assert (settings.embedding_model, settings.workers) == ("models/1.onnx", 3)
    assert Settings.load(tmp_path, {"PROVENANCE_EMBEDDING_MODEL": "7"}).embedding_model == "7"


def test_the_trust_anchors_are_a_path_and_none_are_set_by_default(tmp_path):
    assert Settings().trust_anchors == ""
    (tmp_path / "provenance.toml").write_text("trust_anchors = 'desk.pem'\n")
    assert Settings.load(tmp_path, {}).trust_anchors == "desk.pem"
    assert Settings.load(tmp_path, {"PROVENANCE_TRUST_ANCHORS": "a.pem"}).trust_anchors == "a.pem"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("match_scor = 4", "no setting 'match_scor'"),
        ("match_score = 'high'", "must be a number"),
        ("match_score = true", "must be a number"),
        ("workers = -1", "must lie between"),
        ("batch = 0", "must lie between"),
        ("batch = [", "cannot be read"),
        ("embedding_model = 3", "embedding_model is 3; it must be text"),
        ("embedding_model = true", "it must be text"),
        ("trust_anchors = ['a.pem']", "it must be text"),
    ],
)
def test_a_wrong_file_is_an_error(tmp_path, text, told):
    (tmp_path / "provenance.toml").write_text(text)
    with pytest.raises(SettingsError, match=told):
        Settings.load(tmp_path, {})


def test_a_wrong_variable_is_an_error_with_a_suggestion(tmp_path):
    with pytest.raises(SettingsError) as error:
        Settings.load(tmp_path, {"PROVENANCE_WORKRES": "2"})
    assert "workers" in error.value.advice


def test_variables_of_other_programs_are_let_be(tmp_path):
    others = {"PROVENANCE_ATTESTATION_URL": "x", "PROVENANCE_ARCHIVE": "a.db", "PROVENANCE_DEBUG": "1"}
    assert Settings.load(tmp_path, others) == Settings()


def test_workers_default_to_one_a_core():
    assert Settings().worker_count >= 1
    assert Settings(workers=7).worker_count == 7
