//! Heads of the log's chain, and how far the last sweep went through it, noted outside the database: so that a tail that was cut
//! off shows, and so does a note of a sweep that was taken away.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use basics::{Fault, Moment};

use crate::log::Note;

/// A full or read-only disk is not soon another.
const AGAIN: Duration = Duration::from_secs(60);

/// What a line of a sweep begins with.
const SWEEP: &str = "sweep";

/// One line a head: `chain seq head moment`; or a sweep: `sweep number seal moment`. Lies beside the keyring, whose folder is best on another disk.
#[derive(Clone)]
pub(crate) struct Heads(PathBuf);

/// Where a chain stood at a moment: its last link and that link's head in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotedHead {
    pub(crate) chain: i64,
    pub(crate) seq: i64,
    pub(crate) head: String,
}

/// What a sweep noted: its number, and its seal in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotedSweep {
    pub(crate) number: i64,
    pub(crate) seal: String,
}

impl NotedSweep {
    /// Whether this is the last note of the database, or one before it.
    pub(crate) fn is_known_by(&self, last: &Note) -> bool {
        let is_last = self.number == last.swept.number && self.seal == hex::encode(&last.seal);
        is_last || self.number < last.swept.number
    }
}

impl Heads {
    pub(crate) fn beside(keys: &Path) -> Self {
        Self(keys.join("log-heads.txt"))
    }

    /// Adds a head, unless it is the last that was noted of its chain. Durable when this answers.
    pub(crate) fn note(&self, head: &NotedHead, at: Moment) -> Result<(), Fault> {
        let all = self.all()?;
        let last = all.iter().rfind(|noted| noted.chain == head.chain);
        if last == Some(head) {
            return Ok(());
        }
        self.add(&format!("{} {} {} {at}", head.chain, head.seq, head.head))
    }

    /// Adds the note of a sweep. Durable when this answers.
    pub(crate) fn note_sweep(&self, sweep: &NotedSweep, at: Moment) -> Result<(), Fault> {
        self.add(&format!("{SWEEP} {} {} {at}", sweep.number, sweep.seal))
    }

    /// The sweep that was noted last.
    pub(crate) fn last_sweep(&self) -> Result<Option<NotedSweep>, Fault> {
        let text = self.text()?;
        Ok(text.split_inclusive('\n').rev().find_map(read_sweep))
    }

    fn add(&self, line: &str) -> Result<(), Fault> {
        // A line that was cut off while it was written is ended first.
        let cut =
            fs::read(&self.0).is_ok_and(|text| text.last().is_some_and(|last| *last != b'\n'));
        let end = if cut { "\n" } else { "" };
        let line = format!("{end}{line}\n");
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.0)
            .and_then(|mut file| {
                file.write_all(line.as_bytes())
                    .and_then(|()| file.sync_all())
            })
            .map_err(|fault| self.cannot("write", &fault))
    }

    /// Every head that was noted, in order; a last line that was cut off while it was written is left out.
    pub(crate) fn all(&self) -> Result<Vec<NotedHead>, Fault> {
        let text = self.text()?;
        Ok(text.split_inclusive('\n').filter_map(read).collect())
    }

    fn text(&self) -> Result<String, Fault> {
        match fs::read_to_string(&self.0) {
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            read => read.map_err(|fault| self.cannot("read", &fault)),
        }
    }

    fn cannot(&self, what: &str, fault: &std::io::Error) -> Fault {
        let what = format!("cannot {what} {}: {fault}", self.0.display());
        Fault::unavailable(what, AGAIN)
    }
}

fn read(line: &str) -> Option<NotedHead> {
    let mut parts = line.strip_suffix('\n')?.split(' ');
    let (chain, seq) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let head = parts.next()?;
    parts.next()?;
    Some(NotedHead {
        chain,
        seq,
        head: head.to_owned(),
    })
}

fn read_sweep(line: &str) -> Option<NotedSweep> {
    let rest = line.strip_suffix('\n')?.strip_prefix(SWEEP)?;
    let mut parts = rest.strip_prefix(' ')?.split(' ');
    let (number, seal) = (parts.next()?.parse().ok()?, parts.next()?);
    parts.next()?;
    Some(NotedSweep {
        number,
        seal: seal.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_noted_once_and_a_cut_line_is_no_head() {
        let folder = tempfile::tempdir().expect("a folder");
        let heads = Heads::beside(folder.path());
        let head = |seq| NotedHead {
            chain: 0,
            seq,
            head: format!("{seq:064}"),
        };
        let sweep = |number| NotedSweep {
            number,
            seal: format!("{number:064}"),
        };
        for seq in [1, 1, 7] {
            heads
                .note(&head(seq), Moment::from_micros(0))
                .expect("noted");
            heads
                .note_sweep(&sweep(seq), Moment::from_micros(0))
                .expect("noted");
        }
        assert_eq!(heads.last_sweep().expect("read"), Some(sweep(7)));
        let file = folder.path().join("log-heads.txt");
        let text = fs::read_to_string(&file).expect("there");
        fs::write(&file, format!("{text}0 9 0000")).expect("written");
        assert_eq!(heads.all().expect("read"), [head(1), head(7)]);
        heads
            .note(&head(10), Moment::from_micros(0))
            .expect("noted");
        assert_eq!(heads.all().expect("read"), [head(1), head(7), head(10)]);
    }
}
