//! A key that Data Axle refuses: an alarm of its own, wherever it is met, and nothing is lost.

use crate::stage::{FLORIDA, Stage, order_of};
use platform::config::name;
use sandbox::data_axle::{LIVE_TOKEN, TEST_TOKEN};
use serde_json::{Value, json};
use suite::{gateway::assert_problem, lines::Lines};

const ALARM: &str = "data-axle-key";

fn tokens(live: &str) -> Value {
    json!({"liveToken": live, "testToken": TEST_TOKEN})
}

#[tokio::test]
async fn a_key_that_stays_refused_is_an_alarm_of_every_function_that_meets_it() {
    // A key that the vendor does not know (401), and one that may not do this (403): the latter is not read again.
    for (status, key, readings) in [(401, "data_axle_replaced", 3), (403, LIVE_TOKEN, 0)] {
        let mut stage = Stage::with_credits("50.00").await;
        let purchase = stage.place("org_a", "k1", 10).await;
        stage.world.secrets.set("data-axle", tokens(key));
        stage.restart_with(name::LIVE_ORDERS, "true");
        let before = stage.world.secrets.readings();
        if status == 403 {
            let fault = json!({"vendor": "data-axle", "kind": "status", "status": 403, "next": 9});
            stage.fault(fault).await;
        }
        let (lines, _guard) = Lines::listen();
        let body = format!(r#"{{"filters":{FLORIDA},"maxContacts":10}}"#);
        assert_problem(&stage.count_of("org_a", &body).await, 503, "unavailable");
        assert_eq!(lines.take_alarms(), [ALARM], "{status}: a count");
        assert_problem(&stage.order("org_a", "k2", &order_of(10)).await, 503, "unavailable");
        assert_eq!(lines.take_alarms(), [ALARM], "{status}: an order");
        stage.deliver().await;
        assert_eq!(lines.take_alarms(), [ALARM], "{status}: the worker");
        // each of the three reads the key when it starts
        assert_eq!(stage.world.secrets.readings() - before, 3 + readings, "{status}");
        stage.clear_faults().await;
        stage.world.secrets.set("data-axle", tokens(LIVE_TOKEN));
        stage.run_until_ended("org_a", &purchase).await;
        assert_eq!(
            stage.status_of("org_a", &purchase).await["delivered"],
            10,
            "{status}: it goes on by itself"
        );
        assert_eq!(lines.take_alarms(), Vec::<String>::new(), "{status}");
    }
}
