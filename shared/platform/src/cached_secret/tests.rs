use super::*;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// A store with one text in it, its readings counted, under a clock that the test turns.
#[derive(Clone)]
struct Store {
    text: Arc<Mutex<Option<&'static str>>>,
    readings: Arc<AtomicUsize>,
    seconds: Arc<AtomicI64>,
}

impl Store {
    fn holding(text: &'static str) -> (Self, CachedSecret<Secret<String>>) {
        let store = Self {
            text: Arc::new(Mutex::new(Some(text))),
            readings: Arc::default(),
            seconds: Arc::new(AtomicI64::new(1_000_000)),
        };
        let (reader, seconds) = (store.clone(), store.seconds.clone());
        let clock = Clock::from_fn(move || Timestamp::from_seconds(seconds.load(Ordering::SeqCst)));
        let read = move || {
            let store = reader.clone();
            async move {
                store.readings.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                let text = *store.text.lock().unwrap();
                let gone = SecretFailure::Undecodable { id: "s".to_owned(), line: 0, column: 0 };
                text.map(|text| Secret::new(text.to_owned())).ok_or(gone)
            }
            .boxed()
        };
        (store, CachedSecret::over(Secret::new(text.to_owned()), clock, read))
    }

    fn put(&self, text: Option<&'static str>) {
        *self.text.lock().unwrap() = text;
    }

    fn later(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    fn readings(&self) -> usize {
        self.readings.load(Ordering::SeqCst)
    }
}

async fn text(secret: &CachedSecret<Secret<String>>) -> String {
    secret.current().await.reveal().clone()
}

#[tokio::test]
async fn a_value_is_held_for_five_minutes() {
    let (store, secret) = Store::holding("first");
    store.put(Some("second"));
    store.later(299);
    assert_eq!((text(&secret).await, store.readings()), ("first".to_owned(), 0));
    store.later(1);
    assert_eq!((text(&secret).await, store.readings()), ("second".to_owned(), 1));
    store.later(299);
    assert_eq!((text(&secret).await, store.readings()), ("second".to_owned(), 1));
}

#[tokio::test]
async fn concurrent_callers_share_one_reading() {
    let (store, secret) = Store::holding("first");
    store.put(Some("second"));
    store.later(300);
    let texts = futures::future::join_all((0..64).map(|_| text(&secret))).await;
    assert!(texts.iter().all(|text| text == "second"));
    assert_eq!(store.readings(), 1);
    let refused = secret.current().await;
    store.later(30);
    let values = futures::future::join_all((0..64).map(|_| secret.instead_of(&refused))).await;
    assert!(values.iter().all(|value| Arc::ptr_eq(value, &values[0]) && !Arc::ptr_eq(value, &refused)));
    assert_eq!(store.readings(), 2);
}

#[tokio::test]
async fn a_refused_value_is_read_again_at_once_and_then_every_thirty_seconds() {
    let (store, secret) = Store::holding("first");
    let mut refused = secret.current().await;
    let mut readings = Vec::new();
    for _ in 0..61 {
        refused = secret.instead_of(&refused).await;
        readings.push(store.readings());
        store.later(1);
    }
    assert_eq!((readings[0], readings[29], readings[30], readings[59], readings[60]), (1, 1, 2, 2, 3));
}

#[tokio::test]
async fn an_outage_of_the_secret_store_keeps_the_last_value() {
    let (store, secret) = Store::holding("first");
    store.put(None);
    store.later(300);
    for _ in 0..10 {
        assert_eq!(text(&secret).await, "first");
        let held = secret.current().await;
        assert!(Arc::ptr_eq(&secret.instead_of(&held).await, &held));
    }
    assert_eq!(store.readings(), 1, "an outage is not met with a reading per call");
    store.put(Some("second"));
    store.later(30);
    assert_eq!(text(&secret).await, "second");
}

#[tokio::test]
async fn a_key_is_another_one_only_after_the_secret_changed() {
    let (store, secret) = Store::holding("sk_first");
    let key = PartOfSecret { secret: secret.clone(), part: |secret| secret };
    let first = key.current().await;
    assert!(key.instead_of(&first).await.is_none());
    store.put(Some("sk_second"));
    assert!(key.instead_of(&first).await.is_none(), "read a moment ago");
    store.later(30);
    let second = key.instead_of(&first).await.unwrap();
    assert!(second == KeyText::from("sk_second") && second == key.current().await);
    assert_eq!(key.instead_of(&first).await, Some(second), "known already: nothing is read");
    assert_eq!(store.readings(), 2);
    assert!(!format!("{first:?} {secret:?} {:?}", secret.key(|secret| secret)).contains("sk_"));
}
