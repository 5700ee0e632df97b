//! The signature against vectors that were computed with other libraries, and everything that must be refused.

use stripe_client::signature::{SignatureRefused, TOLERANCE_SECONDS, sign, verify};

const SIGNED_AT: i64 = 1_700_000_000;
const SECRET: &str = "whsec_test_secret";
const ROTATED: &str = "whsec_rotated_secret";
const BODY: &str = r#"{"id":"evt_test_droplab_1","object":"event","type":"checkout.session.completed"}"#;
const V1: &str = "43394bcd89f9e3185655a96ac3592bff16c7340af597b601b9b45ea74266312d";
const V1_ROTATED: &str = "8c6886ad444e784c6a2f995eb6ad74c33851f68be24db957f09c15b3081dd48c";

/// The only place that calls the API: body, header and secrets, at the time of signing.
fn check(body: &str, header: &str, secrets: &[&str]) -> Result<(), SignatureRefused> {
    verify(body.as_bytes(), Some(header), secrets, SIGNED_AT)
}

fn header(v1: &str) -> String {
    format!("t={SIGNED_AT},v1={v1}")
}

#[test]
fn the_published_vectors_pass_and_are_reproduced() {
    let accented = "{\"id\":\"evt_é\",\"object\":\"event\"}";
    let sample = "{\n  \"id\": \"evt_test_webhook\",\n  \"object\": \"event\"\n}";
    let vectors = [
        (SECRET, BODY, 80, V1),
        (ROTATED, BODY, 80, V1_ROTATED),
        (SECRET, accented, 32, "6c9309a001d73db7576ae53cd43df90b147c3d1ddffa8c869be6e69ae232237e"),
        (SECRET, sample, 51, "4f1cd7feda9826e746b7d482c4badebb657398df1099e1046364f6196a230150"),
    ];
    for (secret, body, bytes, v1) in vectors {
        assert_eq!(body.len(), bytes);
        assert_eq!(check(body, &header(v1), &[secret]), Ok(()));
        assert_eq!(sign(body.as_bytes(), secret, SIGNED_AT), header(v1));
    }
}

#[test]
fn a_rolled_secret_passes_under_either() {
    let both = format!("t={SIGNED_AT},v1={V1},v1={V1_ROTATED}");
    assert_eq!(check(BODY, &both, &[SECRET]), Ok(()));
    assert_eq!(check(BODY, &both, &[ROTATED]), Ok(()));
    assert_eq!(check(BODY, &header(V1_ROTATED), &[SECRET, ROTATED]), Ok(()));
    assert_eq!(check(BODY, &both, &["whsec_another"]), Err(SignatureRefused::NoMatch));
}

#[test]
fn a_missing_header_is_refused() {
    assert_eq!(verify(BODY.as_bytes(), None, &[SECRET], SIGNED_AT), Err(SignatureRefused::Missing));
}

#[test]
fn a_header_without_time_or_without_v1_is_refused() {
    let without_time = format!("v1={V1}");
    let unreadable_time = format!("t=yesterday,v1={V1}");
    let only_v0 = format!("t={SIGNED_AT},v0={V1}");
    let only_time = format!("t={SIGNED_AT}");
    for malformed in ["", "t", ",,,", "=", &without_time, &unreadable_time, &only_v0, &only_time] {
        assert_eq!(check(BODY, malformed, &[SECRET]), Err(SignatureRefused::Malformed), "{malformed}");
    }
}

#[test]
fn a_wrong_signature_is_refused() {
    assert_eq!(check(BODY, &header(V1_ROTATED), &[SECRET]), Err(SignatureRefused::NoMatch));
    let truncated = format!("t={SIGNED_AT},v1={}", &V1[..62]);
    assert_eq!(check(BODY, &truncated, &[SECRET]), Err(SignatureRefused::Malformed));
}

#[test]
fn a_valid_signature_after_junk_passes() {
    let after_junk = format!("t={SIGNED_AT},v1=,v1=zz,v1={V1_ROTATED},nonsense,v0=00, v1={V1}");
    assert_eq!(check(BODY, &after_junk, &[SECRET]), Ok(()));
}

#[test]
fn hex_in_capitals_is_the_same_signature() {
    assert_eq!(check(BODY, &header(&V1.to_uppercase()), &[SECRET]), Ok(()));
}

#[test]
fn the_age_is_bounded_in_both_directions() {
    let at = |now| verify(BODY.as_bytes(), Some(&header(V1)), &[SECRET], now);
    assert_eq!(at(SIGNED_AT + TOLERANCE_SECONDS), Ok(()));
    assert_eq!(at(SIGNED_AT + 301), Err(SignatureRefused::TooOld));
    assert_eq!(at(SIGNED_AT - TOLERANCE_SECONDS), Ok(()));
    assert_eq!(at(SIGNED_AT - 301), Err(SignatureRefused::InFuture));
    assert_eq!(at(i64::MIN), Err(SignatureRefused::InFuture));
}

#[test]
fn the_time_is_part_of_what_is_signed() {
    let moved = format!("t={},v1={V1}", SIGNED_AT + 1);
    assert_eq!(check(BODY, &moved, &[SECRET]), Err(SignatureRefused::NoMatch));
    let padded = format!("t=0{SIGNED_AT},v1={V1}");
    assert_eq!(check(BODY, &padded, &[SECRET]), Err(SignatureRefused::NoMatch));
}

#[test]
fn a_body_changed_by_one_byte_is_refused() {
    for position in 0..BODY.len() {
        let mut changed = BODY.as_bytes().to_vec();
        changed[position] ^= 1;
        let answer = verify(&changed, Some(&header(V1)), &[SECRET], SIGNED_AT);
        assert_eq!(answer, Err(SignatureRefused::NoMatch), "byte {position}");
    }
}

#[test]
fn a_body_written_again_is_refused() {
    let value: serde_json::Value = serde_json::from_str(BODY).unwrap();
    let written_again = serde_json::to_string_pretty(&value).unwrap();
    assert_eq!(check(&written_again, &header(V1), &[SECRET]), Err(SignatureRefused::NoMatch));
}

#[test]
fn a_base64_body_that_was_not_decoded_is_refused() {
    let base64 = concat!(
        "eyJpZCI6ImV2dF90ZXN0X2Ryb3BsYWJfMSIsIm9iamVjdCI6ImV2ZW50Iiwi",
        "dHlwZSI6ImNoZWNrb3V0LnNlc3Npb24uY29tcGxldGVkIn0="
    );
    assert_eq!(check(base64, &header(V1), &[SECRET]), Err(SignatureRefused::NoMatch));
}

#[test]
fn no_secret_or_an_empty_one_never_passes() {
    assert_eq!(check(BODY, &header(V1), &[]), Err(SignatureRefused::NoMatch));
    let signed_with_nothing = sign(BODY.as_bytes(), "", SIGNED_AT);
    assert_eq!(check(BODY, &signed_with_nothing, &[""]), Err(SignatureRefused::NoMatch));
}
