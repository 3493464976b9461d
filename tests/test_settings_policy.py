"""The policy of a settings file: every key is read, and no mistake in it is passed over."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provenance.errors import SettingsError
from provenance.model import Acceptance, FailOn, FolderTerms, Metadata, Policy, Terms
from provenance.settings import Settings

WHOLE = """
match_score = 4
[policy]
fail_on = "warning"
fail = ["PR301", "PR4xx"]
ignore = ["PR107"]
require = ["licence", "credit"]
baseline = "accepted.json"
[[policy.folder]]
path = "uploads/agency/**"
fail_on = "never"
fail = []
ignore = []
require = []
match_score = 5
[[policy.allow]]
finding = "PR103"
path = "uploads/series/**"
reason = "Our own series"
author = "A. Haddad"
expires = 2027-01-31
[[policy.allow]]
finding = "PR1xx"
sha256 = "{digest}"
reason = "Licensed"
author = "B"
""".format(digest="AB" * 32)


@pytest.fixture
def load(tmp_path):
    def call(text, name="provenance.toml"):
        (tmp_path / name).write_text(text)
        return Settings.load(tmp_path, {})

    return call


def test_every_key_is_read(load, tmp_path):
    settings = load(WHOLE)
    policy = settings.policy
    fourth = {"PR401", "PR402", "PR403", "PR404", "PR405"}
    assert settings.match_score == 4
    assert policy.terms == Terms(
        FailOn.WARNING,
        frozenset({"PR301", "PR601"} | fourth),
        frozenset({"PR107"}),
        (Metadata.CREDIT, Metadata.LICENCE),
    )
    assert policy.folders == (
        FolderTerms(
            "uploads/agency/**",
            {
                "fail_on": FailOn.NEVER,
                "fail": frozenset({"PR601"}),
                "ignore": frozenset(),
                "require": (),
                "match_score": 5.0,
            },
        ),
    )
    first, second = policy.allowed
    source = f"{tmp_path / 'provenance.toml'}, [[policy.allow]] number 1"
    assert first.acceptance == Acceptance("Our own series", "A. Haddad", source, date(2027, 1, 31))
    assert (first.path, first.findings) == ("uploads/series/**", {"PR103"})
    assert second.findings == {f"PR10{n}" for n in range(1, 9)}
    assert (second.sha256, second.acceptance.expires) == ("ab" * 32, None)
    assert (policy.baseline, policy.root) == ("accepted.json", str(tmp_path))


def test_a_pyproject_has_the_same_under_its_tool_table(load, tmp_path):
    own = load(WHOLE).policy
    (tmp_path / "provenance.toml").unlink()
    text = WHOLE.replace("[policy", "[tool.provenance.policy").replace("[[policy", "[[tool.provenance.policy")
    settings = load(f"[project]\nname = 'x'\n[tool.provenance]\n{text}", "pyproject.toml")
    assert (settings.match_score, settings.policy.terms, settings.policy.folders) == (
        4,
        own.terms,
        own.folders,
    )
    assert "[[tool.provenance.policy.allow]] number 2" in settings.policy.allowed[1].acceptance.source


def test_a_pyproject_about_other_things_is_let_be_even_if_it_is_broken(load):
    assert load("[tool.ruff]\nline-length = 3", "pyproject.toml") == Settings()
    assert load("[tool.ruff", "pyproject.toml") == Settings()


def test_settings_in_two_places_are_an_error_and_an_empty_one_is_not_a_place(load):
    load("workers = 2")
    assert load("[tool.provenance]", "pyproject.toml").workers == 2
    with pytest.raises(SettingsError, match=r"Both .*provenance\.toml and .*pyproject\.toml have settings"):
        load("[tool.provenance]\nbatch = 3", "pyproject.toml")


def test_without_a_policy_the_default_holds(load):
    assert load("workers = 2").policy == Policy()
    assert load("[policy]").policy.terms == Terms()


ALLOW = '[[policy.allow]]\nfinding = "PR103"\npath = "**"\nreason = "r"\nauthor = "a"\n'
FOLDER = '[[policy.folder]]\npath = "**"\n'


@pytest.mark.parametrize(
    ("text", "told", "advice"),
    [
        ("[polcy]", "provenance.toml: there is no setting 'polcy'", "Did you mean 'policy'?"),
        ("fail_on = 'note'", "no setting 'fail_on' here", "fail_on belongs under [policy]."),
        (
            "[policy]\nfail_om = 'note'",
            r"\[policy\]: there is no setting 'fail_om'",
            "Did you mean 'fail_on'?",
        ),
        ("[policy]\nmatch_score = 3", "no setting 'match_score'", "belongs above [policy]"),
        ("[policy]\nworkers = 3", "no setting 'workers'", "belongs above [policy]"),
        (f"{FOLDER}requires = []", r"\[\[policy.folder\]\] number 1: .* 'requires'", "'require'"),
        (f"{FOLDER}{FOLDER}bath = 1", r"\[\[policy.folder\]\] number 2: .* 'bath'", "'path'"),
        (f"{ALLOW}expire = 2027-01-31", r"\[\[policy.allow\]\] number 1: .* 'expire'", "'expires'"),
        ("[policy]\nfail = ['PR1x']", r"\[policy\]: fail: there is no rule 'PR1x'", "'PR1xx'"),
        ("[policy]\nfail = ['pr103']", "no rule 'pr103'", "'PR103'"),
        ("[policy]\nignore = ['seen-before']", "no rule 'seen-before'", "Its id is PR103."),
        ("[policy]\nignore = ['?']", "no rule", "Known here: PR001,"),
        ("[policy]\nfail = 'PR103'", "must be a list of texts", ""),
        ("[policy]\nfail = [103]", "must be a list of texts", ""),
        ("[policy]\nfail = ['PR1xx']\nignore = ['PR1xx']", "PR1xx cannot both fail and be ignored", ""),
        ("[policy]\nrequire = ['license']", "require cannot be 'license'", "'licence'"),
        ("[policy]\nfail_on = 'errors'", "fail_on cannot be 'errors'", "'error'"),
        ("[policy]\nfail_on = 3", "must be text", ""),
        ("[policy]\nbaseline = ''", "must be text, not blank", ""),
        ("[policy]\nfolder = 3", r"write each under \[\[policy.folder\]\]", ""),
        ("[policy.allow]\nfinding = 'PR103'", r"write each under \[\[policy.allow\]\]", ""),
        ("policy = 3", r"write its keys under \[policy\]", ""),
        ("[[policy.folder]]\nfail_on = 'note'", "number 1 has no path", "uploads/**"),
        ("[[policy.folder]]\npath = '../up/**'", r"without \.\.", ""),
        (f"{FOLDER}match_score = 99", "must lie between", ""),
        (f"{FOLDER}match_score = 'x'", "must be a number", ""),
        (ALLOW.replace('author = "a"', ""), "number 1 has no author", ""),
        (ALLOW.replace('reason = "r"', 'reason = " "'), "reason is ' '; it must be text, not blank", ""),
        (ALLOW.replace('path = "**"', ""), "says of no photo", "ignore"),
        (f"{ALLOW}sha256 = 'abc'", "64 hexadecimal digits", ""),
        (f"{ALLOW}expires = '2027-01-31'", "must be a day, without quotes", ""),
        (f"{ALLOW}expires = 2027-01-31T10:00:00Z", "must be a day", ""),
        ("workers = 2.5", "workers is 2.5; it must be a whole number", ""),
        ("workers = inf", "must be a whole number", ""),
        ("workers = 999", "provenance.toml: workers is 999; it must lie between", ""),
        (f"workers = 1{'0' * 5000}", "cannot be read|whole number|between", ""),
        (f"match_score = 1{'0' * 400}", "must be a number", ""),
        (f"workers = 0x{'f' * 5000}", "too large to show; it must lie between", ""),
        (f"policy.fail{'.a' * 3_000} = 1", "fail is .*; it must be a list", ""),
        (f"a = {'[' * 5000}", "nested too deeply|cannot be read", ""),
    ],
)
def test_a_mistake_is_an_error_that_names_its_place(load, text, told, advice):
    with pytest.raises(SettingsError, match=told) as error:
        load(text)
    assert advice in error.value.advice


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tool.provenance]\nworker = 1", r"pyproject.toml, \[tool.provenance\]: .* 'worker'"),
        ("[tool.provenance.policy]\nfial = []", r"pyproject.toml, \[tool.provenance.policy\]: .* 'fial'"),
        (
            "[[tool.provenance.policy.folder]]\npaht = ''",
            r"\[\[tool.provenance.policy.folder\]\] number 1: .*'paht'",
        ),
        ("[tool]\nprovenance = 3", "it must be a table"),
        ("[tool.provenance", "cannot be read"),
    ],
)
def test_mistakes_in_a_pyproject_name_their_place_too(load, text, told):
    with pytest.raises(SettingsError, match=told):
        load(text, "pyproject.toml")


keys = st.sampled_from(["policy", "folder", "allow", "fail_on", "fail", "require", "path", "workers", "x"])
scalars = st.sampled_from(
    [
        "1",
        "nan",
        "-inf",
        "true",
        '"PR103"',
        '""',
        "2027-01-31",
        "10:00:00",
        "[]",
        '["PR6xx"]',
        "[[1]]",
        "{}",
        "{ path = 1 }",
    ]
)
lines = st.one_of(
    st.builds("{} = {}".format, keys, scalars),
    st.builds("[{}.{}]".format, keys, keys),
    st.builds("[[{}.{}]]".format, keys, keys),
    st.builds("[{}]".format, keys),
    st.text(max_size=10),
)


@given(st.lists(lines, max_size=8).map("\n".join), st.sampled_from(["provenance.toml", "pyproject.toml"]))
@example("\x00", "provenance.toml")
def test_any_file_gives_settings_or_an_error_of_its_own(tmp_path_factory, text, name):
    folder = tmp_path_factory.mktemp("any")
    (folder / name).write_text(f"# provenance\n{text}", encoding="utf-8", newline="")
    try:
        assert isinstance(Settings.load(folder, {}).policy, Policy)
    except SettingsError as error:
        assert name in error.message
