//! What happens in a step: people, Stripe's customers, queues, schedules, the clock and the weather, drawn by
//! the dice.

use crate::answers;
use crate::core::Core;
use crate::people::ORGANIZATIONS;
use crate::simulation::Simulation;
use crate::weather::{Away, Weather};
use std::rc::Rc;
use terms::Timestamp;

impl Simulation {
    pub(crate) async fn act(&mut self, number: u64) {
        if number == 0 {
            self.perhaps_begin_with_an_old_version();
        }
        let organization = *self.core.pick(&ORGANIZATIONS);
        // Money first: an empty account can do little.
        let draw = match number {
            0..=14 => *self.core.pick(&[0, 0, 6, 6, 15, 81, 81]),
            _ => self.core.below(272),
        };
        match draw {
            0..=5 => {
                let ask = self.people.buy_credits(&self.core, organization);
                self.ask(ask);
            }
            6..=12 => self.pay(organization),
            13 | 14 => self.complete_delayed(),
            15..=17 => self.subscribe(organization),
            18..=20 => {
                let ask = self.people.count(&self.core, organization);
                self.ask(ask);
            }
            21..=36 => {
                let ask = self.people.purchase(&self.core, organization);
                self.ask(ask);
            }
            37..=50 => {
                self.people.owner(organization).lists = answers::lists(&self.system, organization);
                if let Some(ask) = self.people.campaign(&self.core, organization) {
                    self.ask(ask);
                }
            }
            51..=58 => self.upload(organization),
            59..=80 => {
                if let Some(ask) = self.people.print(&self.core, organization) {
                    self.ask(ask);
                }
            }
            81..=95 => {
                for _ in 0..self.core.between(1, 3) {
                    self.deliver_webhook();
                }
            }
            96..=138 => {
                for _ in 0..self.core.between(1, 3) {
                    self.deliver_message();
                }
            }
            139..=148 => self.sweep(),
            149..=156 => {
                let ask = self.people.look(&self.core, organization);
                self.ask(ask);
            }
            157..=164 => {
                let other_body = self.core.chance(300);
                if let Some(ask) = self.people.retry(&self.core, other_body) {
                    self.ask(ask);
                }
            }
            165..=187 => self.pass_time().await,
            188..=198 => self.change_weather(),
            199 => self.send_away(),
            200..=218 => self.stripe_turn(),
            219..=242 => self.owner_turn(organization),
            243..=256 => self.finance_turn(),
            257..=262 => self.outsider_turn(organization),
            _ => self.recover(),
        }
    }

    fn pay(&mut self, organization: &str) {
        let sessions = &self.people.owner(organization).sessions;
        let recent = &sessions[sessions.len().saturating_sub(4)..];
        let Some(session) = (!recent.is_empty()).then(|| self.core.pick(recent).clone()) else { return };
        let now = self.core.vendor_ms();
        let stripe = &mut self.system.vendors.world().stripe;
        let what = match self.core.below(20) {
            0 => stripe.expire_by_hand(now, &session).is_ok().then_some("expires"),
            1..=5 => stripe.pay_session(now, &session, true).is_ok().then_some("is paid later"),
            6 => stripe.pay_session_by(now, &session, "link").is_ok().then_some("is paid by Link"),
            _ => stripe.pay_session(now, &session, false).is_ok().then_some("is paid"),
        };
        if let Some(what) = what {
            self.core.tell(&format!("a session of {organization} {what}"));
        }
    }

    fn complete_delayed(&mut self) {
        let all: Vec<String> =
            self.people.owners.values().flat_map(|owner| owner.sessions.iter().cloned()).collect();
        let (now, well) = (self.core.vendor_ms(), self.core.chance(800));
        let stripe = &mut self.system.vendors.world().stripe;
        for session in all {
            if self.core.chance(300) && stripe.complete_delayed(now, &session, well).is_ok() {
                self.core.tell(&format!("a delayed payment ends: {well}"));
            }
        }
    }

    pub(crate) fn upload(&mut self, organization: &str) {
        const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";
        let system = Rc::clone(&self.system);
        let owner = self.people.owner(organization);
        let Some(campaign) = owner.campaigns.iter_mut().rfind(|campaign| !campaign.uploaded) else { return };
        campaign.uploaded = true;
        let prefix = format!("artwork/{organization}/{}", campaign.id);
        if campaign.artwork == "pdf" {
            system.objects.upload("content", &format!("{prefix}/artwork.pdf"), PDF);
            return;
        }
        for person in answers::persons(&system, organization, &campaign.list) {
            system.objects.upload("content", &format!("{prefix}/{person}.pdf"), PDF);
        }
    }

    async fn pass_time(&mut self) {
        let now = self.core.now();
        let day = 86_400;
        let past_midnight = day - now.as_seconds().rem_euclid(day);
        let seconds = match self.core.below(80) {
            0..=34 => self.core.between(1, 90),
            35..=50 | 61..=78 => self.core.between(60, 2_400),
            51..=55 => self.core.between(1_800, 4 * 3_600),
            56 => {
                self.core.injected("the clock jumps over the vendors' idempotency windows");
                self.core.between(20 * 3_600, 26 * 3_600)
            }
            57 | 58 => {
                self.core.injected("the clock jumps over midnight");
                past_midnight + self.core.between(0, 5) - 2
            }
            59 => {
                self.core.injected("the clock jumps over a month's end");
                seconds_to_next_month(now) + self.core.between(0, 7 * 3_600) - 2
            }
            60 => {
                self.core.injected("the clock jumps over a lot's expiry");
                self.core.between(8 * day, 10 * day)
            }
            _ => self.core.between(4 * 3_600, 16 * 3_600),
        };
        self.pass(seconds.max(1)).await;
    }

    /// Lets time pass. Of days on end the schedules have their turns, though not every minute's.
    async fn pass(&mut self, seconds: i64) {
        const PIECE: i64 = 4 * 86_400;
        let mut left = seconds;
        while left > PIECE {
            self.advance(PIECE).await;
            left -= PIECE;
            // A refused key is an alarm, and somebody mends it within days: Stripe lists events for 30 days only.
            self.lift_limits();
            self.collect_webhooks();
            self.recover();
            self.sweep();
            let ended = self.tasks.run(u32::MAX, true).await;
            self.take(ended);
        }
        self.advance(left).await;
        self.deliver_cursed();
        if seconds >= 300 && self.core.chance(450) {
            self.recover();
        }
        if seconds >= 60 && self.core.chance(400) {
            self.sweep();
        }
    }

    fn change_weather(&mut self) {
        let weather = weather(&self.core);
        if self.core.chance(300) {
            self.core.injected("vendor: the search does not find the newest cards");
            // beyond the quarter of an hour after which a piece is looked up: then only its key protects it
            let lag_ms = self.core.between(1, 50) * 60_000;
            self.system.vendors.world().postgrid.delay_search(u64::try_from(lag_ms).unwrap_or(0));
        }
        self.core.tell(&format!("weather {weather:?}"));
        self.core.set_weather(weather);
    }

    fn send_away(&mut self) {
        let vendor = self.core.below(3);
        let how = *self.core.pick(&[Away::Unreached, Away::Failing, Away::Unauthorized, Away::Forbidden]);
        let hours = *self.core.pick(&[1, 1, 3, 48]);
        self.core.tell(&format!("vendor {vendor} is away for {hours} h: {how:?}"));
        self.core.send_away(vendor, self.core.now_ms() + hours * 3_600_000, how);
    }
}

pub(crate) fn weather(core: &Core) -> Weather {
    match core.below(5) {
        0 => Weather::default(),
        1 | 2 => storm(core.between(20, 60)),
        3 => storm(core.between(60, 150)),
        _ => Weather { dynamo: 0, sqs: 0, sns: 0, s3: 0, deaths: 0, ..storm(core.between(60, 250)) },
    }
}

fn storm(in_a_thousand: i64) -> Weather {
    let rate = u32::try_from(in_a_thousand).unwrap_or(0);
    Weather {
        dynamo: rate,
        sqs: rate,
        sns: rate * 2,
        s3: rate,
        vendors: [rate, rate, rate * 2],
        deaths: rate * 4,
        slow: rate,
    }
}

fn seconds_to_next_month(now: Timestamp) -> i64 {
    let text = now.to_string();
    let (year, month): (i64, i64) =
        (text[..4].parse().expect("a year"), text[5..7].parse().expect("a month"));
    let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    let next = Timestamp::parse(&format!("{year:04}-{month:02}-01T00:00:00Z")).expect("a time");
    next.as_seconds() - now.as_seconds()
}
