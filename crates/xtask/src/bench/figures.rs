//! What a run found: calls with their times and CPU, and values with the bar they must reach; printed as one table each,
//! the engines below each other.

use std::fmt::Write;
use std::time::Duration;

use super::cpu::Spent;
use super::engine::Engine;
use super::load::Outcome;

/// Everything that one run measured, in the order it did.
#[derive(Default)]
pub struct Figures {
    /// What comes is of this engine; of none: whichever runs.
    engine: Option<Engine>,
    calls: Vec<Measured<Call>>,
    values: Vec<Measured<Value>>,
}

struct Measured<T> {
    what: String,
    engine: Option<Engine>,
    found: T,
}

struct Call {
    outcome: Outcome,
    /// Of one call.
    cpu: Spent,
}

struct Value {
    value: String,
    /// What it should be, and whether it is.
    bar: Option<(String, bool)>,
}

impl Figures {
    /// What comes is of this engine.
    pub const fn turn_to(&mut self, engine: Option<Engine>) {
        self.engine = engine;
    }

    /// `cpu` is of all the calls together.
    pub fn call(&mut self, what: impl Into<String>, outcome: Outcome, cpu: &Spent) {
        let cpu = cpu.each(outcome.count);
        self.calls.push(Measured {
            what: what.into(),
            engine: self.engine,
            found: Call { outcome, cpu },
        });
    }

    pub fn value(&mut self, what: impl Into<String>, value: impl Into<String>) {
        self.add(what.into(), value.into(), None);
    }

    pub fn bar(
        &mut self,
        what: impl Into<String>,
        value: impl Into<String>,
        bar: impl Into<String>,
        reached: bool,
    ) {
        self.add(what.into(), value.into(), Some((bar.into(), reached)));
    }

    /// A bar for one engine; of another the value is only shown.
    pub fn bar_of(
        &mut self,
        engine: Engine,
        what: impl Into<String>,
        value: impl Into<String>,
        bar: impl Into<String>,
        reached: bool,
    ) {
        let bar = (self.engine == Some(engine)).then(|| (bar.into(), reached));
        self.add(what.into(), value.into(), bar);
    }

    fn add(&mut self, what: String, value: String, bar: Option<(String, bool)>) {
        self.values.push(Measured {
            what,
            engine: self.engine,
            found: Value { value, bar },
        });
    }

    pub fn all_reached(&self) -> bool {
        let mut bars = self.values.iter().filter_map(|one| one.found.bar.as_ref());
        bars.all(|(_, reached)| *reached)
    }

    /// Both tables; as Markdown, or for a terminal.
    pub fn shown(&self, markdown: bool) -> String {
        let mut calls = vec![
            [
                "",
                "engine",
                "a second",
                "p50",
                "p99",
                "CPU a call, by thread",
            ]
            .map(String::from),
        ];
        calls.extend(beside_each_other(&self.calls).map(|(what, engine, call)| {
            [
                what,
                engine,
                thousands(call.outcome.per_second()),
                millis(call.outcome.p50()),
                millis(call.outcome.p99()),
                call.cpu.to_string(),
            ]
        }));
        let mut values = vec![["", "engine", "measured", "bar", ""].map(String::from)];
        values.extend(beside_each_other(&self.values).map(
            |(what, engine, Value { value, bar })| {
                let verdict = match bar {
                    None => "",
                    Some((_, true)) => "ok",
                    Some((_, false)) => "BELOW",
                };
                let bar = bar.as_ref().map(|(bar, _)| bar.clone());
                [
                    what,
                    engine,
                    value.clone(),
                    bar.unwrap_or_default(),
                    verdict.to_owned(),
                ]
            },
        ));
        format!("{}\n{}", table(&calls, markdown), table(&values, markdown))
    }
}

/// In the order of the first of each name; the name stands at the first only.
fn beside_each_other<T>(all: &[Measured<T>]) -> impl Iterator<Item = (String, String, &T)> {
    let mut names: Vec<&str> = Vec::new();
    for one in all {
        if !names.contains(&one.what.as_str()) {
            names.push(&one.what);
        }
    }
    names.into_iter().flat_map(move |name| {
        let same = all.iter().filter(move |one| one.what == name);
        same.enumerate().map(move |(at, one)| {
            let what = if at == 0 { name } else { "" };
            let engine = one.engine.map_or("", Engine::name);
            (what.to_owned(), engine.to_owned(), &one.found)
        })
    })
}

/// The first row is the head, the first column the names.
fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]], markdown: bool) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0).max(3)
    };
    let widths: Vec<usize> = (0..COLUMNS).map(width).collect();
    let mut shown = String::new();
    for (at, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let gap = " ".repeat(width - cell.chars().count());
            format!("{cell}{gap}")
        });
        let cells: Vec<String> = cells.collect();
        let line = if markdown {
            format!("| {} |", cells.join(" | "))
        } else {
            cells.join("   ").trim_end().to_owned()
        };
        let _ = writeln!(shown, "{line}");
        if markdown && at == 0 {
            let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            let _ = writeln!(shown, "| {} |", rule.join(" | "));
        }
    }
    shown
}

/// `12,345`
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

pub fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_what_is_below_its_bar() {
        let mut figures = Figures::default();
        figures.bar("ratio", "0.61", "≥ 0.55", true);
        assert!(figures.all_reached());
        figures.bar("weight", "70 kB", "≤ 60 kB", false);
        figures.value("size", "12.0 MB");
        assert!(!figures.all_reached());
        let shown = figures.shown(true);
        assert!(
            shown.contains("| ratio  |        | 0.61     | ≥ 0.55  | ok    |"),
            "{shown}"
        );
        assert!(
            shown.contains("| weight |        | 70 kB    | ≤ 60 kB | BELOW |"),
            "{shown}"
        );
        assert!(!figures.shown(false).contains('|'));
    }

    #[test]
    fn the_engines_stand_beside_each_other_and_one_is_judged() {
        let mut figures = Figures::default();
        for (engine, share) in [(Engine::Embedded, "2 %"), (Engine::Server, "9 %")] {
            figures.turn_to(Some(engine));
            figures.value("start", "20 ms");
            let is_little = engine == Engine::Embedded;
            figures.bar_of(Engine::Embedded, "gate", share, "≤ 3 %", is_little);
        }
        assert!(figures.all_reached());
        let shown = figures.shown(true);
        let lines: Vec<&str> = shown.lines().rev().take(4).collect();
        assert_eq!(
            lines,
            [
                "|       | PostgreSQL | 9 %      |       |     |",
                "| gate  | SQLite     | 2 %      | ≤ 3 % | ok  |",
                "|       | PostgreSQL | 20 ms    |       |     |",
                "| start | SQLite     | 20 ms    |       |     |",
            ]
        );
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(thousands(1_234_567.4), "1,234,567");
        assert_eq!(thousands(999.0), "999");
        assert_eq!(millis(Duration::from_micros(1250)), "1.2 ms");
        assert_eq!(megabytes(12_345_678), "12.3 MB");
    }
}
