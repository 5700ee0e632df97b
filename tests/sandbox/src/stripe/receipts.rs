//! The pages that `receipt_url`, `hosted_invoice_url` and `invoice_pdf` lead to.

use std::fmt::Write;

use bytes::Bytes;
use maud::{Markup, html};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::page::{amount, document, notice};
use super::{Stripe, objects};
use crate::message::Response;

const SANDBOX: &str = "A sandbox receipt: no money has moved.";

type Lines = Vec<(&'static str, String)>;

impl Stripe {
    /// Where an invoice is seen, known from the moment it is final.
    pub(super) fn invoice_links(&self, invoice: &str) -> Value {
        let page = format!("{}/receipts/{invoice}", self.public_url);
        json!({"hosted_invoice_url": page, "invoice_pdf": format!("{page}/pdf")})
    }

    /// `/receipts/{ch_…}`, `/receipts/{in_…}`, and `/receipts/{in_…}/pdf`.
    pub(super) fn receipt_page(&self, path: &str) -> Response {
        let (id, as_pdf) = match path.strip_suffix("/pdf") {
            Some(id) => (id, true),
            None => (path, false),
        };
        let found = match (self.charges.get(id), self.invoices.get(id)) {
            (Some(charge), _) if !as_pdf => Some(("Receipt", charge_lines(charge))),
            (_, Some(invoice)) => Some(("Invoice", invoice_lines(invoice))),
            _ => None,
        };
        match found {
            None => Response::html(404, notice("No receipt", "There is no such receipt.", None)),
            Some((title, lines)) if as_pdf => pdf(title, &lines),
            Some((title, lines)) => Response::html(200, document(title, &page(title, id, &lines))),
        }
    }
}

fn charge_lines(charge: &Value) -> Lines {
    let mut lines = vec![
        ("Payment", objects::text(charge, "payment_intent").to_owned()),
        ("Paid on", day(&charge["created"])),
        ("Amount", amount(charge, "amount")),
    ];
    if charge["amount_refunded"].as_i64().unwrap_or_default() > 0 {
        lines.push(("Refunded", amount(charge, "amount_refunded")));
    }
    lines
}

fn invoice_lines(invoice: &Value) -> Lines {
    vec![
        ("Number", objects::text(invoice, "number").to_owned()),
        ("Date", day(&invoice["created"])),
        ("Status", objects::text(invoice, "status").to_owned()),
        ("Amount due", amount(invoice, "amount_due")),
        ("Amount paid", amount(invoice, "amount_paid")),
    ]
}

/// Unix seconds as a day.
fn day(seconds: &Value) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(seconds.as_i64().unwrap_or_default());
    moment.map(|moment| moment.date().to_string()).unwrap_or_default()
}

fn page(title: &str, id: &str, lines: &Lines) -> Markup {
    html! {
        p class="merchant" { "DropLab" }
        h1 { (title) }
        ul {
            @for (name, value) in lines { li { span { (name) } span { (value) } } }
        }
        @if title == "Invoice" {
            p { a class="button" id="pdf" href={ (id) "/pdf" } { "Download PDF" } }
        }
        p class="note" { (SANDBOX) }
    }
}

/// One page of plain text, by hand: the five objects that a PDF needs and where each begins.
fn pdf(title: &str, lines: &Lines) -> Response {
    let mut text = format!("BT /F1 14 Tf 72 720 Td 22 TL (DropLab - {title}) Tj T*\n");
    for (name, value) in lines {
        let _ = writeln!(text, "({name}: {value}) Tj T*");
    }
    let _ = write!(text, "({SANDBOX}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (index, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let start = file.len();
    let count = objects.len() + 1;
    let _ = write!(file, "xref\n0 {count}\n{table}trailer\n<< /Size {count} /Root 1 0 R >>\n");
    let _ = write!(file, "startxref\n{start}\n%%EOF\n");
    let headers = vec![("content-type".to_owned(), "application/pdf".to_owned())];
    Response { status: 200, headers, body: Bytes::from(file) }
}
