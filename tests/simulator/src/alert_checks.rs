//! The alerts of owners, once all has ended: each alert was published, once; again only where its sender met
//! trouble between publishing and marking it.

use crate::core::Core;
use crate::system::System;
use alerts::Alert;
use serde_json::Value;
use std::collections::BTreeMap;
use support::records::Records;

/// Whose, and the e-mail's subject and text.
type Mail = (String, String, String);

pub(crate) fn check(core: &Core, system: &System, records: &Records) {
    let mut wanted: BTreeMap<Mail, u32> = BTreeMap::new();
    for record in records.kind("ALERT#") {
        let Ok(alert) = serde_json::from_value::<Alert>(record.clone()) else {
            core.broken(format!("an alert cannot be read: {record}"));
            continue;
        };
        if alert.sent_at.is_none() {
            core.broken(format!("{}: an alert was not sent", alert.name));
        }
        let mail = (alert.organization.to_string(), alert.title(), alert.text());
        *wanted.entry(mail).or_default() += 1;
    }
    let mut sent: BTreeMap<Mail, (u32, u32)> = BTreeMap::new();
    for (published, may_come_again) in system.alerted.published() {
        let organization = published.attributes.get("organizationId").cloned().unwrap_or_default();
        let (all, excused) = sent.entry((organization, published.subject, published.message)).or_default();
        *all += 1;
        *excused += u32::from(may_come_again);
    }
    for (mail, wanted) in &wanted {
        let (all, excused) = sent.remove(mail).unwrap_or_default();
        if all < *wanted || all - wanted > excused {
            core.broken(format!("{mail:?} is due {wanted} ×, sent {all} ×, {excused} with trouble"));
        }
    }
    for mail in sent.keys() {
        core.broken(format!("{mail:?} was sent, and is no alert of ours"));
    }
    for entry in records.entries().filter(|entry| entry["cause"]["kind"] == "refund") {
        let refund = entry["cause"]["id"].as_str().unwrap_or_default();
        let of_refund = |alert: &&Value| alert["name"] == refund;
        if records.kind("ALERT#").filter(of_refund).count() != 1 {
            core.broken(format!("the owner has no alert of the refund {refund}"));
        }
    }
    for (cause, ending) in [("payment-intent", "-done"), ("frozen", "-stopped"), ("refund-undone", "-undone")]
    {
        let entries = records.entries().filter(|entry| entry["cause"]["kind"] == cause).count();
        // a dispute that was won and is appealed against stops spending again
        let name = |alert: &&Value| {
            alert["name"].as_str().is_some_and(|name| name.trim_end_matches("-again").ends_with(ending))
        };
        let alerts = records.kind("ALERT#").filter(name).count();
        if entries != alerts {
            core.broken(format!("{entries} entries of {cause}, and {alerts} alerts of them"));
        }
    }
}
