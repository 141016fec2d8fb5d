//! Which versions of the statement were in force, and since when: each is kept as it was published (MO-1, MO-84).

use basics::{Activity, Fault, Moment, Trace};
use language::Language;
use vault::{Processing, ReadTx, Row, Sql, Tx, Vault, sql};

use super::document;

const PUBLISH: Activity = Activity("verklaring-publiceren");

const ALL: &Sql =
    sql!("SELECT version, in_force_at, source FROM statement_versions ORDER BY in_force_at DESC");
const TEXT: &Sql =
    sql!("SELECT title, html FROM statement_texts WHERE version = $1 AND language = $2");
// Of several processes that start at once, the first one's stays.
const ADD: &Sql = sql!(
    "INSERT INTO statement_versions (version, in_force_at, source) VALUES ($1, $2, $3)
     ON CONFLICT (version) DO NOTHING"
);
const ADD_TEXT: &Sql = sql!(
    "INSERT INTO statement_texts (version, language, title, html) VALUES ($1, $2, $3, $4)
     ON CONFLICT (version, language) DO NOTHING"
);

/// A version that is or was in force.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Published {
    pub(super) version: String,
    pub(super) from: Moment,
    /// When the next one took its place.
    pub(super) until: Option<Moment>,
    source: String,
}

/// A version in one language, as it was published.
pub(super) struct AsPublished {
    pub(super) title: String,
    pub(super) html: String,
}

/// Puts the statement with which the vault was opened into force: notes it as a new version, from now on, unless it is the
/// one in force. `file` is the text of its file. Blocks.
///
/// Errors: another statement was published under the same number, or this one is older than the one in force; it leaves a
/// category out of which data are kept here.
pub fn publish(vault: &Vault, file: &str) -> Result<(), Fault> {
    let table: toml::Table = file
        .parse()
        .map_err(|fault| Fault::broken(format!("the statement is not TOML: {fault}")))?;
    // What it says, and not how: without comments, keys in order.
    let source = table.to_string();
    let register = vault.register();
    let version = register.version().number.clone();
    if !is_addressable(&version) {
        return Err(Fault::broken(format!(
            "version {version:?} cannot be part of an address: use letters, digits, dots and hyphens"
        )));
    }
    let languages = register.languages().iter();
    let texts: Vec<[String; 3]> = languages
        .filter_map(|tag| Language::from_tag(tag))
        .map(|language| {
            let document = document(register.statement(), language);
            [
                language.tag().to_owned(),
                document.title.clone(),
                document.html(),
            ]
        })
        .collect();
    let now = vault.clock().now();
    let processing = Processing::upkeep(PUBLISH, Trace::new(vault.ids()));
    let (named, said) = (version.clone(), source.clone());
    let look = vault.read(reading(vault), move |tx: &mut ReadTx<'_>| {
        is_in_force(&all(tx)?, &named, &said)
    });
    let write = vault.write(processing, move |tx: &mut Tx<'_>| {
        if is_in_force(&all(tx)?, &version, &source)? {
            return Ok(());
        }
        let row = [version.as_str().into(), now.into(), source.as_str().into()];
        tx.run(ADD, &row)?;
        for text in &texts {
            let [language, title, html] = text.each_ref().map(|part| part.as_str().into());
            tx.run(ADD_TEXT, &[version.as_str().into(), language, title, html])?;
        }
        Ok(())
    });
    // A thread of its own, because whoever opens an installation may already be inside a runtime.
    std::thread::scope(|scope| {
        let done = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let runtime = runtime.map_err(|fault| Fault::broken(format!("no runtime: {fault}")))?;
            runtime.block_on(async {
                if !look.await? {
                    refuse_left_out(vault).await?;
                }
                write.await
            })
        });
        done.join()
            .unwrap_or_else(|_| Err(Fault::broken("publishing the statement panicked")))
    })
}

/// Whether a version's number can stand in an address.
pub fn is_addressable(version: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    version.bytes().all(is_plain)
}

/// What a statement does not name is not swept nor copied, and it would not be true: a category leaves after its last row.
async fn refuse_left_out(vault: &Vault) -> Result<(), Fault> {
    let left_out = vault.left_out().await?;
    if left_out.is_empty() {
        return Ok(());
    }
    Err(Fault::broken(format!(
        "the statement leaves out {}, of which data are still kept here: nothing would remove them in time. Name the category \
         with its term until the last of them has gone",
        left_out.join(", ")
    )))
}

/// Whether this is the version in force, to the letter.
fn is_in_force(published: &[Published], version: &str, source: &str) -> Result<bool, Fault> {
    let Some(place) = published.iter().position(|one| one.version == version) else {
        return Ok(false);
    };
    let [newest, ..] = published else {
        return Ok(false);
    };
    if published[place].source != source {
        return Err(Fault::broken(format!(
            "the statement says something else than version {version} that was published: give it a new `versie`"
        )));
    }
    if place != 0 {
        return Err(Fault::broken(format!(
            "version {version} of the statement was followed by {}: give it a new `versie`",
            newest.version
        )));
    }
    Ok(true)
}

/// Every version, the newest first.
pub(super) fn all(tx: &mut ReadTx<'_>) -> Result<Vec<Published>, Fault> {
    let read = |row: &Row<'_>| {
        Ok(Published {
            version: row.text(0)?.to_owned(),
            from: row.moment(1)?,
            until: None,
            source: row.text(2)?.to_owned(),
        })
    };
    let mut published = tx.query(ALL, &[], read)?;
    for place in 1..published.len() {
        published[place].until = Some(published[place - 1].from);
    }
    Ok(published)
}

/// A version in one of these languages, the first that it has.
pub(super) fn text(
    tx: &mut ReadTx<'_>,
    version: &str,
    languages: &[&'static str],
) -> Result<Option<AsPublished>, Fault> {
    for language in languages {
        let read = |row: &Row<'_>| {
            Ok(AsPublished {
                title: row.text(0)?.to_owned(),
                html: row.text(1)?.to_owned(),
            })
        };
        let found = tx.query_opt(TEXT, &[version.into(), (*language).into()], read)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// How they are read.
pub(crate) fn reading(vault: &Vault) -> Processing {
    Processing::upkeep(PUBLISH, Trace::new(vault.ids()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(version: &str, source: &str) -> Published {
        Published {
            version: version.to_owned(),
            from: Moment::from_micros(0),
            until: None,
            source: source.to_owned(),
        }
    }

    #[test]
    fn a_version_is_new_or_in_force_and_never_says_something_else() {
        let known = [published("2", "b"), published("1", "a")];
        assert_eq!(is_in_force(&[], "1", "a").ok(), Some(false));
        assert_eq!(is_in_force(&known, "3", "b").ok(), Some(false));
        assert_eq!(is_in_force(&known, "2", "b").ok(), Some(true));
        for (version, source) in [("2", "c"), ("1", "a"), ("1", "c")] {
            assert!(is_in_force(&known, version, source).is_err(), "{version}");
        }
    }
}
