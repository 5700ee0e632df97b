//! Every input that fuzzing found worth storing, judged by the fuzz targets' own oracles. `make fuzz` searches for
//! new ones.

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use stripe_client::event::TYPES;
use stripe_client::signature::SignatureRefused;

#[path = "../../../../tests/fuzz/oracle/event_parser.rs"]
mod event_parser;
#[path = "../../../../tests/fuzz/oracle/signature_header.rs"]
mod signature_header;

/// Judges every input of a target; returns the distinct verdicts.
fn replay(target: &str, judge: fn(&[u8]) -> String) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fuzz/corpus").join(target);
    let mut answers = BTreeSet::new();
    let mut broken = Vec::new();
    for entry in fs::read_dir(&folder).expect("the committed corpus") {
        let path = entry.expect("an entry").path();
        let input = fs::read(&path).expect("an input");
        match catch_unwind(|| judge(&input)) {
            Ok(answer) => drop(answers.insert(answer)),
            Err(_) => broken.push(path),
        }
    }
    assert!(broken.is_empty(), "inputs that break the oracle of {target}: {broken:#?}");
    assert!(!answers.is_empty(), "the corpus of {target} is empty");
    answers
}

#[test]
fn every_kept_signature_header_is_judged_as_the_oracle_does() {
    let answers = replay("signature_header", |input| format!("{:?}", signature_header::check(input)));
    let reached = [
        Ok(()),
        Err(SignatureRefused::Missing),
        Err(SignatureRefused::Malformed),
        Err(SignatureRefused::TooOld),
        Err(SignatureRefused::InFuture),
        Err(SignatureRefused::NoMatch),
    ];
    assert_eq!(answers, reached.map(|answer| format!("{answer:?}")).into());
}

#[test]
fn every_kept_event_is_read_as_the_oracle_does() {
    let answers = replay("event_parser", event_parser::check);
    let others = ["unknown", "undecodable", "thin", "malformed"];
    let missing: Vec<_> = TYPES.iter().chain(&others).filter(|word| !answers.contains(**word)).collect();
    assert!(missing.is_empty(), "no input of the corpus is answered as {missing:?}");
}
