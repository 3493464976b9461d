"""What a manifest declares: told as it stands, clean and bounded, with what the picture was made of."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.evidence.credentials import read_credentials
from provenance.evidence.credentials.contents import (
    MOST_ACTIONS,
    MOST_INGREDIENTS,
    MOST_TYPES,
    told,
)
from provenance.model import CredentialState
from provenance.model.clean import DANGEROUS, clean
from provenance.model.file_facts import LONGEST

GENERATED, PARTLY = "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"
OF_PARENT = {"parameters": {"ingredientIds": ["parentOf"]}}
SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@pytest.fixture
def read(sign, trust):
    def read_signed(*arguments, **options):
        return read_credentials(sign(*arguments, **options), "image/jpeg", trust)

    return read_signed


def stored(manifest: dict, **others: dict) -> dict:
    return {"active_manifest": "active", "manifests": {"active": manifest, **others}}


def acted(*actions: dict, ingredients: tuple[dict, ...] = (), label: str = "c2pa.actions.v2") -> dict:
    assertion = {"label": label, "data": {"actions": list(actions)}}
    return {"assertions": [assertion], "ingredients": list(ingredients)}


def test_signer_generator_title_and_action_are_told(read, declaration):
    found = read(
        declaration(when="2024-11-29T10:00:00Z", softwareAgent={"name": "Example", "version": "1.0"})
    )
    assert (found.signer, found.issuer) == ("Example Signer", "Example Wire")
    assert (found.generator, found.title) == ("Example Camera 1.0", "beach.jpg")
    assert found.actions == ("c2pa.created: 2024-11-29T10:00:00Z, Example 1.0, digitalCapture",)
    assert found.source_types == ("digitalCapture",)
    assert found.signed is None  # no time stamp


def test_a_picture_declared_generated_is_told_as_such(read, declaration):
    assert read(declaration(source=GENERATED)).source_types == (GENERATED,)


def test_what_a_picture_was_before_an_edit_it_is_after_it(sign, read, declaration):
    parent = sign(declaration(source=GENERATED, title="model.jpg"))
    edited = sign(declaration("c2pa.opened", source="", **OF_PARENT), made_of=(("parentOf", parent),))
    found = read(declaration("c2pa.opened", source="", **OF_PARENT), made_of=(("parentOf", edited),))
    assert found.state is CredentialState.TRUSTED
    assert found.source_types == (GENERATED,)
    assert found.ingredients == ("parentOf: parentOf.jpg, image/jpeg, signed by Example Signer",)


def test_a_generated_component_makes_a_picture_with_generated_parts(sign, read, declaration):
    component = sign(declaration(source=GENERATED))
    found = read(declaration(), made_of=(("componentOf", component),))
    assert found.state is CredentialState.TRUSTED
    assert found.source_types == ("digitalCapture", PARTLY)
    assert found.ingredients == (
        f"componentOf: componentOf.jpg, image/jpeg, signed by Example Signer, {GENERATED}",
    )


def test_an_ingredient_without_credentials_declares_nothing(read, declaration, unsigned):
    found = read(
        declaration("c2pa.opened", source="", **OF_PARENT), made_of=(("parentOf", unsigned("JPEG")),)
    )
    assert found.state is CredentialState.TRUSTED
    assert (found.ingredients, found.source_types) == (("parentOf: parentOf.jpg, image/jpeg",), ())


def test_what_a_broken_ingredient_declares_is_not_taken_over(sign, read, declaration):
    parent = sign(declaration(source=GENERATED)).replace(b"Example Camera", b"Another Camera")
    found = read(declaration("c2pa.opened", source="", **OF_PARENT), made_of=(("parentOf", parent),))
    assert found.source_types == ()
    assert "claimSignature.mismatch" in found.ingredients[0]


def test_an_edit_by_a_model_is_no_generated_picture():
    opened, edited = (
        {"action": "c2pa.opened"},
        {"action": "c2pa.edited", "digitalSourceType": SOURCES + GENERATED},
    )
    found = told(stored(acted(opened, edited)))
    assert found["source_types"] == (PARTLY,)
    assert found["actions"] == ("c2pa.opened", f"c2pa.edited: {GENERATED}")


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("stds.schema-org.CreativeWork", "digitalSourceType"),
        ("stds.iptc.photo-metadata", "Iptc4xmpExt:DigitalSourceType"),
        ("c2pa.metadata", "Iptc4xmpExt:DigitalSourceType"),
    ],
)
def test_assertions_on_the_whole_picture_declare_source_types_too(label, key):
    manifest = {"assertions": [{"label": label, "data": {key: SOURCES + "composite"}}]}
    assert told(stored(manifest))["source_types"] == ("composite",)


def test_older_manifests_name_their_program_as_a_text():
    manifest = acted({"action": "c2pa.edited", "softwareAgent": "Example 1"}, label="c2pa.actions")
    found = told(stored(manifest | {"claim_generator": "Example/1"}))
    assert (found["generator"], found["actions"]) == ("Example/1", ("c2pa.edited: Example 1",))


def test_of_many_things_the_first_are_told_and_how_many_are_left_out():
    actions = [{"action": f"a{i}", "digitalSourceType": f"{SOURCES}t{i}"} for i in range(1000)]
    ingredients = tuple({"relationship": "componentOf", "title": str(i)} for i in range(1000))
    found = told(stored(acted(*actions, ingredients=ingredients)))
    for name, most in (
        ("actions", MOST_ACTIONS),
        ("ingredients", MOST_INGREDIENTS),
        ("source_types", MOST_TYPES),
    ):
        assert len(found[name]) == most + 1
        assert found[name][-1] == f"and {1000 - most} more"


def test_manifests_that_are_their_own_parents_come_to_an_end():
    child = {"relationship": "parentOf", "active_manifest": "other"}
    other = acted({"digitalSourceType": "composite"}, ingredients=({**child, "active_manifest": "active"},))
    assert told(stored(acted(ingredients=(child,)), other=other))["source_types"] == ("composite",)


def test_a_long_line_of_parents_is_followed_to_its_end():
    line = {
        str(i): acted(
            {"action": "c2pa.created", "digitalSourceType": GENERATED if i == 999 else ""},
            ingredients=({"relationship": "parentOf", "active_manifest": str(i + 1)},),
        )
        for i in range(1000)
    }
    first = acted(ingredients=({"relationship": "parentOf", "active_manifest": "0"},))
    assert told(stored(first, **line))["source_types"] == (GENERATED,)


def test_hostile_texts_are_cleaned_and_cut(read, declaration):
    evil = "\x1b[2J\u202e" + "long " * 1000
    found = read(declaration(title=evil, softwareAgent=evil))
    for words in (found.title, *found.actions):
        assert len(words) <= LONGEST
        assert clean(words) == words


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["assertions", "ingredients", "label", "data", "actions", "action", "when", "softwareAgent",
             "signature_info", "time", "title", "relationship", "active_manifest", "digitalSourceType", "name"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=30,
)  # fmt: skip


@given(VALUES, VALUES)
def test_any_report_is_told_in_clean_and_bounded_texts(manifest, other):
    found = told({"active_manifest": "active", "manifests": {"active": manifest, "other": other}})
    texts = json.loads(json.dumps([v for k, v in found.items() if k != "signed"]))
    for value in texts:
        for words in value if isinstance(value, list) else [value]:
            assert len(words) <= LONGEST
            assert clean(words) == words


def test_controls_are_among_what_is_cleaned():
    assert "Cc" in DANGEROUS
