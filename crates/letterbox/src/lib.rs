//! The letterbox: letters from authorities to one person, and from whom that person wants them. `message.rs` the rules,
//! `messages.rs`, `preferences.rs` and `orphans.rs` the SQL, `events.rs` what others hear, `folder.rs`, `moving.rs`,
//! `reading.rs`, `attachment.rs`, `choosing.rs` and `gone.rs` the pages, `row.rs`, `unread.rs` and `leaving.rs` parts of them, `saving.rs` a letter as a file, `taking_along.rs` all that
//! leave soon, `news.rs` a piece of the
//! home page, `markdown.rs` and `link.rs` a letter's text as HTML.

mod attachment;
mod choosing;
mod events;
mod folder;
mod gone;
mod leaving;
mod link;
mod markdown;
mod message;
mod messages;
mod moving;
mod news;
mod orphans;
mod preferences;
mod reading;
mod row;
mod saving;
mod taking_along;
#[cfg(test)]
mod tests;
mod unread;

use axum::Router;
use axum::routing::get;
use basics::{Activity, Trace};
use vault::{Processing, RoomSchema, Vault};
use web::{NavItem, Visitor, texts};

use message::Folder;
use moving::Move;
use reading::Medium;

pub use events::{Arrived, Listener, Listeners, Preferred, Read};
pub use message::{AttachmentId, LanguageTag, MessageId, NewAttachment, NewMessage};
pub use messages::{archive, bin, deliver, read, restore, unarchive};
pub use news::{News, find_news};
pub use orphans::sweep_orphans;
pub use preferences::{set_preference, wants_post_from};

pub const SCHEMA: RoomSchema = RoomSchema {
    room: "letterbox",
    sql: include_str!("schema.sql"),
    changes: &[],
};

pub const LIST_MESSAGES: Activity = Activity("berichten-bekijken");
pub const READ_MESSAGE: Activity = Activity("bericht-lezen");
pub const OPEN_ATTACHMENT: Activity = Activity("bijlage-openen");
pub const ARCHIVE_MESSAGES: Activity = Activity("bericht-archiveren");
pub const BIN_MESSAGES: Activity = Activity("bericht-weggooien");
pub const SEE_PREFERENCES: Activity = Activity("berichtvoorkeuren-bekijken");
pub const CHANGE_PREFERENCE: Activity = Activity("berichtvoorkeur-wijzigen");
pub const SWEEP_ATTACHMENTS: Activity = Activity("bijlagen-opruimen");

/// The pages' state; cheap to clone.
#[derive(Clone)]
pub struct Letterbox {
    vault: Vault,
    listeners: Listeners,
}

impl Letterbox {
    pub fn new(vault: Vault, listeners: Listeners) -> Self {
        Self { vault, listeners }
    }
}

/// The pages that the statement names, for inside `web::pages`.
pub fn routes(letterbox: Letterbox) -> Router {
    let vault = &letterbox.vault;
    let mut router = Router::new();
    if vault.offers(LIST_MESSAGES) {
        for folder in Folder::ALL {
            if folder::is_offered(folder, vault) {
                router = router.route(folder.path(), folder::list(folder));
            }
        }
    }
    if vault.offers(READ_MESSAGE) {
        router = router
            .route("/berichten/{message}", reading::letter(Medium::Screen))
            .route(
                "/berichten/{message}/afdruk",
                reading::letter(Medium::Paper),
            )
            .route(
                "/berichten/{message}/download",
                reading::letter(Medium::File),
            );
    }
    if taking_along::is_offered(vault) {
        router = router
            .route(taking_along::PATH, get(taking_along::list))
            .route(taking_along::FILE_PATH, taking_along::file());
    }
    for how in Move::ALL {
        if vault.offers(how.activity()) {
            router = router
                .route(&format!("/berichten{}", how.path()), moving::many(how))
                .route(
                    &format!("/berichten/{{message}}{}", how.path()),
                    moving::one(how),
                );
        }
    }
    if vault.offers(OPEN_ATTACHMENT) {
        router = router.route(
            "/berichten/{message}/bijlagen/{attachment}",
            get(attachment::attachment),
        );
    }
    if vault.offers(SEE_PREFERENCES) && vault.offers(CHANGE_PREFERENCE) {
        router = router.route(
            choosing::PATH,
            get(choosing::choices).post(choosing::choose),
        );
    }
    router.with_state(letterbox)
}

/// The way to what a person chooses, in the main menu, where the statement names it.
pub fn preferences_nav_item(vault: &Vault) -> Option<NavItem> {
    let item = NavItem {
        path: choosing::PATH,
        label: |language| texts(language).letterbox.choices_title,
    };
    (vault.offers(SEE_PREFERENCES) && vault.offers(CHANGE_PREFERENCE)).then_some(item)
}

/// The way to the list in the main menu, where the statement names it.
pub fn nav_item(vault: &Vault) -> Option<NavItem> {
    let item = NavItem {
        path: "/berichten",
        label: |language| texts(language).letterbox.title,
    };
    vault.offers(LIST_MESSAGES).then_some(item)
}

/// What visitors do on these pages they do to their own data.
fn of_visitor(visitor: &Visitor, activity: Activity, trace: Trace) -> Processing {
    let subject = visitor.subject;
    Processing::own(activity, subject, trace)
}
