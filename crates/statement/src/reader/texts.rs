//! Words: names, texts per language, links, codes.

use serde_json::{Value, json};
use toml::de::DeValue;

use super::demands::demands_script;
use super::{Node, Reader, Schemas, Spec};
use crate::Text;
use crate::finding::Level;

/// A text that says something.
pub(crate) struct Filled;

impl Spec for Filled {
    type Value = String;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<String> {
        let text = reader.string(node)?;
        let filled = !text.trim().is_empty();
        let code = if node.kind == "verantwoordelijke" && node.key == "naam" {
            "S-110"
        } else {
            "S-107"
        };
        if !filled {
            let said = format!("{} {} says nothing", node.kind, node.key);
            reader.error(code, node, said, "fill it in");
        }
        filled.then(|| text.trim().to_owned())
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "pattern": "\\S" })
    }
}

/// A name of our own making: small letters, digits and single hyphens.
pub(crate) struct Name;

impl Spec for Name {
    type Value = String;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<String> {
        let name = reader.string(node)?;
        let shaped = name.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        if !shaped {
            reader.error(
                "S-104",
                node,
                format!("{name:?} is not a name"),
                "use small letters, digits and single hyphens, such as bericht-lezen",
            );
            return None;
        }
        if node.key == "naam" && !reader.first(node.kind, name) {
            let text = format!("{} {name} stands here a second time", node.kind);
            reader.error("S-105", node, text, "give each its own name");
            return None;
        }
        Some(name.to_owned())
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$" })
    }
}

/// A text in every language offered.
pub(crate) struct Texts;

impl Spec for Texts {
    type Value = Text;
    fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Text> {
        let DeValue::Table(versions) = node.value.get_ref() else {
            reader.mistaken(node, "a text per language, such as { nl = \"Bericht\" }");
            return None;
        };
        let mut found = Vec::new();
        for (language, value) in versions {
            let (key, kind, title, index) = (node.key, node.kind, node.title, 0);
            let text = reader.string(&Node {
                key,
                value,
                kind,
                title,
                index,
            })?;
            let language = language.get_ref().as_ref();
            if !reader.languages().iter().any(|offered| offered == language) {
                let text = format!("a text in {language}, which is not offered");
                let hint = "add the language to talen, or take the text out";
                reader.warn_at("S-551", value.span().start, text, hint);
            }
            found.push((language, text.trim()));
        }
        let mut complete = Vec::new();
        for language in reader.languages().to_vec() {
            match found
                .iter()
                .find(|(found, text)| *found == language && !text.is_empty())
            {
                Some((_, text)) => complete.push((language, (*text).to_owned())),
                None => reader.error(
                    "S-501",
                    node,
                    format!("the text is missing in {language}"),
                    "every language offered needs it",
                ),
            }
        }
        if complete.iter().any(|(_, text)| demands_script(text)) {
            let at = Some(reader.place(node));
            reader.report.push_about(
                Level::Error,
                "S-761",
                at,
                node.title.to_owned(),
                "a reader would need a script in the browser".to_owned(),
                "everything works without; do not ask for one".to_owned(),
            );
        }
        (complete.len() == reader.languages().len()).then(|| Text::new(complete))
    }
    fn schema(_: &mut Schemas) -> Value {
        json!({
            "type": "object",
            "minProperties": 1,
            "propertyNames": { "pattern": "^[a-z]{2,3}$" },
            "additionalProperties": { "type": "string", "pattern": "\\S" },
        })
    }
}

/// Makes a spec of a text with a shape of its own.
macro_rules! shaped {
    ($(#[$about:meta])+ $spec:ident: $test:expr, $pattern:literal, $fault:literal, $hint:literal) => {
        $(#[$about])+
        pub(crate) struct $spec;

        impl $spec {
            pub(crate) fn shaped(text: &str) -> bool {
                let test: fn(&str) -> bool = $test;
                test(text)
            }
        }
        impl Spec for $spec {
            type Value = String;
            fn read(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<String> {
                let text = reader.string(node)?;
                reader.shaped(Self::shaped(text), node, text, $fault, $hint)
            }
            fn schema(_: &mut Schemas) -> Value {
                json!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

shaped!(
    /// An address on the web.
    Link: |text| text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !text.contains(char::is_whitespace)),
    "^https://\\S+$", "is not a link", "use an address with https://"
);
shaped!(
    /// A country.
    Country: |text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
    "^[A-Z]{2}$", "is not a country code", "use the two capitals of ISO 3166, such as NL"
);
shaped!(
    /// A country, or one of the two communities of countries.
    Region: |text| ["EU", "EER"].contains(&text) || Country::shaped(text),
    "^([A-Z]{2}|EER)$", "is not a country code", "use the two capitals of ISO 3166, or EU or EER"
);
shaped!(
    /// A language.
    Language: |text| (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase()),
    "^[a-z]{2,3}$", "is not a language code", "use two or three small letters, such as nl"
);
shaped!(
    /// A time zone, by its shape: which zones exist, the calendar knows at start-up.
    Zone: |text| text.contains('/') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-+".contains(&byte)),
    "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]*)+$", "is not the name of a time zone", "use the IANA name, such as Europe/Amsterdam"
);
shaped!(
    /// The id of a published promise.
    Promise: is_promise,
    "^((MO|CN|CJ)-[0-9]+|DT-[SR]?[0-9]+)$", "is not the id of a promise", "ids look like MO-22; docs/promises.toml lists them"
);
shaped!(
    /// The code of a finding.
    Acronym: |text| text.strip_prefix("S-").is_some_and(|number| number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit())),
    "^S-(60[1-9]|6[1-9][0-9]|[789][0-9]{2})$", "is not the code of a finding", "codes look like S-701; docs/statement.md lists them"
);

/// `MO-22`; the sources and recipients of Dienst Toeslagen are `DT-S1` and `DT-R1`.
fn is_promise(text: &str) -> bool {
    text.split_once('-').is_some_and(|(statement, number)| {
        let number = number
            .strip_prefix(['S', 'R'])
            .filter(|_| statement == "DT")
            .unwrap_or(number);
        ["MO", "CN", "DT", "CJ"].contains(&statement)
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}
