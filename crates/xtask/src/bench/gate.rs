//! What the gate and the column check take of a request: thread CPU inside them and of all threads, in one run.

use std::error::Error;
use std::time::Duration;

use vault::{gauge, gauged};

use super::figures::Figures;
use super::house::House;
use super::load::Load;

/// Of one request.
pub struct Share {
    within: Duration,
    whole: Duration,
    checks: f64,
}

/// Measures it under a load of which every answer must have this status.
pub fn share(
    house: &House,
    load: Load,
    status: u16,
    request: impl Fn(u64, &mut Vec<u8>) + 'static,
) -> Result<Share, Box<dyn Error>> {
    gauge(true);
    let before = gauged();
    let run = house.counted(load, request);
    let found = gauged().since(&before);
    gauge(false);
    let (outcome, cpu) = run?;
    let count = outcome.all(status)?.count.max(1) as f64;
    // Both without the clock.
    let each = |nanos: f64| Duration::from_secs_f64(nanos.max(0.0) / 1e9 / count);
    Ok(Share {
        within: each(found.within()),
        whole: each(cpu.product().as_nanos() as f64 - found.of_clock()),
        checks: found.checks as f64 / count,
    })
}

impl Share {
    pub fn tell(&self, of: &str, figures: &mut Figures) {
        let share = 100.0 * self.within.as_secs_f64() / self.whole.as_secs_f64();
        let measured = format!(
            "{share:.1} %: {:.1} of {:.0} µs in {:.0} checks",
            self.within.as_secs_f64() * 1e6,
            self.whole.as_secs_f64() * 1e6,
            self.checks
        );
        let what = format!("gate and column check of {of}");
        figures.bar(what, measured, "≤ 3 %", share <= 3.0);
    }
}
