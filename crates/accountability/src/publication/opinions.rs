//! What people say of the statement: at most so many characters, and never who they are (CJ-38).

use std::collections::BTreeMap;

use basics::{Activity, Fault, Trace, uuid::Uuid};
use statement::Feedback;
use vault::{Insert, Processing, ReadTx, Sql, Tx, Vault, insert, sql};

use crate::download::push_line;

const GIVE: Activity = Activity("reactie-geven");
const READ: Activity = Activity("reacties-lezen");

const ADD: &Insert = insert!("opinions"(opinion_id, version, words));

// Their numbers are random, so that this order tells nothing of who came first.
const ALL: &Sql = sql!("SELECT version, words FROM opinions ORDER BY version, opinion_id");

/// What was said of each version, in no order that tells anything.
pub type Opinions = BTreeMap<String, Vec<String>>;

/// Why an opinion is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    Empty,
    Long,
}

/// The words, tidied, when they are within bounds.
pub(super) fn taken(words: &str, feedback: &Feedback) -> Result<String, Unclear> {
    // A browser sends each line's end as two characters, and counts one.
    let words = words.replace("\r\n", "\n");
    let words = words.trim();
    let most = usize::try_from(feedback.most).unwrap_or(usize::MAX);
    match words.chars().count() {
        0 => Err(Unclear::Empty),
        count if count > most => Err(Unclear::Long),
        _ => Ok(words.to_owned()),
    }
}

/// All that was said, for whoever keeps the statement. It is nobody's, and leaves no row in anybody's log.
pub async fn opinions(vault: &Vault) -> Result<Opinions, Fault> {
    let processing = Processing::upkeep(READ, Trace::new(vault.ids()));
    let read = vault.read(processing, |tx: &mut ReadTx<'_>| {
        tx.query(ALL, &[], |row| {
            Ok::<_, Fault>((row.text(0)?.to_owned(), row.text(1)?.to_owned()))
        })
    });
    let mut opinions = Opinions::new();
    for (version, words) in read.await? {
        opinions.entry(version).or_default().push(words);
    }
    Ok(opinions)
}

/// A line for each, for a spreadsheet.
pub fn opinions_as_csv(opinions: &Opinions) -> String {
    let mut text = String::new();
    push_line(&mut text, ["versie", "reactie"]);
    for (version, all) in opinions {
        for words in all {
            push_line(&mut text, [version.as_str(), words]);
        }
    }
    text
}

/// Keeps an opinion under a number that says nothing, not even when.
pub(super) async fn keep(vault: &Vault, words: String) -> Result<(), Fault> {
    let version = vault.register().version().number.clone();
    let id = vault.ids().random();
    let processing = Processing::upkeep(GIVE, Trace::new(vault.ids()));
    vault
        .write(processing, move |tx: &mut Tx<'_>| {
            let row = vec![
                id.to_string().as_str().into(),
                version.as_str().into(),
                words.as_str().into(),
            ];
            tx.add(ADD, Uuid::nil(), row)
        })
        .await
}
