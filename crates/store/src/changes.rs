//! How the tables of rooms are made and change: a first text, and changes that every database gets once, in order, on either
//! engine. A new database goes the same way, so that both come to the same tables.

use basics::Fault;

use crate::RoomSchema;
use crate::rooms::Prepared;

/// A change to the tables of a room since its first text. Neither is touched again once it is released.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Its number and what it does: `0001-letters-have-a-colour`.
    pub name: &'static str,
    pub wording: Wording,
}

/// What a change says to the engines.
#[derive(Clone, Copy, Debug)]
pub enum Wording {
    /// The same to both, in the words of a `schema.sql`.
    Same(&'static str),
    /// What cannot be said in one text.
    Pair {
        sqlite: &'static str,
        postgres: &'static str,
    },
}

/// Changes from the folder `changes` beside the file that names them, in order:
/// `changes!["0001-letters-have-a-colour", "0002-colours-are-folded" pair]` are `0001-letters-have-a-colour.sql`,
/// `0002-colours-are-folded.sqlite.sql` and `0002-colours-are-folded.postgres.sql`.
#[macro_export]
macro_rules! changes {
    (@wording $name:literal) => {
        $crate::Wording::Same(include_str!(concat!("changes/", $name, ".sql")))
    };
    (@wording $name:literal pair) => {
        $crate::Wording::Pair {
            sqlite: include_str!(concat!("changes/", $name, ".sqlite.sql")),
            postgres: include_str!(concat!("changes/", $name, ".postgres.sql")),
        }
    };
    ($($name:literal $($pair:ident)?),+ $(,)?) => {
        &[$($crate::Change { name: $name, wording: $crate::changes!(@wording $name $($pair)?) }),+]
    };
}

impl Change {
    pub(crate) const fn for_embedded(&self) -> &'static str {
        match self.wording {
            Wording::Same(text) | Wording::Pair { sqlite: text, .. } => text,
        }
    }

    pub(crate) const fn for_server(&self) -> &'static str {
        match self.wording {
            Wording::Same(text) | Wording::Pair { postgres: text, .. } => text,
        }
    }
}

/// What a database knows of a room: its first text, and each change it has had by its name.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) first: String,
    pub(crate) changes: Vec<(String, String)>,
}

/// An engine inside the one transaction in which it brings rooms in. Nobody else does at the same time.
pub(crate) trait BringingIn {
    fn known(&mut self, room: &str) -> Result<Option<Known>, Fault>;
    /// Makes the tables of a room's first text, and notes it.
    fn make(&mut self, room: &RoomSchema) -> Result<(), Fault>;
    /// Makes one change, and notes it.
    fn change(&mut self, room: &RoomSchema, change: &Change) -> Result<(), Fault>;
    /// How this engine is told of a change.
    fn wording(&self) -> fn(&Change) -> &'static str;
}

/// Makes what is missing of each room.
pub(crate) fn bring_in(
    engine: &mut impl BringingIn,
    rooms: &[RoomSchema],
) -> Result<Prepared, Fault> {
    let mut prepared = Prepared::default();
    for room in rooms {
        let missing = match engine.known(room.room)? {
            Some(known) => missing(room, &known, engine.wording())?,
            None => {
                check_names(room)?;
                engine.make(room).map_err(|fault| {
                    fault.while_doing(format!("making the tables of {}", room.room))
                })?;
                prepared.made.push(room.room);
                room.changes
            }
        };
        for change in missing {
            let name = format!("{} {}", room.room, change.name);
            engine
                .change(room, change)
                .map_err(|fault| fault.while_doing(format!("making the change {name}")))?;
            if !prepared.made.contains(&room.room) {
                prepared.changed.push(name);
            }
        }
    }
    Ok(prepared)
}

/// The changes that a database has not had yet.
///
/// Errors: tables of another program, or of a newer one.
pub(crate) fn missing(
    room: &RoomSchema,
    known: &Known,
    wording: fn(&Change) -> &'static str,
) -> Result<&'static [Change], Fault> {
    check_names(room)?;
    if ddl(&known.first) != ddl(room.sql) {
        return Err(another_version(room.room));
    }
    for (at, (name, text)) in known.changes.iter().enumerate() {
        let Some(change) = room.changes.get(at) else {
            return Err(Fault::broken(format!(
                "the tables of {} in this database have had the change {name} of a newer Postbus: run that, or put a backup \
                 from before it back",
                room.room
            )));
        };
        if *name != change.name || ddl(text) != ddl(wording(change)) {
            return Err(another_version(room.room));
        }
    }
    Ok(&room.changes[known.changes.len()..])
}

/// Their numbers are their order.
fn check_names(room: &RoomSchema) -> Result<(), Fault> {
    for (number, change) in (1..).zip(room.changes) {
        if !change.name.starts_with(&format!("{number:04}-")) {
            return Err(Fault::broken(format!(
                "the change {} of {} is number {number}: its name begins with {number:04}-",
                change.name, room.room
            )));
        }
    }
    Ok(())
}

fn another_version(room: &str) -> Fault {
    Fault::broken(format!(
        "the tables of {room} in this database are of another version of Postbus; start with a fresh data folder"
    ))
}

/// The text without comments and spacing: what decides whether tables differ.
fn ddl(sql: &str) -> String {
    sql.lines()
        .map(|line| {
            line.split("--")
                .next()
                .unwrap_or("")
                .split_whitespace()
                .collect::<String>()
        })
        .collect()
}
