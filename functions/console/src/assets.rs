//! The files of the console, inside the binary: the function reads no disk and no bucket.

/// One file that a browser may load.
#[derive(Debug)]
pub(crate) struct File {
    name: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) text: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! file {
    ($name:literal, $content_type:expr) => {
        File { name: $name, content_type: $content_type, text: include_str!(concat!("../assets/", $name)) }
    };
}

macro_rules! page {
    ($($part:literal),+) => { concat!($(include_str!(concat!("../assets/", $part))),+) };
}

/// The one page; its modules show what the address asks for. Each page is a template behind the frame.
pub(crate) static PAGE: File = File {
    name: "index.html",
    content_type: HTML,
    text: page!(
        "index.html",
        "pages/settings.html",
        "pages/audience.html",
        "pages/campaign.html",
        "pages/vendor_costs.html",
        "pages/billing.html"
    ),
};
/// What an unknown address answers.
pub(crate) static NOT_FOUND: File = file!("not_found.html", HTML);

static FILES: &[File] = &[
    file!("adjustments.js", SCRIPT),
    file!("alerts.js", SCRIPT),
    file!("api.js", SCRIPT),
    file!("app.js", SCRIPT),
    file!("artwork.js", SCRIPT),
    file!("audience.js", SCRIPT),
    file!("audience_filters.js", SCRIPT),
    file!("balance.js", SCRIPT),
    file!("base.css", CSS),
    file!("billing.js", SCRIPT),
    file!("billing_status.js", SCRIPT),
    file!("campaign.js", SCRIPT),
    file!("chart.js", SCRIPT),
    file!("checkout.js", SCRIPT),
    file!("dialog.js", SCRIPT),
    file!("dom.js", SCRIPT),
    file!("finance_parts.js", SCRIPT),
    file!("follow.js", SCRIPT),
    file!("forgot_password.js", SCRIPT),
    file!("icon.svg", "image/svg+xml"),
    file!("mfa.js", SCRIPT),
    file!("money.js", SCRIPT),
    file!("order_words.js", SCRIPT),
    file!("orders.js", SCRIPT),
    file!("parts.css", CSS),
    file!("past_balance.js", SCRIPT),
    file!("poll.js", SCRIPT),
    file!("print_job.js", SCRIPT),
    file!("quarantine.js", SCRIPT),
    file!("refund_decisions.js", SCRIPT),
    file!("session.js", SCRIPT),
    file!("settings.js", SCRIPT),
    file!("shortfall.js", SCRIPT),
    file!("sign_in.js", SCRIPT),
    file!("tab.js", SCRIPT),
    file!("top_up.js", SCRIPT),
    file!("top_up_form.js", SCRIPT),
    file!("top_up_words.js", SCRIPT),
    file!("transactions.js", SCRIPT),
    file!("user_pool.js", SCRIPT),
    file!("vendor_costs.js", SCRIPT),
];

/// The asset called `name`; the page itself is not an asset.
pub(crate) fn by_name(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

impl File {
    /// A strong entity tag: FNV-1a (64 bit) over the file. It only tells versions apart, so it need
    /// not withstand anybody, and the function needs no hashing crate for it.
    pub(crate) fn etag(&self) -> String {
        let hash = self.text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        format!("\"{hash:016x}\"")
    }
}
