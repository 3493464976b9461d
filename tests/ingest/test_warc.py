"""Pictures come out of WARC files with the day and the URL that the archive recorded; damage costs what it damaged."""

from __future__ import annotations

import gzip
import itertools
import random
import re
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance.errors import PhotoError, UsageError
from provenance.evidence.dates import parse_edtf
from provenance.ingest import warc as module
from provenance.ingest import warc_records, warc_stream
from provenance.ingest.magic import is_picture
from provenance.ingest.warc import WarcSource
from provenance.model import Skipped, Submission
from provenance.photo.formats import identify

try:
    from compression import zstd
except ImportError:
    from backports import zstd

URL = "https://example.org/photo.jpg"
PAGE = "https://example.org/story"


def collected(path):
    return list(WarcSource(path, parse_edtf).collect())


def pictures(path):
    return [item for item in collected(path) if isinstance(item, Submission)]


def reasons(path):
    return [item.reason for item in collected(path) if isinstance(item, Skipped)]


@pytest.fixture
def archive(tmp_path, warc):
    """Return what writes a WARC file by a function of its maker, and where it is."""

    def write(fill, name="crawl.warc.gz"):
        with warc(name) as made:
            fill(made)
        return tmp_path / name

    return write


@pytest.fixture
def three(archive, jpeg):
    """Return what writes a WARC of three pictures, /0.jpg to /2.jpg, by its name."""
    return lambda name="crawl.warc.gz": archive(
        lambda made: [made.response(f"https://example.org/{n}.jpg", jpeg(n)) for n in range(3)], name
    )


def as_zstd(path, records, dictionary=b"", packed=False):
    """Write records as a Zstandard WARC, each a frame; a dictionary stands in a skippable frame before them."""
    held = zstd.ZstdDict(dictionary) if dictionary else None
    stored = zstd.compress(dictionary) if packed else dictionary
    head = b"\x5d\x2a\x4d\x18" + len(stored).to_bytes(4, "little") + stored if dictionary else b""
    path.write_bytes(head + b"".join(zstd.compress(record, zstd_dict=held) for record in records))
    return path


def split(content):
    """Return the records of a plain WARC."""
    starts = [match.start() for match in re.finditer(rb"WARC/1\.1\r\n", content)] + [len(content)]
    return [content[start:end] for start, end in itertools.pairwise(starts)]


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_a_picture_has_its_day_its_url_and_the_page_that_showed_it(archive, jpeg, tmp_path, name):
    def fill(made):
        made.record("warcinfo", None, b"software: test\r\n")
        made.request(URL, made.response(URL, jpeg(1)), PAGE)

    (item,) = collected(archive(fill, name))
    assert item.content == jpeg(1)
    assert item.path == f"{tmp_path}/{name}#{URL}"
    assert item.file == tmp_path / name
    assert (item.sighting.url, item.sighting.page) == (URL, PAGE)
    assert item.sighting.archived.text == "2016-12-13T09:14:55Z"
    assert str(item.sighting.archived.earliest) == str(item.sighting.archived.latest) == "2016-12-13"
    assert item.sighting.published is None


def test_a_request_may_come_first_and_be_named_by_the_response(archive, jpeg):
    def fill(made):
        asked = made.record("request", URL, b"", f"GET / HTTP/1.1\nReferer: {PAGE}")
        made.response(URL, jpeg(1), Concurrent_To=asked)
        made.response(f"{URL}?2", jpeg(2))

    assert [item.sighting.page for item in collected(archive(fill))] == [PAGE, None]


def test_a_request_is_that_of_the_picture_it_names_and_of_no_other(archive, jpeg):
    def fill(made):
        first = made.response(URL, jpeg(1))
        made.response(f"{URL}?2", jpeg(2))
        made.request(URL, "<urn:uuid:0>", PAGE)
        made.request(f"{URL}?2", first, "javascript:alert(1)")

    assert [item.sighting.page for item in collected(archive(fill))] == [None, None]


def test_a_style_sheet_is_no_page(archive, jpeg):
    path = archive(
        lambda made: made.request(URL, made.response(URL, jpeg(1)), "https://example.org/style.css?v=2")
    )
    assert [item.sighting.page for item in collected(path)] == [None]


@pytest.mark.parametrize(
    "text", ["2016-12-13T09:14:55.123456Z", "2016-12-13T09:14Z", "2016-12-13", "2016-12", "2016"]
)
def test_every_precision_of_the_standard_is_kept(archive, jpeg, text):
    (item,) = collected(archive(lambda made: made.response(URL, jpeg(1), Date=text)))
    assert item.sighting.archived == parse_edtf(text)


@pytest.mark.parametrize(
    "text", ["yesterday", "../2016", "2016/2017", "1970-01-01T00:00:00Z", "2016-13-01T00:00:00Z"]
)
def test_a_date_that_no_web_archive_can_have_is_told(archive, jpeg, text):
    (reason,) = reasons(archive(lambda made: made.response(URL, jpeg(1), Date=text)))
    assert "WARC-Date" in reason


def test_what_a_server_called_something_else_is_known_by_its_bytes(archive, jpeg):
    def fill(made):
        made.record("response", URL, jpeg(1), "200 OK\nContent-Type: application/octet-stream")
        made.record("response", f"{URL}?2", b"<html>404</html>", "200 OK\nContent-Type: image/jpeg")
        made.record("resource", "file:///scan.jpg", jpeg(2))
        made.record("resource", f"urn:view:{PAGE}", jpeg(3))
        made.record("metadata", URL, jpeg(4))

    found = [(item.sighting.url, item.sighting.page) for item in collected(archive(fill))]
    assert found == [(URL, None), ("file:///scan.jpg", None), (f"urn:view:{PAGE}", PAGE)]


@pytest.mark.parametrize(
    ("status", "taken"),
    [
        ("200 OK", 1),
        ("203 Non-Authoritative", 1),
        ("404 Not Found", 0),
        ("301 Moved", 0),
        ("206 Partial\nContent-Range: bytes 0-99/100", 1),
        ("206 Partial\nContent-Range: bytes 0-98/100", 0),
        ("206 Partial\nContent-Range: bytes 1-99/100", 0),
        ("206 Partial", 0),
    ],
)
def test_only_what_a_browser_would_have_shown_was_seen(archive, jpeg, status, taken):
    path = archive(lambda made: made.record("response", URL, jpeg(1), status))
    assert len(pictures(path)) == taken
    assert reasons(path) == ([] if taken else ["the web archive holds no pictures"])


def chunked(content, size=1000):
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    return b"".join(b"%x;name=value\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def bare_deflate(content):
    squeezed = zlib.compressobj(wbits=-15)
    return squeezed.compress(content) + squeezed.flush()


ENCODED = {
    "": lambda content: content,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": bare_deflate,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "gzip, br": lambda content: brotli.compress(gzip.compress(content)),
}


@pytest.mark.parametrize("sizes", [0, 1, 1000])
@pytest.mark.parametrize("encoding", ENCODED)
def test_bodies_are_as_the_browser_saw_them(archive, jpeg, encoding, sizes):
    sent = ENCODED[encoding](jpeg(1))
    headers = f"Content-Encoding: {encoding}" if encoding else ""
    if sizes:
        sent, headers = chunked(sent, sizes), f"{headers}\nTransfer-Encoding: chunked".strip()
    (item,) = collected(archive(lambda made: made.response(URL, sent, headers)))
    assert item.content == jpeg(1)


@pytest.mark.parametrize(
    "headers", ["Transfer-Encoding: chunked", "Content-Encoding: gzip", "Content-Encoding: br"]
)
def test_bodies_that_were_stored_decoded_are_taken_as_they_are(archive, jpeg, headers):
    (item,) = collected(archive(lambda made: made.response(URL, jpeg(1), headers)))
    assert item.content == jpeg(1)


@pytest.mark.parametrize(
    ("sent", "headers", "told"),
    [
        (lambda c: chunked(c)[:-900], "Transfer-Encoding: chunked", "within a chunk"),
        (lambda c: chunked(c)[:-5], "Transfer-Encoding: chunked", "without its last chunk"),
        (
            lambda c: chunked(c).replace(b"\r\n3e8;", b"\r\nxyz;"),
            "Transfer-Encoding: chunked",
            "chunks are damaged",
        ),
        (lambda c: gzip.compress(c)[:-20], "Content-Encoding: gzip", "end early"),
        (lambda c: gzip.compress(c)[:100] + b"\0" * 99, "Content-Encoding: gzip", "compressed bytes"),
        (gzip.compress, "Content-Encoding: secret", "not read: secret"),
        (gzip.compress, "Content-Encoding: gzip,gzip,gzip,gzip", "4 times"),
    ],
)
def test_a_body_that_is_damaged_is_told_and_costs_no_other(archive, jpeg, sent, headers, told):
    def fill(made):
        made.response(URL, sent(jpeg(1)), headers)
        made.response(f"{URL}?2", jpeg(2))

    skipped, taken = collected(archive(fill))
    assert told in skipped.reason
    assert skipped.path.endswith(f"#{URL}")
    assert taken.content == jpeg(2)


def test_what_a_missing_library_would_decode_is_told_with_how_to_install_it(archive, jpeg, monkeypatch):
    path = archive(lambda made: made.response(URL, brotli.compress(jpeg(1)), "Content-Encoding: br"))
    monkeypatch.setitem(__import__("sys").modules, "brotli", None)
    (reason,) = reasons(path)
    assert "pip install 'provenance[web]'" in reason


def test_a_damaged_body_that_is_no_picture_is_passed_over(archive, jpeg):
    def fill(made):
        made.record(
            "response", PAGE, b"\x1f\x8bgarbage", "200 OK\nContent-Type: text/html\nContent-Encoding: gzip"
        )
        made.response(URL, jpeg(1))

    assert [item.sighting.url for item in collected(archive(fill))] == [URL]


def test_a_picture_that_the_archive_cut_short_is_told(archive, jpeg):
    (reason,) = reasons(archive(lambda made: made.response(URL, jpeg(1), Truncated="length")))
    assert "cut it short (length)" in reason


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
@pytest.mark.parametrize("by", ["digest", "id", "url and date"])
def test_a_record_that_repeats_a_picture_is_another_sighting_of_it(archive, jpeg, name, by):
    def fill(made):
        first = made.response(URL, jpeg(1), Payload_Digest="sha1:ABC")
        made.response(f"{URL}?other", jpeg(2))
        said = {
            "digest": {"Payload_Digest": "sha1:ABC"},
            "id": {"Refers_To": first, "Payload_Digest": ""},
            "url and date": {
                "Refers_To_Target_URI": URL,
                "Refers_To_Date": "2016-12-13T09:14:55Z",
                "Payload_Digest": "",
            },
        }[by]
        again = made.record(
            "revisit", f"{URL}?again", b"", "304 Not Modified", Date="2017-01-02T03:04:05Z", **said
        )
        made.request(f"{URL}?again", again, PAGE)

    *_, item = collected(archive(fill, name))
    assert item.content == jpeg(1)
    assert (item.sighting.url, item.sighting.page) == (f"{URL}?again", PAGE)
    assert item.sighting.archived.text == "2017-01-02T03:04:05Z"


def test_a_record_that_repeats_what_is_not_there_is_told_if_it_is_a_picture(archive):
    def fill(made):
        made.record("revisit", URL, b"", "200 OK\nContent-Type: image/jpeg", Payload_Digest="sha1:ABC")
        made.record(
            "revisit", f"{URL}.svg", b"", "200 OK\nContent-Type: image/svg+xml", Payload_Digest="sha1:ABD"
        )
        made.record("revisit", PAGE, b"", "200 OK\nContent-Type: text/html", Payload_Digest="sha1:ABE")

    (item,) = collected(archive(fill))
    assert item.path.endswith(f"#{URL}")
    assert "does not hold" in item.reason


def test_what_was_forgotten_cannot_be_repeated(archive, jpeg, monkeypatch):
    def fill(made):
        for n in range(3):
            made.response(f"{URL}?{n}", jpeg(n), Payload_Digest=f"sha1:{n}")
        for n in range(3):
            made.record(
                "revisit", f"{URL}?{n}", b"", "200 OK\nContent-Type: image/jpeg", Payload_Digest=f"sha1:{n}"
            )

    monkeypatch.setattr(module, "MOST_REMEMBERED", 6)
    kinds = [type(item) for item in collected(archive(fill))]
    assert kinds == [Submission] * 3 + [Skipped] + [Submission] * 2


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("trained", [False, True])
def test_zstandard_files_are_read_with_and_without_dictionary(three, tmp_path, jpeg, trained, packed):
    records = split(three("crawl.warc").read_bytes())
    samples = [b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: %d\r\n" % n for n in range(500)]
    dictionary = zstd.train_dict(samples, 2000).dict_content if trained else b""
    path = as_zstd(tmp_path / "crawl.warc.zst", records, dictionary, packed)
    assert [item.content for item in collected(path)] == [jpeg(n) for n in range(3)]


def test_a_zstandard_file_without_its_library_says_what_to_install(three, tmp_path, monkeypatch):
    path = as_zstd(tmp_path / "crawl.warc.zst", split(three("crawl.warc").read_bytes()))
    for name in ("backports.zstd", "compression.zstd"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(UsageError) as error:
        collected(path)
    assert error.value.advice.startswith("Install it with `pip install 'provenance[web]'`")


def test_a_file_that_is_compressed_as_a_whole_is_read_too(three, tmp_path, jpeg):
    (tmp_path / "whole.warc.gz").write_bytes(gzip.compress(three("crawl.warc").read_bytes()))
    assert [item.content for item in collected(tmp_path / "whole.warc.gz")] == [jpeg(n) for n in range(3)]


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_a_file_that_ends_early_gives_what_is_whole(three, jpeg, name):
    path = three(name)
    path.write_bytes(path.read_bytes()[:-500])
    *taken, skipped = collected(path)
    assert [item.content for item in taken] == [jpeg(0), jpeg(1)]
    assert re.search(r"byte [\d,]+: it(s compressed bytes end early| is cut short)", skipped.reason)


def members(content):
    """Return the gzip members of a file."""
    while content:
        member = zlib.decompressobj(31)
        member.decompress(content)
        yield content[: len(content) - len(member.unused_data)]
        content = member.unused_data


@pytest.mark.parametrize("kept", [30, 400, 3000])
def test_a_member_that_was_cut_short_costs_itself_alone(three, jpeg, kept):
    path = three()
    first, second, third = members(path.read_bytes())
    path.write_bytes(first + second[:kept] + third)
    assert [item.content for item in pictures(path)] == [jpeg(0), jpeg(2)]
    assert any("compressed bytes" in reason for reason in reasons(path))


def test_a_damaged_member_costs_itself_alone(three, jpeg):
    path = three()
    first, second, third = members(path.read_bytes())
    path.write_bytes(first + second[:-6] + b"\0" + second[-5:] + third)
    assert [item.content for item in pictures(path)] == [jpeg(0), jpeg(2)]
    assert len(reasons(path)) == 1


def test_garbage_between_members_is_told(three, jpeg):
    path = three()
    first, second, third = members(path.read_bytes())
    path.write_bytes(first + b"garbage" * 9 + second + third + b"more")
    assert [item.content for item in pictures(path)] == [jpeg(n) for n in range(3)]
    assert len(reasons(path)) == 2


@pytest.mark.parametrize("stated", [1, 100, 5_000, 10**9, 10**30, -1, "many"])
def test_a_length_that_is_wrong_costs_its_record_alone(three, jpeg, stated):
    path = three("crawl.warc")
    first, second, third = split(path.read_bytes())
    wrong = re.sub(rb"Content-Length: \d+(?=\r\n\r\nHTTP)", f"Content-Length: {stated}".encode(), second)
    path.write_bytes(first + wrong + third)
    assert [item.content for item in pictures(path)] == [jpeg(0), jpeg(2)]
    assert len(reasons(path)) == 1


def test_a_changed_byte_is_told_where_the_archive_recorded_a_digest(archive, jpeg):
    path = archive(lambda made: made.response(URL, jpeg(1)), "crawl.warc")
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content)
    assert reasons(path) == [
        "the record at byte 0: its bytes are not those whose digest the archive recorded"
    ]


@pytest.mark.parametrize("content", [b"", b"\n" * 10**6, b"no WARC at all", b"\xff\xd8\xff" * 99_999])
def test_a_file_without_records_is_told(tmp_path, content):
    (tmp_path / "crawl.warc").write_bytes(content)
    assert len(reasons(tmp_path / "crawl.warc")) == 1


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert "cannot be read" in reasons(tmp_path / "crawl.warc")[0]


def test_a_file_of_nothing_but_damage_is_left_alone_after_a_while(tmp_path, monkeypatch):
    monkeypatch.setattr(warc_records, "MOST_FAULTS", 20)
    (tmp_path / "crawl.warc").write_bytes(b"WARC/1.1\r\n\r\n" * 1000)
    assert reasons(tmp_path / "crawl.warc")[-1].endswith("after 20 damaged records the rest was not read")


def test_headers_without_end_are_given_up(tmp_path):
    (tmp_path / "crawl.warc.gz").write_bytes(gzip.compress(b"WARC/1.1\r\n" + b"a: b\r\n" * 10**6))
    assert "headers are longer" in reasons(tmp_path / "crawl.warc.gz")[0]


def test_a_bomb_is_given_up(tmp_path, jpeg, monkeypatch, three):
    monkeypatch.setattr(warc_stream, "MOST_UNFOLDED", 10**6)
    bomb = gzip.compress(b"WARC/1.1\r\nContent-Length: 30000000\r\n\r\n" + b"\0" * 30_000_000)
    path = three()
    path.write_bytes(bomb + path.read_bytes())
    assert "200 times" in reasons(path)[0]
    assert len(pictures(path)) == 3


def test_a_picture_that_is_too_large_is_told(archive, jpeg, monkeypatch):
    monkeypatch.setattr(module, "MOST_PICTURE", 10_000)
    path = archive(
        lambda made: made.response(URL, gzip.compress(jpeg(1) + b"\0" * 10_000), "Content-Encoding: gzip")
    )
    assert "larger than 10,000 bytes" in reasons(path)[0]


def test_a_url_keeps_to_one_line_and_holds_no_nul(archive, jpeg):
    (item,) = collected(archive(lambda made: made.response("https://example.org/a b\0\x1b[31mحلب", jpeg(1))))
    assert item.sighting.url == "https://example.org/a%20b%00%1B[31mحلب"
    assert "\0" not in item.sighting.location


def test_the_same_file_gives_the_same_in_the_same_order(three):
    path = three()
    assert collected(path) == collected(path)
    assert list(
        zip(WarcSource(path, parse_edtf).collect(), WarcSource(path, parse_edtf).collect(), strict=True)
    ) == [(item, item) for item in collected(path)]


def test_what_is_told_by_its_first_bytes_agrees_with_what_is_decoded(picture, tmp_path):
    import pillow_heif

    pillow_heif.register_heif_opener()
    for name in ("jpg", "png", "webp", "avif", "heic", "gif", "tiff", "bmp"):
        picture(1).save(tmp_path / f"a.{name}")
        head = (tmp_path / f"a.{name}").read_bytes()[:32]
        assert is_picture(head), name
        identify((tmp_path / f"a.{name}").read_bytes())
    for other in (b"%PDF-1.7", b"<svg>", b"\0\0\1\0", b"\0\0\0\x20ftypisom", b"RIFF....WAVE", b"BMxx", b""):
        assert not is_picture(other)
        with pytest.raises(PhotoError):
            identify(other)


@pytest.mark.parametrize(("name", "count"), [("crawl.warc", 60), ("crawl.warc.gz", 15)])
def test_memory_stays_flat_however_long_the_file_is(tmp_path, warc, jpeg, name, count):
    noise = random.Random(1).randbytes(500_000)
    with warc(name) as made:
        for n in range(count):
            made.response(f"{URL}?{n}", jpeg(n) + noise[n:])
            made.record("response", f"{PAGE}?{n}", noise, "200 OK\nContent-Type: text/html")
    assert (tmp_path / name).stat().st_size > count * 1_000_000
    tracemalloc.start()
    found = sum(1 for _ in WarcSource(tmp_path / name, parse_edtf).collect())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == count
    assert peak < 4_000_000


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """Return the bytes of a small WARC in each form: two pictures, one of them chunked, a request, a repetition."""
    import importlib.util
    from pathlib import Path

    spec = importlib.util.spec_from_file_location("shared", Path(__file__).parents[1] / "conftest.py")
    shared = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shared)
    folder = tmp_path_factory.mktemp("sample")
    tiny = b"GIF89a\1\0\1\0\0\0\0;" + bytes(range(60))
    for name in ("a.warc", "a.warc.gz"):
        with (folder / name).open("wb") as file:
            made = shared.WarcMaker(file, gzip=name.endswith(".gz"))
            made.request(URL, made.response(URL, tiny, Payload_Digest="sha1:A"), PAGE)
            made.response(
                URL, chunked(gzip.compress(tiny), 30), "Transfer-Encoding: chunked\nContent-Encoding: gzip"
            )
            made.record("revisit", URL, b"", "200 OK\nContent-Type: image/gif", Payload_Digest="sha1:A")
    plain = (folder / "a.warc").read_bytes()
    packed = as_zstd(folder / "a.warc.zst", split(plain)).read_bytes()
    return {"a.warc": plain, "a.warc.gz": (folder / "a.warc.gz").read_bytes(), "a.warc.zst": packed}


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happened_to_a_file_it_gives_pictures_and_reasons_and_nothing_else(tmp_path, sample, data):
    name = data.draw(st.sampled_from(sorted(sample)))
    content = bytearray(sample[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        until = data.draw(st.integers(at, min(len(content), at + data.draw(st.sampled_from([1, 20, 400])))))
        content[at:until] = data.draw(
            st.binary(max_size=30) | st.sampled_from([b"WARC/1.1\r\n", b"\x1f\x8b\x08", b"\r\n"])
        )
    (tmp_path / name).write_bytes(content)
    found = collected(tmp_path / name)
    assert found
    assert all(isinstance(item, Submission) or item.reason for item in found)
    assert (
        all(item.content.startswith(b"GIF89a") for item in found if isinstance(item, Submission))
        or name == "a.warc"
    )
