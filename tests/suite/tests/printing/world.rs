//! A world in which one organization prints.

use bytes::Bytes;
use platform::{Deadline, ObjectStore};
use printing::{
    Batch, BatchMessage, CampaignName, JobView, NewArtwork, NewCampaign, Opened, PlanMessage, PostcardSize,
    PrintJob, PrintOrder, PrintRefusal, Printing, PrintingError, PrintingFailure, Started, Vendors,
    artwork_prefix,
};
use recipients::{ListPage, Mode, RecipientList};
use sandbox::{Config, Request, Sandbox};
use serde_json::{Value, json};
use std::time::Duration;
use suite::functions::{Functions, set_vendor_secrets, with_vendors};
use support::World;
use tables::Record;
use terms::{Actor, CampaignId, Fingerprint, IdempotencyKey, OrganizationId, PurchaseId, RecipientListId};

/// Something that looks like a PDF to a printer's intake.
pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";

/// A family name that must never be stored or shown.
pub const CANARY: &str = "Canarybird";

/// How many rows a page holds; more than it counts, as the last page of a purchase may.
const PAGE_ROWS: u32 = 40;

pub struct PrintWorld {
    pub world: World,
    pub org: OrganizationId,
    pub printing: Printing,
    pub vendors: Vendors,
    pub objects: ObjectStore,
    pub sandbox: Sandbox,
    pub functions: Functions,
}

/// 100.00 credits, and a live job of so many pieces whose batches are queued.
pub async fn begun(pieces: u32) -> (PrintWorld, CampaignId) {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.begun(pieces).await;
    (shop, campaign)
}

/// 100.00 credits, and a live job of so many pieces that waits to be planned.
pub async fn ordered(pieces: u32) -> (PrintWorld, CampaignId) {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.campaign(pieces).await;
    shop.order(&campaign, Mode::Live, "k").await.unwrap();
    (shop, campaign)
}

impl PrintWorld {
    pub async fn with_credits(credits: &str) -> Self {
        platform::install_crypto();
        let world = World::new();
        let org = world.organization("org_a");
        world.buy(&org, credits).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public_url = format!("http://{}", listener.local_addr().unwrap());
        let sandbox = Sandbox::new(Config { seed: 1, public_url: public_url.clone() });
        tokio::spawn(sandbox.clone().serve(listener, std::future::pending()));
        set_vendor_secrets(&world.secrets, &[]);
        let environment = with_vendors(World::environment(), &public_url);
        let services = world.services();
        let printing = printing::connect(&services, &environment).unwrap();
        let vendors = printing::connect_vendors(&services, &environment).await.unwrap();
        let objects = world.objects("content");
        let functions = Functions::new(services, environment);
        Self { world, org, printing, vendors, objects, sandbox, functions }
    }

    /// A stored list of this many people, in pages of 40 that hold more rows than they count.
    pub async fn list(&self, people: u32) -> RecipientListId {
        self.list_from(people, Mode::Live).await
    }

    /// The same, from a live or a test order.
    pub async fn list_from(&self, people: u32, environment: Mode) -> RecipientListId {
        let id = RecipientListId::derive(&["list", &people.to_string()]);
        let mut pages = Vec::new();
        for (number, start) in (0..people).step_by(usize::try_from(PAGE_ROWS).unwrap()).enumerate() {
            let rows: Vec<Value> = (start..start + PAGE_ROWS + 2).map(person).collect();
            let key = format!("contacts/{}/pur_1/page-{number:05}.json", self.org);
            let bytes = serde_json::to_vec(&rows).unwrap();
            self.objects.put(&key, bytes, "application/json").await.unwrap();
            pages.push(ListPage { object_key: key, contacts: PAGE_ROWS.min(people - start) });
        }
        let list = RecipientList {
            organization_id: self.org.clone(),
            recipient_list_id: id.clone(),
            name: "Neighbours".into(),
            purchase_id: PurchaseId::parse("pur_1").unwrap(),
            environment,
            contacts: people,
            pages,
            created_at: self.world.clock.now(),
        };
        self.world.work.insert(&list).await.unwrap();
        id
    }

    pub async fn bare_campaign(&self, people: u32, artwork: NewArtwork) -> CampaignId {
        let wanted = NewCampaign {
            name: CampaignName::parse("Spring").unwrap(),
            recipient_list: self.list(people).await,
            pieces_max: None,
            size: PostcardSize::Six4,
            artwork,
            key: None,
            fingerprint: Fingerprint::of(&["campaign"]),
        };
        match self.printing.create(&self.org, &wanted).await.unwrap() {
            Opened::New(opened) => opened.campaign.campaign_id,
            Opened::Replay(_) => panic!("a new campaign"),
        }
    }

    pub async fn campaign(&self, people: u32) -> CampaignId {
        let campaign = self.bare_campaign(people, NewArtwork::Pdf).await;
        self.upload(&campaign, "artwork.pdf", PDF).await;
        campaign
    }

    pub async fn upload(&self, campaign: &CampaignId, name: &str, bytes: &'static [u8]) {
        let key = format!("{}{name}", artwork_prefix(&self.org, campaign));
        self.objects.put(&key, Bytes::from_static(bytes), "application/pdf").await.unwrap();
    }

    pub async fn order(
        &self,
        campaign: &CampaignId,
        environment: Mode,
        key: &str,
    ) -> Result<Started, PrintRefusal> {
        let order = PrintOrder {
            campaign: campaign.clone(),
            environment,
            key: IdempotencyKey::parse(key).unwrap(),
            fingerprint: Fingerprint::of(&[campaign.as_str(), environment.as_str()]),
            actor: Actor::user("u1"),
        };
        self.printing.print(&self.org, &order).await.map_err(|error| match error {
            PrintingError::Refused(refusal) => refusal,
            PrintingError::Failed(failure) => panic!("{failure}"),
        })
    }

    /// Places a live job and plans it: its batches are queued.
    pub async fn begun(&self, people: u32) -> CampaignId {
        let campaign = self.campaign(people).await;
        self.order(&campaign, Mode::Live, "k").await.unwrap();
        self.plan().await;
        campaign
    }

    pub async fn plan(&self) {
        for message in self.world.queues.take("plan") {
            let message: PlanMessage = serde_json::from_value(message).unwrap();
            self.printing.plan(&message).await.unwrap();
        }
    }

    pub fn messages(&self) -> Vec<BatchMessage> {
        let taken = self.world.queues.take("batch");
        taken.into_iter().map(|message| serde_json::from_value(message).unwrap()).collect()
    }

    pub async fn work(&self, message: &BatchMessage) -> Result<(), PrintingFailure> {
        self.printing.work(&self.vendors, message, Deadline::after(Duration::from_secs(300))).await
    }

    /// Works on a batch while something of ours is out of order: a fresh message takes this one's place.
    pub async fn put_off(&self, message: &BatchMessage) {
        self.work(message).await.unwrap();
        assert_eq!(self.messages(), std::slice::from_ref(message));
    }

    /// Delivers messages until none are left.
    pub async fn drain(&self) {
        loop {
            self.plan().await;
            let messages = self.messages();
            if messages.is_empty() {
                return;
            }
            for message in messages {
                self.work(&message).await.unwrap();
            }
        }
    }

    /// One turn of the sweeper over everything that is due, and whatever it queues.
    pub async fn sweep(&self) {
        self.look_at_what_is_due().await;
        self.drain().await;
    }

    /// What the sweeper does with each due job and batch; what it queues stays in the queues.
    pub async fn look_at_what_is_due(&self) {
        for item in self.world.work.due(self.world.clock.now(), 1000).await.unwrap() {
            match item.kind.as_str() {
                PrintJob::KIND => self.printing.sweep_job(&item.key).await.unwrap(),
                Batch::KIND => self.printing.sweep_batch(&item.key).await.unwrap(),
                _ => {}
            }
        }
    }

    pub async fn later(&self, seconds: i64) {
        self.world.clock.advance_seconds(seconds);
        self.sweep().await;
    }

    pub async fn status(&self, campaign: &CampaignId) -> JobView {
        self.printing.status(&self.org, campaign, None).await.unwrap().unwrap()
    }

    pub fn fault(&self, mut fault: Value) {
        fault["vendor"] = "postgrid".into();
        let request = Request::new("POST", "/sandbox/faults").with_body(fault.to_string());
        let reply = self.sandbox.world().handle(0, &request);
        assert_eq!(reply.response.value(), json!({"ok": true}));
    }

    pub fn no_faults(&self) {
        self.sandbox.world().handle(0, &Request::new("DELETE", "/sandbox/faults"));
    }

    /// Cards made, create calls, and most cards of one piece, of the live key.
    pub fn printed(&self) -> (u64, u64, u64) {
        let counters = self.sandbox.world().postgrid.counters(true);
        let count = |name: &str| counters[name].as_u64().unwrap();
        (count("cardsCreated"), count("createCalls"), count("cardsPerPieceMax"))
    }

    /// A job's pieces as `status accepted failed notSent unknown`, and its money as `held charged released`.
    pub async fn progress(&self, campaign: &CampaignId) -> (String, String) {
        let job = self.status(campaign).await;
        let JobView { status, accepted, failed, not_sent, unknown, held, charged, released, .. } = job;
        let pieces = format!("{status} {accepted} {failed} {not_sent} {unknown}");
        (pieces, format!("{held} {charged} {released}"))
    }
}

/// No contact data in either table, and no piece twice; the books are checked by the world.
impl Drop for PrintWorld {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for table in ["ledger", "work"] {
            let stored = Value::from(self.world.dynamo.dump(table)).to_string();
            assert!(!stored.contains(CANARY), "contact data in {table}");
        }
        assert!(self.printed().2 <= 1, "a piece was printed twice");
    }
}

pub fn person_id(number: u32) -> String {
    format!("person{number:06}")
}

fn person(number: u32) -> Value {
    json!({
        "personId": person_id(number), "firstName": "Ana", "lastName": CANARY,
        "addressLine1": format!("{number} Main St"), "city": "Tampa", "state": "FL", "postalCode": "33602",
    })
}
