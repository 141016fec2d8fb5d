//! A copy of all that is kept of somebody with a thousand letters, written as an operator gets it; then their erasure.

use std::error::Error;
use std::slice;
use std::time::{Duration, Instant};

use basics::{Bsn, PersonNumber};
use vault::Whose;

use super::super::figures::{Figures, millis};
use super::super::house::House;
use super::super::letters::{Letters, numbers};
use super::super::load::{self, Load, Until};
use super::super::progress;
use super::super::world::World;

const PEOPLE: usize = 3;
const LETTERS: u64 = 1_000;
/// One letter in fifty has one.
const FILES: usize = 20;
const CLIENTS: usize = 64;
const COPIED: Duration = Duration::from_secs(2);
const ERASED: Duration = Duration::from_secs(1);

pub fn run(world: &World, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    progress("people with a thousand letters");
    let site = world.site.whole_copy()?;
    let house = House::open(&site, &[])?;
    let everyone = numbers(world.people + PEOPLE);
    let new = &everyone[world.people..];
    house.bring_in(new)?;
    for (number, at) in new.iter().zip(0..) {
        let letters = Letters::new(slice::from_ref(number), house.tokens()?);
        let load = Load {
            address: house.address,
            connections: CLIENTS,
            until: Until::Count(LETTERS),
            rate: None,
        };
        let first = world.letters + at * LETTERS;
        load::run(load, move |number, request| {
            letters.request(first + number, true, request)
        })?
        .all(201)?;
    }
    house.wait(house.vault().place_log_rows())?;

    let folder = tempfile::tempdir_in(site.folder())?;
    let (mut copied, mut erased, mut rows) = (Vec::new(), Vec::new(), 0);
    for number in new {
        let vault = house.vault();
        let whose = Whose::Number(PersonNumber::Bsn(
            Bsn::parse(number).map_err(|_| "not a BSN")?,
        ));
        let began = Instant::now();
        let export = house.wait(vault.export(whose.clone()))?;
        let export = export.ok_or("somebody with letters is not known")?;
        let there = folder.path().join(export.subject.to_string());
        house.wait(postbus::commands::write_export(vault, &export, &there))?;
        copied.push(began.elapsed());
        if export.files.len() != FILES {
            return Err(format!("{} files of {LETTERS} letters", export.files.len()).into());
        }
        let began = Instant::now();
        let gone = house.wait(vault.erase(whose, &mut |_| {}))?;
        erased.push(began.elapsed());
        rows = gone.ok_or("somebody who was copied is not known")?.rows;
    }
    house.close()?;
    for (what, mut times, bar, most) in [
        ("copy of all", copied, "< 2 s", COPIED),
        ("erasure", erased, "< 1 s", ERASED),
    ] {
        times.sort_unstable();
        let median = times[PEOPLE / 2];
        figures.bar(
            format!("{what} of a person with {LETTERS} letters (median)"),
            format!("{}, {rows} rows and {FILES} files", millis(median)),
            bar,
            median < most,
        );
    }
    Ok(())
}
