//! Each link to people's addresses leaves a line in the log.

use crate::stage::Stage;
use suite::gateway::read;
use suite::lines::Lines;

#[tokio::test]
async fn each_download_link_is_an_event_line_without_contact_data() {
    let (stage, id) = Stage::queued("500.00", 10).await;
    let (lines, _listening) = Lines::listen();
    stage.run_until_ended("org_a", &id).await;
    let before = lines.of("download-link").len();
    let (_, seen) = read(&stage.status_as("org_a", "member", &id).await);
    assert!(seen["download"].is_null());
    assert_eq!(lines.of("download-link").len(), before, "no link, no line");
    let link = stage.status_of("org_a", &id).await["download"].as_str().expect("a link").to_owned();
    let given = lines.of("download-link");
    assert_eq!(given.len(), before + 1);
    let line = &given[before];
    let shown = |field: &str| line.get(field).map(String::as_str);
    assert_eq!((shown("subject"), shown("organization")), (Some("sub-org_a"), Some("org_a")));
    assert_eq!((shown("object"), shown("gateway_request_id")), (Some(id.as_str()), Some("gw-1")));
    assert!(shown("endpoint").is_some_and(|endpoint| endpoint.starts_with("GET /api/audience/purchases/")));
    let signature = link.split("X-Amz-Signature=").nth(1).expect("a signed link").to_owned();
    lines.assert_without(&[&signature, "addressLine", "Signature"]);
}
