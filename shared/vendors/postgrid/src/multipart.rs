//! A `multipart/form-data` body whose bytes depend on its content alone (RFC 7578). reqwest generates a random
//! boundary for each form; a request that is repeated under an idempotency key must be the same bytes, so here the
//! caller sets the boundary.

use bytes::{BufMut, Bytes, BytesMut};

/// The longest boundary that RFC 2046 allows.
const BOUNDARY_LENGTH_MAX: usize = 70;

/// A finished body and the value of its `Content-Type`.
pub(crate) struct Body {
    pub content_type: String,
    pub bytes: Bytes,
}

/// A file among the fields.
pub(crate) struct File<'a> {
    pub name: &'a str,
    pub file_name: &'a str,
    pub content_type: &'a str,
    pub content: &'a Bytes,
}

/// Fields in the order given, then the file. `wanted_boundary` is changed only if the content holds it: content comes
/// from users, who must not be able to end their part and write fields of their own.
pub(crate) fn encode(fields: &[(String, String)], file: &File<'_>, wanted_boundary: &str) -> Body {
    let boundary = safe_boundary(fields, file, wanted_boundary);
    let mut bytes = BytesMut::with_capacity(file.content.len() + 4096);
    for (name, value) in fields {
        let name = quoted(name);
        bytes.put_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes(),
        );
        bytes.put_slice(value.as_bytes());
        bytes.put_slice(b"\r\n");
    }
    let File { name, file_name, content_type, content } = file;
    bytes.put_slice(format!("--{boundary}\r\n").as_bytes());
    bytes.put_slice(b"Content-Disposition: form-data; ");
    bytes.put_slice(format!("name=\"{}\"; filename=\"{}\"\r\n", quoted(name), quoted(file_name)).as_bytes());
    bytes.put_slice(format!("Content-Type: {content_type}\r\n\r\n").as_bytes());
    bytes.put_slice(content);
    bytes.put_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Body { content_type: format!("multipart/form-data; boundary={boundary}"), bytes: bytes.freeze() }
}

/// The wanted boundary, followed by the first number that makes it absent from the content.
fn safe_boundary(fields: &[(String, String)], file: &File<'_>, wanted: &str) -> String {
    let mut base: String =
        wanted.chars().filter(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_')).collect();
    base.truncate(BOUNDARY_LENGTH_MAX.saturating_sub(20));
    if base.is_empty() {
        base.push_str("boundary");
    }
    let mut boundary = base.clone();
    let mut number = 0_u64;
    while stands_in(fields, file.content, &boundary) {
        number = number.wrapping_add(1);
        boundary = format!("{base}-{number}");
    }
    boundary
}

fn stands_in(fields: &[(String, String)], content: &[u8], boundary: &str) -> bool {
    let delimiter = format!("--{boundary}");
    fields.iter().any(|(_, value)| value.contains(&delimiter))
        || content.windows(delimiter.len()).any(|window| window == delimiter.as_bytes())
}

/// As browsers write names: what would end the quoted text is escaped.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &[(&str, &str)], content: &'static [u8], boundary: &str) -> Body {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let content = Bytes::from_static(content);
        let file =
            File { name: "pdf", file_name: "card.pdf", content_type: "application/pdf", content: &content };
        encode(&fields, &file, boundary)
    }

    #[test]
    fn the_body_is_the_documented_one() {
        let body = check(&[("to[firstName]", "Zoë"), ("size", "6x4")], b"%PDF", "piece1");
        assert_eq!(body.content_type, "multipart/form-data; boundary=piece1");
        assert_eq!(
            std::str::from_utf8(&body.bytes).unwrap(),
            "--piece1\r\nContent-Disposition: form-data; name=\"to[firstName]\"\r\n\r\nZoë\r\n\
             --piece1\r\nContent-Disposition: form-data; name=\"size\"\r\n\r\n6x4\r\n\
             --piece1\r\nContent-Disposition: form-data; name=\"pdf\"; filename=\"card.pdf\"\r\n\
             Content-Type: application/pdf\r\n\r\n%PDF\r\n--piece1--\r\n"
        );
    }

    #[test]
    fn the_same_content_is_the_same_bytes() {
        let body = || check(&[("size", "6x4")], b"%PDF", "piece1").bytes;
        assert_eq!(body(), body());
    }

    #[test]
    fn content_cannot_end_its_part() {
        let smuggled =
            b"%PDF\r\n--piece1\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\nelsewhere --piece1-1";
        let body = check(&[("size", "6x4")], smuggled, "piece1");
        assert_eq!(body.content_type, "multipart/form-data; boundary=piece1-2");
        let in_a_field = check(&[("description", "--piece1")], b"%PDF", "piece1");
        assert_eq!(in_a_field.content_type, "multipart/form-data; boundary=piece1-1");
    }

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let body = check(&[("metadata[a\"\r\nb]", "x")], b"", "piece1");
        assert!(String::from_utf8_lossy(&body.bytes).contains("name=\"metadata[a%22%0D%0Ab]\"\r\n"));
    }

    #[test]
    fn a_boundary_is_made_usable() {
        let boundary = |wanted: &str| check(&[], b"", wanted).content_type;
        assert_eq!(boundary("a b\r\n;c"), "multipart/form-data; boundary=abc");
        assert_eq!(boundary(""), "multipart/form-data; boundary=boundary");
        assert!(
            boundary(&"x".repeat(300)).len() <= "multipart/form-data; boundary=".len() + BOUNDARY_LENGTH_MAX
        );
    }
}
