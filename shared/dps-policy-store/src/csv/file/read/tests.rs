use super::super::super::super::budget::Limits;
use super::*;

/// Reads a file as `hubs.csv`: its rows as `line: column=text ..`, then its findings.
fn read_bytes(bytes: &[u8]) -> String {
    let (mut table, mut findings) = (Table::default(), Vec::new());
    let budget = Budget::new(Limits::default());
    let (name, notes) = (TableName::Hubs, Notes::Keep);
    read(name, bytes, &mut table, notes, &budget, &mut findings).unwrap();
    let names: Vec<&str> = table.columns().collect();
    let mut lines: Vec<String> = table
        .rows()
        .map(|row| {
            let cells: Vec<String> = row
                .cells()
                .map(|(column, text)| format!("{}={text}", names[column]))
                .collect();
            let line = row.line().unwrap();
            format!("{line}: {}", cells.join(" "))
        })
        .collect();
    lines.extend(findings.iter().map(ToString::to_string));
    lines.join("\n")
}

#[track_caller]
fn check(file: &str, expected: &str) {
    assert_eq!(read_bytes(file.as_bytes()), expected, "{file}");
}

#[test]
fn rows_are_read_with_their_lines() {
    check("a,b\n1,2\n3,4\n", "2: a=1 b=2\n3: a=3 b=4");
    check("a,b\n1,2", "2: a=1 b=2");
    check("a,b\r\n1,2\r\n3,4\r\n", "2: a=1 b=2\n3: a=3 b=4");
    check("\u{feff}a,b\n1,2\n", "2: a=1 b=2");
    check("a,b\n\n\n1,2\n\r\n3,4\n", "4: a=1 b=2\n6: a=3 b=4");
    check("a,b\n\"1\n1\",2\n3,4\n", "2: a=1\n1 b=2\n4: a=3 b=4");
    check("", "");
    check("a,b\n", "");
}

#[test]
fn lines_that_begin_with_a_hash_are_comments() {
    check(
        "# one\n\n# two\na,b\n# three, \"\n1,2\n# four",
        "6: a=1 b=2",
    );
    check("# one\r\na,b\r\n# two\r\n1,2\r\n", "4: a=1 b=2");
    check("\u{feff}# one\na,b\n1,2\n", "3: a=1 b=2");
    check(
        "\"# hubs, all of them\",\na,b\n1,2\n\"#3,4\",\n",
        "3: a=1 b=2",
    );
    check("a,b\n1,#2\n", "2: a=1 b=#2");
}

#[test]
fn cells_may_be_missing_empty_or_in_quotes() {
    check("a,b\n,\n , \n1,2,,\n", "4: a=1 b=2");
    check("a,b,,\n1,2,,\n", "2: a=1 b=2");
    check("a,b\n\"{\"\"k\"\":[1,2]}\",2\n", "2: a={\"k\":[1,2]} b=2");
    check("a,b\n\"\",\"\"\"\"\n", "2: b=\"");
    check("a,b\n5\" pipe,2\n", "2: a=5\" pipe b=2");
    check(" a , b \n 1 , 2 \n", "2: a=1 b=2");
}

#[test]
fn columns_of_tools_are_passed_on() {
    check(
        "a,Timestamp,a@type\n1,x,Edm.String\n",
        "2: a=1 Timestamp=x a@type=Edm.String",
    );
}

#[test]
fn a_value_under_no_column_name_is_an_error() {
    let finding = format!("the row has a value that stands under no column name; {QUOTING}");
    check(
        "a,b\n1,2,3\n",
        &format!("2: a=1 b=2\nerror: hubs, line 2: {finding}"),
    );
    check(
        "a,,c\n1,2,3\n",
        &format!("2: a=1 c=3\nerror: hubs, line 2: {finding}"),
    );
    check(
        "a,b\n1,x,y\n\n1,2\n",
        &format!("2: a=1 b=x\n4: a=1 b=2\nerror: hubs, line 2: {finding}"),
    );
}

#[test]
fn two_columns_of_one_name_are_an_error() {
    check(
        "a,b,a\n",
        "error: hubs, line 1, column a: two columns have the same name; keep one of them",
    );
}

#[test]
fn a_row_with_too_few_cells_is_a_warning() {
    let finding = |line: u32, has: u32, of: u32| {
        format!(
            "warning: hubs, line {line}: the row has {has} of {of} cells; the others count as empty; \
             write a comma for each empty cell, so that a lost one is noticed"
        )
    };
    check(
        "a,b,c\n1\n,2\n1,2,3\n,,3\n",
        &format!(
            "2: a=1\n3: b=2\n4: a=1 b=2 c=3\n5: c=3\n{}\n{}",
            finding(2, 1, 3),
            finding(3, 2, 3)
        ),
    );
    // Columns without a name need no cells.
    check(
        "a,b,,\n1,2\n1\n",
        &format!("2: a=1 b=2\n3: a=1\n{}", finding(3, 1, 2)),
    );
}

#[test]
fn what_programs_add_is_read() {
    // Excel's own line, which says how it separates columns.
    check("sep=,\na,b\n1,2\n", "3: a=1 b=2");
    check("SEP=,\r\na,b\r\n1,2\r\n", "3: a=1 b=2");
    check("\u{feff}\"sep=,\"\n# c\na,b\n1,2\n", "4: a=1 b=2");
    // Lines that end with CR alone.
    check("a,b\r# c\r1,2\r\r3,4\r", "3: a=1 b=2\n5: a=3 b=4");
}

#[test]
fn other_separators_are_an_error() {
    let help = "separate them by commas";
    check(
        "a;b\n",
        &format!("error: hubs, line 1: the columns are separated by ';'; {help}"),
    );
    check(
        "a\tb\n",
        &format!("error: hubs, line 1: the columns are separated by '\\t'; {help}"),
    );
    check(
        "sep=;\na;b\n1;2\n",
        &format!("error: hubs, line 1: the columns are separated by ';'; {help}"),
    );
    check(
        "# c\na|b\n1,2|3\n",
        &format!("error: hubs, line 2: the columns are separated by '|'; {help}"),
    );
}

#[test]
fn an_open_quote_is_an_error_and_swallows_nothing_silently() {
    let rule = "a quoted cell is not closed, or text follows its closing quote";
    let at = |line: u32| format!("error: hubs, line {line}: {rule}; {QUOTING}");
    check("a,b\n1,\"2\n3,4\n", &at(2));
    check("a,b\n1,2\n3,\"4", &format!("2: a=1 b=2\n{}", at(3)));
    check("a,b\n1,\"2\n3,\"4\"\n5,6\n", &at(2));
    check("a,b\n1,\"2\"x\n", &at(2));
    check("a,\"b\n1,2\n", &at(1));
    check("a,b\n1,{\"k\":1,\"l\":2}\n", &at(2));
}

#[test]
fn a_file_that_is_not_utf_8_is_an_error() {
    let finding = "the file is not UTF-8; save it as CSV UTF-8";
    let utf16 = "error: hubs, line 1: the file is UTF-16; save it as CSV UTF-8; in PowerShell: \
                 Export-Csv -Encoding utf8";
    assert_eq!(read_bytes(b"\xff\xfea\0,\0b\0"), utf16);
    assert_eq!(read_bytes(b"\xfe\xff\0a\0,\0b"), utf16);
    assert_eq!(read_bytes(b"a\0,\0b\0"), utf16);
    assert_eq!(read_bytes(b"\0a\0,\0b"), utf16);
    assert_eq!(
        read_bytes(b"a,b\nZ\xfcrich,2\n"),
        format!("error: hubs, line 2: {finding}")
    );
}
