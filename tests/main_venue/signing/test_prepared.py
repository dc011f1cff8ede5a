"""A prepared report is the same bytes for everybody, and says which places and annexes it has."""

import pytest
from pyhanko.sign.fields import enumerate_sig_fields

from main_venue.signing import prepared, revision
from main_venue.signing.manifest import Field
from main_venue.signing.prepared import Attached, NotPreparable, NotPrepared
from protocol import canonical
from tests.main_venue.signing.signing_house import FIELDS, House


def bare(house: House) -> bytes:
    size = prepared.manifest_of(revision.read(house.prepared)).report.bytes
    return house.prepared[:size]


def test_the_same_report_gives_the_same_prepared_bytes_and_another_gives_others(house: House) -> None:
    at_ms = prepared.manifest_of(revision.read(house.prepared)).at
    again = prepared.prepare(bare(house), FIELDS, (Attached("dissent-e3.pdf", house.annex),), at_ms)
    assert again == house.prepared
    without = prepared.prepare(bare(house), FIELDS, (), at_ms)
    fewer = prepared.prepare(bare(house), FIELDS[1:], (Attached("dissent-e3.pdf", house.annex),), at_ms)
    assert len({prepared.digest(one) for one in (again, without, fewer)}) == 3


MINIMAL = b"""%PDF-1.7
1 0 obj
<</Type/Catalog/Pages 2 0 R>>
endobj
2 0 obj
<</Type/Pages/Count 1/Kids[3 0 R]>>
endobj
3 0 obj
<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>
endobj
xref
0 4
0000000000 65535 f~
0000000009 00000 n~
0000000054 00000 n~
0000000105 00000 n~
trailer
<</Size 4/Root 1 0 R/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]>>
startxref
170
%%EOF
""".replace(b"~", b" ")


def test_the_prepared_bytes_never_change_with_the_library() -> None:
    """A signed report is prepared again when it is checked, years later too."""
    made = prepared.prepare(MINIMAL, FIELDS[:2], (), 1_795_681_800_000)
    assert prepared.digest(made).hex() == "132087ececfcafe841029a8e163f90b48ed9e0ef3142ad0e9f1928f156a8215d"


def test_the_report_itself_is_left_as_it_is_in_front(house: House) -> None:
    manifest = prepared.manifest_of(revision.read(house.prepared))
    assert canonical.sha256(bare(house)) == manifest.report.digest
    reader = revision.read(house.prepared)
    assert revision.ends_at(house.prepared, reader, 0) == manifest.report.bytes
    assert revision.ends_at(house.prepared, reader, 1) == len(house.prepared)
    assert revision.read(bare(house)).root["/Metadata"].data == reader.root["/Metadata"].data


def test_every_place_is_there_before_anybody_signs(house: House) -> None:
    reader = revision.read(house.prepared)
    assert [name for name, value, _ in enumerate_sig_fields(reader) if value is None] == [
        one.name for one in FIELDS
    ]
    assert prepared.manifest_of(reader).fields == FIELDS
    assert prepared.attachments(reader) == {"dissent-e3.pdf": house.annex}


def test_a_seat_with_a_dot_in_its_name_has_a_place_of_its_own() -> None:
    made = prepared.prepare(MINIMAL, (Field("e.1", "member"), Field("e.2", "member")), (), 0)
    assert prepared.filled(revision.read(made)) == {"member-e_1": False, "member-e_2": False}


@pytest.mark.parametrize(
    ("fields", "annexes"),
    [
        ((), ()),
        ((Field("e1", "member"), Field("e1", "member")), ()),
        (FIELDS, (Attached("b.pdf", b"%PDF-1"), Attached("a.pdf", b"%PDF-1"))),
        (FIELDS, (Attached("a.pdf", b"no PDF"),)),
        (FIELDS, (Attached("意见.pdf", b"%PDF-1"),)),
    ],
)
def test_places_and_annexes_that_do_not_fit_are_refused(
    house: House, fields: tuple[Field, ...], annexes: tuple[Attached, ...]
) -> None:
    with pytest.raises(NotPreparable):
        prepared.prepare(bare(house), fields, annexes, 0)


def test_what_is_no_report_is_not_prepared_and_nothing_is_prepared_twice(house: House) -> None:
    for pdf in (b"", b"%PDF-1.7\n", house.prepared):
        with pytest.raises(NotPreparable):
            prepared.prepare(pdf, FIELDS, (), 0)
    with pytest.raises(NotPrepared):
        prepared.manifest_of(revision.read(bare(house)))
