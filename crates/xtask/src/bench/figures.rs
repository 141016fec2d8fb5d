//! What a run found: calls with their times and CPU, and values with the bar they must reach; printed as one table each.

use std::fmt::Write;
use std::time::Duration;

use super::cpu::Spent;
use super::load::{self, Load, Outcome};

/// Everything that one run measured, in the order it did.
#[derive(Default)]
pub struct Figures {
    calls: Vec<Call>,
    values: Vec<Measured>,
}

struct Call {
    what: String,
    outcome: Outcome,
    /// Of one call.
    cpu: Spent,
}

struct Measured {
    what: String,
    value: String,
    /// What it should be, and whether it is.
    bar: Option<(String, bool)>,
}

/// Runs a load and counts the CPU that all threads take meanwhile.
pub fn counted(
    load: Load,
    request: impl Fn(u64, &mut Vec<u8>) + 'static,
) -> std::io::Result<(Outcome, Spent)> {
    let before = Spent::now()?;
    let outcome = load::run(load, request)?;
    Ok((outcome, Spent::now()?.since(&before)))
}

impl Figures {
    /// `cpu` is of all the calls together.
    pub fn call(&mut self, what: impl Into<String>, outcome: Outcome, cpu: &Spent) {
        let cpu = cpu.each(outcome.count);
        self.calls.push(Call {
            what: what.into(),
            outcome,
            cpu,
        });
    }

    pub fn value(&mut self, what: impl Into<String>, value: impl Into<String>) {
        self.values.push(Measured {
            what: what.into(),
            value: value.into(),
            bar: None,
        });
    }

    pub fn bar(
        &mut self,
        what: impl Into<String>,
        value: impl Into<String>,
        bar: impl Into<String>,
        reached: bool,
    ) {
        self.values.push(Measured {
            what: what.into(),
            value: value.into(),
            bar: Some((bar.into(), reached)),
        });
    }

    pub fn all_reached(&self) -> bool {
        let bars = self.values.iter().filter_map(|value| value.bar.as_ref());
        bars.into_iter().all(|(_, reached)| *reached)
    }

    /// Both tables; as Markdown, or for a terminal.
    pub fn shown(&self, markdown: bool) -> String {
        let mut calls =
            vec![["", "a second", "p50", "p99", "CPU a call, by thread"].map(String::from)];
        calls.extend(self.calls.iter().map(|call| {
            [
                call.what.clone(),
                thousands(call.outcome.per_second()),
                millis(call.outcome.p50()),
                millis(call.outcome.p99()),
                call.cpu.to_string(),
            ]
        }));
        let mut values = vec![["", "measured", "bar", ""].map(String::from)];
        values.extend(self.values.iter().map(|value| {
            let (bar, reached) = value.bar.clone().unwrap_or_default();
            let verdict = match (&value.bar, reached) {
                (None, _) => "",
                (Some(_), true) => "ok",
                (Some(_), false) => "BELOW",
            };
            [
                value.what.clone(),
                value.value.clone(),
                bar,
                verdict.to_owned(),
            ]
        }));
        format!("{}\n{}", table(&calls, markdown), table(&values, markdown))
    }
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
            shown.contains("| ratio  | 0.61     | ≥ 0.55  | ok    |"),
            "{shown}"
        );
        assert!(
            shown.contains("| weight | 70 kB    | ≤ 60 kB | BELOW |"),
            "{shown}"
        );
        assert!(!figures.shown(false).contains('|'));
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(thousands(1_234_567.4), "1,234,567");
        assert_eq!(thousands(999.0), "999");
        assert_eq!(millis(Duration::from_micros(1250)), "1.2 ms");
        assert_eq!(megabytes(12_345_678), "12.3 MB");
    }
}
