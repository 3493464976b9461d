"""Pictures inside documents are taken byte for byte, with the part or page that they stand on."""

from __future__ import annotations

import io
import sys
import zipfile

import pypdf
import pytest
from contract import DAMAGES, damaged
from hypothesis import HealthCheck, given, settings
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject

from provenance.errors import UsageError
from provenance.ingest import documents
from provenance.ingest.documents import Documents
from provenance.model import Skipped, Submission


@pytest.fixture
def office(tmp_path):
    def write(parts, name="report.docx"):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as document:
            for part, content in parts.items():
                document.writestr(part, content)
        return tmp_path / name

    return write


@pytest.fixture
def pdf(tmp_path):
    """Write a PDF with a page for each list of (filters, data); a picture may stand on several pages."""

    def write(*pages):
        writer = pypdf.PdfWriter()
        known = {}
        for pictures in pages:
            page = writer.add_blank_page(100, 100)
            objects = DictionaryObject()
            for number, (filters, data) in enumerate(pictures):
                if (filters, data) not in known:
                    stream = StreamObject()
                    stream._data = data
                    stream.update(
                        {
                            NameObject("/Subtype"): NameObject("/Image"),
                            NameObject("/Filter"): ArrayObject(NameObject(name) for name in filters),
                            NameObject("/Width"): NumberObject(160),
                            NameObject("/Height"): NumberObject(120),
                        }
                    )
                    known[filters, data] = writer._add_object(stream)
                objects[NameObject(f"/Im{number}")] = known[filters, data]
            page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): objects})
        writer.write(tmp_path / "report.pdf")
        return tmp_path / "report.pdf"

    return write


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("r.docx", "word/media/image1.jpeg"),
        ("r.pptx", "ppt/media/image1.jpg"),
        ("r.odt", "Pictures/1000.jpg"),
        ("r.epub", "OEBPS/images/a.JPG"),
    ],
)
def test_pictures_of_office_files_are_taken_byte_for_byte(office, jpeg, name, part):
    file = office({"[Content_Types].xml": "<x/>", part: jpeg(1), "docProps/core.xml": "<x/>"}, name)
    (item,) = Documents(file).collect()
    assert (item.content, item.path, item.file) == (jpeg(1), f"{file}#{part}", file)
    assert item.sighting.datings == ()


def test_pictures_of_pdf_are_taken_byte_for_byte_once_each(pdf, jpeg):
    one, other = (("/DCTDecode",), jpeg(1)), (("/DCTDecode",), jpeg(2))
    file = pdf([one], [one, other])
    found = list(Documents(file).collect())
    assert [(item.path, item.content) for item in found] == [
        (f"{file}#page 1 Im0", jpeg(1)),
        (f"{file}#page 2 Im1", jpeg(2)),
    ]


def test_pictures_that_pdf_keeps_as_bare_pixels_are_told(pdf, jpeg):
    file = pdf([((), b"pixels"), (("/DCTDecode",), jpeg(1))])
    taken, told = Documents(file).collect()
    assert isinstance(taken, Submission)
    assert told == Skipped(
        f"{file}#page 1", "1 pictures are kept in a form that is no file of a photo, and are not taken"
    )


def test_a_document_without_pictures_is_told(office, pdf):
    for file in (office({"word/document.xml": "<x/>"}), pdf([])):
        assert list(Documents(file).collect()) == [Skipped(str(file), "the document holds no pictures")]


def test_a_bomb_is_refused_unread(office, monkeypatch):
    monkeypatch.setattr(documents, "MOST_PICTURE", 1_000)
    (item,) = Documents(office({"word/media/a.jpg": bytes(100_000)})).collect()
    assert item.reason == "the picture is larger than 1,000 bytes"


@pytest.mark.parametrize("name", ["a.docx", "a.pdf"])
def test_what_is_no_document_is_told(tmp_path, name):
    (tmp_path / name).write_bytes(b"nothing of the kind")
    (item,) = Documents(tmp_path / name).collect()
    assert "cannot be read" in item.reason


def test_without_pypdf_the_user_is_told_what_to_install(pdf, monkeypatch):
    file = pdf([])
    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(UsageError, match="pypdf") as error:
        list(Documents(file).collect())
    assert "provenance[documents]" in error.value.advice


@given(DAMAGES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_never_raises(office, pdf, jpeg, damage):
    for file in (office({"word/media/a.jpg": jpeg(1)}), pdf([(("/DCTDecode",), jpeg(1))])):
        file.write_bytes(damaged(file.read_bytes(), damage))
        assert all(isinstance(item, Submission | Skipped) for item in Documents(file).collect())


def test_a_picture_made_by_a_program_is_taken_from_its_pdf(tmp_path, picture):
    made = io.BytesIO()
    picture(3).save(made, "PDF")
    (tmp_path / "scan.pdf").write_bytes(made.getvalue())
    (item,) = Documents(tmp_path / "scan.pdf").collect()
    assert item.content.startswith(b"\xff\xd8")
