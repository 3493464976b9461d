"""The list that is shipped is the one that its date names; a desk's own list is used whole or refused."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime

import pytest

from provenance.errors import SettingsError
from provenance.evidence.credentials import read_credentials, trust_list, trust_list_from
from provenance.model import CredentialState


def test_the_shipped_list_is_the_pinned_one():
    shipped = trust_list()
    digest = hashlib.sha256(shipped.anchors.encode()).hexdigest()
    assert digest == "75cacc98b79ecac33713c7ecfb58d4a0ef383f3c1f886e7409f9e37e8664aea5"
    assert shipped.anchors.count("BEGIN CERTIFICATE") == 30
    assert str(shipped) == "the C2PA Trust List of 2026-09-06"


def test_the_library_takes_the_shipped_list_whole(sign, trust):
    both = trust_list()
    longer = type(both)("both", "2024-01-31", f"{both.anchors}\n{trust.anchors}")
    assert read_credentials(sign(), "image/jpeg", longer).state is CredentialState.TRUSTED


def test_a_desks_list_is_named_after_its_file_and_dated_by_its_last_change(tmp_path, sign, trust):
    file = tmp_path / "desk.pem"
    file.write_text(f"Subject: Example Root\n{trust.anchors}", encoding="utf-8")
    changed = datetime(2024, 11, 29, 12, tzinfo=UTC).timestamp()
    os.utime(file, (changed, changed))
    desk = trust_list_from(file)
    assert str(desk) == "the trust list desk.pem of 2024-11-29"
    found = read_credentials(sign(), "image/jpeg", desk)
    assert (found.state, found.trust_list) == (CredentialState.TRUSTED, str(desk))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda _: "no certificate here",
        lambda pem: pem[:-40],
        lambda pem: pem + "-----BEGIN CERTIFICATE-----\n",
        lambda pem: pem + pem.replace("M", "*"),
        lambda pem: pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        lambda pem: pem.replace("CERTIFICATE", "PRIVATE KEY"),
        lambda pem: pem + "\n" * (5 << 20),
    ],
)
def test_a_damaged_list_is_refused_whole(spoil, tmp_path, trust):
    file = tmp_path / "desk.pem"
    file.write_text(spoil(trust.anchors), encoding="utf-8")
    with pytest.raises(SettingsError, match="is not a PEM file") as error:
        trust_list_from(file)
    assert "trust_anchors" in error.value.advice


def test_a_list_that_is_missing_or_no_text_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        trust_list_from(tmp_path / "none.pem")
    (tmp_path / "desk.pem").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        trust_list_from(tmp_path / "desk.pem")
