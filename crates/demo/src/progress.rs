//! How far a long start is, on standard error: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

pub struct Progress {
    title: String,
    total: u64,
    bar: ProgressBar,
    /// Where there is no terminal: tenths of the whole that have been told.
    told: u64,
    is_plain: bool,
}

impl Progress {
    pub fn new(title: &str, total: usize) -> Self {
        let is_plain = !std::io::stderr().is_terminal();
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        let bar = if is_plain {
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden())
        } else {
            ProgressBar::new(total)
        };
        let style = ProgressStyle::with_template(
            "{prefix} {bar:30} {human_pos}/{human_len} · {per_sec} · {eta} left",
        );
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_prefix(title.to_owned());
        Self {
            title: title.to_owned(),
            total,
            bar,
            told: 0,
            is_plain,
        }
    }

    pub fn more(&mut self, done: usize) {
        self.bar.inc(u64::try_from(done).unwrap_or(0));
        let position = self.bar.position();
        let tenths = (position * 10).checked_div(self.total).unwrap_or(10);
        if self.is_plain && tenths > self.told {
            self.told = tenths;
            eprintln!(
                "{}: {position} of {} ({:.0} a second)",
                self.title,
                self.total,
                self.bar.per_sec()
            );
        }
    }

    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}
