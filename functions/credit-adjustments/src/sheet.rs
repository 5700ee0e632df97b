//! A CSV file as a person's spreadsheet wrote it: its header, its rows, and at which line and column each cell stands.

use platform::Problem;
use terms::BYTE_ORDER_MARK;

/// Characters of a cell that a sentence quotes.
const QUOTED_LENGTH_MAX: usize = 40;

/// One cell, without blanks at its ends, and where it begins in the file.
pub(crate) struct Cell {
    pub text: String,
    line: usize,
    column: usize,
}

/// One line of cells; a cell in quotation marks may span several.
pub(crate) struct Row {
    cells: Vec<Cell>,
}

/// The columns that a header may name, and how many of them it must.
pub(crate) struct Columns {
    pub names: &'static [&'static str],
    pub required: usize,
}

impl Cell {
    /// The problem with this cell.
    pub(crate) fn wrong(&self, words: &str) -> Problem {
        let shown: String = self.text.chars().take(QUOTED_LENGTH_MAX).collect();
        problem("invalid_row", self.line, Some(self.column), &format!("{words}, not {shown:?}"))
    }
}

impl Row {
    /// The cells in the order of `columns`; an optional column that the header leaves out is `None`.
    fn by_column(mut self, header: &[usize], columns: &Columns) -> Result<Vec<Option<Cell>>, Problem> {
        let (found, wanted) = (self.cells.len(), header.len());
        if found != wanted {
            let first = self.cells.first();
            let line = first.map_or(1, |cell| cell.line);
            let spans = self.cells.iter().any(|cell| cell.line != line || cell.text.contains(['\n', '\r']));
            let hint = if spans { ", and perhaps a quotation mark that is not closed" } else { "" };
            let words = format!("the row has {found} cells where the header has {wanted}{hint}");
            return Err(problem("invalid_row", line, Some(found.min(wanted).saturating_add(1)), &words));
        }
        let mut cells: Vec<Option<Cell>> = columns.names.iter().map(|_| None).collect();
        for (cell, place) in self.cells.drain(..).zip(header) {
            if let Some(slot) = cells.get_mut(*place) {
                *slot = Some(cell);
            }
        }
        Ok(cells)
    }

    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.text.is_empty())
    }

    /// Which of `columns` each cell of a header names.
    fn as_header(&self, columns: &Columns) -> Result<Vec<usize>, Problem> {
        let names = columns.names.join(", ");
        let wrong = |cell: &Cell, words: &str| problem("invalid_header", cell.line, Some(cell.column), words);
        let only = self.cells.first().filter(|_| self.cells.len() == 1);
        if let Some(first) = self.cells.first().filter(|cell| cell.text.to_lowercase().starts_with("sep=")) {
            let words =
                "the first line is a sep= line and no header: delete it, and separate columns by commas";
            return Err(problem("invalid_header", first.line, None, words));
        }
        for (separator, called) in [(';', "semicolons"), ('\t', "tabs")] {
            if let Some(cell) = only.filter(|cell| cell.text.contains(separator)) {
                let words =
                    format!("the header separates its columns by {called}: save the file with commas");
                return Err(problem("invalid_header", cell.line, None, &words));
            }
        }
        let mut header = Vec::new();
        for cell in &self.cells {
            let found: String = cell.text.chars().take(QUOTED_LENGTH_MAX).collect();
            let Some(place) = columns.names.iter().position(|name| *name == cell.text) else {
                let words = format!("the header has {found:?} here, and its columns are {names}");
                return Err(wrong(cell, &words).with("found", found).with("expected", columns.names));
            };
            if header.contains(&place) {
                return Err(wrong(cell, &format!("the header names {found} twice")));
            }
            header.push(place);
        }
        match (0..columns.required).find(|place| !header.contains(place)) {
            None => Ok(header),
            Some(missing) => {
                let (line, missing) =
                    (self.cells.first().map_or(1, |cell| cell.line), columns.names[missing]);
                let words = format!("the header has no column {missing}; its columns are {names}");
                Err(problem("invalid_header", line, None, &words).with("expected", columns.names))
            }
        }
    }
}

/// The rows below the header, each with its cells in the order of `columns`. Blank lines are passed over; a byte order
/// mark may stand before the header.
///
/// # Errors
/// A problem 400 that names the line and the column.
pub(crate) fn read(body: &[u8], columns: &Columns) -> Result<Vec<Vec<Option<Cell>>>, Problem> {
    let text = std::str::from_utf8(body).map_err(|error| {
        let line = Lines::default().at(body, error.valid_up_to());
        problem("invalid_file", line, None, "this is not UTF-8: save the file as CSV UTF-8")
    })?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut rows = rows(text)?.into_iter().filter(|row| !row.is_blank());
    let Some(header) = rows.next() else {
        let words = format!("the file is empty: its first line must be {}", columns.names.join(","));
        return Err(problem("invalid_header", 1, None, &words));
    };
    let header = header.as_header(columns)?;
    rows.map(|row| row.by_column(&header, columns)).collect()
}

fn rows(text: &str) -> Result<Vec<Row>, Problem> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut lines, mut rows) = (Lines::default(), Vec::new());
    let mut record = csv::StringRecord::new();
    loop {
        // Where the reader goes on: at blank lines, if there are some before the record.
        let from = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        let line = lines.at(text.as_bytes(), from);
        let more = reader.read_record(&mut record).map_err(|error| {
            tracing::warn!(kind = ?error.kind(), "a CSV in memory could not be read");
            problem("invalid_file", line, None, "this is not CSV")
        })?;
        if !more {
            return Ok(rows);
        }
        let mut at = line;
        let cells = record.iter().zip(1..).map(|(raw, column)| {
            let begins = at;
            at = at.saturating_add(line_ends(raw.as_bytes()));
            Cell { text: raw.trim().to_owned(), line: begins, column }
        });
        rows.push(Row { cells: cells.collect() });
    }
}

/// Counts lines from the file's beginning on, each byte once.
#[derive(Default)]
struct Lines {
    counted: usize,
    ends: usize,
}

impl Lines {
    /// The line, from 1 on, of the first byte at or behind `from` that ends no line.
    fn at(&mut self, text: &[u8], from: usize) -> usize {
        let rest = text.get(from..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let to = from.saturating_add(blank).min(text.len());
        self.ends = self.ends.saturating_add(line_ends(text.get(self.counted..to).unwrap_or_default()));
        self.counted = to;
        self.ends.saturating_add(1)
    }
}

/// Ends of lines: `\n`, `\r\n` or `\r`.
fn line_ends(text: &[u8]) -> usize {
    let next = text.iter().skip(1).map(Some).chain([None]);
    text.iter()
        .zip(next)
        .filter(|(byte, next)| **byte == b'\n' || (**byte == b'\r' && *next != Some(&b'\n')))
        .count()
}

/// The file's problem at a place, in words that go into a sentence.
pub(crate) fn problem(code: &'static str, line: usize, column: Option<usize>, words: &str) -> Problem {
    let place = column.map(|column| format!(", column {column}")).unwrap_or_default();
    let sentence = format!("Line {line}{place}: {words}. Nothing was imported.");
    let problem = Problem::bad_request(code, sentence).with("line", line);
    match column {
        Some(column) => problem.with("column", column),
        None => problem,
    }
}
