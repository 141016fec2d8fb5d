//! The people of a gallery and what they were sent, brought about through the product's own doors.
//!
//! Carla has no letters and may not open one, Boris has one, Anna more than a hundred of which most are unread, Willemijn
//! letters that go to every limit. Louis logs in too weakly, Beatrijs is blocked.

use std::time::Duration;

use basics::{Activity, Actor, Channel, Moment};
use serde_json::{Value, json};
use vault::{Processing, Standing, Subjects, Tx};

use super::Place;
use super::letters::{self, Letter};
use crate::{
    ANNA, BEATRIJS, BORIS, Browser, CARLA, NOW, Organisation, Person, Product, WILLEMIJN,
    attachment, pdf,
};

/// Anna's letters besides those that `letters` names.
const OLD_LETTERS: u32 = 110;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A place with everybody in it.
pub struct World {
    pub product: Product,
}

impl World {
    pub async fn build(place: Place) -> Self {
        Self::settle(
            place,
            Product::start_at(place.statement(), beginning()).await,
        )
        .await
    }

    /// As [`build`](Self::build), on a loopback port for a real browser.
    pub async fn serve(place: Place) -> Self {
        Self::settle(
            place,
            Product::serve_at(place.statement(), beginning()).await,
        )
        .await
    }

    async fn settle(place: Place, product: Product) -> Self {
        if !place.has_letters() {
            return Self { product };
        }
        let mut senders = Vec::new();
        for (number, name) in (1..).zip(letters::senders(place)) {
            // The first is the tax office.
            senders.push(match number {
                1 => Organisation::connect_mandatory(&product, number, name).await,
                _ => Organisation::connect(&product, number, name).await,
            });
        }
        let world = Self { product };
        for person in [ANNA, BORIS, WILLEMIJN] {
            world.product.activate(&person).await;
        }
        world
            .limit(CARLA, Standing::Restriction, "bericht-lezen")
            .await;
        world.limit(BEATRIJS, Standing::Block, "*").await;
        world.fill_annas_box(place, &senders).await;
        for letter in letters::to_the_limits() {
            world.product.clock().advance(Duration::from_secs(3600));
            let sender = &senders[letter.sender];
            sender.delivered(&body(sender, &WILLEMIJN, &letter)).await;
        }
        let sender = &senders[0];
        sender
            .delivered(&body(sender, &BORIS, &letters::usual()))
            .await;
        world
    }

    /// A year of post, of which Anna has read some of the newest, and put some of what is older away.
    async fn fill_annas_box(&self, place: Place, senders: &[Organisation]) {
        for number in 0..OLD_LETTERS {
            self.product.clock().advance(3 * DAY);
            let sender = &senders[number as usize % 3];
            sender
                .delivered(&body(sender, &ANNA, &letters::old(number)))
                .await;
        }
        let mut read = Vec::new();
        for letter in letters::newest(place) {
            self.product
                .clock()
                .advance(DAY + Duration::from_secs(4321));
            let sender = &senders[letter.sender];
            let id = sender.delivered(&body(sender, &ANNA, &letter)).await;
            read.extend(letter.is_read.then_some(id));
        }
        let mut browser = Browser::new(&self.product);
        browser.log_in(&ANNA).await;
        for id in read {
            let page = browser.get(&format!("/berichten/{id}")).await;
            assert_eq!(page.status, 200, "{}", page.text());
        }
        for (folder, count) in [("/berichten/archief", 6), ("/berichten/prullenbak", 4)] {
            let newest = browser.get("/berichten").await;
            let older = browser.get(&newest.link("/berichten?voor=")).await;
            let moved = browser.tick(&older, folder, count).await;
            assert_eq!(moved.status, 303, "{}", moved.text());
        }
    }

    /// A limit on what is done with someone's data, kept by whoever holds the terminal.
    async fn limit(&self, person: Person, kind: Standing, scope: &'static str) {
        let subject = self.product.activate(&person).await;
        let processing = Processing::of(
            Activity("account-overbrengen"),
            Actor::Operator,
            Subjects::One(subject),
            Channel::Terminal,
            self.product.trace(),
        );
        let limit = move |tx: &mut Tx<'_>| tx.limit(kind, scope, None, "voorbeeld");
        let kept = self.product.vault().write(processing, limit).await;
        kept.expect("the limit is kept");
    }
}

/// So long before now that the newest letters are of now.
fn beginning() -> Moment {
    NOW.minus(DAY * (3 * OLD_LETTERS + 20))
}

fn body(sender: &Organisation, person: &Person, letter: &Letter) -> Value {
    let mut body = sender.letter_to(person);
    body["onderwerp"] = json!(letter.title);
    body["inhoud"] = json!(letter.text);
    if let Some(day) = letter.act_before {
        body["actieVoorDatum"] = json!(day);
    }
    if let Some(language) = letter.language {
        body["taal"] = json!(language);
    }
    if let Some(reference) = &letter.reference {
        body["referentie"] = json!(reference);
    }
    let files = letter.files.iter().map(|name| attachment(name, &pdf(name)));
    body["bijlagen"] = files.collect();
    body
}
