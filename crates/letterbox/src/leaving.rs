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
/// Letters looked through at once for those that leave soon.
pub(crate) const LOOKED_AT: usize = 64;
/// Told of above the list; the others on a page of their own.
const MOST: usize = 5;

/// A letter that leaves soon.
pub(crate) struct Leaving {
    pub(crate) link: String,
    pub(crate) title: String,
    pub(crate) datetime: String,
    pub(crate) date: String,
    pub(crate) attachments: i64,
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

/// Where the oldest letter of anybody may begin.
pub(crate) fn first() -> MessageId {
    MessageId::from_uuid(Uuid::nil())
}

/// The oldest letters of the person between these ids.
pub(crate) fn find(
    tx: &mut ReadTx<'_>,
    above: MessageId,
    below: MessageId,
) -> Result<Vec<Listed>, Fault> {
    messages::list_oldest(tx, above, below, LOOKED_AT as i64)
}

/// The first few of what is told of these letters.
pub(crate) fn show_first(
    shell: &Shell,
    vault: &Vault,
    letters: &[Listed],
    now: Moment,
) -> Vec<Leaving> {
    let mut told = show(shell, vault, letters, now);
    told.truncate(MOST);
    told
}

/// What is told of these letters, the first to leave first.
pub(crate) fn show(shell: &Shell, vault: &Vault, letters: &[Listed], now: Moment) -> Vec<Leaving> {
    let (language, zone) = (shell.language, shell.site.time_zone());
    let mut leaving: Vec<(Moment, &Listed)> = letters
        .iter()
        .filter_map(|letter| Some((leaves_at(vault, letter.published_at, now)?, letter)))
        .collect();
    leaving.sort_by_key(|(at, letter)| (*at, letter.message));
    let told = leaving.into_iter().map(|(at, letter)| Leaving {
        link: shell.link(&format!("/berichten/{}", letter.message)),
        title: letter.title.clone(),
        datetime: language.iso(at, zone),
        date: language.date(at, zone),
        attachments: letter.attachment_count,
    });
    told.collect()
}
