//! What people say of the statement: at most so many characters, and never who they are (CJ-38).

use basics::{Activity, Fault, Trace, uuid::Uuid};
use statement::Feedback;
use vault::{Insert, Processing, Tx, Vault, insert};

const GIVE: Activity = Activity("reactie-geven");

const ADD: &Insert = insert!("opinions"(opinion_id, version, words));

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
