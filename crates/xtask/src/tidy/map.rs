//! The tables of ARCHITECTURE.md that tidy compares the crates with.

use std::collections::BTreeMap;

/// What ARCHITECTURE.md allows. Tables are known by their head.
pub struct Map {
    pub rooms: Vec<Room>,
    /// Names for several rooms at once, as `ground`.
    groups: BTreeMap<String, Vec<String>>,
    /// What only a room's own tests import.
    pub test_imports: Vec<Row>,
    /// Files that may name an engine.
    pub engine_names: Vec<Row>,
    /// Files that use the one door for what must differ between engines.
    pub by_engine: Vec<Row>,
}

/// A row of the table of arrows.
pub struct Room {
    pub name: String,
    pub floor: Option<u32>,
    /// Rooms and groups, as written.
    pub imports: Vec<String>,
    pub line: usize,
}

/// A row of another table: what it is about, and the names beside it.
pub struct Row {
    pub subject: String,
    pub names: Vec<String>,
    pub line: usize,
}

impl Map {
    pub const FILE: &str = "ARCHITECTURE.md";
    pub const ARROWS: [&str; 3] = ["room", "floor", "may import"];
    pub const TEST_IMPORTS: [&str; 3] = ["room", "its tests also import", "why"];
    pub const ENGINE_NAMES: [&str; 3] = ["file", "may name", "why"];
    pub const BY_ENGINE: [&str; 3] = ["file", "differs in", "why"];

    pub fn parse(text: &str) -> Self {
        let mut rooms = Vec::new();
        let mut groups = BTreeMap::new();
        for (line, cells) in table(text, &Self::ARROWS) {
            let name = bare(&cells[0]);
            let imports = names(&cells[2]);
            if cells[0].starts_with('*') {
                groups.insert(name, imports);
            } else {
                rooms.push(Room {
                    name,
                    floor: cells[1].parse().ok(),
                    imports,
                    line,
                });
            }
        }
        let rows = |head| {
            table(text, head)
                .into_iter()
                .map(|(line, cells)| Row {
                    subject: bare(&cells[0]),
                    names: names(&cells[1]),
                    line,
                })
                .filter(|row| row.subject != "none" && row.subject != "–")
                .collect()
        };
        Self {
            rooms,
            groups,
            test_imports: rows(&Self::TEST_IMPORTS),
            engine_names: rows(&Self::ENGINE_NAMES),
            by_engine: rows(&Self::BY_ENGINE),
        }
    }

    pub fn room(&self, name: &str) -> Option<&Room> {
        self.rooms.iter().find(|room| room.name == name)
    }

    /// The rooms behind a name: a group's, or the room itself.
    pub fn spread<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        match self.groups.get(name) {
            Some(members) => members.iter().flat_map(|one| self.spread(one)).collect(),
            None => vec![name],
        }
    }

    pub fn is_group(&self, name: &str) -> bool {
        self.groups.contains_key(name)
    }

    /// Every room that this one may import.
    pub fn allowed<'a>(&'a self, room: &'a Room) -> Vec<&'a str> {
        room.imports
            .iter()
            .flat_map(|name| self.spread(name))
            .collect()
    }
}

/// The rows under the head with these cells: the number of the line, and its cells.
fn table(text: &str, head: &[&str]) -> Vec<(usize, Vec<String>)> {
    let mut rows = Vec::new();
    let mut within = false;
    for (index, line) in text.lines().enumerate() {
        let Some(inside) = line.trim().strip_prefix('|') else {
            within = false;
            continue;
        };
        let inside = inside.strip_suffix('|').unwrap_or(inside);
        let cells: Vec<String> = inside
            .split('|')
            .map(|cell| cell.trim().to_string())
            .collect();
        if cells == head {
            within = true;
        } else if within && cells.len() == head.len() && !cells[0].starts_with("--") {
            rows.push((index + 1, cells));
        }
    }
    rows
}

fn names(cell: &str) -> Vec<String> {
    cell.split([',', ' '])
        .map(bare)
        .filter(|name| !name.is_empty() && name != "–")
        .collect()
}

fn bare(cell: &str) -> String {
    cell.trim_matches(['*', '`', ' ']).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# Map
| room | floor | may import |
|---|---|---|
| basics | 0 | – |
| vault | 2 | basics, `store` |
| *ground* | – | basics, vault |
| people | 4 | *ground*, language |

| file | may name | why |
|---|---|---|
| `crates/vault/src/columns.rs` | rusqlite | because |

| file | differs in | why |
|---|---|---|
| none | – | – |
";

    #[test]
    fn rooms_groups_and_exceptions_are_read_with_their_lines() {
        let map = Map::parse(TEXT);
        let people = map.room("people").unwrap();
        assert_eq!((people.floor, people.line), (Some(4), 7));
        assert_eq!(map.allowed(people), ["basics", "vault", "language"]);
        assert_eq!(map.allowed(map.room("vault").unwrap()), ["basics", "store"]);
        assert!(map.room("basics").unwrap().imports.is_empty());
        assert!(map.is_group("ground") && map.room("ground").is_none());
        assert_eq!(map.engine_names[0].subject, "crates/vault/src/columns.rs");
        assert_eq!(map.engine_names[0].names, ["rusqlite"]);
        assert!(map.by_engine.is_empty());
    }
}
