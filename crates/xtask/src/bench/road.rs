//! Single deliveries over HTTP: keep-alive clients, one letter a call, durable before each 201; then the bare engine.

use std::error::Error;

use super::bare::{self, Mark};
use super::engine::Engine;
use super::figures::Figures;
use super::gate;
use super::house::House;
use super::letters::{Letters, numbers};
use super::world::World;
use super::{Options, progress};

pub fn run(options: &Options, world: &World, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    let copy = world.site.copy()?;
    let mark = Mark::of(&copy)?;
    progress("single deliveries");
    let house = House::open(&copy, &[])?;
    let senders = house.tokens()?;
    let deliver = |first: u64| {
        let letters = Letters::new(&numbers(world.people), senders.clone());
        move |number: u64, request: &mut Vec<u8>| letters.request(first + number, false, request)
    };
    let (outcome, cpu) = house.counted(options.load(house.address), deliver(world.letters))?;
    let outcome = outcome.all(201)?;
    let (per_second, count) = (outcome.per_second(), outcome.count);
    figures.call("single delivery", outcome, &cpu);
    house.close()?;

    progress("the bare engine with the same rows");
    let other = world.site.copy()?;
    let bare = bare::run(&copy, &mark, &other)?;
    let ratio = per_second / bare.per_second();
    let (bar, least) = match world.site.engine() {
        Engine::Embedded => ("≥ 0.55", 0.55),
        Engine::Server => ("≥ 0.5", 0.5),
    };
    figures.bar(
        "single delivery beside the bare engine",
        format!(
            "{ratio:.2} of {:.0} a second in groups of {:.0}",
            bare.per_second(),
            bare.deliveries as f64 / bare.groups.max(1) as f64
        ),
        bar,
        ratio >= least,
    );
    drop(other);

    progress("the gate in a delivery");
    let house = House::open(&copy, &[])?;
    let senders = house.tokens()?;
    let letters = Letters::new(&numbers(world.people), senders);
    let first = world.letters + count;
    let short = options.short(house.address);
    let share = gate::share(&house, short, 201, move |number, request| {
        letters.request(first + number, false, request);
    })?;
    share.tell("a delivery", figures);
    house.close()
}
