"""What a photo's metadata states of it: capture from EXIF first, the rest from XMP and IPTC."""

from __future__ import annotations

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from provenance.errors import UsageError
from provenance.evidence.statements import stated, stated_beside
from provenance.model import Stated

TODAY = date(2025, 1, 1)


def xmp(attributes="", body=""):
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" '
        f'xmlns:exif="http://ns.adobe.com/exif/1.0/" {attributes}>{body}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


def iptc(**sets):
    """Return a Photoshop segment with these data sets of record 2, by number: `n120="..."`."""
    body = b"".join(
        bytes([0x1C, 2, int(name[1:])]) + len(text.encode()).to_bytes(2) + text.encode()
        for name, text in sets.items()
    )
    block = b"8BIM\x04\x04\0\0" + len(body).to_bytes(4) + body + b"\0" * (len(body) % 2)
    segment = b"Photoshop 3.0\0" + block
    return b"\xff\xed" + (len(segment) + 2).to_bytes(2) + segment


def photo(form="JPEG", *, segments=b"", taken="", **save):
    content, exif = io.BytesIO(), Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
        save["exif"] = exif
    Image.new("RGB", (8, 8)).save(content, form, **save)
    data = content.getvalue()
    return data[:2] + segments + data[2:]


IPTC = {
    "n055": "20161213",
    "n120": "The gate",
    "n110": "Wire",
    "n090": "Aleppo",
    "n101": "Syria",
    "n116": "© Wire",
}


def test_iptc_states_capture_caption_credit_licence_and_place():
    said = stated(photo(segments=iptc(**IPTC)), TODAY)
    assert said.captured.text == "2016-12-13"
    assert (said.caption, said.credit, said.licence, said.place) == (
        "The gate",
        "Wire",
        "© Wire",
        "Aleppo, Syria",
    )


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_xmp_states_them_in_every_container(form):
    packet = xmp(
        'photoshop:DateCreated="2016-12" photoshop:Credit="Wire" xmpRights:WebStatement="https://l.example"'
    )
    said = stated(photo(form, xmp=packet) if form != "PNG" else png(packet), TODAY)
    assert (said.captured.text, said.credit, said.licence) == ("2016-12", "Wire", "https://l.example")


def png(packet):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet.decode(), zip=True)
    return photo("PNG", pnginfo=info)


def test_the_cameras_clock_goes_before_what_programs_wrote():
    assert (
        stated(photo(taken="2015:01:02 10:00:00", segments=iptc(**IPTC)), TODAY).captured.text == "2015-01-02"
    )


def test_the_day_is_the_one_that_was_written_whatever_its_zone():
    packet = xmp('photoshop:DateCreated="2016-12-13T23:30:00-11:00"')
    assert stated_beside(packet, TODAY).captured.text == "2016-12-13"


@pytest.mark.parametrize(
    ("written", "expected"),
    [("2016", "2016"), ("20161200", "2016-12"), ("20160000", "2016"), ("20161399", None), ("19700101", None),
     ("20990101", None), ("16661213", None), ("soon", None)],
)  # fmt: skip
def test_what_can_be_no_day_of_capture_is_none(written, expected):
    said = stated(photo(segments=iptc(n055=written)), TODAY)
    assert (said.captured and said.captured.text) == expected


def test_when_the_file_was_made_is_no_time_of_capture():
    assert stated_beside(xmp('xmp:CreateDate="2016-12-13" xmp:ModifyDate="2016-12-14"'), TODAY) == Stated()


def test_a_plain_photo_states_nothing():
    assert stated(photo(), TODAY) == Stated()


def test_a_packet_of_which_nothing_can_be_read_is_an_error():
    with pytest.raises(UsageError, match="XMP packet was not read to its end"):
        stated_beside(b"<x:xmpmeta")


@given(st.binary(max_size=300))
def test_any_bytes_state_something_or_nothing(data):
    assert isinstance(stated(b"\xff\xd8http://ns.adobe.com/xap/1.0/" + data, TODAY), Stated)
