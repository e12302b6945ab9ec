"""Pasted lines, CSV and XLSX files become typed fields per line, or one clear sentence."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest

from orders.mass.reader import MAX_BYTES, Reading, Unreadable, read_file, read_paste
from orders.mass.reader.lines import MAX_LINES
from orders.mass.workbooks.program import MAX_UNPACKED
from tests.helpers.mass import workbook

LINK = "https://example.com/p/1"
LIMIT = "10,000"


def knows(name: str) -> bool:
    return name in {"smm.plus", "servsmm", "77"}


def paste(text: str) -> Reading:
    return read_paste(text, names_provider=knows)


def upload(content: bytes | str, **options: Any) -> Reading:
    return read_file(content.encode() if isinstance(content, str) else content, names_provider=knows, **options)


def fields_of(reading: Reading) -> list[dict[str, str]]:
    return [line.fields for line in reading.lines]


def refusal(content: bytes | str, **options: Any) -> str:
    with pytest.raises(Unreadable) as caught:
        upload(content, **options)
    return str(caught.value)


class TestPaste:
    def test_reads_the_usual_line_with_and_without_a_provider(self) -> None:
        reading = paste(f"12|{LINK}|100\n\n smm.plus | 13 | {LINK} | 200 \r\n14|{LINK}\n")

        assert fields_of(reading) == [
            {"service": "12", "link": LINK, "quantity": "100"},
            {"provider": "smm.plus", "service": "13", "link": LINK, "quantity": "200"},
            {"service": "14", "link": LINK},
        ]
        assert [line.number for line in reading.lines] == [1, 3, 4]

    @pytest.mark.parametrize(
        ("line", "names"),
        [
            (f"servsmm|12|{LINK}", {"provider", "service", "link"}),
            (f"77|{LINK}|100", {"service", "link", "quantity"}),
            (f"12|{LINK}|many", {"service", "link", "quantity"}),
            (f"12|{LINK}|", {"service", "link"}),
        ],
    )
    def test_keeps_three_fields_apart(self, line: str, names: set[str]) -> None:
        assert set(fields_of(paste(line))[0]) == names

    @pytest.mark.parametrize("line", ["12", "hello world", f"a|b|{LINK}|100|more"])
    def test_a_line_of_another_shape_is_a_fault_beside_it(self, line: str) -> None:
        reading = paste(f"12|{LINK}|100\n{line}")

        assert [bool(one.fault) for one in reading.lines] == [False, True]
        assert reading.lines[1].text == line

    def test_takes_a_table_copied_from_a_spreadsheet(self) -> None:
        reading = paste(f"Link\tService ID\tQty\n{LINK}\t12\t100\n")

        assert fields_of(reading) == [{"service": "12", "link": LINK, "quantity": "100"}]

    @pytest.mark.parametrize("text", ["", "  \n\n\t"])
    def test_nothing_is_said_to_be_nothing(self, text: str) -> None:
        with pytest.raises(Unreadable, match="no lines"):
            paste(text)

    def test_control_characters_are_no_lines(self) -> None:
        with pytest.raises(Unreadable, match="This isn’t a text file"):
            paste(f"12|{LINK}\x00|100")

    def test_too_many_lines_are_counted_and_refused(self) -> None:
        with pytest.raises(Unreadable, match=r"There are 100,000 lines. A mass order can have at most 10,000"):
            paste(f"12|{LINK}|100\n" * 100_000)


class TestTable:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    @pytest.mark.parametrize("ending", ["\n", "\r\n"])
    def test_columns_are_found_by_name_in_any_order_and_case(self, delimiter: str, ending: str) -> None:
        rows = [["QUANTITY", " Link ", "service", "Answer Number"], ["100", LINK, "12", "2"]]

        reading = upload(ending.join(delimiter.join(row) for row in rows) + ending)

        assert fields_of(reading) == [{"service": "12", "link": LINK, "quantity": "100", "answer_number": "2"}]
        assert reading.columns == {"service", "link", "quantity", "answer_number"}

    def test_lines_in_a_cell_are_line_breaks_or_written_out(self) -> None:
        reading = upload(f'service,link,comments\n1,{LINK},"one\ntwo, with a comma"\n2,{LINK},three\\nfour\n')

        assert [line.fields["comments"] for line in reading.lines] == ["one\ntwo, with a comma", "three\nfour"]
        assert [line.number for line in reading.lines] == [2, 4]

    def test_blank_rows_are_left_out_and_numbers_stay_those_of_the_file(self) -> None:
        reading = upload(f"service,link\n\n,,\n1,{LINK}\n \n2,{LINK}\n")

        assert [line.number for line in reading.lines] == [4, 6]

    def test_a_blank_comment_list_stays_for_the_check(self) -> None:
        reading = upload(f'service,link,comments\n1,{LINK},"\n\n"\n2,{LINK},\\n\\n\n')

        assert [line.fields.get("comments") for line in reading.lines] == [None, "\n\n"]

    @pytest.mark.parametrize(
        ("header", "missing"),
        [("link,quantity", "service"), ("service,quantity", "link"), ("name,price,colour", "service")],
    )
    def test_a_missing_column_is_named(self, header: str, missing: str) -> None:
        sentence = refusal(f"{header}\n{LINK},100,x\n")

        assert f"The column “{missing}” is missing" in sentence
        assert header.split(",", maxsplit=1)[0] in sentence

    def test_a_column_that_stands_there_twice_is_named(self) -> None:
        assert "two columns “link”" in refusal(f"service,link,url\n1,{LINK},{LINK}\n")

    def test_columns_that_mean_nothing_are_reported(self) -> None:
        reading = upload(f"service,link,colour\n1,{LINK},red\n")

        assert fields_of(reading) == [{"service": "1", "link": LINK}]
        assert "colour" in reading.notices[0]

    def test_without_a_header_the_columns_are_those_of_a_pasted_line(self) -> None:
        reading = upload(f"12,{LINK},100\nservsmm,12,{LINK},100\n1,2,3,4,5\n")

        assert fields_of(reading)[:2] == [
            {"service": "12", "link": LINK, "quantity": "100"},
            {"provider": "servsmm", "service": "12", "link": LINK, "quantity": "100"},
        ]
        assert reading.lines[2].fault
        assert "No header found. Columns were read as service, link and quantity" in reading.notices[0]

    def test_excel_may_state_its_separator(self) -> None:
        reading = upload(f"sep=;\nservice;link\n1;{LINK},a\n")

        assert fields_of(reading) == [{"service": "1", "link": f"{LINK},a"}]
        assert reading.lines[0].number == 3

    def test_a_row_with_more_cells_than_columns_is_a_fault_beside_it(self) -> None:
        reading = upload(f"service,link\n1,{LINK},left over\n2,{LINK},\n")

        assert [bool(line.fault) for line in reading.lines] == [True, False]

    @pytest.mark.parametrize(
        ("rows", "line"), [('1,"open\n2,x\n', 2), (f'1,{LINK}\n2,"a"b\n', 3), ('1,"' + "x" * 200_001 + '"\n', 2)]
    )
    def test_broken_quotation_names_its_line(self, rows: str, line: int) -> None:
        assert f"Line {line}:" in refusal(f"service,link\n{rows}")

    @pytest.mark.parametrize("text", ["service,link\n", "\n\n", "service,link\n\n,,\n"])
    def test_no_lines_are_said_to_be_none(self, text: str) -> None:
        assert refusal(text)

    @pytest.mark.parametrize("name", ["service", "link", "quantity"])
    def test_a_formula_is_text_and_a_fault_of_its_line(self, name: str) -> None:
        good = {"service": "12", "link": LINK, "quantity": "100"}
        bad = good | {name: '=HYPERLINK("https://evil.example")'}
        rows = "\n".join(f"{row['service']};{row['link']};{row['quantity']}" for row in (bad, good))
        reading = upload(f"service;link;quantity\n{rows}".replace('"', ""))

        assert f"“{name}” is a formula" in reading.lines[0].fault
        assert reading.lines[1].fault == ""

    def test_a_comment_may_begin_with_a_sign(self) -> None:
        assert upload(f"service,link,comments\n1,{LINK},=) nice\n").lines[0].fault == ""

    def test_a_hundred_thousand_rows_are_counted_and_refused(self) -> None:
        sentence = refusal("service,link,quantity\n" + f"12,{LINK},100\n" * 100_000)

        assert "There are 100,000 lines" in sentence
        assert LIMIT in sentence

    def test_exactly_as_many_as_allowed_are_read(self) -> None:
        assert len(upload("service,link,quantity\n" + f"12,{LINK},100\n" * MAX_LINES).lines) == MAX_LINES

    def test_a_file_that_is_too_large_is_refused(self) -> None:
        assert "10 MB" in refusal(b"x" * (MAX_BYTES + 1))


class TestEncoding:
    TEXT = f"service,link,comments\n1,{LINK},çok güzel\n"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
    def test_unicode_is_read_whatever_its_form(self, encoding: str) -> None:
        reading = upload(self.TEXT.encode(encoding))

        assert reading.lines[0].fields["comments"] == "çok güzel"
        assert not reading.notices

    @pytest.mark.parametrize(
        ("language", "encoding", "letters"),
        [
            ("tr", "cp1254", "şık İĞ"),
            ("vi", "cp1258", "đẹp".replace("ẹ", "e\u0323")),
            ("th", "cp874", "สวย"),
            ("en", "cp1252", "façade"),
        ],
    )
    def test_a_code_page_is_guessed_by_language_and_said_to_be_guessed(
        self, language: str, encoding: str, letters: str
    ) -> None:
        reading = upload(f"service,link,comments\n1,{LINK},{letters}\n".encode(encoding), language=language)

        assert reading.lines[0].fields["comments"] == letters
        assert encoding.replace("cp", "Windows-") in reading.notices[0]
        assert reading.is_guessed

    def test_a_chosen_encoding_is_not_second_guessed(self) -> None:
        reading = upload(f"service,link,comments\n1,{LINK},ığş\n".encode("cp1254"), language="en", encoding="cp1254")

        assert reading.lines[0].fields["comments"] == "ığş"
        assert not reading.is_guessed

    @pytest.mark.parametrize(
        "content",
        [
            TEXT.encode("utf-32"),
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
            b"service,link\n1,\x81\x8d\x8f\x90\x9d\n",
            b"%PDF-1.7\n\x00\x01\x02",
            b"\xff\xfe\x00",
        ],
    )
    def test_what_is_no_text_is_refused_in_a_sentence(self, content: bytes) -> None:
        assert "CSV UTF-8" in refusal(content)

    def test_a_wrong_choice_is_refused_in_a_sentence(self) -> None:
        assert "UTF-8" in refusal(self.TEXT.encode("cp1254"), encoding="utf-8")

    @pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \n\n"])
    def test_an_empty_file_is_said_to_be_empty(self, content: bytes) -> None:
        assert "empty" in refusal(content)


class TestWorkbook:
    def test_numbers_and_dates_are_read_as_a_person_sees_them(self) -> None:
        content = workbook(
            ["Service", "Link", "Quantity", "expiry", "comments"],
            [12, LINK, 1000.0, date(2030, 12, 31), "one\ntwo"],
            [None, None, None, None, None],
            ["13", f" {LINK} ", 5, None, "three\\nfour"],
        )

        reading = upload(content)

        assert fields_of(reading) == [
            {"service": "12", "link": LINK, "quantity": "1000", "expiry": "31/12/2030", "comments": "one\ntwo"},
            {"service": "13", "link": LINK, "quantity": "5", "comments": "three\nfour"},
        ]
        assert [line.number for line in reading.lines] == [2, 4]

    def test_a_formula_is_never_computed(self) -> None:
        reading = upload(workbook(["service", "link", "comments"], [12, LINK, '="x"&A1'], ["=1+11", LINK, "fine"]))

        assert "“comments” is a formula" in reading.lines[0].fault
        assert "“service” is a formula" in reading.lines[1].fault
        assert reading.lines[1].fields["service"] == "=1+11"

    def test_the_first_of_several_sheets_with_a_header_is_read_and_named(self) -> None:
        reading = upload(workbook(["service", "link"], [1, LINK], sheets=3))

        assert len(reading.lines) == 1
        assert "Read the sheet “Sheet”" in reading.notices[0]
        assert "“More 1”, “More 2”" in reading.notices[0]

    def test_a_missing_column_is_named(self) -> None:
        assert "“service” is missing" in refusal(workbook(["link", "quantity"], [LINK, 5]))

    def test_too_many_rows_are_refused(self) -> None:
        with pytest.raises(Unreadable, match="at most 10,000"):
            upload(workbook(["service", "link"], *([1, "a"] for _row in range(MAX_LINES + 1))))

    @pytest.mark.parametrize(
        "content",
        [
            b"PK\x03\x04 and nothing more",
            workbook(["service", "link"], [1, LINK])[:-200],
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512,
        ],
    )
    def test_what_is_no_workbook_is_refused_in_a_sentence(self, content: bytes) -> None:
        assert "XLSX" in refusal(content)

    def test_another_archive_is_no_workbook(self) -> None:
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")

        assert "XLSX" in refusal(written.getvalue())

    def test_what_unpacks_without_end_is_not_unpacked(self) -> None:
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("xl/sharedStrings.xml", b"\0" * (MAX_UNPACKED + 1))

        assert len(written.getvalue()) < 1024 * 1024
        assert "unpacks to more than" in refusal(written.getvalue())

    def test_entities_are_not_unfolded(self) -> None:
        content = workbook(["service", "link"], [1, LINK])
        bent = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(bent, "w") as target:
            for part in archive.infolist():
                body = archive.read(part)
                if part.filename == "xl/workbook.xml":
                    body = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + body
                target.writestr(part.filename, body)

        assert "document type" in refusal(bent.getvalue())

    def test_a_row_number_without_end_is_not_read(self) -> None:
        content = workbook(["service", "link"], [1, LINK])
        bent = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(bent, "w") as target:
            for part in archive.infolist():
                body = archive.read(part).replace(b'<row r="2"', b'<row r="999999999999"')
                target.writestr(part.filename, body)

        assert "rows" in refusal(bent.getvalue())


class TestDigest:
    def test_the_same_lines_are_the_same_however_they_came(self) -> None:
        pasted = paste(f"12|{LINK}|100\n13|{LINK}|50")
        table = upload(f"quantity;service;link\n100;12;{LINK}\n50;13;{LINK}\n")
        sheet = upload(workbook(["service", "link", "quantity"], [12, LINK, 100], [13, LINK, 50]))

        assert pasted.digest("1") == table.digest("1") == sheet.digest("1")
        assert pasted.digest("1") != pasted.digest("2")
        assert pasted.digest("1") != paste(f"13|{LINK}|50\n12|{LINK}|100").digest("1")
