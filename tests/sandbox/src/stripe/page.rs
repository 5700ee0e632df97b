//! The hosted payment page: what is bought, how much, and three buttons. And the look of all pages.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::checkout::offers;
use super::{Stripe, objects};
use crate::form;
use crate::message::Response;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1a1f36; --soft: #5b6478; --paper: #ffffff; --ground: #f4f6fa;
  --line: #d6dbe6; --act: #4f46e5; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef0f7; --soft: #a9b1c6; --paper: #1b2033;
  --ground: #11141f; --line: #39415c; --act: #6d66f0; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: 1rem; padding: 2rem; }
.merchant { margin: 0; color: var(--soft); font-weight: 600; }
h1 { margin: .25rem 0 1.25rem; font-size: 2.25rem; line-height: 1.2; }
ul { list-style: none; margin: 0 0 1.5rem; padding: 0; border-top: 1px solid var(--line); }
li { display: flex; justify-content: space-between; gap: 1rem; padding: .6rem 0;
  border-bottom: 1px solid var(--line); }
form { display: grid; gap: .75rem; }
button, .button { font: inherit; font-weight: 600; padding: .75rem 1rem; border-radius: .6rem;
  cursor: pointer; border: 1px solid var(--line); background: transparent; color: inherit;
  text-align: center; text-decoration: none; }
#pay { background: var(--act); border-color: var(--act); color: #fff; }
button:focus-visible, .button:focus-visible { outline: 3px solid var(--act); outline-offset: 3px; }
.note { margin: 1.25rem 0 0; color: var(--soft); font-size: .875rem; }
";

impl Stripe {
    /// True for the path of a page: a browser's, not a caller's of the API.
    pub(crate) fn is_page(path: &str) -> bool {
        ["/pay/", "/receipts/", "/portal/"].iter().any(|folder| path.starts_with(folder))
    }

    /// `GET` shows the page, `POST` with `action` = `pay`, `pay-later` or `cancel` does what its button says.
    pub(super) fn page(&mut self, now_ms: u64, method: &str, id: &str, body: &[u8]) -> Response {
        let Some(session) = self.sessions.get(id).cloned() else {
            let page = notice("Nothing to pay here", "This payment page does not exist.", None);
            return Response::html(404, page);
        };
        if session["status"] != "open" {
            return closed(&session);
        }
        if method != "POST" {
            return Response::html(200, self.open_page(&session));
        }
        let fields = form::pairs(&String::from_utf8_lossy(body));
        let action = fields.iter().find(|(name, _)| name == "action").map(|(_, value)| value.as_str());
        let paid = match action {
            Some("pay") => self.pay_session(now_ms, id, false),
            Some("pay-later") => self.pay_session(now_ms, id, true),
            Some("cancel") => {
                return match session["cancel_url"].as_str() {
                    Some(url) => Response::see_other(url),
                    None => Response::html(200, self.open_page(&session)),
                };
            }
            _ => Err("Choose one of the buttons.".to_owned()),
        };
        match paid {
            Ok(session) => Response::see_other(&Self::success_location(&session)),
            Err(why) => Response::html(400, notice("That did not work", &why, None)),
        }
    }

    fn open_page(&self, session: &Value) -> String {
        let total = amount(session, "amount_total");
        let items = self.drafts.get(objects::text(session, "id")).map(|draft| draft.line_items.as_slice());
        let cancel = session["cancel_url"].is_string();
        let body = html! {
            p class="merchant" { "DropLab" }
            h1 id="amount" { (total) }
            ul aria-label="What you are buying" {
                @for item in items.unwrap_or_default() {
                    li {
                        span { (objects::text(item, "description")) " × " (item["quantity"].to_string()) }
                        span { (amount(item, "amount_total")) }
                    }
                }
            }
            form method="post" {
                button id="pay" name="action" value="pay" { "Pay " (total) }
                @if offers(session, "us_bank_account") {
                    button id="pay-later" name="action" value="pay-later" { "Pay later (delayed)" }
                }
                @if cancel { button id="cancel" name="action" value="cancel" { "Cancel" } }
            }
            p class="note" {
                "A sandbox payment page: no card is asked for and no money moves. “Pay later” stands for a \
                 method whose money arrives days after, such as a bank debit."
            }
        };
        document(&format!("Pay {total} to DropLab"), &body)
    }
}

fn closed(session: &Value) -> Response {
    let complete = session["status"] == "complete";
    let (title, text, link) = match complete {
        true => ("Already paid", "This payment is complete.", Some(Stripe::success_location(session))),
        false => {
            let back = session["cancel_url"].as_str().map(str::to_owned);
            ("Too late", "This payment page has expired. Nothing was charged.", back)
        }
    };
    Response::html(200, notice(title, text, link.as_deref()))
}

pub(super) fn notice(title: &str, text: &str, link: Option<&str>) -> String {
    let body = html! {
        p class="merchant" { "DropLab" }
        h1 { (title) }
        p { (text) }
        @if let Some(link) = link { p { a class="button" id="return" href=(link) { "Return to DropLab" } } }
    };
    document(title, &body)
}

pub(super) fn document(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (body) } }
        }
    }
    .into_string()
}

/// Cents as dollars, with thousands apart: `$1,000.00`.
pub(super) fn amount(object: &Value, name: &str) -> String {
    let cents = object[name].as_i64().unwrap_or_default();
    let dollars = (cents / 100).to_string();
    let mut grouped = String::new();
    for (index, digit) in dollars.chars().enumerate() {
        if index > 0 && (dollars.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("${grouped}.{:02}", cents % 100)
}
