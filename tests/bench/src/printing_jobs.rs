//! What a print job costs, from the hold to the settle: writes of the account and of DynamoDB per piece.

use crate::{
    Cost, Figure,
    counted_s3::{S3Count, counted},
    ratio,
    vendors::{Printer, SANDBOX_URL, http_over},
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use platform::{Deadline, ObjectStore, Services, config::name};
use printing::{
    BatchMessage, CampaignName, NewArtwork, NewCampaign, Opened, PlanMessage, PostcardSize, PrintOrder,
    Printing, Started, Vendors, artwork_prefix,
};
use recipients::{ListPage, Mode, RecipientList};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use suite::functions::{set_vendor_secrets, with_vendors};
use support::World;
use terms::{Actor, CampaignId, Fingerprint, IdempotencyKey, OrganizationId, PurchaseId, RecipientListId};

const GROUP: &str = "A print job, from the hold to the settle, two workers";

/// Rows of a page, as a scan leaves them.
const PAGE_ROWS: u32 = 200;

const WORKERS: usize = 2;

/// Each page of contacts has the same people in it: the bench reads them, nobody prints them.
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n";

#[derive(Debug, Clone)]
pub struct Job {
    pub pieces: u32,
    pub cost: Cost,
    /// GET and HEAD of S3.
    pub s3_gets: u64,
    /// PUT and LIST of S3.
    pub s3_puts: u64,
    /// Messages through queues: one plan, and each batch.
    pub messages: u64,
    pub took: Duration,
}

struct Shop {
    world: World,
    organization: OrganizationId,
    objects: ObjectStore,
    s3: S3Count,
    printing: Printing,
    vendors: Vendors,
    printer: Arc<Printer>,
}

impl Shop {
    async fn open() -> Self {
        let world = World::new();
        world.leave_books_unchecked();
        let organization = world.organization("org_0123456789abcdef");
        world.buy(&organization, "250000").await;
        set_vendor_secrets(&world.secrets, &[]);
        let (files, s3) = counted(world.files.clone());
        let printer = Arc::new(Printer::default());
        let aws = world.aws().with("s3", files).config();
        let services = Services::with_vendors(aws, world.clock.clock(), http_over(printer.clone()));
        let environment = with_vendors(World::environment(), SANDBOX_URL);
        let environment = environment.with(name::POSTGRID_RATE_PER_SECOND, "1000000");
        let printing = printing::connect(&services, &environment).expect("printing");
        let vendors = printing::connect_vendors(&services, &environment).await.expect("the printer");
        let objects = ObjectStore::new(&services, "content");
        Self { world, organization, objects, s3, printing, vendors, printer }
    }

    async fn campaign(&self, people: u32) -> CampaignId {
        let list = self.list(people).await;
        let wanted = NewCampaign {
            name: CampaignName::parse("Spring sale").expect("a name"),
            recipient_list: list,
            pieces_max: None,
            size: PostcardSize::Six4,
            artwork: NewArtwork::Pdf,
            key: None,
            fingerprint: Fingerprint::of(&["campaign"]),
        };
        let opened = self.printing.create(&self.organization, &wanted).await.expect("an answer");
        let Opened::New(opened) = opened else { panic!("a new campaign") };
        let campaign = opened.campaign.campaign_id;
        let key = format!("{}artwork.pdf", artwork_prefix(&self.organization, &campaign));
        self.objects.put(&key, Bytes::from_static(PDF), "application/pdf").await.expect("an upload");
        campaign
    }

    async fn list(&self, people: u32) -> RecipientListId {
        let id = RecipientListId::derive(&["list", &people.to_string()]);
        let mut pages = Vec::new();
        for (number, start) in (0..people).step_by(200).enumerate() {
            let count = PAGE_ROWS.min(people - start);
            let rows: Vec<Value> = (start..start + count).map(person).collect();
            let key = format!("contacts/{}/pur_bench/page-{number:05}.json", self.organization);
            let bytes = serde_json::to_vec(&rows).expect("JSON");
            self.objects.put(&key, bytes, "application/json").await.expect("a page");
            pages.push(ListPage { object_key: key, contacts: count });
        }
        let list = RecipientList {
            organization_id: self.organization.clone(),
            recipient_list_id: id.clone(),
            name: "Bench".into(),
            purchase_id: PurchaseId::derive(&["bench"]),
            environment: Mode::Live,
            contacts: people,
            pages,
            created_at: self.world.clock.now(),
        };
        self.world.work.insert(&list).await.expect("a list");
        id
    }

    async fn order(&self, campaign: CampaignId) {
        let order = PrintOrder {
            fingerprint: Fingerprint::of(&[campaign.as_str()]),
            campaign,
            environment: Mode::Live,
            key: IdempotencyKey::parse("bench").expect("a key"),
            actor: Actor::user("bench"),
        };
        let started = self.printing.print(&self.organization, &order).await.expect("an answer");
        assert!(matches!(started, Started::New(_)), "the job is placed");
    }

    /// Delivers every message once, batches to two workers. Returns how many messages there were.
    async fn deliver(&self) -> u64 {
        let mut messages = 0;
        for plan in self.world.queues.take("plan") {
            let plan: PlanMessage = serde_json::from_value(plan).expect("a message");
            self.printing.plan(&plan).await.expect("a plan");
            messages += 1;
        }
        let batches = self.world.queues.take("batch");
        messages += u64::try_from(batches.len()).expect("a count");
        let works = batches.into_iter().map(async |message| {
            let message: BatchMessage = serde_json::from_value(message).expect("a message");
            let deadline = Deadline::after(Duration::from_secs(300));
            self.printing.work(&self.vendors, &message, deadline).await.expect("a batch");
        });
        stream::iter(works).buffer_unordered(WORKERS).for_each(async |()| {}).await;
        messages
    }
}

fn person(number: u32) -> Value {
    json!({
        "personId": format!("person{number:06}"), "firstName": "Ana", "lastName": "Rivera",
        "addressLine1": format!("{number} Main St"), "city": "Tampa", "state": "FL", "postalCode": "33602",
    })
}

pub async fn run(pieces: u32) -> Job {
    let shop = Shop::open().await;
    let campaign = shop.campaign(pieces).await;
    let (started, s3_gets, s3_puts) = (Instant::now(), shop.s3.gets(), shop.s3.puts());
    shop.world.dynamo.meter().start();
    shop.order(campaign.clone()).await;
    let messages = shop.deliver().await;
    let cost = Cost::of(&shop.world.dynamo.meter().stop());
    let view =
        shop.printing.status(&shop.organization, &campaign, None).await.expect("a read").expect("a job");
    assert_eq!(view.accepted, pieces, "every piece is accepted");
    assert!(view.finished_at.is_some(), "the job is settled");
    assert_eq!(shop.printer.cards(), u64::from(pieces), "each piece is one card");
    Job {
        pieces,
        cost,
        s3_gets: shop.s3.gets() - s3_gets,
        s3_puts: shop.s3.puts() - s3_puts,
        messages,
        took: started.elapsed(),
    }
}

#[must_use]
pub fn figures(job: &Job) -> Vec<Figure> {
    let pieces = job.pieces;
    let name = |what: &str| format!("{pieces} pieces: {what}");
    let per_piece = ratio(job.cost.items, pieces);
    let mut found =
        vec![Figure::new(GROUP, name("writes of the account"), job.cost.accounts, "writes").exactly(2)];
    if pieces < 1_000 {
        let all = Figure::new(GROUP, name("DynamoDB writes in all"), job.cost.items, "items");
        found.push(all.at_most(Decimal::from(20)));
    } else {
        let each = Figure::new(GROUP, name("DynamoDB writes per piece"), per_piece, "items");
        found.push(each.at_most(Decimal::new(2, 1)));
    }
    let requests = ratio(job.cost.reads + job.cost.writes, pieces);
    let read_units = ratio(job.cost.read_units, pieces);
    let write_units = ratio(job.cost.write_units + job.cost.index_units, pieces);
    found.push(Figure::new(GROUP, name("requests per piece"), requests, "requests"));
    found.push(Figure::new(GROUP, name("read units per piece"), read_units, "RCU"));
    found.push(Figure::new(GROUP, name("write units per piece, indexes too"), write_units, "WCU"));
    found
}
