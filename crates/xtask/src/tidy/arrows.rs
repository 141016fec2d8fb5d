//! Who imports whom: the crates' manifests and the table of arrows must say the same.

use super::Finding;
use super::map::{Map, Room, Row};
use super::tree::{Crate, Tree};

/// The one room that stands between the house and the engine.
const DOOR: (&str, &str) = ("store", "vault");

/// What the program for the public must never hold.
const NEVER_IN_PRODUCT: ([&str; 2], &str) = (["demo-provider", "cluster"], "postbus");

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    if tree.map.rooms.is_empty() {
        findings.push(Finding::new(
            Map::FILE,
            1,
            "has no table of arrows",
            format!("write one with the head `| {} |`", Map::ARROWS.join(" | ")),
        ));
    }
    for one in &tree.crates {
        of_crate(tree, one, &mut findings);
    }
    for room in &tree.map.rooms {
        of_room(tree, room, &mut findings);
    }
    for row in &tree.map.test_imports {
        of_tests(tree, row, &mut findings);
    }
    findings
}

fn of_crate(tree: &Tree, one: &Crate, findings: &mut Vec<Finding>) {
    let name = &one.name;
    let manifest = format!("crates/{name}/Cargo.toml");
    let Some(room) = tree.map.room(name) else {
        findings.push(Finding::new(
            &manifest,
            1,
            format!("room {name} is not in the table of arrows"),
            format!("give it a row in {}", Map::FILE),
        ));
        return;
    };
    let allowed = tree.map.allowed(room);
    for import in &one.imports {
        let other = import.name.as_str();
        let line = line_of(tree, &manifest, other);
        let for_tests = tree
            .map
            .test_imports
            .iter()
            .any(|row| row.subject == *name && row.names.iter().any(|name| name == other));
        if other == DOOR.0 && name != DOOR.1 {
            findings.push(Finding::new(
                &manifest,
                line,
                format!("{name} imports {other}"),
                format!("only {} opens the database: go through it", DOOR.1),
            ));
        } else if !(allowed.contains(&other) || import.dev && for_tests) {
            let kind = if import.dev { " for its tests" } else { "" };
            findings.push(Finding::new(
                &manifest,
                line,
                format!("{name} imports {other}{kind}, which no arrow allows"),
                format!(
                    "move the code to the room where it belongs; a new arrow is a decision, and a row in {}",
                    Map::FILE
                ),
            ));
        }
    }
}

fn of_room(tree: &Tree, room: &Room, findings: &mut Vec<Finding>) {
    let mut finding = |what: String, remedy: &str| {
        findings.push(Finding::new(Map::FILE, room.line, what, remedy));
    };
    let name = &room.name;
    let Some(one) = tree.crates.iter().find(|one| one.name == *name) else {
        finding(format!("room {name} has no crate"), "strike its row");
        return;
    };
    if room.floor.is_none() {
        finding(format!("room {name} has no floor"), "write its number");
    }
    for import in &room.imports {
        let used = one.imports.iter().any(|used| used.name == *import);
        if !tree.map.is_group(import) && !used {
            finding(
                format!("{name} may import {import}, but does not"),
                "strike the name",
            );
        }
    }
    for other in tree.map.allowed(room) {
        match tree.map.room(other) {
            None => finding(
                format!("{name} may import {other}, which is no room"),
                "name a room or a group",
            ),
            Some(other) if other.floor >= room.floor => finding(
                format!(
                    "{name} may import {}, which is not on a lower floor",
                    other.name
                ),
                "arrows go down only: change the floors or strike the name",
            ),
            Some(_) => {}
        }
    }
    let (guests, house) = NEVER_IN_PRODUCT;
    for guest in guests {
        if name == house && tree.map.allowed(room).contains(&guest) {
            finding(format!("{house} may import {guest}"), "strike the name");
        }
    }
}

fn of_tests(tree: &Tree, row: &Row, findings: &mut Vec<Finding>) {
    let name = &row.subject;
    let one = tree.crates.iter().find(|one| one.name == *name);
    let imports = one.map_or([].as_slice(), |one| &one.imports);
    for other in &row.names {
        if !imports.iter().any(|used| used.name == *other && used.dev) {
            findings.push(Finding::new(
                Map::FILE,
                row.line,
                format!("the tests of {name} may import {other}, but do not"),
                "strike the name",
            ));
        }
    }
}

fn line_of(tree: &Tree, manifest: &str, name: &str) -> usize {
    let begins = |line: &str| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    tree.file(manifest)
        .and_then(|file| file.text.lines().position(begins))
        .map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::made_up;

    const MAP: &str = "\
| room | floor | may import |
|---|---|---|
| basics | 0 | – |
| store | 1 | basics |
| vault | 2 | basics, store |
| *ground* | – | basics, vault |
| people | 4 | *ground* |

| room | its tests also import | why |
|---|---|---|
| people | provider | to log in with |
";

    type Crates<'a> = Vec<(&'a str, &'a [&'a str])>;

    fn house() -> Crates<'static> {
        vec![
            ("basics", &[]),
            ("store", &["basics"]),
            ("vault", &["basics", "store"]),
            ("people", &["vault", "dev:provider"]),
        ]
    }

    fn found(map: &str, crates: &Crates<'_>) -> Vec<String> {
        let manifest = "[dependencies]\nbasics.workspace = true\n\nstore.workspace = true\n";
        let files = [(Map::FILE, map), ("crates/people/Cargo.toml", manifest)];
        check(&made_up(&files, crates))
            .iter()
            .map(|finding| format!("{}:{}: {}", finding.file, finding.line, finding.what))
            .collect()
    }

    #[test]
    fn a_house_as_the_table_says_is_in_order() {
        assert!(found(MAP, &house()).is_empty());
    }

    #[test]
    fn an_arrow_that_the_table_lacks_is_found() {
        let mut crates = house();
        crates[1].1 = &["basics", "people"];
        let expected = "crates/store/Cargo.toml:1: store imports people, which no arrow allows";
        assert_eq!(found(MAP, &crates), [expected]);
        crates[1].1 = &["basics", "dev:people"];
        let expected =
            "crates/store/Cargo.toml:1: store imports people for its tests, which no arrow allows";
        assert_eq!(found(MAP, &crates), [expected]);
    }

    #[test]
    fn what_is_for_tests_is_not_for_the_product() {
        let mut crates = house();
        crates[3].1 = &["provider"];
        let expected = [
            "crates/people/Cargo.toml:1: people imports provider, which no arrow allows",
            "ARCHITECTURE.md:11: the tests of people may import provider, but do not",
        ];
        assert_eq!(found(MAP, &crates), expected);
    }

    #[test]
    fn only_the_vault_imports_the_store_even_if_the_table_says_otherwise() {
        let mut crates = house();
        crates[3].1 = &["store", "dev:provider"];
        let map = MAP.replace("| *ground* |\n", "| store |\n");
        let expected = "crates/people/Cargo.toml:4: people imports store";
        assert_eq!(found(&map, &crates), [expected]);
    }

    #[test]
    fn a_crate_without_row_and_a_row_without_crate_are_found() {
        let mut crates = house();
        crates[0].0 = "ground-words";
        let found = found(MAP, &crates);
        assert_eq!(
            found,
            [
                "crates/ground-words/Cargo.toml:1: room ground-words is not in the table of arrows",
                "ARCHITECTURE.md:3: room basics has no crate",
            ]
        );
    }

    #[test]
    fn an_arrow_that_nobody_uses_or_that_does_not_go_down_is_found() {
        let mut crates = house();
        crates[2].1 = &["store"];
        assert_eq!(
            found(MAP, &crates),
            ["ARCHITECTURE.md:5: vault may import basics, but does not"]
        );
        let map = MAP.replace("| store | 1 |", "| store | 2 |");
        assert_eq!(
            found(&map, &house()),
            ["ARCHITECTURE.md:5: vault may import store, which is not on a lower floor"]
        );
    }

    #[test]
    fn what_only_stands_around_the_product_is_never_in_it() {
        for guest in NEVER_IN_PRODUCT.0 {
            let rows = format!("| {guest} | 0 | – |\n| postbus | 8 | {guest} |\n\n| room | its");
            let map = MAP.replacen("\n| room | its", &rows, 1);
            let imports: &[&str] = &[guest];
            let mut crates = house();
            crates.extend([(guest, [].as_slice()), ("postbus", imports)]);
            let expected = format!("ARCHITECTURE.md:9: postbus may import {guest}");
            assert_eq!(found(&map, &crates), [expected]);
        }
    }

    #[test]
    fn without_a_table_nothing_passes() {
        assert_eq!(found("# Map", &house()).len(), 5);
    }
}
