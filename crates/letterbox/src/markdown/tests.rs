//! What a letter's text may become, and what it may never.

use language::Language;
use proptest::prelude::*;

use super::*;

fn shown(markdown: &str) -> String {
    html(markdown, language::texts(Language::Nl))
}

#[test]
fn plain_letters_read_as_written() {
    assert_eq!(
        shown("Geachte heer,\n\nU krijgt **€ 100** *terug*."),
        "<p>Geachte heer,</p>\n<p>U krijgt <strong>€ 100</strong> <em>terug</em>.</p>\n"
    );
    assert_eq!(
        shown("- een\n- twee"),
        "<ul>\n<li>een</li>\n<li>twee</li>\n</ul>\n"
    );
    assert_eq!(
        shown("3. drie\n4. vier"),
        "<ol start=\"3\">\n<li>drie</li>\n<li>vier</li>\n</ol>\n"
    );
    assert_eq!(
        shown("Kerkstraat 1  \n1234 AB"),
        "<p>Kerkstraat 1<br>\n1234 AB</p>\n"
    );
    assert_eq!(
        shown("> zo\n\n---"),
        "<blockquote>\n<p>zo</p>\n</blockquote>\n<hr>\n"
    );
    assert_eq!(shown("    a < b"), "<pre><code>a &lt; b</code></pre>\n");
}

#[test]
fn html_shows_as_text() {
    assert_eq!(
        shown("a <b onclick=\"x()\">c</b>"),
        "<p>a &lt;b onclick=&quot;x()&quot;&gt;c&lt;/b&gt;</p>\n"
    );
    assert_eq!(
        shown("<script>\nalert(1)\n</script>"),
        "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>\n"
    );
    assert_eq!(shown("&lt;script&gt;"), "<p>&lt;script&gt;</p>\n");
}

#[test]
fn a_picture_is_its_description() {
    assert_eq!(
        shown("![Het *logo*](https://spy.example/a.png)"),
        "<p>Het logo</p>\n"
    );
    assert_eq!(
        shown("![zie [hier](https://duo.nl)](https://spy.example/a.png)"),
        "<p>zie hier</p>\n"
    );
}

#[test]
fn a_link_shows_where_it_goes() {
    let link = "<a href=\"https://duo.nl/a?b&amp;c\" rel=\"noopener noreferrer\">";
    assert_eq!(
        shown("[Uw *lening*](https://duo.nl/a?b&c)"),
        format!("<p>{link}Uw <em>lening</em></a> (duo.nl)</p>\n")
    );
    assert_eq!(
        shown("[https://digid.nl](https://duo.nl/a?b&c)"),
        format!("<p>{link}https://digid.nl</a> (duo.nl)</p>\n")
    );
    assert_eq!(
        shown("<https://duo.nl/a?b&c>"),
        format!("<p>{link}https://duo.nl/a?b&amp;c</a></p>\n")
    );
    assert_eq!(
        shown("[](https://duo.nl/a?b&c)"),
        format!("<p>{link}duo.nl</a></p>\n")
    );
    assert_eq!(
        shown("<info@duo.nl>"),
        "<p><a href=\"mailto:info@duo.nl\" rel=\"noopener noreferrer\">info@duo.nl</a></p>\n"
    );
}

#[test]
fn a_link_to_anywhere_else_is_its_text() {
    for url in [
        "javascript:alert(1)",
        "http://duo.nl",
        "data:text/html,x",
        "/uitloggen",
        "&#106;avascript:alert(1)",
        "java&#10;script:x",
    ] {
        assert_eq!(shown(&format!("[hier]({url})")), "<p>hier</p>\n", "{url}");
    }
}

#[test]
fn headings_begin_below_the_page_and_skip_none() {
    assert_eq!(
        shown("# a\n# b\n### c\n## d"),
        "<h2>a</h2>\n<h2>b</h2>\n<h3>c</h3>\n<h3>d</h3>\n"
    );
    assert_eq!(shown("###### a"), "<h2>a</h2>\n");
    assert_eq!(shown("#\n## a\n### *![](x)*"), "<h2>a</h2>\n");
}

#[test]
fn a_table_has_heads_and_a_frame_to_scroll_in() {
    let frame = "<div class=\"postbus-scroll\" role=\"group\" tabindex=\"0\" aria-label=\"Tabel 1\"><table>";
    assert_eq!(
        shown("| | Bedrag |\n|---|---:|\n| mei | € 5 |"),
        format!(
            "{frame}<thead><tr><td></td><th scope=\"col\" class=\"postbus-figures\">Bedrag</th></tr></thead><tbody>\n\
             <tr><td>mei</td><td class=\"postbus-figures\">€ 5</td></tr>\n</tbody></table></div>\n"
        )
    );
    let two = shown("|a|\n|-|\n\n|b|\n|-|");
    assert!(two.contains("Tabel 1") && two.contains("Tabel 2"));
}

#[test]
fn marks_that_cannot_be_seen_are_left_out() {
    assert_eq!(shown("a\u{202e}b\u{7}c\u{2067}d"), "<p>abcd</p>\n");
}

/// Text that tries: every way to a tag, an attribute or an address that we could think of, beside plain Markdown.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => prop::sample::select(vec![
            "<script>", "</script>", "<img src=x onerror=alert(1)>", "<svg/onload=", "<p style=\"color:red\">", "<style>", "<!--", "-->",
            "<a href=\"javascript:x\">", "javascript:alert(1)", "JAVASCRIPT:", "data:text/html,", "vbscript:", "https://duo.nl/", "http://a.nl",
            "mailto:a@b.nl", "https://a.nl/\" onclick=\"x", "https://a.nl/'><img>", "onclick=", "style=", "&#60;", "&lt;", "&quot;", "&#x22;",
            "]]>", "<![CDATA[", "<?", "\u{202e}", "\0", "\r", "&colon;",
        ]).prop_map(str::to_owned),
        4 => prop::sample::select(vec![
            "[", "](", ")", "![", "]", "<", ">", "\"", "'", "`", "```", "*", "**", "_", "#", "## ", "- ", "1. ", "> ", "|", "\n|-|-:|\n", "---",
            "\n", "\n\n", "    ", "  \n", "\\", "[a]: ", "[a]", "<https://", "@b.nl>", "~~", "&",
        ]).prop_map(str::to_owned),
        1 => ".{0,6}",
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

/// What stands between `<` and `>`, each. As text is escaped, these are the tags a browser sees.
fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .map(|rest| rest.split_once('>').expect("a tag ends").0)
        .collect()
}

/// Name and attributes of a tag of ours, or what is wrong with it.
fn check(tag: &str) -> Result<(), String> {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let known = "p h2 h3 h4 h5 h6 blockquote pre code ul ol li hr br em strong a div table thead tbody tr th td";
    if !known
        .split(' ')
        .any(|known| known == name.trim_start_matches('/'))
    {
        return Err(format!("tag {tag}"));
    }
    while !rest.is_empty() {
        let (attribute, more) = rest
            .split_once("=\"")
            .ok_or_else(|| format!("attribute in {tag}"))?;
        let (value, more) = more
            .split_once('"')
            .ok_or_else(|| format!("value in {tag}"))?;
        let fine = match attribute {
            "href" => value.starts_with("https://") || value.starts_with("mailto:"),
            "class" => matches!(value, "postbus-scroll" | "postbus-figures"),
            "rel" => value == "noopener noreferrer",
            "role" | "tabindex" | "aria-label" | "scope" | "start" => true,
            _ => false,
        };
        if !fine {
            return Err(format!("{attribute}={value} in {tag}"));
        }
        rest = more.trim_start();
    }
    Ok(())
}

/// Whether every element ends inside the one it began in.
fn is_nested(html: &str) -> bool {
    let mut open = Vec::new();
    for tag in tags(html) {
        let name = tag.split(' ').next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) if open.pop() != Some(name) => return false,
            Some(_) => {}
            None if name != "br" && name != "hr" => open.push(name),
            None => {}
        }
    }
    open.is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_letter_becomes_more_than_our_own_tags(markdown in hostile()) {
        let html = shown(&markdown);
        for tag in tags(&html) {
            prop_assert_eq!(check(tag), Ok(()), "{}", html);
        }
        prop_assert!(is_nested(&html), "{}", html);
        for never in ["<script", "<img", "<style", "href=\"javascript:", "\0", "\r", "\u{202e}"] {
            prop_assert!(!html.contains(never), "{}: {}", never, html);
        }
    }

    #[test]
    fn any_text_at_all_is_shown_safely(markdown: String) {
        let html = shown(&markdown);
        prop_assert!(tags(&html).into_iter().all(|tag| check(tag).is_ok()) && is_nested(&html), "{}", html);
    }
}
