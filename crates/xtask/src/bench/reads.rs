//! What people do: log in, look into their box, read a letter for the first time and again, save an attachment; and how
//! organisations get a token.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use rusqlite::types::Value;

use super::cpu::Spent;
use super::engine::Engine;
use super::figures::{Figures, millis};
use super::house::House;
use super::letters::{numbers, scattered};
use super::load::{Load, Outcome, Until};
use super::rows::Source;
use super::site::Site;
use super::visits::{self, Letter, Visit};
use super::{Options, gate, progress};

/// The rate at which the inbox must be quick.
const RATE: u32 = 200;
/// How often the inbox is asked with and without the log rows of reads, in turns.
const TURNS: u32 = 10;
const HEAVIEST: usize = 60_000;

/// What is left for others to use.
pub struct Read {
    /// Sessions in the copy.
    pub visits: Vec<Visit>,
    /// Of the inbox at the rate.
    pub p99: Duration,
}

/// Measures on a copy.
pub fn run(options: &Options, copy: &Site, figures: &mut Figures) -> Result<Read, Box<dyn Error>> {
    let (people, _) = options.size();
    let everyone = numbers(people);
    let count = options.visitors().min(people);
    let visitors: Vec<String> = (0..count)
        .map(|at| everyone[at * people / count].clone())
        .collect();
    let attached = attachments(copy)?;
    let house = House::open(copy, &visitors)?;
    progress("logins");
    let (visits, logins, cpu) = visits::log_in(&house, &visitors)?;
    figures.call("login (both requests)", logins, &cpu);

    progress("inboxes");
    let (letters, fullest) = visits::look_around(&house, &visits)?;
    let p99 = inbox(options, &house, &visits, figures)?;
    let (weight, scripts) = visits::weight(&house, &fullest)?;
    figures.bar(
        "weight of a full inbox page with all it links to",
        format!("{:.1} kB, {scripts} scripts", weight as f64 / 1e3),
        "< 60 kB",
        weight < HEAVIEST,
    );
    progress("letters");
    letter_pages(options, &house, &letters, figures)?;
    downloads(options, &house, &letters, &attached, figures)?;
    progress("tokens");
    tokens(options, &house, figures)?;
    house.close()?;
    Ok(Read { visits, p99 })
}

fn inbox(
    options: &Options,
    house: &House,
    visits: &[Visit],
    figures: &mut Figures,
) -> Result<Duration, Box<dyn Error>> {
    let asked = || look(visits);
    // Keys and pages that everyone uses are at hand from here on.
    let warming = house.counted(options.short(house.address), asked())?;
    warming.0.all(200)?;

    let turn = Load {
        until: Until::Elapsed(options.time() / 5),
        ..options.load(house.address)
    };
    let mut sides = [true, false].map(|rows| (rows, Outcome::default(), Spent::default()));
    for _ in 0..TURNS {
        for (rows, outcomes, spent) in &mut sides {
            vault::leave_rows_of_reads(*rows);
            let counted = house.counted(turn, asked());
            vault::leave_rows_of_reads(true);
            let (outcome, cpu) = counted?;
            outcomes.join(outcome.all(200)?);
            spent.join(&cpu);
        }
    }
    let [(_, with, with_cpu), (_, without, without_cpu)] = sides;
    let ratio = with.per_second() / without.per_second();
    figures.call("inbox", with, &with_cpu);
    figures.call("inbox, leaving no log rows", without, &without_cpu);
    figures.bar(
        "inbox rate with log rows beside without",
        format!("{ratio:.2}"),
        "≥ 0.8",
        ratio >= 0.8,
    );
    let p99 = at_rate(options, house, "inbox", asked(), figures)?;
    figures.bar_of(
        Engine::Embedded,
        format!("p99 of the inbox at {RATE} requests a second"),
        millis(p99),
        "< 30 ms",
        p99 < Duration::from_millis(30),
    );
    let short = options.short(house.address);
    gate::share(house, short, 200, asked())?.tell("an inbox", figures);
    Ok(p99)
}

fn letter_pages(
    options: &Options,
    house: &House,
    letters: &[Letter],
    figures: &mut Figures,
) -> Result<(), Box<dyn Error>> {
    let all: Vec<Vec<u8>> = letters
        .iter()
        .map(|one| get(&one.path, &one.cookie))
        .collect();
    let first = Load {
        until: Until::Count(all.len() as u64),
        ..options.load(house.address)
    };
    let in_turn = all.clone();
    let (outcome, cpu) = house.counted(first, move |number, request| {
        request.extend_from_slice(&in_turn[usize::try_from(number).unwrap_or(0)]);
    })?;
    figures.call("letter, first reading", outcome.all(200)?, &cpu);
    let (outcome, cpu) = house.counted(options.load(house.address), any(all.clone()))?;
    figures.call("letter, read again", outcome.all(200)?, &cpu);
    at_rate(options, house, "letter, read again", any(all), figures).map(drop)
}

fn downloads(
    options: &Options,
    house: &House,
    letters: &[Letter],
    attached: &HashMap<String, String>,
    figures: &mut Figures,
) -> Result<(), Box<dyn Error>> {
    let files: Vec<Vec<u8>> = letters
        .iter()
        .filter_map(|letter| {
            let message = letter.path.rsplit('/').next()?;
            let file = attached.get(message)?;
            Some(get(
                &format!("{}/bijlagen/{file}", letter.path),
                &letter.cookie,
            ))
        })
        .collect();
    if files.is_empty() {
        return Err("nobody who logged in has an attachment".into());
    }
    let (outcome, cpu) = house.counted(options.short(house.address), any(files))?;
    figures.call("attachment of 40 kB", outcome.all(200)?, &cpu);
    Ok(())
}

fn tokens(options: &Options, house: &House, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    // Made beforehand: making one takes about as long as checking it.
    let count = options.visitors();
    let asked: Vec<Vec<u8>> = (0..count)
        .map(|at| {
            let form = house.token_form(&house.senders[at % house.senders.len()])?;
            let head = format!(
                "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                 Content-Length: {}\r\n\r\n",
                form.len()
            );
            Ok([head.into_bytes(), form.into_bytes()].concat())
        })
        .collect::<Result<_, basics::Fault>>()?;
    let load = Load {
        until: Until::Count(count as u64),
        ..options.load(house.address)
    };
    let (outcome, cpu) = house.counted(load, move |number, request| {
        request.extend_from_slice(&asked[usize::try_from(number).unwrap_or(0)]);
    })?;
    figures.call("token", outcome.all(200)?, &cpu);
    Ok(())
}

/// The same at a rate that leaves the server time; answers the p99.
fn at_rate(
    options: &Options,
    house: &House,
    what: &str,
    request: impl Fn(u64, &mut Vec<u8>) + 'static,
    figures: &mut Figures,
) -> Result<Duration, Box<dyn Error>> {
    let load = Load {
        rate: Some(RATE),
        until: Until::Elapsed(2 * options.time()),
        ..options.load(house.address)
    };
    let (outcome, cpu) = house.counted(load, request)?;
    let outcome = outcome.all(200)?;
    let p99 = outcome.p99();
    figures.call(format!("{what}, at {RATE} a second"), outcome, &cpu);
    Ok(p99)
}

/// Asks for the inbox of anyone with a session.
pub fn look(visits: &[Visit]) -> impl Fn(u64, &mut Vec<u8>) + 'static {
    any(visits
        .iter()
        .map(|visit| get("/berichten", &visit.cookie))
        .collect())
}

fn any(requests: Vec<Vec<u8>>) -> impl Fn(u64, &mut Vec<u8>) + 'static {
    move |number, request| {
        let at = scattered(number) % requests.len() as u64;
        request.extend_from_slice(&requests[usize::try_from(at).unwrap_or(0)]);
    }
}

fn get(path: &str, cookie: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n").into_bytes()
}

/// An attachment of each letter that has one.
fn attachments(site: &Site) -> Result<HashMap<String, String>, Box<dyn Error>> {
    let found = Source::of(site)?.select("SELECT message_id, attachment_id FROM attachments")?;
    let pair = |row: Vec<Value>| match <[Value; 2]>::try_from(row) {
        Ok([Value::Text(message), Value::Text(attachment)]) => Some((message, attachment)),
        _ => None,
    };
    Ok(found.rows.into_iter().filter_map(pair).collect())
}
