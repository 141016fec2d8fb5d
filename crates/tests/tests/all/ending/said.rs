//! What the built program says on standard output and error, while it serves somebody and while it erases them: nothing of theirs.

use std::collections::BTreeSet;

use vault::Holds;

use super::canary;
use super::killed::{ERASE, House};
use crate::kill::letters::{PEOPLE, Post};

/// Shorter ones are in every text.
const TELLING: usize = 8;
/// By it the line of a request and the rows of the log that it led to are joined; when those are gone it leads nowhere.
const JOINS: &str = "log.trace_id";

/// Every value that stands in a column of theirs and of nobody else, as it would be written.
fn only_of(house: &House, subject: &str) -> BTreeSet<String> {
    let mut values = BTreeSet::from([subject.to_owned()]);
    for (name, table) in canary::catalogue().tables() {
        if !table.columns.contains_key("subject_id") {
            continue;
        }
        for (column, holds) in &table.columns {
            let joins = format!("{name}.{column}") == JOINS;
            if matches!(holds, Holds::Subject | Holds::Nothing(_))
                || column == "subject_id"
                || joins
            {
                continue;
            }
            let written = format!(
                "SELECT DISTINCT CASE typeof({column}) WHEN 'blob' THEN lower(hex({column})) ELSE CAST({column} AS TEXT) END
                 FROM {name} WHERE {column} IS NOT NULL AND subject_id"
            );
            let theirs = house.rows(&format!("{written} = '{subject}'"));
            let others = house.rows(&format!("{written} <> '{subject}'"));
            let own = theirs.difference(&others);
            values.extend(own.filter(|value| value.len() >= TELLING).cloned());
        }
    }
    values
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mo_22_mo_73_cn_82_what_the_program_says_of_whom_it_serves_and_erases_names_nobody() {
    let house = House::with_post().await;
    let before = house.rows("SELECT subject_id FROM subjects");
    let theirs: Vec<_> = before.iter().map(|of| (of, only_of(&house, of))).collect();
    house.run(ERASE, PEOPLE[0]);
    let after = house.rows("SELECT subject_id FROM subjects");
    let gone: Vec<_> = theirs
        .iter()
        .filter(|(of, _)| !after.contains(*of))
        .collect();
    let [(_, values)] = gone.as_slice() else {
        panic!("one is erased: {gone:?}");
    };
    // Several rows and letters in each of several tables, and the log of requests that they were made by.
    assert!(values.len() > 100, "{}", values.len());
    let said = house.server.told_of("").join("\n");
    assert!(
        said.contains("erased: the key") && said.contains("postbus::installation"),
        "{said}"
    );
    for value in values {
        assert!(!said.contains(value.as_str()), "{value} is said:\n{said}");
    }
    let sealed = Post::default();
    let letters = (0..100).map(|_| sealed.next());
    let words =
        letters.flat_map(|letter| [letter.title(), letter.first_line(), letter.last_line()]);
    for word in words.chain(PEOPLE.map(str::to_owned)) {
        assert!(!said.contains(&word), "{word} is said:\n{said}");
    }
}
