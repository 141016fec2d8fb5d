//! Where a link in a letter may go: https with a plain host, or a plain e-mail address. Everything else stays text.

use pulldown_cmark::LinkType;

/// A place that a link may go, and how the reader is shown it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub href: String,
    /// The host or the e-mail address.
    pub shown: String,
}

impl Target {
    pub(crate) fn of(kind: LinkType, url: &str) -> Option<Self> {
        if kind == LinkType::Email {
            return mail(url);
        }
        let (scheme, rest) = url.split_once(':')?;
        match scheme.to_ascii_lowercase().as_str() {
            "https" => web(rest.strip_prefix("//")?),
            "mailto" => mail(rest),
            _ => None,
        }
    }

    /// Whether the link's own text tells where it goes.
    pub(crate) fn is_said_by(&self, text: &str) -> bool {
        let plain = |address: &str| address.trim().trim_end_matches('/').to_ascii_lowercase();
        let text = plain(text);
        let href = plain(&self.href);
        let bare = href
            .split_once(':')
            .map_or("", |(_, rest)| rest.trim_start_matches('/'));
        text == href || text == bare || text == plain(&self.shown)
    }
}

/// No user name before the host, no other alphabet in it, no backslash: browsers read each of those as another host than
/// the reader does.
fn web(rest: &str) -> Option<Target> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let is_port =
        !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_clean = !rest.chars().any(|letter| {
        letter.is_control() || letter.is_whitespace() || matches!(letter, '\\' | '"' | '<' | '>')
    });
    (is_host(host) && is_port && is_clean).then(|| Target {
        href: format!("https://{rest}"),
        shown: authority.to_ascii_lowercase(),
    })
}

/// An address alone: what may follow it (`?subject=…&cc=…`) fills in a letter that the reader did not write.
fn mail(address: &str) -> Option<Target> {
    let (name, host) = address.split_once('@')?;
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte));
    (is_name && is_host(host)).then(|| Target {
        href: format!("mailto:{address}"),
        shown: address.to_owned(),
    })
}

fn is_host(host: &str) -> bool {
    let mut labels = host.split('.');
    host.contains('.')
        && labels.all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Option<Target> {
        Target::of(LinkType::Inline, url)
    }

    #[test]
    fn https_and_plain_mail_are_places_to_go() {
        for (url, href, shown) in [
            (
                "https://www.belastingdienst.nl/a?b=c#d",
                "https://www.belastingdienst.nl/a?b=c#d",
                "www.belastingdienst.nl",
            ),
            (
                "HTTPS://Post.Example.nl:8443",
                "https://Post.Example.nl:8443",
                "post.example.nl:8443",
            ),
            ("https://duo.nl/één", "https://duo.nl/één", "duo.nl"),
            ("mailto:info@duo.nl", "mailto:info@duo.nl", "info@duo.nl"),
        ] {
            assert_eq!(
                of(url),
                Some(Target {
                    href: href.to_owned(),
                    shown: shown.to_owned()
                }),
                "{url}"
            );
        }
        assert!(Target::of(LinkType::Email, "info@duo.nl").is_some());
    }

    #[test]
    fn all_else_is_not() {
        for url in [
            "http://duo.nl",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "//duo.nl",
            "/berichten",
            "duo.nl",
            "https:duo.nl",
            "https:/duo.nl",
            "https://",
            "https://localhost",
            "https://duo.nl@evil.example",
            "https://duo.nl\\@evil.example",
            "https:\\\\evil.example",
            "https://duo.nl:",
            "https://duo.nl:x",
            "https://dûo.nl",
            "https://.nl",
            "https://duo..nl",
            "https://duo.nl/a b",
            "https://duo.nl/\u{1}",
            "mailto:",
            "mailto:info@duo.nl?subject=x",
            "mailto:a@b",
            "mailto:a,b@c.nl",
            "",
        ] {
            assert_eq!(of(url), None, "{url}");
        }
    }

    #[test]
    fn a_text_that_names_another_place_does_not_say_it() {
        let target = of("https://www.duo.nl/aanvraag/").unwrap();
        for said in [
            "https://www.duo.nl/aanvraag",
            "www.duo.nl/aanvraag/",
            " WWW.DUO.NL ",
        ] {
            assert!(target.is_said_by(said), "{said}");
        }
        for other in ["https://www.digid.nl", "duo.nl", "uw aanvraag", ""] {
            assert!(!target.is_said_by(other), "{other}");
        }
        assert!(of("mailto:info@duo.nl").unwrap().is_said_by("info@duo.nl"));
    }
}
