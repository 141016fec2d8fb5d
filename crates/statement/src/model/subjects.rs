//! The people whom the data is about.

use super::activities::VISITOR;
use super::{BasisKind, Entry, Statement};
use crate::reader::{Categories, Count, Flag, Here, List, Name, Opt, Promise, Texts, table};
use crate::{Mask, Place, Text};

table! {
    /// A class of people whom data is about.
    pub struct SubjectClass = "betrokkene" {
        /// Its name, for references.
        name: String = "naam" as Name,
        /// Who they are, per language.
        title: Text = "titel" as Texts,
        /// The only categories that may be processed of them; without it, what activities list.
        only_data: Mask = "alleen-gegevens" as Categories,
        /// Whether they are not known by name.
        anonymous: bool = "anoniem" as Flag,
        /// They are younger than this, in years.
        under_age: Option<u32> = "jonger-dan" as Opt<Count>,
        /// When they are in the data at all, per language.
        condition: Option<Text> = "voorwaarde" as Opt<Texts>,
        /// Promises that this answers.
        promises: Vec<String> = "beloften" as List<Promise>,
        /// Where it stands in the file.
        at: Place = "" as Here,
    }
}

impl Statement {
    /// Whether an activity can be about people of this class: it names them, or it names nobody and touches data that can be
    /// theirs. A category that names none can be about anybody.
    fn may_be_about(&self, entry: &Entry, class: &SubjectClass) -> bool {
        if !entry.subjects.is_empty() {
            return entry.subjects.contains(&class.name);
        }
        let touched = entry.touches();
        let mut touched = self.categories.iter().filter(|one| touched.has(one.id));
        touched.any(|one| one.subjects.is_empty() || one.subjects.contains(&class.name))
    }

    /// Whether an activity leaves open whom it is about, where it could be people who are not known or of whom only some data is
    /// processed: a visitor is one of those until the activity says otherwise (MO-21).
    pub fn leaves_people_open(&self, entry: &Entry) -> bool {
        let by_visitors = entry.allows_role(VISITOR);
        let mut classes = self.subject_classes.iter();
        entry.subjects.is_empty()
            && classes.any(|class| {
                let is_limited = class.anonymous || !class.only_data.is_empty();
                is_limited && (by_visitors || self.may_be_about(entry, class))
            })
    }

    /// The class of children whose consent an activity rests on without that of a parent (AVG art. 8).
    pub fn children_without_parent<'s>(&'s self, entry: &Entry) -> Option<&'s SubjectClass> {
        let mut bases = self.bases.iter();
        let basis = bases.find(|basis| basis.name == entry.basis)?;
        let asked = self.children.as_ref().is_some_and(|one| one.consent);
        if basis.kind != BasisKind::Consent || asked {
            return None;
        }
        // Whoever is younger than any age can be younger than the one from which a child agrees itself.
        let mut classes = self.subject_classes.iter();
        classes.find(|class| class.under_age.is_some() && self.may_be_about(entry, class))
    }
}
