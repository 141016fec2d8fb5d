//! Single deliveries over HTTP: keep-alive clients, one letter a call, durable before each 201; then the bare engine.

use std::error::Error;

use super::bare::{self, Mark};
use super::figures::{Figures, counted};
use super::gate;
use super::house::House;
use super::letters::{Letters, numbers};
use super::world::{World, database};
use super::{Options, progress};

pub fn run(options: &Options, world: &World, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    let copy = world.copy()?;
    let mark = Mark::of(&database(&copy))?;
    progress("single deliveries");
    let house = House::open(copy.path(), &[])?;
    let senders = house.tokens()?;
    let deliver = |first: u64| {
        let letters = Letters::new(&numbers(world.people), senders.clone());
        move |number: u64, request: &mut Vec<u8>| letters.request(first + number, false, request)
    };
    let (outcome, cpu) = counted(options.load(house.address), deliver(world.letters))?;
    let outcome = outcome.all(201)?;
    let (per_second, count) = (outcome.per_second(), outcome.count);
    figures.call("single delivery", outcome, &cpu);
    house.close()?;

    progress("the bare engine with the same rows");
    let other = world.copy()?;
    let bare = bare::run(&database(&copy), &mark, &database(&other))?;
    let ratio = per_second / bare.per_second();
    figures.bar(
        format!(
            "single delivery beside the bare engine ({:.0} a second in groups of {:.0})",
            bare.per_second(),
            bare.deliveries as f64 / bare.groups.max(1) as f64
        ),
        format!("{ratio:.2}"),
        "≥ 0.55",
        ratio >= 0.55,
    );
    drop(other);

    progress("the gate in a delivery");
    let house = House::open(copy.path(), &[])?;
    let senders = house.tokens()?;
    let letters = Letters::new(&numbers(world.people), senders);
    let first = world.letters + count;
    let share = gate::share(options.short(house.address), 201, move |number, request| {
        letters.request(first + number, false, request);
    })?;
    share.tell("a delivery", figures);
    house.close()
}
