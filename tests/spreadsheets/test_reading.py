"""H6: files as people have them: encodings, separators, workbooks; and those that nobody should have."""

import contextlib
import csv
import io
import random
import struct
import zipfile
import zlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.xlsx import Formula, packed, workbook
from worker.spreadsheets import csv_files, files, xlsx_files
from worker.spreadsheets.columns import Names
from worker.spreadsheets.tables import Bounds, Table, Unreadable

KNOWN = Names({}).recognises
ROWS = [["Naam", "E-mailadres", "Tags"], ["Zoë Ünal", "zoe@example.com", "a, b"], ["Séan €", "sean@example.com", ""]]


def written(rows: list[list[str]], separator: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, quoting=quoting).writerows(rows)
    return text.getvalue()


def read(tmp_path: Path, content: bytes, name: str = "clients.csv", sheet: str | None = None) -> Table:
    path = tmp_path / name
    path.write_bytes(content)
    return files.read(path, KNOWN, sheet)


def cells(table: Table) -> list[list[object]]:
    return [table.columns, *([*row.cells] for row in table.rows)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_h6_encodings_and_separators_are_found(tmp_path: Path, encoding: str, separator: str) -> None:
    assert cells(read(tmp_path, written(ROWS, separator).encode(encoding))) == ROWS


def test_utf_8_with_a_wrong_byte_is_not_taken_for_another_encoding(tmp_path: Path) -> None:
    damaged = "name\nZoë\nJosé\n".encode() + b"Andr\xe9\n" + "Søren\n".encode()
    with pytest.raises(Unreadable, match="UTF-8 with bytes that are not, the first on line 4"):
        read(tmp_path, damaged)
    for text in ("name\nZoë\n", "name\nÃ\nÖÄ\nß€\n"):
        assert read(tmp_path, text.encode("cp1252")).rows


def test_utf_16_with_the_other_mark(tmp_path: Path) -> None:
    assert cells(read(tmp_path, b"\xfe\xff" + written(ROWS).encode("utf-16-be"))) == ROWS


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_line_endings(tmp_path: Path, ending: str) -> None:
    assert cells(read(tmp_path, written(ROWS).replace("\r\n", ending).encode())) == ROWS


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("name;email\na,b;x@y.z\n", ";"),
        ("name,email\na;b,x@y.z\n", ","),
        ('"name";"email"\n"a;b,c";"x@y.z"\n', ";"),
        ("email\nx@y.z\n", ","),
        ("Alpha;Beta\n1,5;2,5\n3,5;4,5\n", ";"),
        ("Alpha,Beta\n1;2,3;4\n", ","),
        ("sep=|\nname|email\na;b|x@y.z\n", "|"),
        ("sep=;\r\nname;email\r\n", ";"),
    ],
)
def test_h6_the_separator_is_the_one_that_makes_sense(text: str, separator: str) -> None:
    assert csv_files.read(text.encode(), KNOWN).separator == separator


def test_rows_have_the_numbers_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    table = read(tmp_path, b'\n\nname,email\n\na,x@y.z\n"two\nlines",\n,\nb,\n')
    assert [(row.number, row.cells) for row in table.rows] == [
        (5, ["a", "x@y.z"]), (6, ["two\nlines", ""]), (8, ["b", ""]),
    ]  # fmt: skip
    marked = read(tmp_path, b"sep=;\nname;email\na;b\n")
    assert [row.number for row in marked.rows] == [3]


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2, max_size=2)
    )
)
def test_what_the_csv_module_writes_is_read_back(rows: list[list[str]]) -> None:
    table = csv_files.read(written([["name", "email"], *rows], quoting=csv.QUOTE_ALL).encode(), KNOWN)
    assert [row.cells for row in table.rows] == [row for row in rows if any(row)]


# -- workbooks ---------------------------------------------------------------------------------------------------------


def test_h6_a_workbook(tmp_path: Path) -> None:
    rows = [["Name", "Born", "Phone", "Regular"], ["Zoë", date(1990, 1, 31), 31612345678, True], [], ["Ann", None, 3.5]]
    table = read(tmp_path, workbook(rows), "x.xlsx")
    assert table.columns == rows[0]
    assert [(row.number, row.cells) for row in table.rows] == [
        (2, ["Zoë", date(1990, 1, 31), 31612345678.0, True]), (4, ["Ann", "", 3.5, ""]),
    ]  # fmt: skip


def test_a_workbook_is_known_by_its_content(tmp_path: Path) -> None:
    assert read(tmp_path, workbook([["name"], ["Ann"]]), "clients.csv").columns == ["name"]


def test_sheets_by_name(tmp_path: Path) -> None:
    content = workbook([["name"], ["Ann"]], name="Lead", others=["Old", "Notes"])
    table = read(tmp_path, content, "x.xlsx")
    assert "'Lead' is read" in table.note
    assert "'Old', 'Notes'" in table.note
    with pytest.raises(Unreadable, match="is empty"):
        read(tmp_path, content, "x.xlsx", sheet="Old")
    with pytest.raises(Unreadable, match="has no sheet 'Nope'; it has: 'Lead'"):
        read(tmp_path, content, "x.xlsx", sheet="Nope")
    with pytest.raises(Unreadable, match="CSV file, which has no sheets"):
        read(tmp_path, b"name\nAnn\n", sheet="Lead")


def test_a_formula_is_what_it_was_worked_out_to_be_never_run(tmp_path: Path) -> None:
    stored = packed({"S": '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'
                          '<row r="2"><c r="A2" t="str"><f>1+1</f><v>two</v></c></row>'})  # fmt: skip
    assert cells(read(tmp_path, stored, "x.xlsx")) == [["name"], ["two"]]
    assert cells(read(tmp_path, workbook([["name", "email"], ["a", Formula('HYPERLINK("x")')]]), "x.xlsx")) == [
        ["name", "email"], ["a", ""],
    ]  # fmt: skip


# -- hostile and broken files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "x.csv", "is empty"),
        (b"  \r\n\n", "x.csv", "is empty"),
        (b"\xef\xbb\xbf", "x.csv", "is empty"),
        (b",,\n,\n", "x.csv", "is empty"),
        (b"", "x.xlsx", "is empty"),
        (bytes(range(256)) * 20, "x.csv", "neither a CSV nor an XLSX|no encoding|quotes"),
        (random.Random(1).randbytes(5000), "x.xlsx", "is not an XLSX file, whatever its name says"),
        (b"PK\x03\x04" + random.Random(2).randbytes(5000), "x.xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0" + bytes(5000), "x.xlsx", "old .xls file, or has a password"),
        (b"name,email\nAnn,x\n", "x.xlsx", "is not an XLSX file, whatever its name says"),
        (b"name\n\x81\x8d\xff\n", "x.csv", "no encoding that is known here"),
        (b'name,email\n"Ann,x@y.z\nBen,\n', "x.csv", "row 2, about line 3: the quotes do not match"),
        (b'name,email\nAnn,"x" y\n', "x.csv", "row 2.*a quote is written twice"),
        (",".join(f"c{i}" for i in range(1001)).encode(), "x.csv", "1001 columns; at most 1000"),
        (workbook([]), "x.xlsx", "is empty"),
    ],
)
def test_h6_what_cannot_be_read_is_told(tmp_path: Path, content: bytes, name: str, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        read(tmp_path, content, name)


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(Unreadable, match="cannot be read"):
            files.read(path, KNOWN)


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(Unreadable, match="is an archive, but not an XLSX file"):
        read(tmp_path, out.getvalue(), "x.xlsx")


@pytest.mark.parametrize(
    "far",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="SZ1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>',
        "<row r='1'><c r='A1'><v>1</v></c></row><row r='1000000'>" + "<c><v>1</v></c>" * 500 + "</row>",
        '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row><x:row r="9"><x:c r="XFD9"><x:v>1</x:v></x:c></x:row>',
    ],
)  # fmt: skip
def test_a_few_cells_far_apart_do_not_take_all_memory(tmp_path: Path, far: str) -> None:
    """J4: a workbook of one kilobyte can ask for half a terabyte."""
    with pytest.raises(Unreadable, match=r"columns; at most 1000|more than 20,000,000 cells"):
        read(tmp_path, packed({"S": far}), "x.xlsx")


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A99999999999"><v>1</v></c>',
        '<c r="ZZZZZZZZ9"><v>1</v></c>',
        """<c x="r='A1'" r="A99999999999"><v>1</v></c>""",
        '<c x=">" r="A99999999999"><v>1</v></c>',
        '<a-b:c r="A99999999999"><v>1</v></a-b:c>',
        '<c s="1"><v>-1e18</v></c>',
    ],
)
def test_places_and_days_that_there_cannot_be(tmp_path: Path, cell: str) -> None:
    """J4: the library would ask for as much memory as a number of a row that has wrapped around, and abort."""
    sheet = f'<row><c t="inlineStr"><is><t>name</t></is></c></row><row>{cell}</row>'
    with pytest.raises(Unreadable, match="a damaged one"):
        read(tmp_path, packed({"S": sheet}), "x.xlsx")


def test_formatted_cells_without_a_value_do_not_count(tmp_path: Path) -> None:
    styled = '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="XFD1" s="1"/></row>'
    assert read(tmp_path, packed({"S": styled}), "x.xlsx").columns == ["name"]


def test_a_workbook_that_unpacks_to_too_much() -> None:
    with pytest.raises(Unreadable, match="more than 1 MiB when it is unpacked"):
        xlsx_files.read(workbook([["name"], ["x" * (2 << 20)]]), bounds=Bounds(unpacked=1 << 20))


def test_a_workbook_that_says_it_is_smaller_than_it_is() -> None:
    """J4: nor is it unpacked to see that."""
    honest = workbook([["name"], ["x" * (2 << 20)]])
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        largest = max(archive.infolist(), key=lambda member: member.file_size)
        begin = archive.read(largest)[:100]
    lying = honest.replace(struct.pack("<I", largest.CRC), struct.pack("<I", zlib.crc32(begin)))
    lying = lying.replace(struct.pack("<I", largest.file_size), struct.pack("<I", len(begin)))
    assert lying != honest
    with pytest.raises(Unreadable, match="a damaged one"):
        xlsx_files.read(lying)


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A{row}" t="s"><v>1</v></c>',
        "<c t='s'><v> 1 </v></c>",
        '<c r="A{row}" t="s"><v>0</v><v>1</v></c>',
        '<c r="A{row}" t="s"><!-- --><v>1</v></c>',
    ],
)
@pytest.mark.parametrize("name", ["xl/sharedStrings.xml", "xl/others.xml"])
def test_one_long_text_in_many_cells_does_not_take_all_memory(cell: str, name: str) -> None:
    """J4: a workbook of ten kilobytes can ask for gigabytes."""
    texts = f"<sst><si><t>name</t></si><si><t>{'x' * 1_000}</t></si></sst>"
    rows = "".join(f'<row r="{row}">{cell.format(row=row)}</row>' for row in range(1, 2001))
    content = packed({"S": rows}, others={name: texts})
    with pytest.raises(Unreadable, match="when it is unpacked"):
        xlsx_files.read(content, bounds=Bounds(unpacked=1 << 20))
    once = packed({"S": rows.replace(">1<", ">0<").replace("> 1 <", ">0<")}, others={name: texts})
    if "!" not in cell and "v><v" not in cell and name == "xl/sharedStrings.xml":
        assert len(xlsx_files.read(once, bounds=Bounds(unpacked=1 << 20)).rows) == 1_999


@pytest.mark.parametrize(("rows", "fits"), [(3, True), (4, False)])
def test_more_rows_than_may_be(rows: int, fits: bool) -> None:
    content = [["name"], [""], *(["Ann"] for _ in range(rows))]
    for read_ in (
        lambda: csv_files.read(written(content).encode(), KNOWN, Bounds(rows=3)),
        lambda: xlsx_files.read(workbook(content), bounds=Bounds(rows=3)),
    ):
        with contextlib.nullcontext() if fits else pytest.raises(Unreadable, match="more than 3 rows: divide it"):
            assert len(read_().rows) == rows


def test_a_name_of_a_column_that_is_no_name(tmp_path: Path) -> None:
    """J4: some characters become eighteen when names are compared."""
    with pytest.raises(Unreadable, match="name has more than 1000 characters"):
        read(tmp_path, f"name,{chr(0xFDFA) * 1001}\nAnn,x\n".encode())


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.spreadsheets.tables.MAX_FILE_BYTES", 1 << 20)
    with pytest.raises(Unreadable, match="has more than 1 MiB: divide it"):
        read(tmp_path, b"name\n" + b"x" * (1 << 20))


def test_a_header_only_and_200_columns(tmp_path: Path) -> None:
    assert read(tmp_path, b"name,email\n").rows == []
    wide = read(tmp_path, written([["name", *(f"c{i}" for i in range(199))], [str(i) for i in range(200)]]).encode())
    assert (len(wide.columns), len(wide.rows[0].cells)) == (200, 200)


def test_a_cell_of_50_megabytes_is_read(tmp_path: Path) -> None:
    table = read(tmp_path, b'name,email\nAnn,x\n"' + b"x" * (50 << 20) + b'",y\nBen,z\n')
    assert [len(str(row.cells[0])) for row in table.rows] == [3, 50 << 20, 3]


@given(st.binary(max_size=400), st.sampled_from(["x.csv", "x.xlsx"]))
def test_any_bytes_are_a_table_or_a_message(content: bytes, name: str) -> None:
    for prefix in (b"", b"PK\x03\x04", b"name,email\n", b"\xff\xfe"):
        try:
            if name == "x.csv":
                csv_files.read(prefix + content, KNOWN)
            else:
                xlsx_files.read(prefix + content)
        except Unreadable:
            continue
