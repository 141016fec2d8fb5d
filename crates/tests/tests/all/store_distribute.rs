//! The rules of Citus, held against the tables of the whole product as a server has them: every unique key holds the column by
//! which its table is spread, what is joined lies together, no reference goes from one machine to another.

use std::collections::{BTreeMap, BTreeSet};

use crate::kill::server::Server;
use crate::store_prepare::Databases;

/// A table, and by which column it is spread; none for one that is whole on each machine.
type Spread = BTreeMap<String, Option<String>>;

/// Read from the statements that are printed.
fn spread_by(statements: &str) -> Spread {
    let read = |line: &str| {
        let mut quoted = line.split('\'').skip(1).step_by(2).map(str::to_owned);
        let table = quoted.next()?;
        if line.starts_with("SELECT create_reference_table(") {
            Some((table, None))
        } else {
            assert!(
                line.starts_with("SELECT create_distributed_table("),
                "{line}"
            );
            Some((table, Some(quoted.next()?)))
        }
    };
    let statements = statements.lines().filter(|line| !line.starts_with("--"));
    statements.filter_map(read).collect()
}

/// What the tables of a database break of the rules; takes the tables it finds out of `unseen`.
fn broken_by_keys(
    databases: &Databases,
    database: &str,
    spread: &Spread,
    unseen: &mut Spread,
) -> Vec<String> {
    let rows = |sql: &str| {
        let answered = databases.0.sql(database, sql).unwrap();
        let rows = answered.lines().map(|line| {
            let values = line.split('|').map(str::to_owned);
            <[String; 3]>::try_from(values.collect::<Vec<_>>()).unwrap()
        });
        rows.collect::<Vec<_>>()
    };
    let keys = rows(
        "SELECT t.relname, i.relname, string_agg(a.attname, ',')
         FROM pg_index AS x JOIN pg_class AS t ON t.oid = x.indrelid JOIN pg_class AS i ON i.oid = x.indexrelid
         JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = ANY (x.indkey)
         WHERE x.indisunique AND t.relnamespace = 'public'::regnamespace AND NOT t.relispartition GROUP BY 1, 2",
    );
    let mut broken = Vec::new();
    for [table, key, columns] in keys {
        unseen.remove(&table);
        if let Some(Some(column)) = spread.get(&table)
            && !columns.split(',').any(|name| name == column)
        {
            broken.push(format!("{key} of {table} is without {column}"));
        }
    }
    let references = rows(
        "SELECT conname, conrelid::regclass, confrelid::regclass FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 ORDER BY 1",
    );
    for [reference, from, to] in references {
        // To a table that is whole on each machine, or to one that is spread alike.
        if spread.get(&to) != Some(&None) && spread.get(&from) != spread.get(&to) {
            broken.push(format!("{reference} goes from {from} to {to}"));
        }
    }
    broken
}

/// Whether a statement can be on all of these tables on one machine. A table that is not spread stays on the coordinator.
fn lie_together<'t>(spread: &Spread, tables: impl IntoIterator<Item = &'t String>) -> bool {
    let by: BTreeSet<Option<&String>> = tables
        .into_iter()
        .map(|table| spread.get(table))
        .filter(|by| *by != Some(&None))
        .map(|by| by.and_then(Option::as_ref))
        .collect();
    by.len() <= 1
}

#[test]
fn the_tables_keep_to_the_rules_by_which_they_are_spread() {
    let databases = Databases::start();
    databases.make_serving_role();
    let server = Server::prepare_with("https://login.example", &databases.configured(true));
    server.run(&["store", "prepare"]);
    let printed = std::process::Command::new(server.path().join("postbus"))
        .args(["store", "distribute", "--print"])
        .output()
        .unwrap();
    assert!(printed.status.success());
    let printed = String::from_utf8(printed.stdout).unwrap();
    insta::assert_snapshot!("store_distribute", printed);
    let spread = spread_by(&printed);

    let mut unseen = spread.clone();
    for database in ["rows", "keys"] {
        let broken = broken_by_keys(&databases, database, &spread, &mut unseen);
        assert_eq!(broken, Vec::<String>::new(), "{database}");
    }
    assert_eq!(unseen, Spread::new(), "every table is there and has a key");
    let mut joined = 0;
    for (text, tables) in vault::tables_of_texts(&postbus::rooms()).unwrap() {
        joined += usize::from(tables.len() > 1);
        assert!(lie_together(&spread, &tables), "{tables:?}: {text:?}");
        // Texts on persons' tables bind each to the one person; what binds a sender's would be the text's own affair.
        let of_senders = tables
            .iter()
            .filter(|table| spread.get(*table) == Some(&Some("oin".to_owned())));
        let of_senders = of_senders.count();
        let bound = text.text().matches("oin = $1").count();
        assert!(of_senders < 2 || bound >= of_senders, "{text:?}");
    }
    assert!(joined > 0, "a letter's attachment is found with its letter");
}

#[test]
fn a_table_that_breaks_a_rule_is_named() {
    let databases = Databases::start();
    let made = "CREATE TABLE a (subject_id TEXT, b TEXT UNIQUE, CONSTRAINT a_pk PRIMARY KEY (subject_id, b));
        CREATE TABLE c (oin TEXT CONSTRAINT c_pk PRIMARY KEY, b TEXT CONSTRAINT c_b REFERENCES a (b));
        CREATE TABLE d (e TEXT CONSTRAINT d_pk PRIMARY KEY, oin TEXT CONSTRAINT d_oin REFERENCES c);
        CREATE TABLE f (oin TEXT CONSTRAINT f_pk PRIMARY KEY CONSTRAINT f_c REFERENCES c, e TEXT CONSTRAINT f_d REFERENCES d);";
    databases.0.sql("rows", made).unwrap();
    let statements = "SELECT create_distributed_table('a', 'subject_id', colocate_with => 'none');
SELECT create_distributed_table('c', 'oin', colocate_with => 'none');
SELECT create_distributed_table('f', 'oin', colocate_with => 'c');
SELECT create_reference_table('d');";
    let spread = spread_by(statements);
    let broken = broken_by_keys(&databases, "rows", &spread, &mut Spread::new());
    assert_eq!(
        broken,
        [
            "a_b_key of a is without subject_id",
            "c_b goes from c to a",
            "d_oin goes from d to c"
        ]
    );
    let named = |names: [&str; 2]| names.map(str::to_owned);
    assert!(!lie_together(&spread, &named(["a", "c"])));
    assert!(!lie_together(&spread, &named(["a", "apart"])));
    assert!(lie_together(&spread, &named(["a", "d"])));
    assert!(lie_together(&spread, &named(["apart", "beside"])));
}

#[test]
fn every_table_says_how_its_rows_lie() {
    for room in [&[vault::SCHEMA], postbus::rooms().as_slice()].concat() {
        let count = |words: &str| {
            let lines = room.sql.lines().filter(|line| line.starts_with(words));
            lines.count()
        };
        assert_eq!(count("CREATE TABLE "), count("-- lies "), "{}", room.room);
    }
}
