//! A path of our own site that a visitor asked to return to: what keeps a redirect from leading elsewhere.

use std::fmt;

/// A path with its query on this site, safe in a `Location` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// None for what a browser might take elsewhere: `//host`, `/\host`, a scheme, control characters, white space.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let local = text.starts_with('/')
            && !text.starts_with("//")
            && text.len() <= 1024
            && bytes.iter().all(|byte| {
                byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'#')
            });
        local.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As the value of a query parameter.
    pub(crate) fn in_query(&self) -> String {
        let mut coded = String::with_capacity(self.0.len() + 16);
        for letter in self.0.chars() {
            match letter {
                '%' | '&' | '+' | '=' | '?' | ';' | '\'' => {
                    coded.push_str(&format!("%{:02X}", u32::from(letter)))
                }
                _ => coded.push(letter),
            }
        }
        coded
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::LocalPath;

    #[test]
    fn only_paths_of_this_site_are_local() {
        for local in [
            "/",
            "/berichten",
            "/berichten/1?taal=en&cursor=a%20b",
            "/a//b",
            "/@x",
        ] {
            assert_eq!(
                LocalPath::parse(local).as_ref().map(LocalPath::as_str),
                Some(local)
            );
        }
        let elsewhere = [
            "",
            "berichten",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "https://evil.example",
            "/\t/evil",
            "/\n",
            " /",
            "/a b",
            "/é",
            "javascript:x",
            "/a\r\nSet-Cookie: x",
        ];
        for text in elsewhere {
            assert_eq!(LocalPath::parse(text), None, "{text:?}");
        }
        assert_eq!(LocalPath::parse(&format!("/{}", "a".repeat(2000))), None);
    }

    #[test]
    fn a_path_survives_the_query() {
        let path = LocalPath::parse("/berichten?cursor=a&taal=en").unwrap();
        assert_eq!(path.in_query(), "/berichten%3Fcursor%3Da%26taal%3Den");
    }
}
