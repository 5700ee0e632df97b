//! A key that PostGrid refuses: an alarm of its own, whether a card is created or looked up, and nothing is lost.

use crate::world::PrintWorld;
use sandbox::postgrid::{LIVE_KEY, TEST_KEY};
use serde_json::{Value, json};
use suite::{functions::Functions, lines::Lines};

const ALARM: &str = "postgrid-key";
/// A key that the vendor does not know (401), and one that may not do this (403): the latter is not read again.
const REFUSED: [(u16, &str, usize); 2] = [(401, "live_sk_replaced", 1), (403, LIVE_KEY, 0)];

fn keys(live: &str) -> Value {
    json!({"liveKey": live, "testKey": TEST_KEY})
}

/// A worker starts with a key that the vendor refuses. Returns how often keys were read until then.
async fn refuse(shop: &mut PrintWorld, (status, key, _): (u16, &'static str, usize)) -> usize {
    shop.world.secrets.set("postgrid", keys(key));
    let Functions { services, environment, .. } = &shop.functions;
    shop.vendors = printing::connect_vendors(services, environment).await.unwrap();
    if status == 403 {
        shop.fault(json!({"next": 1_000, "kind": "status", "status": 403}));
    }
    shop.world.secrets.readings()
}

fn accept(shop: &PrintWorld) {
    shop.no_faults();
    shop.world.secrets.set("postgrid", keys(LIVE_KEY));
}

#[tokio::test]
async fn a_key_that_stays_refused_for_new_cards_is_an_alarm() {
    for refused in REFUSED {
        let mut shop = PrintWorld::with_credits("100.00").await;
        let campaign = shop.begun(10).await;
        let before = refuse(&mut shop, refused).await;
        let (lines, _guard) = Lines::listen();
        shop.drain().await;
        let alarms = lines.take_alarms();
        assert!(!alarms.is_empty() && alarms.iter().all(|alarm| alarm == ALARM), "{refused:?}: {alarms:?}");
        assert_eq!(shop.world.secrets.readings() - before, refused.2, "{refused:?}");
        assert_eq!(shop.progress(&campaign).await.0, "paused 0 0 0 0");
        accept(&shop);
        shop.later(61).await;
        assert_eq!(shop.progress(&campaign).await.0, "completed 10 0 0 0");
        assert_eq!((lines.take_alarms(), shop.printed()), (Vec::new(), (10, 10, 1)));
    }
}

#[tokio::test]
async fn a_key_that_stays_refused_for_look_ups_is_an_alarm() {
    for refused in REFUSED {
        let mut shop = PrintWorld::with_credits("100.00").await;
        let campaign = shop.begun(1).await;
        shop.fault(json!({"next": 1, "kind": "status-after-effect", "status": 503}));
        shop.drain().await;
        let before = refuse(&mut shop, refused).await;
        let (lines, _guard) = Lines::listen();
        shop.later(15 * 60).await;
        let alarms = lines.take_alarms();
        assert!(!alarms.is_empty() && alarms.iter().all(|alarm| alarm == ALARM), "{refused:?}: {alarms:?}");
        assert_eq!(shop.world.secrets.readings() - before, 1, "{refused:?}: read again for its age");
        accept(&shop);
        shop.later(61).await;
        assert_eq!(shop.progress(&campaign).await.0, "completed 1 0 0 0");
        assert_eq!((lines.take_alarms(), shop.printed()), (Vec::new(), (1, 1, 1)));
    }
}
