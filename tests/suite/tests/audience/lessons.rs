//! Rows of lessons.md that purchases of contacts meet, under the names they have there.

use crate::stage::Stage;
use serde_json::json;

const DAY: i64 = 24 * 3_600;

#[tokio::test]
async fn an_expired_hold_is_available_again() {
    let stage = Stage::with_credits("300.00").await;
    // Every purchase that may be open takes its share, and no worker ever begins one of them.
    let ids = [
        stage.place("org_a", "k1", 150).await,
        stage.place("org_a", "k2", 150).await,
        stage.place("org_a", "k3", 150).await,
        stage.place("org_a", "k4", 150).await,
        stage.place("org_a", "k5", 150).await,
    ];
    let held = || async { (stage.available("org_a").await, stage.held("org_a").await) };
    assert_eq!(held().await, ("37.50".into(), "262.50".into()));
    stage.world.clock.advance_seconds(DAY);
    stage.sweep().await;
    assert_eq!(held().await, ("300.00".into(), "0.00".into()), "nothing that expired is shown as held");
    for id in &ids {
        let view = stage.status_of("org_a", id).await;
        assert_eq!((&view["status"], &view["released"]), (&json!("failed"), &json!("52.50")));
    }
    // Neither the credits nor the places of open purchases are taken any more.
    let _ = stage.world.queues.take("fetch");
    let id = stage.place("org_a", "k6", 857).await;
    assert_eq!(held().await, ("0.05".into(), "299.95".into()));
    stage.deliver().await;
    assert_eq!(stage.status_of("org_a", &id).await["charged"], "299.95");
}
