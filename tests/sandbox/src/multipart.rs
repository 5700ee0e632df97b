//! Multipart bodies, read without copying the files in them.

use bytes::Bytes;

#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// Present for a file part.
    pub(crate) file_name: Option<String>,
    pub(crate) content: Bytes,
}

/// The boundary that a `content-type` names; `None` when it is not multipart/form-data.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameters.split(';').find_map(|item| item.trim().strip_prefix("boundary="))?;
    Some(value.trim_matches('"').to_owned())
}

/// The parts of a body; the error is a sentence for the caller.
pub(crate) fn parse(body: &Bytes, boundary: &str) -> Result<Vec<Part>, String> {
    let broken = || "The multipart body is not well formed.".to_owned();
    let first = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let mut at = if body.starts_with(first.as_bytes()) {
        first.len()
    } else {
        find(body, between.as_bytes(), 0).ok_or_else(broken)? + between.len()
    };
    let mut parts = Vec::new();
    loop {
        if body.get(at..at + 2) == Some(b"--") {
            return Ok(parts);
        }
        let head_start = at + 2;
        let head_end = find(body, b"\r\n\r\n", at).ok_or_else(broken)?;
        let end = find(body, between.as_bytes(), head_end).ok_or_else(broken)?;
        let head = body.get(head_start..head_end.max(head_start)).ok_or_else(broken)?;
        let head = String::from_utf8_lossy(head);
        // an empty part's end overlaps the blank line before it
        let content = body.slice((head_end + 4).min(end)..end);
        parts.push(part(&head, content).ok_or_else(broken)?);
        at = end + between.len();
    }
}

fn part(head: &str, content: Bytes) -> Option<Part> {
    let disposition = head.split("\r\n").find(|line| {
        line.get(..20).is_some_and(|start| start.eq_ignore_ascii_case("content-disposition:"))
    })?;
    Some(Part {
        name: parameter(disposition, "name")?,
        file_name: parameter(disposition, "filename"),
        content,
    })
}

fn parameter(line: &str, name: &str) -> Option<String> {
    line.split(';').skip(1).find_map(|item| {
        let (key, value) = item.trim().split_once('=')?;
        (key == name).then(|| value.trim_matches('"').replace("%22", "\""))
    })
}

/// Where `needle` begins in `body` at or after `from`. Horspool's search: an unoptimised build would spend
/// seconds on artwork if it looked at every byte.
fn find(body: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let last = needle.len().checked_sub(1)?;
    let mut skip = [needle.len(); 256];
    for (index, byte) in needle.iter().take(last).enumerate() {
        skip[usize::from(*byte)] = last - index;
    }
    let mut at = from;
    while let Some(end) = body.get(at + last) {
        if body.get(at..=at + last) == Some(needle) {
            return Some(at);
        }
        at += skip[usize::from(*end)];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_files_are_told_apart() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"to[city]\"\r\n\r\nTampa\r\n--b\r\n\
             Content-Disposition: form-data; name=\"pdf\"; filename=\"card.pdf\"\r\n\
             Content-Type: application/pdf\r\n\r\n%PDF-1.4\r\n--x\r\n%%EOF\r\n--b\r\n\
             content-disposition: form-data; name=\"empty\"\r\n\r\n\r\n--b--\r\n";
        let parts = parse(&Bytes::from(body), "b").expect("well formed");
        let seen: Vec<_> = parts.iter().map(|part| (part.name.as_str(), part.file_name.as_deref())).collect();
        assert_eq!(seen, [("to[city]", None), ("pdf", Some("card.pdf")), ("empty", None)]);
        assert_eq!(&parts[0].content[..], b"Tampa");
        assert_eq!(&parts[1].content[..], b"%PDF-1.4\r\n--x\r\n%%EOF");
        assert!(parts[2].content.is_empty());
        assert!(parse(&Bytes::from("no boundary"), "b").is_err());
    }
}
