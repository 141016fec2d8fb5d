//! For how long each table is kept: what the statement says of the categories in it, from the moments that its schema names.

use std::collections::BTreeMap;

use basics::{Fault, Moment};
use statement::{Afterwards, Category, CategoryId, Mask, Register, StartEvent, Term};
use store::Sql;

use super::foreseen::why_unswept;
use super::holding::can_hold;
use super::marks::KeptFrom;
use super::plan::{ByKeys, COUNT, Column, Hanging, Plan, places, sql};
use super::terms::{Calendar, began_before};
use crate::Vault;
use crate::catalogue::{Catalogue, Holds, Table};
use crate::gate::Taken;

/// The table with the limits.
const LIMITS: &str = "standing";

/// What ends by time.
pub(crate) struct Keeping {
    pub(crate) calendar: Calendar,
    pub(crate) ending: Vec<Ending>,
    /// How long the log is kept, by the name of its category.
    pub(crate) log: Option<(String, Term)>,
    /// Tables of which nothing says when their rows end, or only what nobody does here.
    pub(crate) endless: Vec<String>,
}

/// Something of a table that ends together.
pub(crate) struct Ending {
    pub(crate) table: &'static str,
    pub(crate) of: Whole,
    pub(crate) term: Term,
    pub(crate) from: Vec<String>,
    pub(crate) categories: Mask,
    /// With all that goes along: a limit on any of it holds the whole.
    pub(crate) taken: Taken,
    /// `handle…, from…` of up to `$3` rows of the person that began up to `$2`; of nobody in particular: of rows that began up to
    /// `$1`, behind the key from `$2` on, up to as many as stands behind that.
    pub(crate) due: &'static Sql,
    /// The same behind the key from `$4` on; none where `due` is.
    pub(crate) due_behind: Option<&'static Sql>,
    /// `$2` is up to when they began.
    pub(crate) end: ByKeys,
}

/// What goes.
pub(crate) enum Whole {
    /// The row of a table of people (its place in the plan), with what hangs on it, and what others keep as long.
    Row { at: usize, with: Vec<With> },
    /// These columns of it, the row stays.
    Columns(Vec<String>),
    /// The row of a table of others (its place in the plan), with what hangs on it.
    Naming { at: usize },
}

/// A table of people whose rows go with those of another.
pub(crate) struct With {
    /// Its place in the plan.
    pub(crate) at: usize,
    /// None: all of the person.
    pub(crate) by: Option<WithBy>,
}

/// How those rows are found.
pub(crate) struct WithBy {
    pub(crate) columns: Vec<String>,
    pub(crate) remove: ByKeys,
    pub(crate) count: ByKeys,
}

impl Ending {
    /// Its table, with the columns where the row stays.
    pub(crate) fn said(&self) -> String {
        match &self.of {
            Whole::Columns(columns) => format!("{} ({})", self.table, columns.join(", ")),
            Whole::Row { .. } | Whole::Naming { .. } => self.table.to_owned(),
        }
    }

    /// How many columns its key has. A person's only row is named by the person.
    pub(crate) fn key_width(&self, plan: &Plan) -> usize {
        let mut rows = plan.of_people.iter();
        let rows = rows.find(|rows| rows.name == self.table);
        rows.map_or(1, |rows| rows.key.len().max(1))
    }
}

/// How long something is kept, and from when.
#[derive(Clone)]
struct Rule {
    term: Term,
    from: StartEvent,
}

impl Rule {
    fn of(category: &Category) -> Self {
        Self {
            term: category.retention.term.clone(),
            from: category.retention.from,
        }
    }
    fn is(&self, other: &Self) -> bool {
        self.from == other.from
            && (self.term.months(), self.term.rest()) == (other.term.months(), other.term.rest())
    }
}

impl Keeping {
    /// Errors: a statement that keeps what stands in one row for different times, where the row has no room for that.
    pub(crate) fn of(
        register: &Register,
        catalogue: &Catalogue,
        plan: &Plan,
    ) -> Result<Self, Fault> {
        let mut keeping = Self {
            calendar: Calendar::of(register.time_zone())?,
            ending: Vec::new(),
            log: None,
            endless: Vec::new(),
        };
        let reading = Reading {
            register,
            catalogue,
            plan,
        };
        keeping.endless.extend(
            why_unswept(register, plan).map(|why| format!("whatever is kept of people: {why}")),
        );
        let tables: BTreeMap<&str, &Table> = catalogue.tables().collect();
        for (name, table) in tables {
            let Some(row) = reading.row(name, table)? else {
                continue;
            };
            if let Some(why) = reading.is_endless(name, &row) {
                keeping.endless.push(format!("{name}: {why}"));
                continue;
            }
            // What was told while somebody could ends all the same.
            if let Some(why) = reading.is_told_by_nobody(name)? {
                keeping.endless.push(format!("{name}: {why}"));
            }
            match &table.marks.kept {
                Some(KeptFrom::Columns { .. }) if name == "log" => {
                    keeping.log = Some((register.names(row.categories), row.rule.term));
                }
                Some(KeptFrom::Columns { columns, .. }) => {
                    for ending in reading.endings(name, columns, row)? {
                        match reading.stays(ending.taken.categories) {
                            Some(why) => keeping.endless.push(format!("{name}: {why}")),
                            None => keeping.ending.push(ending),
                        }
                    }
                }
                Some(KeptFrom::With { table: on, .. }) => reading.goes_with(name, &row, on)?,
                None => {}
            }
        }
        Ok(keeping)
    }
}

impl Vault {
    /// When data of a category that are kept from this moment end, where that is by another moment.
    pub fn ends_by(&self, category: &str, from: Moment, by: Moment) -> Option<Moment> {
        let began = self.began_before(category, by)?;
        let term = self.term(category).filter(|_| from < began)?;
        Some(self.door.keeping.calendar.end(from, term)).filter(|end| *end <= by)
    }

    /// What is kept from this moment on or from later has not ended by another moment. Cheap, and on the safe side.
    pub fn began_before(&self, category: &str, by: Moment) -> Option<Moment> {
        self.term(category).map(|term| began_before(term, by))
    }

    fn term(&self, category: &str) -> Option<&Term> {
        let mut all = self.door.register.categories();
        let found = all.find(|known| known.name == category)?;
        Some(&found.retention.term)
    }
}

/// What the columns of a table that are never empty say of its rows, and which of the others end earlier.
struct RowKept {
    rule: Rule,
    categories: Mask,
    early: Vec<(Rule, CategoryId, Vec<String>)>,
}

struct Reading<'a> {
    register: &'a Register,
    catalogue: &'a Catalogue,
    plan: &'a Plan,
}

impl Reading<'_> {
    /// The table with the moment from which this one is kept, and what is marked of it there.
    fn begins<'n>(&'n self, name: &'n str, depth: usize) -> Option<(&'n str, StartEvent)> {
        match &self.catalogue.table(name)?.marks.kept {
            Some(KeptFrom::Columns { event, .. }) => Some((name, *event)),
            Some(KeptFrom::With { table, .. }) if depth < 8 => self.begins(table, depth + 1),
            _ => None,
        }
    }

    /// Why nothing ever fills the moment from which a table is kept.
    ///
    /// Errors: one that may stay empty, where nothing says who fills it.
    fn is_told_by_nobody(&self, name: &str) -> Result<Option<String>, Fault> {
        let Some((on, event)) = self.begins(name, 0) else {
            return Ok(None);
        };
        let table = self.catalogue.table(on);
        let Some((
            table,
            Some(KeptFrom::Columns {
                columns, told_by, ..
            }),
        )) = table.map(|table| (table, &table.marks.kept))
        else {
            return Ok(None);
        };
        match told_by {
            Some(activity) if self.register.activity(activity).is_some() => Ok(None),
            Some(activity) => Ok(Some(format!(
                "only `{activity}` tells of `{}`, and the statement does not name it",
                event.name()
            ))),
            None => match columns
                .iter()
                .find(|column| table.nullable.contains(*column))
            {
                Some(column) => Err(Fault::broken(format!(
                    "{on}.{column} may stay empty, and its rows with it: say which activity fills it (`; told by ACTIVITY`)"
                ))),
                None => Ok(None),
            },
        }
    }

    /// Why the sweep leaves a table alone.
    fn is_endless(&self, name: &str, row: &RowKept) -> Option<String> {
        let categories = self.register.names(row.categories);
        let Some((_, event)) = self.begins(name, 0) else {
            return Some("nothing says from when it is kept".to_owned());
        };
        if row.rule.from != event {
            return Some(format!(
                "the statement keeps `{categories}` from `{}`, and only `{}` is known of it",
                row.rule.from.name(),
                event.name()
            ));
        }
        self.stays(row.categories)
    }

    /// Why the sweep leaves alone what takes any of these along.
    fn stays(&self, categories: Mask) -> Option<String> {
        let can_hold = can_hold(self.register);
        let why = |category: &Category| {
            let retention = &category.retention;
            let waits = !retention.hotspots.is_empty() || !retention.holds.is_empty();
            match retention.afterwards {
                Some(Afterwards::HandOver | Afterwards::Anonymise) => {
                    Some("is not simply removed: it goes to an archive or is made anonymous")
                }
                None | Some(Afterwards::Remove) if waits && !can_hold => Some(
                    "may belong to a hotspot or wait while something runs, and the statement lets nobody hold it",
                ),
                None | Some(Afterwards::Remove) => None,
            }
        };
        let mut kept = self.register.categories();
        kept.find_map(|category| {
            let is_taken = categories.has(category.id);
            let why = is_taken.then(|| why(category)).flatten()?;
            Some(format!("`{}` {why}", category.name))
        })
    }

    /// None for a table without anything of a person, as far as this statement knows.
    fn row(&self, name: &str, table: &Table) -> Result<Option<RowKept>, Fault> {
        let mut row: Option<RowKept> = None;
        let mut others = Vec::new();
        for (column, holds) in &table.columns {
            let Holds::Category(category_name, _) = holds else {
                continue;
            };
            let id = Catalogue::category_of(self.register, category_name);
            let category = id.and_then(|id| self.register.categories().nth(id.index()));
            let Some(category) = category else {
                continue;
            };
            if table.nullable.contains(column) {
                others.push((column.clone(), category));
                continue;
            }
            let rule = Rule::of(category);
            match &mut row {
                None => {
                    row = Some(RowKept {
                        rule,
                        categories: Mask::EMPTY.with(category.id),
                        early: Vec::new(),
                    });
                }
                Some(row) if row.rule.is(&rule) => {
                    row.categories = row.categories.with(category.id)
                }
                Some(row) => {
                    return Err(Fault::broken(format!(
                        "{name} holds `{}` and `{}` in columns that are never empty, and the statement keeps them for different \
                         times ({} and {}): give them the same time, or the column a table of its own",
                        self.register.names(row.categories),
                        category.name,
                        row.rule.term,
                        rule.term
                    )));
                }
            }
        }
        let Some(mut row) = row else {
            return Ok(None);
        };
        for (column, category) in others {
            let rule = Rule::of(category);
            if row.rule.is(&rule) {
                row.categories = row.categories.with(category.id);
            } else if rule.from == row.rule.from && rule.term.surely_within(&row.rule.term) {
                match row.early.iter_mut().find(|(_, id, _)| *id == category.id) {
                    Some((_, _, columns)) => columns.push(column),
                    None => row.early.push((rule, category.id, vec![column])),
                }
            } else {
                return Err(Fault::broken(format!(
                    "{name}.{column} holds `{}`, which the statement keeps for {} from `{}`: its row is gone after {} from `{}`",
                    category.name,
                    rule.term,
                    rule.from.name(),
                    row.rule.term,
                    row.rule.from.name()
                )));
            }
        }
        Ok(Some(row))
    }

    /// What goes with another row goes by the same rule.
    fn goes_with(&self, name: &str, row: &RowKept, on: &str) -> Result<(), Fault> {
        let on_row = match self.catalogue.table(on) {
            Some(table) => self.row(on, table)?,
            None => None,
        };
        match on_row {
            Some(on_row) if !on_row.rule.is(&row.rule) => Err(Fault::broken(format!(
                "{name} goes with {on}, and the statement keeps `{}` for {} and `{}` for {}: what goes together is kept equally long",
                self.register.names(row.categories),
                row.rule.term,
                self.register.names(on_row.categories),
                on_row.rule.term
            ))),
            _ if !row.early.is_empty() => Err(Fault::broken(format!(
                "columns of {name} end before their row, which goes with {on}: give them a table of their own"
            ))),
            _ => Ok(()),
        }
    }

    fn endings(&self, name: &str, from: &[String], row: RowKept) -> Result<Vec<Ending>, Fault> {
        let ended: String = from
            .iter()
            .map(|from| format!(" AND {from} <= $2"))
            .collect();
        let listed = from.join(", ");
        if let Some(at) = self
            .plan
            .naming
            .iter()
            .position(|naming| naming.name == name)
        {
            let naming = &self.plan.naming[at];
            let (key, ended) = (
                naming.key.join(", "),
                ended.replacen(" AND ", "", 1).replace("$2", "$1"),
            );
            let after: Vec<String> = (2..2 + naming.key.len())
                .map(|at| format!("${at}"))
                .collect();
            return Ok(vec![Ending {
                table: naming.name,
                of: Whole::Naming { at },
                term: row.rule.term,
                from: from.to_vec(),
                categories: row.categories,
                taken: Taken {
                    categories: self.held_by(&naming.columns, &naming.hanging),
                    has_limits: false,
                },
                due: sql(format!(
                    "SELECT {key}, {listed}, subject_id FROM {name} WHERE {ended} AND ({key}) > ({}) ORDER BY {key} LIMIT ${}",
                    after.join(", "),
                    2 + naming.key.len()
                )),
                due_behind: None,
                end: self.plan.by_keys_behind(
                    &format!("DELETE FROM {name} WHERE {ended} AND"),
                    &naming.key,
                    2,
                ),
            }]);
        }
        let at = self
            .plan
            .of_people
            .iter()
            .position(|rows| rows.name == name);
        let at = at.ok_or_else(|| {
            Fault::broken(format!(
                "{name} is kept from a moment of its own and hangs on another table"
            ))
        })?;
        let rows = &self.plan.of_people[at];
        let handle = match rows.handle.is_empty() {
            true => "subject_id".to_owned(),
            false => rows.handle.join(", "),
        };
        let key = match rows.key.is_empty() {
            true => vec!["subject_id".to_owned()],
            false => rows.key.clone(),
        };
        let order = key.join(", ");
        let find = format!("SELECT {handle}, {listed} FROM {name} WHERE subject_id = $1{ended}");
        let behind = format!(" AND ({order}) > ({})", places(key.len(), 4));
        let with = self.with(name)?;
        let mut endings = vec![Ending {
            table: rows.name,
            taken: self.taken(at, &with),
            of: Whole::Row { at, with },
            term: row.rule.term,
            from: from.to_vec(),
            categories: row.categories,
            due: sql(format!("{find} ORDER BY {order} LIMIT $3")),
            due_behind: Some(sql(format!("{find}{behind} ORDER BY {order} LIMIT $3"))),
            end: self.plan.by_keys_behind(
                &format!("DELETE FROM {name} WHERE subject_id = $1{ended} AND"),
                &key,
                3,
            ),
        }];
        for (rule, category, columns) in row.early {
            let there: Vec<String> = columns
                .iter()
                .map(|column| format!("{column} IS NOT NULL"))
                .collect();
            let there = format!(" AND ({})", there.join(" OR "));
            let emptied: Vec<String> = columns
                .iter()
                .map(|column| format!("{column} = NULL"))
                .collect();
            endings.push(Ending {
                table: rows.name,
                of: Whole::Columns(columns),
                term: rule.term,
                from: from.to_vec(),
                categories: Mask::EMPTY.with(category),
                taken: Taken {
                    categories: Mask::EMPTY.with(category),
                    has_limits: false,
                },
                due: sql(format!("{find}{there} ORDER BY {order} LIMIT $3")),
                due_behind: Some(sql(format!(
                    "{find}{there}{behind} ORDER BY {order} LIMIT $3"
                ))),
                end: self.plan.by_keys_behind(
                    &format!(
                        "UPDATE {name} SET {} WHERE subject_id = $1{ended} AND",
                        emptied.join(", ")
                    ),
                    &key,
                    3,
                ),
            });
        }
        Ok(endings)
    }

    /// What the end of a row takes along: its columns, what hangs on it, and what others keep as long.
    fn taken(&self, at: usize, with: &[With]) -> Taken {
        let places = || std::iter::once(at).chain(with.iter().map(|with| with.at));
        let tables = || places().map(|at| &self.plan.of_people[at]);
        Taken {
            categories: tables().fold(Mask::EMPTY, |all, rows| {
                all.union(self.held_by(&rows.columns, &rows.hanging))
            }),
            has_limits: tables().any(|rows| rows.name == LIMITS),
        }
    }

    fn held_by(&self, columns: &[Column], hanging: &[Hanging]) -> Mask {
        let hung = hanging.iter().flat_map(|hangs| &hangs.columns);
        of_columns(self.register, columns.iter().chain(hung))
    }

    /// The tables of people that are found by themselves and go with this one.
    fn with(&self, name: &str) -> Result<Vec<With>, Fault> {
        let mut all = Vec::new();
        for (at, rows) in self.plan.of_people.iter().enumerate() {
            let table = self.catalogue.table(rows.name);
            let Some(KeptFrom::With { table: on, by }) =
                table.and_then(|table| table.marks.kept.as_ref())
            else {
                continue;
            };
            let is_kept = match table {
                Some(table) => match self.row(rows.name, table)? {
                    Some(row) => self.is_endless(rows.name, &row).is_none(),
                    None => true,
                },
                None => true,
            };
            if on != name || !is_kept {
                continue;
            }
            let by: Vec<String> = by
                .iter()
                .filter(|column| *column != "subject_id")
                .cloned()
                .collect();
            let by = (!by.is_empty()).then(|| {
                let on_each = |what: &str| {
                    let before = format!("{what} FROM {} WHERE subject_id = $1 AND", rows.name);
                    self.plan.by_keys_behind(&before, &by, 2)
                };
                WithBy {
                    remove: on_each("DELETE"),
                    count: on_each(COUNT),
                    columns: by.clone(),
                }
            });
            all.push(With { at, by });
        }
        Ok(all)
    }
}

/// The categories of what stands in these columns.
pub(crate) fn of_columns<'c>(
    register: &Register,
    columns: impl IntoIterator<Item = &'c Column>,
) -> Mask {
    let category = |column: &Column| Catalogue::category_of(register, column.category()?);
    columns.into_iter().filter_map(category).collect()
}

#[cfg(test)]
mod tests {
    use store::RoomSchema;

    use super::super::plan::Together;
    use super::*;

    const STATEMENT: &str = include_str!("../../../../statements/mijnoverheid.toml");

    fn keeping(sql: &'static str) -> Result<Keeping, Fault> {
        let register = Register::parse(STATEMENT).expect("it reads");
        let rooms = [RoomSchema {
            room: "probe",
            sql,
            changes: &[],
        }];
        let catalogue = Catalogue::of(&rooms)?;
        let plan = Plan::of(&catalogue, &rooms, Together::HERE)?;
        Keeping::of(&register, &catalogue, &plan)
    }

    /// MO-66: a moment that nobody has to fill keeps its row for ever.
    #[test]
    fn mo_66_a_moment_that_may_stay_empty_says_by_what_it_is_filled() {
        let fault = keeping(
            "-- kept from einde-account in left_at\nCREATE TABLE guests (\n  subject_id TEXT NOT NULL, -- subject\n  \
             left_at BIGINT, -- account, clear: a moment\n  name BLOB NOT NULL, -- account, sealed\n  \
             CONSTRAINT guests_pk PRIMARY KEY (subject_id)\n);",
        );
        let fault = fault.err().expect("nobody fills it").to_string();
        assert!(fault.contains("guests.left_at may stay empty"), "{fault}");
        let told = keeping(
            "-- kept from einde-account in left_at; told by account-beeindigen\nCREATE TABLE guests (\n  subject_id TEXT NOT NULL, -- subject\n  \
             left_at BIGINT, -- account, clear: a moment\n  name BLOB NOT NULL, -- account, sealed\n  \
             CONSTRAINT guests_pk PRIMARY KEY (subject_id)\n);",
        );
        let told = told.expect("somebody does");
        assert_eq!((told.endless.len(), told.ending.len()), (0, 1));
    }
}
