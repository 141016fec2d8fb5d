//! How data end, and how a statement begins: a sweep beside the bare engine and beside deliveries, a copy and an erasure of
//! somebody with much post.

mod leaving;
mod sweeps;

use std::error::Error;

use super::figures::Figures;
use super::world::World;
use super::{Options, statements};

pub fn run(options: &Options, world: &World, figures: &mut Figures) -> Result<(), Box<dyn Error>> {
    sweeps::run(options, world, figures)?;
    leaving::run(world, figures)?;
    statements::beginnings(&world.site, figures)
}
