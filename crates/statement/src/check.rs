//! The check of a statement file: what does not read, what contradicts itself, what is kept on purpose.

use crate::finding::Finding;
use crate::model::{CookieLife, Statement};
use crate::{Date, reader, rules};

/// What the program can do: the activities it asks for, the columns it keeps, the cookies it sets; and on which day.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub activities: Vec<&'static str>,
    /// Those of them that people of the organisation carry out.
    pub by_staff: Vec<&'static str>,
    pub columns: Vec<KnownColumn>,
    pub cookies: Vec<KnownCookie>,
    /// Without it nothing is said of what has ended or is still to begin.
    pub today: Option<Date>,
}

/// A column of a person's table with its category.
#[derive(Clone, Debug)]
pub struct KnownColumn {
    /// `messages.title`.
    pub column: String,
    /// As in `schema.sql`; none is the number that names a person, whichever category that is.
    pub category: Option<String>,
}

/// A cookie that the program sets; its value is random.
#[derive(Clone, Copy, Debug)]
pub struct KnownCookie {
    /// The last part of its name, as in `[[cookie]]`.
    pub name: &'static str,
    pub life: CookieLife,
    /// The activity in which it is set.
    pub set_by: &'static str,
}

/// Every finding about a file, in its order; with what the program can do, also what it cannot.
pub fn check(toml: &str, known: Option<&Known>) -> Vec<Finding> {
    let (statement, mut report) = reader::read(toml);
    if let Some(statement) = &statement {
        rules::apply(statement, &mut report);
        if let Some(known) = known {
            rules::against(statement, known, &mut report);
        }
        rules::acknowledge(statement, &mut report);
    }
    report.finish()
}

/// The statement, where it could be read whole, and what was found.
pub(crate) fn read(toml: &str) -> (Option<Statement>, Vec<Finding>) {
    let (statement, mut report) = reader::read(toml);
    if let Some(statement) = &statement {
        rules::apply(statement, &mut report);
        rules::acknowledge(statement, &mut report);
    }
    (statement, report.finish())
}
