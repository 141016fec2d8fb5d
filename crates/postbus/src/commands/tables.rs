//! How far the copying of each table is, on standard error: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use vault::Progress;

pub(super) struct Tables {
    /// None where there is no terminal.
    bar: Option<ProgressBar>,
    lines: Lines,
}

impl Tables {
    pub(super) fn told() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            ProgressBar::new(0).with_style(
                ProgressStyle::with_template("{msg:24} {bar:30} {human_pos} of {human_len}")
                    .expect("the template reads"),
            )
        });
        Self {
            bar,
            lines: Lines::default(),
        }
    }

    pub(super) fn show(&mut self, progress: Progress<'_>) {
        let Some(bar) = &self.bar else {
            if let Some(line) = self.lines.of(&progress) {
                eprintln!("{line}");
            }
            return;
        };
        if bar.message() != progress.table {
            bar.set_message(progress.table.to_owned());
        }
        bar.set_length(progress.of);
        bar.set_position(progress.rows);
    }

    pub(super) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A line for each table, and one more for each tenth of it.
#[derive(Default)]
struct Lines {
    table: String,
    tenths: u64,
}

impl Lines {
    fn of(&mut self, progress: &Progress<'_>) -> Option<String> {
        let tenths = (progress.rows * 10).checked_div(progress.of).unwrap_or(10);
        let is_news = self.table != progress.table || tenths > self.tenths;
        self.table = progress.table.to_owned();
        self.tenths = tenths;
        is_news.then(|| {
            format!(
                "{}: {} of {} rows",
                progress.table, progress.rows, progress.of
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_has_a_line_and_each_tenth_of_it_one_more() {
        let mut lines = Lines::default();
        let mut said = Vec::new();
        for (table, rows, of) in [
            ("log", 1, 100),
            ("log", 9, 100),
            ("log", 10, 100),
            ("log", 99, 100),
            ("log", 100, 100),
            ("holds", 0, 0),
            ("numbers", 5, 10),
        ] {
            said.extend(lines.of(&Progress { table, rows, of }));
        }
        let expected = [
            "log: 1 of 100 rows",
            "log: 10 of 100 rows",
            "log: 99 of 100 rows",
            "log: 100 of 100 rows",
            "holds: 0 of 0 rows",
            "numbers: 5 of 10 rows",
        ];
        assert_eq!(said, expected);
    }
}
