"""Writes small XLSX files, cell by cell, so that a test can put in them what no spreadsheet program would."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = f"""<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"""
EPOCH = date(1899, 12, 30)


class Formula(str):
    """A formula without the value that a program would have stored with it."""

    __slots__ = ()


def workbook(rows: Sequence[Sequence[object]], *, name: str = "Clients", others: Sequence[str] = ()) -> bytes:
    """A workbook with the rows on its first sheet, and empty sheets besides."""
    data = "".join(
        f'<row r="{y}">{"".join(_cell(x, y, value) for x, value in enumerate(row))}</row>'
        for y, row in enumerate(rows, 1)
    )
    return packed({name: data, **dict.fromkeys(others, "")})


def packed(sheets: Mapping[str, str], others: Mapping[str, str] | None = None) -> bytes:
    """A workbook whose sheets have these ``sheetData``, as XML; ``others``: parts besides, by their path."""
    numbers = range(1, len(sheets) + 1)
    sheet_type = f"{TYPE}.worksheet+xml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        + "".join(f'<Override PartName="/xl/sheet{n}.xml" ContentType="{sheet_type}"/>' for n in numbers)
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        + "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="r{n}"/>'
            for n, name in zip(numbers, sheets, strict=True)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        + "".join(f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="sheet{n}.xml"/>' for n in numbers)
        + f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
        **{
            f"xl/sheet{n}.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>'
            for n, data in zip(numbers, sheets.values(), strict=True)
        },
        **(others or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return out.getvalue()


def _cell(x: int, y: int, value: object) -> str:
    place = f'r="{_letters(x)}{y}"'
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c {place} t="b"><v>{value:d}</v></c>'
    if isinstance(value, int | float):
        return f"<c {place}><v>{value}</v></c>"
    if isinstance(value, date):
        return f'<c {place} s="1"><v>{(value - EPOCH).days}</v></c>'
    if isinstance(value, Formula):
        return f"<c {place}><f>{escape(value)}</f></c>"
    return f'<c {place} t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def _letters(x: int) -> str:
    letters = ""
    x += 1
    while x:
        x, left = divmod(x - 1, 26)
        letters = chr(65 + left) + letters
    return letters
