//! Which language a page is in: `?taal=`, else what the browser asks for, else the site's own. No cookie.

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};

use language::Language;

use crate::{Site, Unjoined};

/// The language of this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChosenLanguage {
    pub language: Language,
    /// Whether the visitor chose it with `?taal=`; then our links carry it along.
    pub explicit: bool,
}

impl ChosenLanguage {
    pub(crate) fn of(site: &Site, uri: &Uri, headers: &HeaderMap) -> Self {
        let chosen = asked_for(uri).filter(|language| site.languages().contains(language));
        match chosen {
            Some(language) => Self {
                language,
                explicit: true,
            },
            None => {
                let asked = headers
                    .get(ACCEPT_LANGUAGE)
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or_default();
                Self {
                    language: Language::accept(asked, site.languages())
                        .unwrap_or(site.default_language()),
                    explicit: false,
                }
            }
        }
    }
}

/// The language that `?taal=` names, offered here or not.
pub(crate) fn asked_for(uri: &Uri) -> Option<Language> {
    uri.query()?
        .split('&')
        .find_map(|pair| Language::from_tag(pair.strip_prefix("taal=")?))
}

/// The path with `taal=` behind it.
pub(crate) fn with_language(path: &str, language: Language) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}taal={}", language.tag())
}

impl<S: Send + Sync> FromRequestParts<S> for ChosenLanguage {
    type Rejection = Unjoined;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Unjoined> {
        let site = parts
            .extensions
            .get::<Site>()
            .ok_or(Unjoined("web::pages"))?;
        Ok(Self::of(site, &parts.uri, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::tests::facts;

    fn choose(uri: &str, asked: &str) -> ChosenLanguage {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, asked.parse().unwrap());
        ChosenLanguage::of(
            &Site::new(facts()).unwrap(),
            &uri.parse().unwrap(),
            &headers,
        )
    }

    #[test]
    fn the_query_beats_the_browser_beats_the_site() {
        assert_eq!(
            choose("/?taal=pap", "en"),
            ChosenLanguage {
                language: Language::Pap,
                explicit: true
            }
        );
        assert_eq!(
            choose("/", "fr, en-GB;q=0.5, nl;q=0.4").language,
            Language::En
        );
        assert_eq!(choose("/", "fr").language, Language::Nl);
        assert_eq!(choose("/?taal=de", "").language, Language::Nl);
        assert_eq!(choose("/?taal=de", "pap").language, Language::Pap);
    }
}
