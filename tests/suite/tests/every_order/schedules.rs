//! Orders of a life's events: all of them where they are few, else drawn ones; duplicates are put in everywhere.

/// Schedules of `events` events, at most `most`: each names every event at least once.
pub struct Schedules {
    events: usize,
    left: usize,
    word: u64,
    /// The next order where all are played, in lexicographic sequence.
    next: Option<Vec<usize>>,
    all: bool,
}

impl Schedules {
    pub fn new(events: usize, most: usize) -> Self {
        let orders = (1..=events).try_fold(1usize, |product, count| product.checked_mul(count));
        let all = orders.is_some_and(|orders| orders <= most);
        Self { events, left: most, word: 1, next: Some((0..events).collect()), all }
    }

    fn draw(&mut self, below: usize) -> usize {
        // An LCG with Knuth's constants: a schedule has the same number for ever.
        self.word = self.word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.word >> 33).expect("31 bits") % below
    }

    fn order(&mut self) -> Option<Vec<usize>> {
        let order = self.next.clone()?;
        if self.all {
            self.next = successor(order.clone());
            // Few events: what is left is filled with the same orders and other duplicates.
            if self.next.is_none() {
                self.next = Some((0..self.events).collect());
            }
            return Some(order);
        }
        let mut order = order;
        for last in (1..order.len()).rev() {
            let other = self.draw(last + 1);
            order.swap(last, other);
        }
        Some(order)
    }
}

impl Iterator for Schedules {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        self.left = self.left.checked_sub(1)?;
        let mut schedule = self.order()?;
        for _ in 0..self.draw(3) {
            let event = self.draw(self.events);
            let at = self.draw(schedule.len() + 1);
            schedule.insert(at, event);
        }
        Some(schedule)
    }
}

/// The next order in lexicographic sequence; `None` after the last.
fn successor(mut order: Vec<usize>) -> Option<Vec<usize>> {
    let at = (1..order.len()).rev().find(|at| order[at - 1] < order[*at])? - 1;
    let other =
        (0..order.len()).rev().find(|other| order[*other] > order[at]).expect("there is a larger one");
    order.swap(at, other);
    order[at + 1..].reverse();
    Some(order)
}

#[test]
fn all_orders_of_few_events_are_played_and_each_event_comes() {
    let mut seen = std::collections::BTreeSet::new();
    for schedule in Schedules::new(4, 24) {
        let mut firsts: Vec<usize> = Vec::new();
        for event in schedule {
            if !firsts.contains(&event) {
                firsts.push(event);
            }
        }
        assert_eq!(firsts.len(), 4);
        seen.insert(firsts);
    }
    assert!(seen.len() > 12, "duplicates in front change some orders, not most: {}", seen.len());
    assert_eq!(successor(vec![0, 2, 1]), Some(vec![1, 0, 2]));
    assert_eq!(successor(vec![2, 1, 0]), None);
}
