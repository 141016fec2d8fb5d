//! What must hold within a statement: each rule finds one way in which a file contradicts itself or leaves something out.

mod acknowledging;
mod activities;
mod circles;
mod complete;
mod countries;
mod decisions;
mod exchange;
mod guarded;
mod keeping;
mod law;
mod people;
mod program;
mod promised;
mod rights;
mod shown;
mod tasks;
mod terms;
mod visitors;

use crate::Place;
use crate::check::Known;
use crate::finding::{Level, Report};
use crate::model::Statement;

pub(crate) use acknowledging::acknowledge;

/// A statement under the rules, with what they find.
pub(crate) struct Under<'s, 'r, 't> {
    pub(crate) statement: &'s Statement,
    report: &'r mut Report<'t>,
}

impl Under<'_, '_, '_> {
    /// `about` is the kind and name of what it is about, such as `gegeven bericht`.
    pub(crate) fn error(
        &mut self,
        code: &'static str,
        at: Option<Place>,
        about: &str,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Level::Error, code, at, about, text, hint);
    }
    pub(crate) fn warn(
        &mut self,
        code: &'static str,
        at: Option<Place>,
        about: &str,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.push(Level::Warning, code, at, about, text, hint);
    }
    pub(crate) fn push(
        &mut self,
        level: Level,
        code: &'static str,
        at: Option<Place>,
        about: &str,
        text: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let (text, hint) = (text.into(), hint.into());
        self.report
            .push_about(level, code, at, about.to_owned(), text, hint);
    }
}

/// Everything that needs no more than the file.
pub(crate) fn apply(statement: &Statement, report: &mut Report<'_>) {
    let rules = [
        terms::sessions,
        terms::the_band,
        terms::in_the_band,
        circles::circles,
        activities::numbers,
        activities::without_data,
        activities::idle,
        activities::within_the_website,
        complete::told,
        shown::to_the_person,
        shown::to_processors,
        shown::on_devices,
        countries::allowed,
        law::longer_than_the_law,
        law::superseded,
        law::without_citation,
        rights::whole,
        rights::in_time,
        visitors::cookies,
        visitors::without_data,
        visitors::statistics,
        keeping::necessity,
        keeping::longer,
        keeping::own_choice,
        keeping::found_by_number,
        promised::breach,
        promised::children,
        promised::lists,
        promised::script,
        promised::not_carried_out,
        promised::inherited,
        exchange::sources,
        exchange::recipients,
        exchange::both_say_so,
        decisions::by_profiling,
        decisions::made_as_said,
        decisions::told_whole,
        guarded::classes,
        guarded::kept_to_some,
        guarded::counted_and_selected,
        guarded::processors,
        people::named,
        people::minors,
        people::officer,
        people::of_processors,
        tasks::derived,
        tasks::bases,
        tasks::guarded,
    ];
    let mut under = Under { statement, report };
    for rule in rules {
        rule(&mut under);
    }
}

/// What the file declares and the program cannot do, or the other way round.
pub(crate) fn against(statement: &Statement, known: &Known, report: &mut Report<'_>) {
    let mut under = Under { statement, report };
    program::activities(&mut under, known);
    program::columns(&mut under, known);
    program::cookies(&mut under, known);
    program::agreements(&mut under, known);
}
