//! What each text needs of an activity: the categories it reads and changes, worked out once from the analysed schema.

use std::collections::{BTreeSet, HashMap};

use basics::{Fault, Refusal};
use statement::{Grant, Mask, Register};
use store::{Analyst, Insert, RoomSchema, Sql, Touched};

use crate::catalogue::{Catalogue, Table};
use crate::ending::WHOLE;
use crate::person_texts;
use crate::texts::{self, Text};

/// The needs of one text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    reads: Mask,
    writes: Mask,
    /// Touches a person's table: `$1` is the subject.
    pub(crate) of_a_subject: bool,
    /// How many sealed columns a statement sets: as many of its parameters are sealed, or null.
    pub(crate) sealed_columns: usize,
    /// Why no activity of this statement may run it.
    refused: Option<String>,
}

impl Needs {
    /// One mask test. `grant` is none for a processing on nobody: then the text may need nothing.
    pub(crate) fn check(
        &self,
        grant: Option<&Grant>,
        what: &dyn Fn() -> String,
    ) -> Result<(), Fault> {
        if let Some(why) = &self.refused {
            return Err(Fault::refused(Refusal::Category(why.clone()), what()));
        }
        let (reads, writes) = grant.map_or((Mask::default(), Mask::default()), |grant| {
            (grant.reads, grant.writes)
        });
        if reads.contains(self.reads)
            && writes.contains(self.writes)
            && (grant.is_some() || !self.of_a_subject)
        {
            return Ok(());
        }
        Err(Fault::refused(
            Refusal::Category("a category outside the activity".to_owned()),
            what(),
        ))
    }
}

/// The needs of every text, by its address.
#[derive(Default)]
pub(crate) struct Columns {
    by_text: HashMap<usize, Needs>,
}

impl Columns {
    /// Analyses every linked text against this schema and statement.
    ///
    /// Errors: a text that does not prepare, does what no text may, names the subject's rows without `subject_id = $1`, or
    /// seals a column that the schema keeps clear. A text on tables of rooms that are not here is left out.
    pub(crate) fn of(
        register: &Register,
        catalogue: &Catalogue,
        rooms: &[RoomSchema],
    ) -> Result<Self, Fault> {
        let analyst = Analyst::of(rooms)?;
        let mut columns = Self::default();
        for text in texts::all() {
            match text {
                Text::Sql(sql) if names_known_tables(sql.text(), catalogue) => {
                    let needs = needs_of_sql(register, catalogue, &analyst, sql)?;
                    columns
                        .by_text
                        .insert(std::ptr::from_ref(*sql).addr(), needs);
                }
                Text::Insert(insert) if catalogue.table(insert.table()).is_some() => {
                    let needs = needs_of_insert(register, catalogue, insert)?;
                    columns
                        .by_text
                        .insert(std::ptr::from_ref(*insert).addr(), needs);
                }
                Text::Sealed(column) => check_sealed(catalogue, column.0)?,
                Text::Sql(_) | Text::Insert(_) => {}
            }
        }
        Ok(columns)
    }

    pub(crate) fn of_sql(&self, sql: &'static Sql) -> Result<&Needs, Fault> {
        self.by_text
            .get(&std::ptr::from_ref(sql).addr())
            .ok_or_else(|| {
                Fault::broken(format!(
                    "a text that is not written with sql!, or whose tables are not here: {sql:?}"
                ))
            })
    }

    pub(crate) fn of_insert(&self, insert: &'static Insert) -> Result<&Needs, Fault> {
        self.by_text
            .get(&std::ptr::from_ref(insert).addr())
            .ok_or_else(|| {
                Fault::broken(format!(
                    "a row that is not written with insert!, or whose table is not here: {insert:?}"
                ))
            })
    }

    /// The queries and statements whose tables are here.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &'static Sql> {
        texts::all().filter_map(|text| match text {
            Text::Sql(sql) => {
                let is_here = self.by_text.contains_key(&std::ptr::from_ref(*sql).addr());
                is_here.then_some(*sql)
            }
            Text::Insert(_) | Text::Sealed(_) => None,
        })
    }

    /// Texts that no activity of the statement covers, each with why: nothing in Postbus can run them. Those that concern all that is
    /// kept of somebody cover no text of a room: they go by texts of their own.
    pub(crate) fn uncovered(&self, register: &Register) -> Vec<String> {
        let mut found: Vec<String> = texts::all()
            .filter_map(|text| {
                let (address, words) = match text {
                    Text::Sql(sql) => (std::ptr::from_ref(*sql).addr(), format!("{sql:?}")),
                    Text::Insert(insert) => {
                        (std::ptr::from_ref(*insert).addr(), format!("{insert:?}"))
                    }
                    Text::Sealed(_) => return None,
                };
                let needs = self.by_text.get(&address)?;
                if needs.reads.is_empty() && needs.writes.is_empty() && needs.refused.is_none() {
                    return None;
                }
                let covered = register
                    .activities()
                    .filter(|entry| !WHOLE.iter().any(|whole| whole.0 == entry.name))
                    .flat_map(|entry| register.grants(entry))
                    .any(|grant| needs.check(Some(grant), &|| String::new()).is_ok());
                (!covered).then(|| {
                    format!(
                        "{words}: reads {}, writes {}{}",
                        register.names(needs.reads),
                        register.names(needs.writes),
                        needs
                            .refused
                            .as_ref()
                            .map(|why| format!("; {why}"))
                            .unwrap_or_default()
                    )
                })
            })
            .collect();
        found.sort();
        found
    }
}

/// Whether every table after FROM, INTO, UPDATE or JOIN is one of ours; a program that links fewer rooms skips the rest.
fn names_known_tables(text: &str, catalogue: &Catalogue) -> bool {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c == '(' || c == ')' || c == ',')
        .filter(|w| !w.is_empty())
        .collect();
    let with: Vec<&str> = words
        .windows(2)
        .filter(|pair| pair[1] == "AS")
        .map(|pair| pair[0])
        .collect();
    words
        .windows(2)
        .filter(|pair| matches!(pair[0], "FROM" | "INTO" | "UPDATE" | "JOIN") && pair[1] != "SET")
        .all(|pair| catalogue.table(pair[1]).is_some() || with.contains(&pair[1]))
}

fn needs_of_sql(
    register: &Register,
    catalogue: &Catalogue,
    analyst: &Analyst,
    sql: &Sql,
) -> Result<Needs, Fault> {
    let touched = analyst.touched(sql)?;
    if let Some(forbidden) = touched.forbidden.first() {
        return Err(Fault::broken(format!(
            "no text may do this ({forbidden}): {sql:?}"
        )));
    }
    if let Some(unknown) = touched
        .tables()
        .into_iter()
        .find(|name| catalogue.table(name).is_none())
    {
        return Err(Fault::broken(format!(
            "no table {unknown}, or not by its own name: {sql:?}"
        )));
    }
    let mut needs = Needs::default();
    let mut refused = None;
    let (mut reads, mut writes) = (Mask::default(), Mask::default());
    let mut note =
        |mask: &mut Mask, table: &str, column: &str| match catalogue.bit(register, table, column) {
            Ok(bit) => bit.into_iter().for_each(|bit| *mask = mask.with(bit)),
            Err(why) => refused = refused.take().or(Some(why)),
        };
    for (table, column) in &touched.reads {
        note(&mut reads, table, column);
    }
    for (table, column) in touched.updates.iter().chain(&touched.inserts) {
        note(&mut writes, table, column);
    }
    // Seeing that rows are there tells what the table is about; deleting them changes all of it.
    for table in &touched.rows {
        each_column(catalogue, table, |column| note(&mut reads, table, column));
    }
    for table in &touched.deletes {
        each_column(catalogue, table, |column| note(&mut writes, table, column));
    }
    needs.refused = refused;
    needs.reads = reads;
    needs.writes = writes;
    needs.of_a_subject = bind_subject(catalogue, &touched, sql)?;
    let set: BTreeSet<_> = touched.updates.iter().chain(&touched.inserts).collect();
    let is_sealed = |table: &str, column: &str| {
        catalogue
            .table(table)
            .is_some_and(|table| table.is_sealed(column))
    };
    needs.sealed_columns = set
        .iter()
        .filter(|(table, column)| is_sealed(table, column))
        .count();
    Ok(needs)
}

fn each_column(catalogue: &Catalogue, table: &str, mut each: impl FnMut(&str)) {
    if let Some(table) = catalogue.table(table) {
        table.columns.keys().for_each(|column| each(column));
    }
}

/// Whether a text is on persons' tables; then it has the form that reaches one person only.
fn bind_subject(catalogue: &Catalogue, touched: &Touched, sql: &Sql) -> Result<bool, Fault> {
    let of_subjects: BTreeSet<&str> = touched
        .tables()
        .into_iter()
        .filter(|name| catalogue.table(name).is_some_and(Table::is_of_a_subject))
        .collect();
    if of_subjects.is_empty() {
        return Ok(false);
    }
    let moves_rows = touched
        .updates
        .iter()
        .any(|(table, column)| column == "subject_id" && of_subjects.contains(table.as_str()));
    if moves_rows {
        return Err(Fault::broken(format!(
            "a row stays with its person: {sql:?}"
        )));
    }
    person_texts::check(sql.text(), &of_subjects)
        .map_err(|why| Fault::broken(format!("{why}: {sql:?}")))?;
    Ok(true)
}

fn needs_of_insert(
    register: &Register,
    catalogue: &Catalogue,
    insert: &Insert,
) -> Result<Needs, Fault> {
    let mut needs = Needs::default();
    for column in insert.columns() {
        match catalogue.bit(register, insert.table(), column) {
            Ok(bit) => bit
                .into_iter()
                .for_each(|bit| needs.writes = needs.writes.with(bit)),
            Err(why) if why.contains("no such column") => {
                return Err(Fault::broken(format!("{insert:?}: {why}")));
            }
            Err(why) => drop(needs.refused.get_or_insert(why)),
        }
    }
    needs.of_a_subject = catalogue
        .table(insert.table())
        .is_some_and(|table| table.is_of_a_subject());
    Ok(needs)
}

fn check_sealed(catalogue: &Catalogue, name: &str) -> Result<(), Fault> {
    let Some((table, column)) = name.split_once('.') else {
        return Err(Fault::broken(format!(
            "a sealed column is named table.column, not {name}"
        )));
    };
    match catalogue.table(table) {
        Some(table) if !table.is_sealed(column) => Err(Fault::broken(format!(
            "{name} is not `sealed` in schema.sql"
        ))),
        _ => Ok(()),
    }
}
