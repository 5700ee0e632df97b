//! A fair order of due records.

use crate::{DueItem, Key};
use std::collections::HashMap;

/// The same items in turns: the first of every owner, then the second of every owner, and so on. Owners, and the
/// items of one owner, keep their order. However many items one owner has, another waits for one of them at a time.
pub fn in_turns(due: Vec<DueItem>, owner: impl Fn(&Key) -> String) -> Vec<DueItem> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let with_turn = |item: DueItem| {
        let turn = seen.entry(owner(&item.key)).or_default();
        *turn = turn.saturating_add(1);
        (*turn, item)
    };
    let mut placed: Vec<(usize, DueItem)> = due.into_iter().map(with_turn).collect();
    placed.sort_by_key(|(turn, _)| *turn);
    placed.into_iter().map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::Timestamp;

    #[test]
    fn the_second_of_one_owner_comes_behind_the_first_of_every_other() {
        let item = |pk: &str, sk: &str| DueItem {
            key: Key::new(pk, sk),
            kind: "record".to_owned(),
            due_at: Timestamp::from_seconds(0),
        };
        let due = vec![
            item("a", "1"),
            item("a", "2"),
            item("a", "3"),
            item("b", "1"),
            item("c", "1"),
            item("b", "2"),
        ];
        let order: Vec<String> = in_turns(due, |key| key.pk.clone())
            .into_iter()
            .map(|item| format!("{}{}", item.key.pk, item.key.sk))
            .collect();
        assert_eq!(order, ["a1", "b1", "c1", "a2", "b2", "a3"]);
    }
}
