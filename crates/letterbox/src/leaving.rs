//! Letters whose time is nearly over: their person is told thirty days before, and can download them.

use std::time::Duration;

use basics::{Fault, Moment, uuid::Uuid};
use vault::{ReadTx, Vault};
use web::Shell;

use crate::message::{Listed, MessageId};
use crate::messages;

/// The category whose term says how long a letter is kept.
const LETTER: &str = "bericht";
/// So long before the end its person is told.
const TOLD_BEFORE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Letters looked through for those that leave soon, and told of at once.
const LOOKED_AT: i64 = 64;
const MOST: usize = 5;

/// A letter that leaves soon.
pub(crate) struct Leaving {
    pub(crate) link: String,
    pub(crate) title: String,
    pub(crate) datetime: String,
    pub(crate) date: String,
}

/// When a letter leaves, where that is soon.
pub(crate) fn leaves_at(vault: &Vault, published_at: Moment, now: Moment) -> Option<Moment> {
    vault.ends_by(LETTER, published_at, now.plus(TOLD_BEFORE))
}

/// Below this id are all letters that may leave soon; none when there cannot be any.
pub(crate) fn oldest_below(vault: &Vault) -> Option<MessageId> {
    let soon = vault.clock().now().plus(TOLD_BEFORE);
    let began = vault.began_before(LETTER, soon)?;
    let millis = u64::try_from(began.millis()).ok()?;
    Some(MessageId::from_uuid(Uuid::from_u128(
        u128::from(millis) << 80,
    )))
}

/// The oldest letters of the person, below this id.
pub(crate) fn find(tx: &mut ReadTx<'_>, below: MessageId) -> Result<Vec<Listed>, Fault> {
    messages::list_oldest(tx, below, LOOKED_AT)
}

/// What is told of these letters, the first to leave first.
pub(crate) fn show(shell: &Shell, vault: &Vault, letters: &[Listed], now: Moment) -> Vec<Leaving> {
    let (language, zone) = (shell.language, shell.site.time_zone());
    let mut leaving: Vec<(Moment, &Listed)> = letters
        .iter()
        .filter_map(|letter| Some((leaves_at(vault, letter.published_at, now)?, letter)))
        .collect();
    leaving.sort_by_key(|(at, letter)| (*at, letter.message));
    leaving.truncate(MOST);
    let told = leaving.into_iter().map(|(at, letter)| Leaving {
        link: shell.link(&format!("/berichten/{}", letter.message)),
        title: letter.title.clone(),
        datetime: language.iso(at, zone),
        date: language.date(at, zone),
    });
    told.collect()
}
