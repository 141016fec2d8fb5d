//! The parameters of a request, from query or form, and the writing of a query.

/// Name and value pairs in the order in which they came.
#[derive(Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The value of a parameter; an empty one counts as absent (RFC 6749 §3.1).
    pub fn one(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Whether a parameter came twice, which RFC 6749 §3.1 forbids.
    pub fn repeats(&self) -> bool {
        self.0
            .iter()
            .enumerate()
            .any(|(at, (name, _))| self.0[..at].iter().any(|(earlier, _)| earlier == name))
    }

    /// The parameters as a query, without the one named.
    pub fn query_without(&self, name: &str) -> String {
        query(
            self.0
                .iter()
                .filter(|(key, _)| key != name)
                .map(|(key, value)| (key.as_str(), value.as_str())),
        )
    }
}

/// Adds parameters to a URL that may have some already.
pub fn with_query<'a>(url: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}{}", query(pairs))
}

fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        percent_encode(name, &mut text);
        text.push('=');
        percent_encode(value, &mut text);
    }
    text
}

fn percent_encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                into.push(char::from(byte))
            }
            other => into.push_str(&format!("%{other:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_added_to_one_that_stands() {
        assert_eq!(
            with_query("http://a/b", [("état", "a b&c")]),
            "http://a/b?%C3%A9tat=a%20b%26c"
        );
        assert_eq!(
            with_query("http://a/b?c=d", [("e", "f")]),
            "http://a/b?c=d&e=f"
        );
    }
}
