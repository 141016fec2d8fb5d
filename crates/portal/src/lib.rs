//! What belongs to the whole site: `home.rs` its first page, `accessibility.rs` the accessibility statement, `app_notice.rs`
//! taking away the notice about the app, `robots.rs` and `security_txt.rs` what machines look for.

mod accessibility;
mod app_notice;
mod home;
mod robots;
mod security_txt;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use basics::Fault;
use vault::Vault;
use web::{NavItem, Site, texts};

/// Whom to turn to, as the operator configures it. A URL is `mailto:`, `tel:` or `https:`.
#[derive(Clone, Debug, Default)]
pub struct Contacts {
    /// For who cannot use a page.
    pub helpdesk: Option<String>,
    /// For who found a weakness; without it there is no security.txt.
    pub security: Option<String>,
}

/// The pages' state; cheap to clone.
#[derive(Clone)]
pub struct Portal {
    vault: Vault,
    site: Site,
    contacts: Arc<Contacts>,
}

impl Portal {
    /// Errors: a contact that is no `mailto:`, `tel:` or `https:`.
    pub fn new(vault: Vault, site: Site, contacts: Contacts) -> Result<Self, Fault> {
        let urls = [&contacts.helpdesk, &contacts.security];
        for url in urls.into_iter().flatten() {
            let known = ["mailto:", "tel:", "https://"];
            if !known.iter().any(|scheme| url.starts_with(scheme))
                || !url.bytes().all(|byte| byte.is_ascii_graphic())
            {
                return Err(Fault::broken(format!(
                    "`{url}` is no contact: it begins with mailto:, tel: or https://"
                )));
            }
        }
        Ok(Self {
            vault,
            site,
            contacts: Arc::new(contacts),
        })
    }
}

/// The pages, for inside `web::pages`.
pub fn routes(portal: Portal) -> Router {
    let mut router = Router::new()
        .route("/", get(home::home))
        .route(accessibility::PATH, get(accessibility::accessibility));
    if portal.site.app().is_some() {
        router = router.route(web::APP_NOTICE_PATH, post(app_notice::take_away));
    }
    router.with_state(portal)
}

/// Plain files at fixed places, for beside `web::pages`.
pub fn files(portal: Portal) -> Router {
    let mut router = Router::new().route("/robots.txt", get(robots::robots));
    if portal.contacts.security.is_some() {
        router = router.route(security_txt::PATH, get(security_txt::security_txt));
    }
    router.with_state(portal)
}

/// The way to the first page, for the main menu.
pub fn nav_item() -> NavItem {
    NavItem {
        path: "/",
        label: |language| texts(language).portal.home,
    }
}

/// The way to the accessibility statement, for the footer.
pub fn footer_item() -> NavItem {
    NavItem {
        path: accessibility::PATH,
        label: |language| texts(language).portal.accessibility_title,
    }
}
