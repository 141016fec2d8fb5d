//! A sweep by itself beside the bare engine, and deliveries while one runs beside those while none does. The letters are older than
//! their term since the clock is years ahead.

use std::error::Error;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use basics::{Clock, Moment};
use tokio::time::timeout;
use vault::{SweepOrder, Vault};

use super::super::ahead::Ahead;
use super::super::bare;
use super::super::cpu::Spent;
use super::super::figures::{Figures, millis, thousands};
use super::super::house::House;
use super::super::letters::{Letters, numbers};
use super::super::load::{self, Load, Outcome, Until};
use super::super::rows::Source;
use super::super::site::Site;
use super::super::world::World;
use super::super::{Options, progress};

/// The rate at which a delivery must stay quick.
const RATE: u32 = 200;
const KIND: &str = "bericht";
/// A sweep is an hour late, for the night in which clocks go back.
const LATE: Duration = Duration::from_secs(3_601);
const EARLIER: Duration = Duration::from_secs(600);
const TEN_YEARS: Duration = Duration::from_secs(10 * 366 * 86_400);

pub fn run(options: &Options, world: &World, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    let ending = if options.quick { 5_000 } else { 20_000 };
    let post = post(world, 2 * ending)?;
    let (first, second) = (received(&post, ending)?, received(&post, 2 * ending)?);
    alone(&post, first, figures)?;
    let beside = Beside {
        options,
        world,
        sent: world.letters.max(2 * ending),
    };
    beside.run(&post, [first, second], figures)
}

/// A copy of the house with at least so many letters, each row of its log in its place.
fn post(world: &World, least: u64) -> Result<Site, Box<dyn Error>> {
    progress("letters that will end");
    let site = world.site.whole_copy()?;
    let house = House::open(&site, &[])?;
    let letters = Letters::new(&numbers(world.people), house.tokens()?);
    let (first, count) = (world.letters, least.saturating_sub(world.letters));
    let load = Load {
        address: house.address,
        connections: 64,
        until: Until::Count(count),
        rate: None,
    };
    load::run(load, move |number, request| {
        letters.request(first + number, true, request)
    })?
    .all(201)?;
    house.close()?;
    let later = Ahead::from(Clock::system().now().plus(LATE));
    let house = House::open_at(&site, &[], later.clock.clone())?;
    house.wait(house.vault().place_log_rows())?;
    house.close()?;
    site.settle()?;
    Ok(site)
}

/// When the letter came that so many came up to.
fn received(site: &Site, count: u64) -> Result<Moment, Box<dyn Error>> {
    let text = format!(
        "SELECT received_at FROM messages ORDER BY received_at LIMIT 1 OFFSET {}",
        count.saturating_sub(1)
    );
    let micros = Source::of(site)?.number(&text)?.ok_or("too few letters")?;
    Ok(Moment::from_micros(micros))
}

/// When a sweep removes what came up to this moment, and hardly more.
fn swept_at(vault: &Vault, received: Moment) -> Result<Moment, Box<dyn Error>> {
    let from = received.plus(LATE);
    let ends = vault.ends_by(KIND, from, from.plus(TEN_YEARS));
    Ok(ends.ok_or("the statement keeps letters for longer than ten years")?)
}

/// The clock leaps, and no sweep believes it without a word.
fn told_the_day(vault: &Vault) -> SweepOrder {
    SweepOrder::confirming(vault.today())
}

fn alone(post: &Site, received: Moment, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    progress("a sweep");
    let (site, other) = (post.whole_copy()?, post.copy()?);
    let ahead = Ahead::from(Clock::system().now());
    let house = House::open_at(&site, &[], ahead.clock.clone())?;
    ahead.clock.set(swept_at(house.vault(), received)?);
    let before = house.spent()?;
    let began = Instant::now();
    let swept = house.wait(
        house
            .vault()
            .sweep(told_the_day(house.vault()), &mut |_| {}),
    )?;
    let took = began.elapsed();
    let cpu = house.spent()?.since(&before);
    house.close()?;

    progress("the bare engine with the same rows");
    let bare = bare::removing::run(&site, &other)?;
    if bare.rows != swept.rows() {
        return Err(format!("bare: {} rows, swept: {:?}", bare.rows, swept.tables).into());
    }
    let per_second = swept.rows() as f64 / took.as_secs_f64();
    let ratio = per_second / bare.per_second();
    figures.value(
        "sweep",
        format!(
            "{} rows and {} files in {}; CPU a row {}",
            thousands(swept.rows() as f64),
            swept.files,
            millis(took),
            cpu.each(swept.rows())
        ),
    );
    figures.bar(
        "sweep beside the bare engine",
        format!(
            "{ratio:.2} of {:.0} rows a second in batches of {:.0}",
            bare.per_second(),
            bare.rows as f64 / bare.batches.max(1) as f64
        ),
        "≥ 0.6",
        ratio >= 0.6,
    );
    Ok(())
}

struct Beside<'a> {
    options: &'a Options,
    world: &'a World,
    /// Letters that are there.
    sent: u64,
}

impl Beside<'_> {
    /// Two sweeps, each of what came up to a moment: one beside deliveries at a rate, one beside all that the clients can send.
    fn run(
        mut self,
        post: &Site,
        received: [Moment; 2],
        figures: &mut Figures,
    ) -> Result<(), Box<dyn Error>> {
        progress("deliveries beside a sweep");
        let ahead = Ahead::from(Clock::system().now());
        let house = House::open_at(post, &[], ahead.clock.clone())?;
        let first = swept_at(house.vault(), received[0])?;
        let second = swept_at(house.vault(), received[1])?;
        // So much earlier that nothing ends yet; from here on it only goes forward.
        ahead.clock.set(first.minus(EARLIER));
        let all = self.options.load(house.address);
        let at_rate = Load {
            rate: Some(RATE),
            until: Until::Elapsed(2 * self.options.time()),
            ..all
        };
        let (without, _) = self.deliver(&house, all)?;
        let (without_at_rate, cpu) = self.deliver(&house, at_rate)?;
        let what = format!("delivery, at {RATE} a second");
        figures.call(what.as_str(), without_at_rate.clone(), &cpu);
        ahead.clock.set(first);
        let (outcome, cpu) = self.while_sweeping(&house, at_rate)?;
        beside(&what, &without_at_rate, &outcome, figures);
        figures.call(format!("{what}, while a sweep runs"), outcome, &cpu);
        ahead.clock.set(second.max(ahead.clock.now()));
        let (outcome, cpu) = self.while_sweeping(&house, all)?;
        beside("single delivery", &without, &outcome, figures);
        figures.call("single delivery, while a sweep runs", outcome, &cpu);
        house.close()
    }

    fn deliver(&mut self, house: &House, load: Load) -> Result<(Outcome, Spent), Box<dyn Error>> {
        let letters = Letters::new(&numbers(self.world.people), house.tokens()?);
        let first = self.sent;
        let (outcome, cpu) = house.counted(load, move |number, request| {
            letters.request(first + number, false, request);
        })?;
        self.sent += outcome.count;
        Ok((outcome.all(201)?, cpu))
    }

    fn while_sweeping(
        &mut self,
        house: &House,
        load: Load,
    ) -> Result<(Outcome, Spent), Box<dyn Error>> {
        static ENOUGH: AtomicBool = AtomicBool::new(false);
        ENOUGH.store(false, Ordering::Relaxed);
        let (vault, most) = (house.vault().clone(), 2 * self.options.time());
        let sweep = house.begin(async move {
            let mut told = |_| {};
            let mut sweep = pin!(vault.sweep(told_the_day(&vault), &mut told));
            let in_time = timeout(most, &mut sweep).await;
            ENOUGH.store(true, Ordering::Relaxed);
            match in_time {
                Ok(swept) => swept,
                Err(_) => sweep.await,
            }
        });
        let until = Until::Told(&ENOUGH);
        let delivered = self.deliver(house, Load { until, ..load })?;
        if house.wait(sweep)??.rows() == 0 {
            return Err("there was nothing to sweep".into());
        }
        Ok(delivered)
    }
}

fn beside(what: &str, without: &Outcome, with: &Outcome, figures: &mut Figures) {
    let ratio = with.p99().as_secs_f64() / without.p99().as_secs_f64();
    figures.bar(
        format!("p99 of a {what}, while a sweep runs beside without"),
        format!(
            "{ratio:.1} ×: {} beside {}",
            millis(with.p99()),
            millis(without.p99())
        ),
        "≤ 2 ×",
        ratio <= 2.0,
    );
}
