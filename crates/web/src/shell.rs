//! What stands around every page: language, title, header, navigation, language switch, footer.

use askama::Template;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use basics::Fault;
use language::{Language, Texts, texts};

use crate::app_notice::{self, APP_NOTICE_PATH};
use crate::assets::{LOGO_PATH, STYLES_PATH};
use crate::choice::with_language;
use crate::{
    AppFacts, CSRF_FIELD, ChosenLanguage, MaybeVisitor, NavItem, STAY_PATH, SessionEnd, Site,
    Unjoined, Visitor,
};

/// What a page needs besides its own content. An extractor.
#[derive(Clone, Debug)]
pub struct Shell {
    pub site: Site,
    pub language: Language,
    pub visitor: Option<Visitor>,
    /// Path of the page, without query.
    pub path: String,
    query: String,
    carries_language: bool,
    tells_of_app: bool,
}

impl Shell {
    pub(crate) fn of(site: Site, uri: &Uri, headers: &HeaderMap, visitor: Option<Visitor>) -> Self {
        let choice = ChosenLanguage::of(&site, uri, headers);
        let tells_of_app = app_notice::is_due(&site, headers);
        Self {
            site,
            language: choice.language,
            visitor,
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            carries_language: choice.explicit,
            tells_of_app,
        }
    }

    /// Every word in this language.
    pub fn texts(&self) -> &'static Texts {
        texts(self.language)
    }

    /// A path of ours, with the language along when the visitor chose one by hand: no cookie remembers it. Use it
    /// for every link, form and redirect of a page.
    pub fn link(&self, path: &str) -> String {
        if self.carries_language {
            with_language(path, self.language)
        } else {
            path.to_owned()
        }
    }

    /// For a page that is answered at one address and belongs at another, such as one whose query is spent: the
    /// language switch leads to this path of ours, and nothing of the query goes along.
    pub fn standing_at(self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            query: String::new(),
            ..self
        }
    }

    /// The language that the visitor chose by hand, for a form that is sent by its address alone: its action keeps no query.
    pub fn carried_language(&self) -> Option<&'static str> {
        self.carries_language.then(|| self.language.tag())
    }

    /// Name of the hidden field and its value that every form of a logged-in visitor carries.
    pub fn csrf(&self) -> Option<(&'static str, &str)> {
        self.visitor
            .as_ref()
            .map(|visitor| (CSRF_FIELD, visitor.csrf.as_str()))
    }

    /// The app, on a page that tells of it.
    fn app(&self) -> Option<&AppFacts> {
        self.site.app().filter(|_| self.tells_of_app)
    }

    /// This page, to come back to.
    fn here(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }

    /// When this visitor is logged out by themselves, in words and for `<time datetime>`.
    fn ending(&self) -> Option<Ending> {
        let end = self.visitor.as_ref()?.ends;
        let zone = self.site.time_zone();
        Some(Ending {
            end,
            time: self.language.time(end.at, zone),
            datetime: self.language.iso(end.at, zone),
        })
    }

    fn in_language(&self, language: &Language) -> String {
        let rest: Vec<&str> = self
            .query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("taal="))
            .collect();
        // Only the path: `//host` would be another site's address.
        let path = format!("/{}", self.path.trim_start_matches('/'));
        with_language(
            &if rest.is_empty() {
                path
            } else {
                format!("{path}?{}", rest.join("&"))
            },
            *language,
        )
    }

    fn label(&self, item: &NavItem) -> &'static str {
        (item.label)(self.language)
    }

    fn is_here(&self, item: &NavItem) -> bool {
        self.path == item.path
            || self
                .path
                .strip_prefix(item.path)
                .is_some_and(|rest| rest.starts_with('/'))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Shell {
    type Rejection = Unjoined;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Unjoined> {
        let site = parts
            .extensions
            .get::<Site>()
            .cloned()
            .ok_or(Unjoined("web::pages"))?;
        let Ok(MaybeVisitor(visitor)) = MaybeVisitor::from_request_parts(parts, state).await;
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |original| &original.0);
        Ok(Self::of(site, uri, &parts.headers, visitor))
    }
}

/// A whole page around the main part that a room made. `title` is the page's own; the site's name comes behind it.
pub fn page(shell: &Shell, title: &str, main: &impl Template) -> Result<Response, Fault> {
    page_with_status(StatusCode::OK, shell, title, main)
}

/// As [`page`], for a form that comes back with its faults and the like.
pub fn page_with_status(
    status: StatusCode,
    shell: &Shell,
    title: &str,
    main: &impl Template,
) -> Result<Response, Fault> {
    let main = rendered(shell, main)?;
    let whole = Layout {
        shell,
        title,
        main: &main,
    };
    let whole = rendered(shell, &whole)?;
    let leads_to_login = LeadsToLogin::has_form(&whole);
    let mut response = (status, Html(whole)).into_response();
    if leads_to_login {
        response.extensions_mut().insert(LeadsToLogin);
    }
    Ok(response)
}

/// On the response of a page with a form that logs in or out, which may end at the login provider.
#[derive(Clone)]
pub(crate) struct LeadsToLogin;

impl LeadsToLogin {
    /// Looks at the page itself, so that no page with such a form can forget to say so.
    fn has_form(page: &str) -> bool {
        ["action=\"/inloggen", "action=\"/uitloggen"]
            .iter()
            .any(|form| page.contains(form))
    }
}

/// A page that is meant for paper: whose it is and the main part, nothing else.
pub fn paper(shell: &Shell, title: &str, main: &impl Template) -> Result<Response, Fault> {
    let main = rendered(shell, main)?;
    let whole = Paper {
        shell,
        title,
        main: &main,
    };
    Ok(Html(rendered(shell, &whole)?).into_response())
}

fn rendered(shell: &Shell, template: &impl Template) -> Result<String, Fault> {
    template
        .render()
        .map_err(|why| Fault::broken(format!("rendering the page `{}`: {why}", shell.path)))
}

struct Ending {
    end: SessionEnd,
    time: String,
    datetime: String,
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a> {
    shell: &'a Shell,
    title: &'a str,
    main: &'a str,
}

#[derive(Template)]
#[template(path = "paper.html")]
struct Paper<'a> {
    shell: &'a Shell,
    title: &'a str,
    main: &'a str,
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use basics::{Ids, Moment, SubjectId};

    use super::*;
    use crate::SiteFacts;
    use crate::site::tests::facts;

    #[derive(Template)]
    #[template(source = "<h1>{{ text }}</h1>", ext = "html")]
    struct Main<'a> {
        text: &'a str,
    }

    pub(crate) fn visitor() -> Visitor {
        let ids = Ids::seeded(7);
        Visitor {
            subject: SubjectId::random(&ids),
            session: ids.random(),
            csrf: "0123abcd".to_owned(),
            ends: SessionEnd {
                at: Moment::from_micros(1_795_182_300_000_000),
                left: Duration::from_secs(15 * 60),
                can_be_put_off: true,
            },
        }
    }

    fn shell(uri: &str, visitor: Option<Visitor>) -> Shell {
        Shell::of(
            Site::new(facts()).unwrap(),
            &uri.parse().unwrap(),
            &HeaderMap::new(),
            visitor,
        )
    }

    fn rendered(shell: &Shell) -> String {
        Layout {
            shell,
            title: "Berichten",
            main: &Main { text: "<b>" }.render().unwrap(),
        }
        .render()
        .unwrap()
    }

    #[test]
    fn a_chosen_language_goes_along_with_every_link() {
        assert_eq!(shell("/", None).link("/berichten"), "/berichten");
        let chosen = shell("/berichten?cursor=a&taal=en", None);
        assert_eq!(
            chosen.link("/berichten?cursor=b"),
            "/berichten?cursor=b&taal=en"
        );
        assert_eq!(
            chosen.in_language(&Language::Pap),
            "/berichten?cursor=a&taal=pap"
        );
        assert!(rendered(&chosen).contains("<html lang=\"en\">"));
    }

    #[test]
    fn the_language_switch_never_leads_elsewhere() {
        assert_eq!(
            shell("//evil.example/a", None).in_language(&Language::En),
            "/evil.example/a?taal=en"
        );
    }

    #[test]
    fn a_page_that_belongs_elsewhere_keeps_its_query_to_itself() {
        let chosen = shell("/inloggen/terug?code=geheim&taal=en", None).standing_at("/inloggen");
        assert_eq!(chosen.in_language(&Language::Nl), "/inloggen?taal=nl");
        assert_eq!(chosen.link("/berichten"), "/berichten?taal=en");
    }

    #[test]
    fn only_a_visitor_sees_the_navigation_and_may_log_out() {
        let stranger = rendered(&shell("/", None));
        assert!(!stranger.contains("/uitloggen") && !stranger.contains("href=\"/berichten\""));
        let known = rendered(&shell("/berichten/5", Some(visitor())));
        assert!(
            known.contains("name=\"csrf\" value=\"0123abcd\"") && known.contains("aria-current")
        );
    }

    #[test]
    fn a_logout_that_is_not_offered_has_no_button() {
        let facts = SiteFacts {
            can_log_out: false,
            ..facts()
        };
        let mut shell = shell("/", Some(visitor()));
        shell.site = Site::new(facts).unwrap();
        let page = rendered(&shell);
        assert!(page.contains("href=\"/berichten\"") && !page.contains("/uitloggen"));
    }

    #[test]
    fn cn_52_who_is_logged_in_reads_when_that_ends_and_how_to_stay() {
        let mut visitor = visitor();
        let page = rendered(&shell("/", Some(visitor.clone())));
        assert!(
            page.contains("class=\"postbus-ending postbus-wait-60 postbus-wait-240 postbus-wait-480\" role=\"status\"")
                && page.contains("<time datetime=\"2026-11-20T14:45:00+01:00\">14.45 uur</time>")
                && page.contains("href=\"/sessie\" target=\"_blank\""),
            "{page}"
        );
        visitor.ends.can_be_put_off = false;
        let page = rendered(&shell("/", Some(visitor)));
        assert!(
            page.contains("14.45 uur") && !page.contains("/sessie"),
            "{page}"
        );
        assert!(!rendered(&shell("/", None)).contains("role=\"status\""));
    }

    #[test]
    fn a_page_holds_no_script_and_no_style_of_its_own() {
        let page = rendered(&shell("/", Some(visitor())));
        assert!(!page.contains("<script") && !page.contains("style=") && !page.contains("<style"));
        assert!(page.contains("<h1>&#60;b&#62;</h1>"));
    }
}
