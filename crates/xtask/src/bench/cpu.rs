//! CPU time by thread, as the kernel counts it: tells where a request's time goes without timing any of it.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// One tick of the kernel's count (USER_HZ is 100 on Linux).
const TICK: Duration = Duration::from_millis(10);

/// CPU time so far of this process's threads, by the kind of work they are named for.
#[derive(Clone, Debug, Default)]
pub struct Spent(BTreeMap<&'static str, Duration>);

impl Spent {
    pub fn now() -> std::io::Result<Self> {
        let mut spent = Self::default();
        for thread in fs::read_dir("/proc/self/task")? {
            let folder = thread?.path();
            // A thread may end while we look.
            let (Ok(name), Ok(stat)) = (
                fs::read_to_string(folder.join("comm")),
                fs::read_to_string(folder.join("stat")),
            ) else {
                continue;
            };
            *spent.0.entry(kind(name.trim())).or_default() += ticks(&stat) * TICK;
        }
        Ok(spent)
    }

    /// What was spent since, in microseconds each, by kind of thread.
    pub fn each_since(&self, before: &Self, count: u64) -> String {
        let parts = self.0.iter().filter_map(|(kind, spent)| {
            let spent = spent.saturating_sub(before.0.get(kind).copied().unwrap_or_default());
            let micros = spent.as_secs_f64() * 1e6 / count.max(1) as f64;
            (micros >= 0.5).then(|| format!("{kind} {micros:.0} µs"))
        });
        parts.collect::<Vec<_>>().join(", ")
    }
}

fn kind(thread: &str) -> &'static str {
    match thread {
        "store-writer" => "writer",
        name if name.starts_with("store-reader") => "readers",
        name if name.starts_with("tokio") => "HTTP",
        _ => "load client",
    }
}

/// User and system time: the 14th and 15th field, counted behind the name in parentheses.
fn ticks(stat: &str) -> u32 {
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u32>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::ticks;

    #[test]
    fn a_name_with_a_parenthesis_does_not_shift_the_fields() {
        let stat = "7 (odd) name) R 1 1 1 0 -1 4194560 1 0 0 0 25 17 0 0 20 0 1 0";
        assert_eq!(ticks(stat), 42);
    }
}
