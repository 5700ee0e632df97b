//! A key that PostGrid refuses: an alarm of its own, whether a card is created or looked up, and nothing is lost.

use crate::world::PrintWorld;
use postgrid_client::PostGrid;
use serde_json::json;
use suite::{lines::Lines, stored_key::StoredKey};

const ALARM: &str = "postgrid-key";
/// A key that the vendor does not know (401), and one that may not do this (403): the latter is not read again.
const REFUSED: [(u16, &str, usize); 2] = [(401, "live_sk_replaced", 1), (403, "live_sk_droplab_local", 0)];

/// The vendor refuses the key from now on. Returns the client that it accepts, and the refused key.
fn refuse(shop: &mut PrintWorld, (status, key, _): (u16, &'static str, usize)) -> (PostGrid, StoredKey) {
    let stored = StoredKey::new(key);
    let http = platform::vendor_client().unwrap();
    let refused = PostGrid::new(http, &shop.base, stored.secret.key(|key| key)).unwrap();
    if status == 403 {
        shop.fault(json!({"next": 1_000, "kind": "status", "status": 403}));
    }
    (std::mem::replace(&mut shop.vendors.live, refused), stored)
}

fn accept(shop: &mut PrintWorld, accepted: PostGrid) {
    shop.no_faults();
    shop.vendors.live = accepted;
}

#[tokio::test]
async fn a_key_that_stays_refused_for_new_cards_is_an_alarm() {
    for refused in REFUSED {
        let mut shop = PrintWorld::with_credits("100.00").await;
        let campaign = shop.begun(10).await;
        let (accepted, stored) = refuse(&mut shop, refused);
        let (lines, _guard) = Lines::listen();
        shop.drain().await;
        let alarms = lines.take_alarms();
        assert!(!alarms.is_empty() && alarms.iter().all(|alarm| alarm == ALARM), "{refused:?}: {alarms:?}");
        assert_eq!(stored.readings(), refused.2, "{refused:?}");
        assert_eq!(shop.progress(&campaign).await.0, "paused 0 0 0 0");
        accept(&mut shop, accepted);
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
        let (accepted, stored) = refuse(&mut shop, refused);
        let (lines, _guard) = Lines::listen();
        shop.later(15 * 60).await;
        let alarms = lines.take_alarms();
        assert!(!alarms.is_empty() && alarms.iter().all(|alarm| alarm == ALARM), "{refused:?}: {alarms:?}");
        assert_eq!(stored.readings(), refused.2, "{refused:?}");
        accept(&mut shop, accepted);
        shop.later(61).await;
        assert_eq!(shop.progress(&campaign).await.0, "completed 1 0 0 0");
        assert_eq!((lines.take_alarms(), shop.printed()), (Vec::new(), (1, 1, 1)));
    }
}
