//! The list of who was erased. It lies outside rows and keyring, is only ever added to, and is gone through again after a
//! restore: what a backup brings back goes once more.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use basics::{Fault, Moment, SubjectId};

/// A full or read-only disk is not soon another.
const AGAIN: Duration = Duration::from_secs(60);

/// One line a step: `begun id moment`, `done id moment`. The id was random, and when its rows are gone it names nobody.
#[derive(Clone)]
pub(crate) struct Erasures(PathBuf);

/// How far an erasure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Begun,
    Done,
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Step::Begun => "begun",
            Step::Done => "done",
        }
    }
}

impl Erasures {
    pub(crate) const FILE: &str = "erasures.txt";

    pub(crate) fn beside(keys: &Path) -> Self {
        Self::at(keys.join(Self::FILE))
    }

    pub(crate) fn at(file: PathBuf) -> Self {
        Self(file)
    }

    /// Adds a step. Durable when this answers.
    pub(crate) fn note(&self, subject: SubjectId, step: Step, at: Moment) -> Result<(), Fault> {
        // A line that was cut off while it was written is ended first.
        let cut =
            fs::read(&self.0).is_ok_and(|text| text.last().is_some_and(|last| *last != b'\n'));
        let end = if cut { "\n" } else { "" };
        let line = format!("{end}{} {subject} {at}\n", step.name());
        let is_new = !self.0.exists();
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.0)
            .and_then(|mut file| {
                file.write_all(line.as_bytes())?;
                file.sync_all()?;
                match self.0.parent().filter(|_| is_new) {
                    Some(folder) => fs::File::open(folder)?.sync_all(),
                    None => Ok(()),
                }
            })
            .map_err(|fault| self.cannot("write", &fault))
    }

    /// Everybody here is to be erased again, since a restore brings back what was there before.
    pub(crate) fn begin_again(
        &self,
        subjects: impl Iterator<Item = SubjectId>,
        at: Moment,
    ) -> Result<(), Fault> {
        let mut subjects = subjects;
        subjects.try_for_each(|subject| self.note(subject, Step::Begun, at))
    }

    /// Everybody who was erased, with how far that is; a line that was cut off is left out.
    pub(crate) fn all(&self) -> Result<BTreeMap<SubjectId, Step>, Fault> {
        let text = match fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(fault) => return Err(self.cannot("read", &fault)),
        };
        let mut all = BTreeMap::new();
        for (subject, step) in text.split_inclusive('\n').filter_map(read) {
            all.insert(subject, step);
        }
        Ok(all)
    }

    fn cannot(&self, what: &str, fault: &std::io::Error) -> Fault {
        Fault::unavailable(
            format!("cannot {what} {}: {fault}", self.0.display()),
            AGAIN,
        )
    }
}

fn read(line: &str) -> Option<(SubjectId, Step)> {
    let mut parts = line.strip_suffix('\n')?.split(' ');
    let step = parts.next()?;
    let step = [Step::Begun, Step::Done]
        .into_iter()
        .find(|known| known.name() == step)?;
    let subject = parts.next()?.parse().ok()?;
    parts.next()?;
    Some((subject, step))
}

#[cfg(test)]
mod tests {
    use basics::Ids;

    use super::*;

    #[test]
    fn a_list_of_erasures_grows_and_a_cut_line_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let (erasures, ids) = (Erasures::beside(folder.path()), Ids::seeded(1));
        let [first, second, third] = [(); 3].map(|()| SubjectId::random(&ids));
        let at = Moment::from_micros(0);
        for (subject, step) in [
            (first, Step::Begun),
            (first, Step::Done),
            (second, Step::Begun),
        ] {
            erasures.note(subject, step, at).expect("noted");
        }
        let file = folder.path().join(Erasures::FILE);
        let text = fs::read_to_string(&file).expect("there");
        fs::write(&file, format!("{text}begun {third}")).expect("written");
        let known = BTreeMap::from([(first, Step::Done), (second, Step::Begun)]);
        assert_eq!(erasures.all().expect("read"), known);
        erasures.note(third, Step::Begun, at).expect("noted");
        assert_eq!(erasures.all().expect("read").len(), 3);
    }
}
