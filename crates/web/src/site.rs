//! What every page of one installation needs to know. One process may hold several, so nothing here is static.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Uri;
use basics::Fault;
use language::Language;

use crate::Proxies;

/// The last part of the name of the session cookie, as a statement declares it.
pub const SESSION_COOKIE: &str = "sessie";
/// The same of the cookie that lives while someone logs in.
pub const LOGIN_COOKIE: &str = "inlogpoging";

/// The facts of an installation that its pages rest on, as its configuration and statement give them.
#[derive(Clone, Debug)]
pub struct SiteFacts {
    /// Short name in kebab-case, such as `mijncn`; part of the names of cookies.
    pub name: String,
    /// The name a visitor sees, such as `MijnCN`.
    pub title: String,
    /// Who answers for it (verwerkingsverantwoordelijke); stands in the footer.
    pub controller: String,
    pub default_language: Language,
    /// In the order in which they are offered; holds the default.
    pub languages: Vec<Language>,
    /// IANA name, such as `America/Kralendijk`.
    pub time_zone: String,
    /// Where visitors reach it, without a path: `https://post.example.nl`.
    pub base_url: String,
    pub cookies: Cookies,
    /// Origin of the login provider, such as `https://login.example.nl`: a form may end there after a redirect.
    pub login_origin: Option<String>,
    /// Whether the statement lets visitors log out by themselves.
    pub can_log_out: bool,
    /// For who is logged in.
    pub navigation: Vec<NavItem>,
    /// For everyone, in the footer.
    pub footer: Vec<NavItem>,
    /// Told to who comes with a phone.
    pub app: Option<AppFacts>,
    /// Whose word on a visitor's address is taken.
    pub proxies: Proxies,
}

/// The app beside the site (MO-47, CN-53).
#[derive(Clone, Debug)]
pub struct AppFacts {
    pub name: String,
    /// Where it is to be had: https.
    pub link: String,
    /// How long the notice stays away once it is taken away; the statement says so.
    pub silent_for: Duration,
}

/// How cookies are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookies {
    /// `__Host-` and `Secure`.
    Secure,
    /// Neither: not every client sends such cookies back over plain HTTP to loopback.
    PlainLoopback,
}

/// A place to go, with its name in each language.
#[derive(Clone, Debug)]
pub struct NavItem {
    pub path: &'static str,
    pub label: fn(Language) -> &'static str,
}

/// An installation as its pages see it; cheap to clone.
#[derive(Clone, Debug)]
pub struct Site(Arc<Checked>);

#[derive(Debug)]
struct Checked {
    facts: SiteFacts,
    origin: String,
    https: bool,
}

impl Site {
    /// Refuses facts that contradict themselves, in words for whoever configures the installation.
    pub fn new(facts: SiteFacts) -> Result<Self, Fault> {
        let refuse = |what: String| {
            Err(Fault::broken(what).while_doing(format!("setting up the site `{}`", facts.name)))
        };
        let kebab = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if facts.name.is_empty() || !facts.name.bytes().all(kebab) {
            return refuse(
                "the name must be kebab-case: letters a-z, digits and hyphens".to_owned(),
            );
        }
        if !facts.languages.contains(&facts.default_language) {
            return refuse("the default language is not among the languages offered".to_owned());
        }
        if !language::is_time_zone(&facts.time_zone) {
            return refuse(format!(
                "`{}` is not a time zone of the IANA database",
                facts.time_zone
            ));
        }
        let Some(origin) = bare_origin(&facts.base_url) else {
            return refuse(format!(
                "`{}` is not a base URL such as https://post.example.nl, without a path",
                facts.base_url
            ));
        };
        let https = origin.starts_with("https:");
        let loopback = is_loopback(&facts.base_url);
        if !https && !loopback {
            return refuse(format!(
                "`{origin}` must be https; plain http is for loopback only"
            ));
        }
        if facts.cookies == Cookies::PlainLoopback && !loopback {
            return refuse("cookies without Secure are for loopback only".to_owned());
        }
        if let Some(login) = &facts.login_origin
            && bare_origin(login).is_none()
        {
            return refuse(format!("`{login}` is not the origin of a login provider"));
        }
        if let Some(app) = &facts.app
            && !app.link.starts_with("https://")
        {
            return refuse(format!("`{}` is no https link to the app", app.link));
        }
        Ok(Self(Arc::new(Checked {
            facts,
            origin,
            https,
        })))
    }

    pub fn name(&self) -> &str {
        &self.0.facts.name
    }
    pub fn title(&self) -> &str {
        &self.0.facts.title
    }
    pub fn controller(&self) -> &str {
        &self.0.facts.controller
    }
    pub fn default_language(&self) -> Language {
        self.0.facts.default_language
    }
    pub fn languages(&self) -> &[Language] {
        &self.0.facts.languages
    }
    pub fn time_zone(&self) -> &str {
        &self.0.facts.time_zone
    }
    /// Scheme, host and port, as a browser's `Origin` header says it.
    pub fn origin(&self) -> &str {
        &self.0.origin
    }
    /// The origin with a path of ours behind it.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0.origin)
    }
    pub fn https(&self) -> bool {
        self.0.https
    }
    pub fn login_origin(&self) -> Option<&str> {
        self.0.facts.login_origin.as_deref()
    }
    pub fn can_log_out(&self) -> bool {
        self.0.facts.can_log_out
    }
    pub fn navigation(&self) -> &[NavItem] {
        &self.0.facts.navigation
    }
    pub fn footer(&self) -> &[NavItem] {
        &self.0.facts.footer
    }

    pub fn app(&self) -> Option<&AppFacts> {
        self.0.facts.app.as_ref()
    }

    pub(crate) fn proxies(&self) -> &Proxies {
        &self.0.facts.proxies
    }

    pub fn cookies(&self) -> Cookies {
        self.0.facts.cookies
    }
    /// The name of the session cookie.
    pub fn session_cookie(&self) -> String {
        self.cookie(SESSION_COOKIE)
    }
    /// The name of the cookie that lives while someone logs in.
    pub fn login_cookie(&self) -> String {
        self.cookie(LOGIN_COOKIE)
    }
    /// The name of the cookie that keeps the notice about the app away.
    pub fn app_cookie(&self) -> String {
        self.cookie("appmelding")
    }
    /// What stands behind every `name=value` in Set-Cookie: HttpOnly, Lax (Strict breaks the return from the
    /// login provider) and, unless on plain loopback, Secure. No Max-Age: gone when the browser closes
    /// at the latest.
    pub fn cookie_attributes(&self) -> &'static str {
        match self.cookies() {
            Cookies::Secure => "Path=/; HttpOnly; SameSite=Lax; Secure",
            Cookies::PlainLoopback => "Path=/; HttpOnly; SameSite=Lax",
        }
    }

    fn cookie(&self, what: &str) -> String {
        let prefix = if self.cookies() == Cookies::Secure {
            "__Host-"
        } else {
            ""
        };
        format!("{prefix}{}-{what}", self.name())
    }
}

/// Scheme, host and port of an http or https URL, spelled as a browser's `Origin` header does.
pub fn origin_of(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let usual_port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    if authority.as_str().contains('@') {
        return None;
    }
    let host = authority.host().to_ascii_lowercase();
    Some(match authority.port_u16() {
        Some(port) if port != usual_port => format!("{scheme}://{host}:{port}"),
        _ => format!("{scheme}://{host}"),
    })
}

/// The origin of a URL that has no more than that.
fn bare_origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    (matches!(uri.path(), "" | "/") && uri.query().is_none())
        .then(|| origin_of(url))
        .flatten()
}

fn is_loopback(url: &str) -> bool {
    let host = url
        .parse::<Uri>()
        .ok()
        .and_then(|uri| uri.host().map(str::to_owned))
        .unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost"
        || bare.ends_with(".localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn facts() -> SiteFacts {
        SiteFacts {
            name: "mijnpost".to_owned(),
            title: "MijnPost".to_owned(),
            controller: "Ministerie van Voorbeelden".to_owned(),
            default_language: Language::Nl,
            languages: vec![Language::Nl, Language::En, Language::Pap],
            time_zone: "Europe/Amsterdam".to_owned(),
            base_url: "https://post.example.nl/".to_owned(),
            cookies: Cookies::Secure,
            login_origin: Some("https://login.example.nl".to_owned()),
            can_log_out: true,
            navigation: vec![NavItem {
                path: "/berichten",
                label: |_| "Berichten",
            }],
            footer: vec![NavItem {
                path: "/privacy",
                label: |_| "Privacy",
            }],
            app: None,
            proxies: Proxies::default(),
        }
    }

    #[test]
    fn cookies_carry_the_host_prefix_except_on_plain_loopback() {
        let site = Site::new(facts()).unwrap();
        assert_eq!(site.session_cookie(), "__Host-mijnpost-sessie");
        assert!(site.cookie_attributes().contains("Secure"));
        let plain = SiteFacts {
            base_url: "http://127.0.0.1:8080".to_owned(),
            cookies: Cookies::PlainLoopback,
            ..facts()
        };
        let site = Site::new(plain).unwrap();
        assert_eq!(site.login_cookie(), "mijnpost-inlogpoging");
        assert!(!site.cookie_attributes().contains("Secure"));
    }

    #[test]
    fn mo_46_cookies_are_gone_when_the_browser_closes() {
        let site = Site::new(facts()).unwrap();
        assert!(
            !site.cookie_attributes().contains("Max-Age")
                && !site.cookie_attributes().contains("Expires")
        );
    }

    #[test]
    fn facts_that_contradict_themselves_are_refused() {
        let broken = [
            SiteFacts {
                name: "Mijn Post".to_owned(),
                ..facts()
            },
            SiteFacts {
                languages: vec![Language::En],
                ..facts()
            },
            SiteFacts {
                time_zone: "Europe/Nergens".to_owned(),
                ..facts()
            },
            SiteFacts {
                base_url: "http://post.example.nl".to_owned(),
                ..facts()
            },
            SiteFacts {
                base_url: "https://post.example.nl/pad".to_owned(),
                ..facts()
            },
            SiteFacts {
                cookies: Cookies::PlainLoopback,
                ..facts()
            },
            SiteFacts {
                login_origin: Some("login".to_owned()),
                ..facts()
            },
            SiteFacts {
                app: Some(AppFacts {
                    name: "Berichtenbox".to_owned(),
                    link: "javascript:alert(1)".to_owned(),
                    silent_for: Duration::from_secs(1),
                }),
                ..facts()
            },
        ];
        for facts in broken {
            assert!(Site::new(facts.clone()).is_err(), "{facts:?}");
        }
    }

    #[test]
    fn the_origin_is_spelled_as_browsers_do() {
        for (url, origin) in [
            ("https://Post.Example.nl:443/", "https://post.example.nl"),
            (
                "https://login.example.nl/realms/a?b",
                "https://login.example.nl",
            ),
            ("http://localhost:8080", "http://localhost:8080"),
        ] {
            assert_eq!(origin_of(url).as_deref(), Some(origin));
        }
        for none in ["login", "ftp://example.nl", "https://a@example.nl/"] {
            assert_eq!(origin_of(none), None, "{none}");
        }
    }
}
