//! The list of who was erased. It lies outside rows and keyring, is only ever added to, and is gone through again after a
//! restore: what a backup brings back goes once more.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use basics::{Fault, Moment, SubjectId};

/// A full or read-only disk is not soon another.
const AGAIN: Duration = Duration::from_secs(60);

/// So long after it was done an erasure is gone through once more, and is settled by that. Whoever was at work for the person,
/// here or in another process, found their key before it was destroyed: such work takes minutes, and a key that is kept ready
/// lasts ten.
const SETTLES: Duration = Duration::from_secs(3600);

/// One line a step: `begun id moment`, `done id moment`, `settled id moment`. The id was random, and when its rows are gone it
/// names nobody.
#[derive(Clone)]
pub(crate) struct Erasures(PathBuf);

/// How far an erasure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Begun,
    Done,
    /// Gone through again when nobody could be at work any more who had found the key.
    Settled,
}

/// The last that is known of an erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) step: Step,
    at: Moment,
}

impl Known {
    /// Its rows and its key were gone once.
    pub(crate) fn is_done(self) -> bool {
        self.step != Step::Begun
    }

    /// Whether it was noted by a clock that ran ahead: what is to come after it would wait for years.
    pub(crate) fn is_ahead(self, now: Moment) -> bool {
        self.step == Step::Done && now < self.at
    }

    /// Whether going through it now settles it.
    pub(crate) fn settles(self, now: Moment) -> bool {
        self.step == Step::Done && now.since(self.at) > SETTLES
    }
}

impl Step {
    const ALL: [Step; 3] = [Step::Begun, Step::Done, Step::Settled];

    const fn name(self) -> &'static str {
        match self {
            Step::Begun => "begun",
            Step::Done => "done",
            Step::Settled => "settled",
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
        let line = format!("{} {subject} {at}\n", step.name());
        let is_new = !self.0.exists();
        let noted = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.0)
            .and_then(|mut file| {
                // Processes may share the list.
                file.lock()?;
                self.drop_what_was_cut_off(&file)?;
                file.write_all(line.as_bytes())?;
                file.sync_all()?;
                match self.0.parent().filter(|_| is_new) {
                    Some(folder) => File::open(folder)?.sync_all(),
                    None => Ok(()),
                }
            });
        noted.map_err(|fault| self.cannot("write", &fault))
    }

    /// A line that was cut off while it was written was never answered.
    fn drop_what_was_cut_off(&self, file: &File) -> std::io::Result<()> {
        let text = fs::read(&self.0)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n');
        let whole = whole.map_or(0, |last| last + 1);
        match whole < text.len() {
            true => file.set_len(whole as u64),
            false => Ok(()),
        }
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

    /// Everybody who was erased, with how far that is; a last line that was cut off is left out.
    ///
    /// Errors: a line that is none, since it may have named somebody who would come back.
    pub(crate) fn all(&self) -> Result<BTreeMap<SubjectId, Known>, Fault> {
        let text = match fs::read(&self.0) {
            Ok(text) => text,
            Err(fault) if fault.kind() == ErrorKind::NotFound => Vec::new(),
            Err(fault) => return Err(self.cannot("read", &fault)),
        };
        let text = String::from_utf8_lossy(&text);
        let lines = text.split_inclusive('\n');
        let whole = lines.filter_map(|line| line.strip_suffix('\n'));
        let known = whole.zip(1..).map(|(line, number)| {
            read(line).ok_or_else(|| {
                Fault::broken(format!(
                    "line {number} of {} is damaged: whoever it names could come back. Mend it by the list of a backup, which lies \
                     beside its keyring",
                    self.0.display()
                ))
            })
        });
        known.collect()
    }

    /// Who is to be gone through again: whose erasure is not done, or not settled since.
    pub(crate) fn unsettled(&self) -> Result<Vec<(SubjectId, Known)>, Fault> {
        let mut all: Vec<_> = self.all()?.into_iter().collect();
        all.retain(|(_, known)| known.step != Step::Settled);
        Ok(all)
    }

    fn cannot(&self, what: &str, fault: &std::io::Error) -> Fault {
        Fault::unavailable(
            format!("cannot {what} {}: {fault}", self.0.display()),
            AGAIN,
        )
    }
}

fn read(line: &str) -> Option<(SubjectId, Known)> {
    let [step, subject, at] = <[&str; 3]>::try_from(line.split(' ').collect::<Vec<_>>()).ok()?;
    let step = Step::ALL.into_iter().find(|known| known.name() == step)?;
    let at = Moment::from_timestamp(at.parse().ok()?);
    Some((subject.parse().ok()?, Known { step, at }))
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
        let steps = || {
            let all = erasures.all().expect("read").into_iter();
            all.map(|(subject, known)| (subject, known.step))
                .collect::<BTreeMap<_, _>>()
        };
        let known = BTreeMap::from([(first, Step::Done), (second, Step::Begun)]);
        assert_eq!(steps(), known);
        // What was cut off was never answered: it makes room for the next.
        erasures.note(third, Step::Begun, at).expect("noted");
        assert_eq!(steps().get(&third), Some(&Step::Begun));
        assert_eq!(steps().len(), 3);
        let lines = fs::read_to_string(&file).expect("there");
        assert_eq!(lines.lines().count(), 4, "{lines}");
    }

    /// MO-73: whoever is left out of the list would come back with a backup.
    #[test]
    fn mo_73_a_damaged_list_of_erasures_is_refused_by_its_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let (erasures, ids) = (Erasures::beside(folder.path()), Ids::seeded(1));
        let [first, second] = [(); 2].map(|()| SubjectId::random(&ids));
        let at = Moment::from_micros(0);
        let file = folder.path().join(Erasures::FILE);
        for damaged in [
            format!("begun {first}"),
            format!("beg\0n {first} {at}"),
            format!("begun {} {at}", &first.to_string()[1..]),
            format!("begun {first} yesterday"),
            format!("begun {first} {at} begun"),
            String::new(),
        ] {
            let text = format!("begun {second} {at}\n{damaged}\ndone {second} {at}\n");
            fs::write(&file, text).expect("written");
            let why = erasures.all().expect_err("it is damaged").to_string();
            assert!(why.contains("line 2 of"), "{damaged}: {why}");
        }
        fs::write(&file, b"begun \xff\xfe\n").expect("written");
        assert!(erasures.all().is_err());
    }

    #[test]
    fn only_what_is_not_settled_is_gone_through_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let (erasures, ids) = (Erasures::beside(folder.path()), Ids::seeded(1));
        let [begun, done, settled, again] = [(); 4].map(|()| SubjectId::random(&ids));
        let now = Moment::from_micros(0).plus(10 * SETTLES);
        let before = |count| now.minus(count * SETTLES);
        for (subject, step, at) in [
            (begun, Step::Begun, before(9)),
            (settled, Step::Begun, before(5)),
            (settled, Step::Done, before(4)),
            (settled, Step::Settled, before(2)),
            (again, Step::Settled, before(3)),
            (again, Step::Begun, before(2)),
            (done, Step::Begun, before(3)),
            (done, Step::Done, before(1)),
        ] {
            erasures.note(subject, step, at).expect("noted");
        }
        let unsettled: BTreeMap<_, _> = erasures.unsettled().expect("read").into_iter().collect();
        let steps = unsettled
            .iter()
            .map(|(subject, known)| (*subject, known.step));
        let expected = [
            (begun, Step::Begun),
            (again, Step::Begun),
            (done, Step::Done),
        ];
        assert_eq!(steps.collect::<BTreeMap<_, _>>(), BTreeMap::from(expected));
        let done = unsettled[&done];
        assert!(!done.settles(now), "somebody may be at work still");
        assert!(done.settles(now.plus(Duration::from_millis(1))));
        assert!(!unsettled[&begun].settles(now), "it is not done");
        assert!(done.is_ahead(before(2)) && !done.is_ahead(now));
    }
}
