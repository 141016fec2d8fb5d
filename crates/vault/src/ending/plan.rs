//! The tables that hold something of people, each with the texts by which its rows are listed and removed. Made once from the
//! annotated schema: no other text of the product is put together.

use std::collections::{BTreeMap, BTreeSet};

use basics::Fault;
use store::{Analyst, RoomSchema, Sql, Value};

use super::marks::{BlobMark, KeptFrom};
use crate::catalogue::{Catalogue, Holds, Table};

/// Rows of one step, named by their keys.
pub(crate) const STEP: usize = 64;

/// How many rows one text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Together(usize);

impl Together {
    /// One more text costs more than one more key.
    pub(crate) const ON_A_SERVER: Self = Self(STEP);
    /// A list of keys costs more than a text for each.
    pub(crate) const HERE: Self = Self(1);
}

pub(crate) const COUNT: &str = "SELECT CAST(COUNT(*) AS BIGINT)";

/// What an installation keeps of people.
pub(crate) struct Plan {
    together: Together,
    /// Tables of which a row belongs to a person and is found by them, or by the row it hangs on.
    pub(crate) of_people: Vec<Rows>,
    /// Tables of others, of which a row may name a person.
    pub(crate) naming: Vec<Naming>,
}

/// A table of people's rows.
pub(crate) struct Rows {
    pub(crate) name: &'static str,
    /// All of them, in their order.
    pub(crate) columns: Vec<Column>,
    /// By which a row is named, besides its person.
    pub(crate) key: Vec<String>,
    /// What tells one row from the next and finds what hangs on it: `key`, and what others hang on.
    pub(crate) handle: Vec<String>,
    /// Every column of the person's rows, in the order of their keys.
    pub(crate) all: &'static Sql,
    /// The handles of up to [`STEP`] rows of the person.
    pub(crate) handles: &'static Sql,
    /// The keys of all of them.
    pub(crate) keys: &'static Sql,
    pub(crate) remove_all: &'static Sql,
    /// By their keys; none where a person has one row.
    pub(crate) remove: Option<ByKeys>,
    /// What is reached through these rows alone, since its table lies by time.
    pub(crate) hanging: Vec<Hanging>,
    pub(crate) blob: Option<Blob>,
}

/// A table whose rows hang on another's.
pub(crate) struct Hanging {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<Column>,
    /// Columns that both have.
    pub(crate) by: Vec<String>,
    pub(crate) list: Listing,
    pub(crate) count: ByKeys,
    pub(crate) remove: ByKeys,
    pub(crate) blob: Option<Blob>,
}

/// How rows are found that hang on others.
pub(crate) enum Listing {
    ByKeys(ByKeys),
    /// Those of the person at once: the table is not in the order of what they hang by.
    All(&'static Sql),
}

impl Listing {
    pub(crate) fn each(
        &self,
        person: &str,
        keys: &[Vec<Value>],
        mut run: impl FnMut(&'static Sql, &[Value]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        match self {
            Self::ByKeys(by_keys) => by_keys.each(person, keys, run),
            Self::All(_) if keys.is_empty() => Ok(()),
            Self::All(sql) => run(sql, &[person.into()]),
        }
    }
}

/// Rows that name files.
pub(crate) struct Blob {
    pub(crate) mark: BlobMark,
    pub(crate) unclaim: &'static Sql,
}

/// A table of somebody else's rows, such as a sender's receipts, that may name a person.
pub(crate) struct Naming {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<Column>,
    /// By which a row is named.
    pub(crate) key: Vec<String>,
    pub(crate) hanging: Vec<Hanging>,
    /// Every column of the rows that name the person.
    pub(crate) all: &'static Sql,
    /// Their keys.
    pub(crate) keys: &'static Sql,
    pub(crate) forget: ByKeys,
}

/// One column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) holds: Holds,
}

impl Column {
    /// As `schema.sql` has it.
    pub(crate) fn category(&self) -> Option<&str> {
        match &self.holds {
            Holds::Category(name, _) => Some(name),
            Holds::Nothing(_) | Holds::Subject => None,
        }
    }
}

/// A text on one row and the same on as many as go together, whose keys differ in their last column alone. `$1` is the person
/// where the table is of people.
pub(crate) struct ByKeys {
    one: &'static Sql,
    many: &'static Sql,
    together: Together,
    has_person: bool,
}

impl ByKeys {
    /// Calls `run` with a text and its values for every key; short of a step the last key stands in for the rest.
    pub(crate) fn each(
        &self,
        person: &str,
        keys: &[Vec<Value>],
        run: impl FnMut(&'static Sql, &[Value]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let person: Vec<Value> = self.has_person.then(|| person.into()).into_iter().collect();
        self.each_behind(&person, keys, run)
    }

    /// The same, behind other values that come first.
    pub(crate) fn each_behind(
        &self,
        first: &[Value],
        keys: &[Vec<Value>],
        mut run: impl FnMut(&'static Sql, &[Value]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let alike = keys.chunk_by(|one, other| leading(one) == leading(other));
        let Together(together) = self.together;
        for step in alike.flat_map(|keys| keys.chunks(together)) {
            let (sql, places) = match step.len() {
                1 => (self.one, 1),
                _ => (self.many, together),
            };
            let leading = leading(&step[0]);
            let mut values = Vec::with_capacity(first.len() + leading.len() + places);
            values.extend_from_slice(first);
            values.extend_from_slice(leading);
            let padding = std::iter::repeat(&step[step.len() - 1]);
            let last = step.iter().chain(padding).filter_map(|key| key.last());
            values.extend(last.take(places).cloned());
            run(sql, &values)?;
        }
        Ok(())
    }
}

/// All of a key but its last value: what those that one text names have in common.
fn leading(key: &[Value]) -> &[Value] {
    key.split_last().map_or(&[], |(_, leading)| leading)
}

impl Plan {
    /// Errors: a mark that names what is not there.
    pub(crate) fn of(
        catalogue: &Catalogue,
        rooms: &[RoomSchema],
        together: Together,
    ) -> Result<Self, Fault> {
        let (analyst, by_month) = (Analyst::of(rooms)?, store::tables_by_month(rooms)?);
        let mut names: Vec<&str> = catalogue.tables().map(|(name, _)| name).collect();
        names.sort_unstable();
        let making = Making {
            catalogue,
            analyst,
            by_month,
            together,
        };
        let mut plan = Self {
            together,
            of_people: Vec::new(),
            naming: Vec::new(),
        };
        for name in names {
            let table = making.table(name)?;
            if let Some((on, _)) = making.hangs_on(name, table) {
                making.table(on)?;
            } else if table.is_of_a_subject() {
                plan.of_people.push(making.rows(name, table)?);
            } else if table.columns.contains_key("subject_id") {
                plan.naming.push(making.naming(name, table)?);
            } else if let Some(column) = table
                .columns
                .keys()
                .find(|name| table.category(name).is_some())
            {
                return Err(Fault::broken(format!(
                    "{name}.{column} is somebody's, and nothing says whose: {name} needs a subject_id, or a mark `-- kept with TABLE by COLUMN`"
                )));
            }
        }
        Ok(plan)
    }

    /// A text that names rows by keys, from this parameter on.
    pub(crate) fn by_keys_behind(&self, before: &str, columns: &[String], first: usize) -> ByKeys {
        by_keys_behind(before, columns, first, self.together)
    }

    /// Every column with its table.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&'static str, &Column)> {
        let of_people = self.of_people.iter();
        let of_people = of_people.map(|rows| (rows.name, &rows.columns, &rows.hanging));
        let naming = self.naming.iter();
        let naming = naming.map(|naming| (naming.name, &naming.columns, &naming.hanging));
        of_people
            .chain(naming)
            .flat_map(|(name, columns, hanging)| {
                let own = columns.iter().map(move |column| (name, column));
                own.chain(
                    hanging.iter().flat_map(|hangs| {
                        hangs.columns.iter().map(move |column| (hangs.name, column))
                    }),
                )
            })
    }
}

struct Making<'a> {
    catalogue: &'a Catalogue,
    analyst: Analyst,
    by_month: BTreeSet<String>,
    together: Together,
}

impl Making<'_> {
    fn by_keys(&self, before: &str, columns: &[String], has_person: bool) -> ByKeys {
        let first = if has_person { 2 } else { 1 };
        ByKeys {
            has_person,
            ..by_keys_behind(before, columns, first, self.together)
        }
    }

    fn table(&self, name: &str) -> Result<&Table, Fault> {
        let table = self.catalogue.table(name);
        table.ok_or_else(|| Fault::broken(format!("a mark names {name}, which is no table")))
    }

    /// The table that this one is reached through: what lies by time cannot be found by its person, nor what names nobody.
    fn hangs_on<'t>(&self, name: &str, table: &'t Table) -> Option<(&'t str, &'t [String])> {
        match &table.marks.kept {
            Some(KeptFrom::With { table: on, by })
                if self.by_month.contains(name) || !table.columns.contains_key("subject_id") =>
            {
                Some((on, by))
            }
            _ => None,
        }
    }

    /// What hangs on the rows of a table.
    fn all_hanging(&self, name: &str) -> Result<Vec<Hanging>, Fault> {
        let mut hanging = Vec::new();
        for (other, of) in sorted(self.catalogue) {
            if let Some((on, by)) = self.hangs_on(other, of)
                && on == name
            {
                hanging.push(self.hanging(other, of, by)?);
            }
        }
        Ok(hanging)
    }

    fn rows(&self, name: &str, table: &Table) -> Result<Rows, Fault> {
        let columns = self.columns(name, table)?;
        let key = without_person(self.analyst.key(name)?);
        let hanging = self.all_hanging(name)?;
        let mut handle = key.clone();
        for (_, other) in sorted(self.catalogue) {
            if let Some(KeptFrom::With { table: on, by }) = &other.marks.kept
                && on == name
            {
                for column in by {
                    if !handle.contains(column) && column != "subject_id" {
                        handle.push(column.clone());
                    }
                }
            }
        }
        let listed = list(&columns);
        let (order, handles) = match key.is_empty() {
            true => (String::new(), "subject_id".to_owned()),
            false => (format!(" ORDER BY {}", key.join(", ")), handle.join(", ")),
        };
        let remove = (!key.is_empty()).then(|| {
            self.by_keys(
                &format!("DELETE FROM {name} WHERE subject_id = $1 AND"),
                &key,
                true,
            )
        });
        Ok(Rows {
            all: sql(format!(
                "SELECT {listed} FROM {name} WHERE subject_id = $1{order}"
            )),
            handles: sql(format!(
                "SELECT {handles} FROM {name} WHERE subject_id = $1{order} LIMIT {STEP}"
            )),
            keys: sql(match key.is_empty() {
                true => format!("SELECT subject_id FROM {name} WHERE subject_id = $1"),
                false => format!(
                    "SELECT {} FROM {name} WHERE subject_id = $1{order}",
                    key.join(", ")
                ),
            }),
            remove_all: sql(format!("DELETE FROM {name} WHERE subject_id = $1")),
            remove,
            name: kept(name.to_owned()),
            blob: self.blob(name, table)?,
            columns,
            key,
            handle,
            hanging,
        })
    }

    fn hanging(&self, name: &str, table: &Table, by: &[String]) -> Result<Hanging, Fault> {
        let columns = self.columns(name, table)?;
        let listed = list(&columns);
        let key = self.analyst.key(name)?;
        let order = key.join(", ");
        let is_in_order = key.first().is_some_and(|first| by.contains(first));
        let has_person = table.is_of_a_subject();
        let where_ = match has_person {
            true => format!("FROM {name} WHERE subject_id = $1 AND"),
            false => format!("FROM {name} WHERE"),
        };
        let mut list = self.by_keys(&format!("SELECT {listed} {where_}"), by, has_person);
        for text in [&mut list.one, &mut list.many] {
            *text = sql(format!("{} ORDER BY {order}", text.text()));
        }
        let list = match is_in_order || !has_person {
            true => Listing::ByKeys(list),
            false => Listing::All(sql(format!(
                "SELECT {listed} FROM {name} WHERE subject_id = $1 ORDER BY {order}"
            ))),
        };
        Ok(Hanging {
            list,
            count: self.by_keys(&format!("{COUNT} {where_}"), by, has_person),
            remove: self.by_keys(&format!("DELETE {where_}"), by, has_person),
            name: kept(name.to_owned()),
            by: by.to_vec(),
            blob: self.blob(name, table)?,
            columns,
        })
    }

    fn naming(&self, name: &str, table: &Table) -> Result<Naming, Fault> {
        if !table.nullable.contains("subject_id") {
            return Err(Fault::broken(format!(
                "{name} names a person who may be erased: its subject_id may be empty"
            )));
        }
        let key = self.analyst.key(name)?;
        let by = key.join(", ");
        let find = format!("SELECT {by} FROM {name} WHERE subject_id = $1");
        let columns = self.columns(name, table)?;
        Ok(Naming {
            all: sql(format!(
                "SELECT {} FROM {name} WHERE subject_id = $1 ORDER BY {by}",
                list(&columns)
            )),
            hanging: self.all_hanging(name)?,
            keys: sql(format!("{find} ORDER BY {by}")),
            forget: self.by_keys(
                &format!("UPDATE {name} SET subject_id = NULL WHERE subject_id = $1 AND"),
                &key,
                true,
            ),
            name: kept(name.to_owned()),
            columns,
            key,
        })
    }

    fn columns(&self, name: &str, table: &Table) -> Result<Vec<Column>, Fault> {
        let names = self.analyst.columns(name)?;
        let column = |name: String| {
            let holds = table.columns.get(&name).cloned();
            holds.map(|holds| Column { name, holds })
        };
        names
            .into_iter()
            .map(|column_name| {
                let said = format!("{name}.{column_name} has no note");
                column(column_name).ok_or_else(|| Fault::broken(said))
            })
            .collect()
    }

    fn blob(&self, name: &str, table: &Table) -> Result<Option<Blob>, Fault> {
        let Some(mark) = &table.marks.blob else {
            return Ok(None);
        };
        for column in [&mark.id, &mark.key, &mark.name] {
            if !table.columns.contains_key(column) {
                return Err(Fault::broken(format!(
                    "the mark of {name} names {column}, which is no column of it"
                )));
            }
        }
        self.table(&mark.claimed_in)?;
        let unclaim = format!("DELETE FROM {} WHERE {} = $1", mark.claimed_in, mark.id);
        Ok(Some(Blob {
            mark: mark.clone(),
            unclaim: sql(unclaim),
        }))
    }
}

fn sorted(catalogue: &Catalogue) -> BTreeMap<&str, &Table> {
    catalogue.tables().collect()
}

fn without_person(mut columns: Vec<String>) -> Vec<String> {
    columns.retain(|column| column != "subject_id");
    columns
}

fn list(columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    names.join(", ")
}

/// `$2, $3`
pub(crate) fn places(count: usize, first: usize) -> String {
    let places: Vec<String> = (first..first + count).map(|at| format!("${at}")).collect();
    places.join(", ")
}

/// With the keys from this parameter on.
fn by_keys_behind(before: &str, columns: &[String], first: usize, together: Together) -> ByKeys {
    let (last, leading) = columns.split_last().expect("a key has a column");
    let text = |keys: usize| {
        // Row values in a list are what a server reads a whole table for.
        let leading = (first..).zip(leading);
        let leading: String = leading
            .map(|(at, column)| format!("{column} = ${at} AND "))
            .collect();
        let listed = places(keys, first + columns.len() - 1);
        sql(format!("{before} {leading}{last} IN ({listed})"))
    };
    ByKeys {
        one: text(1),
        many: text(together.0),
        together,
        has_person: false,
    }
}

/// A handful of texts that live as long as the program does.
fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

pub(crate) fn sql(text: String) -> &'static Sql {
    Box::leak(Box::new(Sql::new(kept(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(sql: &'static str) -> Result<Plan, Fault> {
        let rooms = [RoomSchema {
            room: "probe",
            sql,
            changes: &[],
        }];
        Plan::of(&Catalogue::of(&rooms)?, &rooms, Together::ON_A_SERVER)
    }

    #[test]
    fn a_table_that_says_not_whose_its_rows_are_is_refused_by_name() {
        let fault = planned(
            "CREATE TABLE notes (\n  note TEXT NOT NULL, -- bericht, clear: a probe\n  CONSTRAINT notes_pk PRIMARY KEY (note)\n);",
        );
        let fault = fault.err().expect("nobody owns it").to_string();
        assert!(
            fault.contains("notes.note is somebody's, and nothing says whose"),
            "{fault}"
        );
    }

    #[test]
    fn a_mark_names_what_is_there() {
        let fault = planned(
            "-- kept with letters by note\nCREATE TABLE notes (\n  note TEXT NOT NULL, -- bericht, clear: a probe\n  CONSTRAINT notes_pk PRIMARY KEY (note)\n);",
        );
        let fault = fault.err().expect("there are no letters").to_string();
        assert!(
            fault.contains("names letters, which is no table"),
            "{fault}"
        );
    }

    #[test]
    fn a_row_of_others_can_forget_its_person() {
        let fault = planned(
            "CREATE TABLE receipts (\n  oin TEXT NOT NULL, -- none: of an organisation\n  subject_id TEXT NOT NULL, -- aflevering, id: random\n  CONSTRAINT receipts_pk PRIMARY KEY (oin)\n);",
        );
        let fault = fault.err().expect("it cannot").to_string();
        assert!(fault.contains("its subject_id may be empty"), "{fault}");
    }

    #[test]
    fn keys_that_differ_in_their_last_column_alone_go_together() {
        let columns = ["oin".to_owned(), "message_id".to_owned()];
        let by_keys = by_keys_behind("DELETE FROM t WHERE", &columns, 2, Together::ON_A_SERVER);
        assert_eq!(
            by_keys.one.text(),
            "DELETE FROM t WHERE oin = $2 AND message_id IN ($3)"
        );
        let key = |oin: &str, message: usize| vec![Value::from(oin), message.to_string().into()];
        let keys: Vec<_> = (0..STEP + 2)
            .map(|message| key("a", message))
            .chain([key("b", 0)])
            .collect();
        let mut said = Vec::new();
        let ran = by_keys.each_behind(&[0_i64.into()], &keys, |sql, values| {
            said.push((sql.text() == by_keys.many.text(), values.to_vec()));
            Ok(())
        });
        ran.expect("nothing fails");
        // The last key stands in for the rest of a step.
        let step = |keys: &[Vec<Value>], places: usize| {
            let last = keys.iter().filter_map(|key| key.last());
            let padding = keys.last().and_then(|key| key.last()).into_iter().cycle();
            let mut values: Vec<Value> = vec![0_i64.into(), keys[0][0].clone()];
            values.extend(last.chain(padding).take(places).cloned());
            values
        };
        let told = vec![
            (true, step(&keys[..STEP], STEP)),
            (true, step(&keys[STEP..STEP + 2], STEP)),
            (false, step(&keys[STEP + 2..], 1)),
        ];
        assert_eq!(said, told);
    }
}
