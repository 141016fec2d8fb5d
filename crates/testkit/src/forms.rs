//! Forms and links on a page, as far as our own pages and the provider's have them.

/// A form with the values it would send if nobody changed anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) is_post: bool,
    pub(crate) hidden: Vec<(String, String)>,
    /// What ticking each box adds.
    pub(crate) boxes: Vec<(String, String)>,
    /// Where its buttons send it instead.
    pub(crate) other_actions: Vec<String>,
}

pub(crate) fn forms(html: &str) -> Vec<Form> {
    let form = |rest: &str| {
        let (tag, inside) = rest.split_once('>').expect("a tag ends");
        let inside = inside.split("</form>").next().unwrap_or_default();
        let inputs = |kind: &str| -> Vec<(String, String)> {
            let tags = inside.split("<input ").skip(1);
            tags.map(|input| input.split('>').next().unwrap_or_default())
                .filter(|input| attribute(input, "type").as_deref() == Some(kind))
                .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
                .collect()
        };
        let buttons = inside.split("<button ").skip(1);
        let other_actions =
            buttons.filter_map(|rest| attribute(rest.split('>').next()?, "formaction"));
        Form {
            action: attribute(tag, "action").unwrap_or_default(),
            is_post: attribute(tag, "method").as_deref() == Some("post"),
            hidden: inputs("hidden"),
            boxes: inputs("checkbox"),
            other_actions: other_actions.collect(),
        }
    };
    html.split("<form").skip(1).map(form).collect()
}

pub(crate) fn links(html: &str) -> Vec<String> {
    let tags = html.split("<a ").skip(1);
    tags.filter_map(|rest| attribute(rest.split('>').next()?, "href"))
        .collect()
}

/// Where the first link goes that says this, among other things.
pub(crate) fn link_that_says(html: &str, words: &str) -> Option<String> {
    html.split("<a ").skip(1).find_map(|rest| {
        let (tag, inside) = rest.split_once('>')?;
        let inside = inside.split("</a>").next()?;
        let parts = inside.split('<').enumerate();
        let said = parts.map(|(at, part)| match at {
            0 => part,
            _ => part.split_once('>').map_or("", |(_, text)| text),
        });
        plain(&said.collect::<String>())
            .contains(words)
            .then(|| attribute(tag, "href"))?
    })
}

/// A form's fields as a browser sends them.
pub(crate) fn encoded(fields: &[(String, String)]) -> String {
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", percent(name), percent(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn percent(text: &str) -> String {
    let mut coded = String::new();
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'*' => {
                coded.push(char::from(byte))
            }
            _ => coded.push_str(&format!("%{byte:02X}")),
        }
    }
    coded
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
    Some(plain(value))
}

/// The characters behind HTML's references.
fn plain(text: &str) -> String {
    let references = [
        ("&#38;", "&"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        // Last, or what it makes would be read again.
        ("&amp;", "&"),
    ];
    references
        .iter()
        .fold(text.to_owned(), |text, (reference, plain)| {
            text.replace(reference, plain)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_found_with_what_it_hides() {
        let html = r#"<a class="x" href="/a?b=1&#38;c=2">A</a><form method="post" action="/uit"><input type="hidden" name="csrf" value="a b">
            <input type="text" name="q" value="x"><input type="checkbox" name="t" value="1"><button name="b" value="c" formaction="/weg">B</button></form>"#;
        let hidden = vec![("csrf".to_owned(), "a b".to_owned())];
        assert_eq!(encoded(&hidden), "csrf=a%20b");
        let form = Form {
            action: "/uit".to_owned(),
            is_post: true,
            hidden,
            boxes: vec![("t".to_owned(), "1".to_owned())],
            other_actions: vec!["/weg".to_owned()],
        };
        assert_eq!(forms(html), [form]);
        assert_eq!(links(html), ["/a?b=1&c=2"]);
        let html = r#"<a href="/1">Een</a> <a href="/2"><b>Twee</b> &#38; drie</a>"#;
        assert_eq!(link_that_says(html, "Twee & dr").as_deref(), Some("/2"));
        assert_eq!(link_that_says(html, "vier"), None);
    }
}
