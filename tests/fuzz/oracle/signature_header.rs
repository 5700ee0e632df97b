//! What must hold of `signature::verify` for any header, body, clock and set of secrets.
//!
//! Shared by the fuzz target and by the replay in the client's tests. An input is text, so that a person can read the
//! corpus and the fuzzer's dictionary fits it:
//!
//! ```text
//! ab t+300                      secrets that are live, our clock: a number, or an offset to the header's first t
//! t=1700000000,v1={a},v1={b^}   the header; {a} is the signature under secret a; no second line: no header
//! {"id":…                       all the rest: the body
//! ```
//!
//! In a placeholder, marks after the secret's letter spoil the signature: see [`spoiled`]. Must not use the code under
//! test to find out what is right: header, numbers, hex and HMAC are done again here, in the plainest way.

use sha2::{Digest, Sha256};
use stripe_client::signature::{SignatureRefused, sign, verify};

/// Those of a letter. `c` is longer than a block of SHA-256, `e` must never sign anything, `x` is somebody else's.
const SECRETS: [(char, &str); 5] = [
    ('a', "whsec_test_secret"),
    ('b', "whsec_rotated_secret"),
    ('c', "whsec_that_is_longer_than_one_block_of_the_hash_function_0123456789_0123456789"),
    ('e', ""),
    ('x', "whsec_of_another_endpoint"),
];

/// As far as the clocks may differ, and no second further.
const TOLERANCE: i128 = 300;

/// More signatures than Stripe ever sends are not looked at.
const SIGNATURES_MAX: usize = 16;

/// Checks one input; says how the delivery was answered.
pub fn check(input: &[u8]) -> Result<(), SignatureRefused> {
    let case = Case::of(input);
    let header = case.header.as_deref();
    let secrets: Vec<&str> = case.secrets.iter().map(|letter| secret(*letter)).collect();

    let answer = verify(case.body, header, &secrets, case.now);
    assert_eq!(answer, judged(case.body, header, &secrets, case.now), "the other implementation differs");
    assert_eq!(answer, verify(case.body, header, &secrets, case.now), "the same again");
    let reversed: Vec<&str> = secrets.iter().rev().copied().collect();
    assert_eq!(answer, verify(case.body, header, &reversed, case.now), "the order of the secrets decides");

    if let Some(header) = header {
        if answer.is_ok() {
            accepted(&case, header, &secrets);
        }
        if let Some(time) = read(header).and_then(|claim| i64::try_from(claim.time).ok()) {
            signed_by_the_crate(case.body, time);
        }
    }
    answer
}

/// What follows from an accepted header.
fn accepted(case: &Case<'_>, header: &str, secrets: &[&str]) {
    let claim = read(header).expect("an accepted header can be read");
    assert!((i128::from(case.now) - claim.time).abs() <= TOLERANCE, "accepted out of time");
    let written = header.to_ascii_lowercase();
    let live = secrets.iter().filter(|secret| !secret.is_empty());
    let codes: Vec<String> = live.map(|secret| code(secret, claim.time_text, case.body)).collect();
    assert!(
        codes.iter().any(|code| written.contains(&format!("v1={code}"))),
        "accepted without a v1 that is the code of the body"
    );
    let with = |body: &[u8], header: &str, secrets: &[&str]| verify(body, Some(header), secrets, case.now);

    // another body, another time, another sender
    let mut longer = case.body.to_vec();
    longer.push(b' ');
    assert_eq!(with(&longer, header, secrets), Err(SignatureRefused::NoMatch), "a longer body");
    let mut changed = case.body.to_vec();
    if let Some(byte) = changed.first_mut() {
        *byte ^= 1;
        assert_eq!(with(&changed, header, secrets), Err(SignatureRefused::NoMatch), "a changed body");
    }
    for code in codes.iter().filter(|code| written.contains(*code)) {
        for position in [0, case.body.len() % 64, 63] {
            let other = if code[position..].starts_with('0') { "1" } else { "0" };
            let forged = format!("{}{other}{}", &code[..position], &code[position + 1..]);
            let header = written.replace(code, &forged);
            let judgement = judged(case.body, Some(&header), secrets, case.now);
            assert_eq!(with(case.body, &header, secrets), judgement, "digit {position} is another");
        }
    }
    let moved = format!("t={},{header}", claim.time + 1);
    // not always refused: the header may carry a signature for that second, too
    assert_eq!(with(case.body, &moved, secrets), judged(case.body, Some(&moved), secrets, case.now));
    assert_eq!(with(case.body, header, &["whsec_guessed"]), Err(SignatureRefused::NoMatch), "another secret");
    assert_eq!(with(case.body, header, &[]), Err(SignatureRefused::NoMatch), "no secret");
    let without = header.replace("v1", "v0");
    assert_eq!(with(case.body, &without, secrets), Err(SignatureRefused::Malformed), "only v0");

    // what is not a signature says nothing
    let junk = format!("v0={},,v1=,v1=zz,=,t,{header},t=0,v1", "0".repeat(64));
    assert_eq!(with(case.body, &junk, secrets), Ok(()), "junk around it");
    assert_eq!(with(case.body, header, &[&[""], secrets].concat()), Ok(()), "an empty secret beside it");
}

/// What the crate signs for tests and stand-ins is a header that Stripe would send.
fn signed_by_the_crate(body: &[u8], time: i64) {
    let (_, secret) = SECRETS[0];
    let header = sign(body, secret, time);
    assert_eq!(header, format!("t={time},v1={}", code(secret, &time.to_string(), body)));
    for (distance, answer) in [
        (0, Ok(())),
        (300, Ok(())),
        (-300, Ok(())),
        (301, Err(SignatureRefused::TooOld)),
        (-301, Err(SignatureRefused::InFuture)),
    ] {
        if let Some(now) = time.checked_add(distance) {
            assert_eq!(verify(body, Some(&header), &[secret], now), answer, "{distance} s away");
        }
    }
    for now in [i64::MIN, i64::MAX] {
        let judgement = judged(body, Some(&header), &[secret], now);
        assert_eq!(verify(body, Some(&header), &[secret], now), judgement, "at {now}");
    }
}

/// A delivery and who receives it when.
struct Case<'a> {
    secrets: Vec<char>,
    now: i64,
    header: Option<String>,
    body: &'a [u8],
}

impl<'a> Case<'a> {
    fn of(input: &'a [u8]) -> Self {
        let (first, rest) = line(input);
        let first = String::from_utf8_lossy(first);
        let (letters, clock) = first.split_once(' ').unwrap_or((&first, ""));
        let known = |letter: &char| SECRETS.iter().any(|(known, _)| known == letter);
        let secrets = letters.chars().filter(known).take(4).collect();
        let (template, body) = rest.map_or((None, &b""[..]), |rest| {
            let (template, body) = line(rest);
            (Some(String::from_utf8_lossy(template).into_owned()), body.unwrap_or_default())
        });
        let header = template.map(|template| filled(&template, body));
        let time = header.as_deref().and_then(first_time).and_then(whole).unwrap_or(0);
        let now = match clock.strip_prefix('t') {
            Some(offset) => time + whole(offset).unwrap_or(0),
            None => whole(clock).unwrap_or(0),
        };
        // a clock beyond 64 bits is none
        let now = i64::try_from(now).unwrap_or(if now < 0 { i64::MIN } else { i64::MAX });
        Self { secrets, now, header, body }
    }
}

/// Up to the first line feed, and what follows it, if there is one.
fn line(bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], Some(&bytes[end + 1..])),
        None => (bytes, None),
    }
}

/// The template with its placeholders replaced by signatures. What is none stays as it stands.
fn filled(template: &str, body: &[u8]) -> String {
    let mut header = String::new();
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        header.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some(end) = rest.find('}') else { break };
        let placeholder = &rest[..=end];
        match spoiled(placeholder, template, body) {
            Some(signature) => header.push_str(&signature),
            None => header.push_str(placeholder),
        }
        rest = &rest[end + 1..];
    }
    header.push_str(rest);
    header
}

/// The signature of a placeholder, with its marks carried out.
fn spoiled(placeholder: &str, template: &str, body: &[u8]) -> Option<String> {
    let mut marks = placeholder.strip_prefix('{')?.strip_suffix('}')?.chars();
    let (_, secret) = SECRETS.iter().find(|(letter, _)| marks.clone().next() == Some(*letter))?;
    marks.next();
    let marks: Vec<char> = marks.take(8).collect();
    let mut time = first_time(template).unwrap_or("").to_owned();
    if marks.contains(&'l') {
        time = times(template).last().unwrap_or("").to_owned();
    }
    if marks.contains(&'s') {
        time = (whole(&time)? + 1).to_string();
    }
    let mut message = body.to_vec();
    if marks.contains(&'o') {
        message.push(b'\n');
    }
    let mut text = code(secret, &time, &message);
    for mark in marks {
        match mark {
            // signed for the last t; for the next second; another body: done above
            'l' | 's' | 'o' => {}
            // capitals
            '^' => text = text.to_uppercase(),
            // the last digit, the first digit is missing
            '<' => text.truncate(text.len().saturating_sub(1)),
            '>' => text = text.chars().skip(1).collect(),
            // a digit too many
            '+' => text.push('0'),
            // the first digit is another
            '~' => {
                let other = if text.starts_with('0') { "1" } else { "0" };
                text = format!("{other}{}", text.chars().skip(1).collect::<String>());
            }
            _ => return None,
        }
    }
    Some(text)
}

fn secret(letter: char) -> &'static str {
    SECRETS.iter().find(|(known, _)| *known == letter).map_or("", |(_, secret)| secret)
}

/// What a header claims, in the words of its documentation.
struct Claim<'a> {
    time_text: &'a str,
    time: i128,
    signatures: Vec<String>,
}

fn times(header: &str) -> impl Iterator<Item = &str> {
    header.split(',').filter_map(|part| part.trim().strip_prefix("t="))
}

fn first_time(header: &str) -> Option<&str> {
    times(header).next()
}

fn read(header: &str) -> Option<Claim<'_>> {
    let time_text = first_time(header)?;
    let time = whole(time_text).filter(|time| i64::try_from(*time).is_ok())?;
    let candidates = header.split(',').filter_map(|part| part.trim().strip_prefix("v1="));
    let signatures: Vec<String> = candidates
        .filter(|text| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .map(str::to_ascii_lowercase)
        .take(SIGNATURES_MAX)
        .collect();
    if signatures.is_empty() { None } else { Some(Claim { time_text, time, signatures }) }
}

/// A whole number as people write it: a sign if you like, then digits. More than 64 bits need no distinction.
fn whole(text: &str) -> Option<i128> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() {
        return None;
    }
    let mut number: i128 = 0;
    for digit in digits.chars() {
        let digit = digit.to_digit(10)?;
        number = (number * 10 + i128::from(digit)).min(i128::from(u64::MAX));
    }
    Some(if text.starts_with('-') { -number } else { number })
}

/// The same judgement from the description alone.
fn judged(body: &[u8], header: Option<&str>, secrets: &[&str], now: i64) -> Result<(), SignatureRefused> {
    let Some(header) = header else { return Err(SignatureRefused::Missing) };
    let Some(claim) = read(header) else { return Err(SignatureRefused::Malformed) };
    let signed = secrets
        .iter()
        .any(|secret| !secret.is_empty() && claim.signatures.contains(&code(secret, claim.time_text, body)));
    match i128::from(now) - claim.time {
        _ if !signed => Err(SignatureRefused::NoMatch),
        age if age > TOLERANCE => Err(SignatureRefused::TooOld),
        age if age < -TOLERANCE => Err(SignatureRefused::InFuture),
        _ => Ok(()),
    }
}

/// HMAC-SHA256 over time, dot and body, as RFC 2104 writes it, in hex.
fn code(secret: &str, time_text: &str, body: &[u8]) -> String {
    let mut key = [0_u8; 64];
    if secret.len() > key.len() {
        key[..32].copy_from_slice(&Sha256::digest(secret));
    } else {
        key[..secret.len()].copy_from_slice(secret.as_bytes());
    }
    let pad = |with: u8| key.map(|byte| byte ^ with);
    let message = [time_text.as_bytes(), b".", body].concat();
    let inner = Sha256::digest([&pad(0x36)[..], &message].concat());
    let outer = Sha256::digest([&pad(0x5c)[..], &inner].concat());
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}
