//! A CSV as a spreadsheet on Windows opens it. Shares no code with what writes the files.

/// The rows of a file, each as its cells. Text is UTF-8 behind a byte order mark alone; without one each byte is a
/// character of its own, as in the code pages of Windows.
#[must_use]
pub fn open(file: &[u8]) -> Vec<Vec<String>> {
    let text: String = match file.strip_prefix(b"\xEF\xBB\xBF") {
        Some(marked) => std::str::from_utf8(marked).expect("UTF-8").to_owned(),
        None => file.iter().map(|byte| char::from(*byte)).collect(),
    };
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut letters = text.chars().peekable();
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            _ if quoted => cell.push(letter),
            '"' if cell.is_empty() => quoted = true,
            ',' => row.push(std::mem::take(&mut cell)),
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(letter),
        }
    }
    assert!(!quoted && row.is_empty() && cell.is_empty(), "the file ends with a line's end");
    rows
}
