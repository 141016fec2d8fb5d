//! What a snapshot shows of a page: its HTML with ids by their place, or its words alone.

use testkit::gallery::Shown;

/// Bytes of a line of HTML that a snapshot shows; an unbroken word in a letter may be a hundred times as long.
const LONGEST_LINE: usize = 1_500;
/// Lines of words that a snapshot shows of each page.
const MOST_WORDS: usize = 40;
const LONGEST_WORDS: usize = 160;

/// Each UUID as its number in the order in which they first come: which ids are drawn is of no account, which of them
/// are the same is.
pub fn with_ids_numbered(page: &str) -> String {
    let (mut out, mut rest, mut seen) = (String::new(), page, Vec::new());
    while let Some(at) = (0..rest.len()).find(|at| starts_with_id(&rest.as_bytes()[*at..])) {
        let (before, from) = rest.split_at(at);
        let (id, after) = from.split_at(36);
        let number = seen.iter().position(|other| *other == id);
        let number = number.unwrap_or_else(|| {
            seen.push(id);
            seen.len() - 1
        });
        out.push_str(&format!("{before}(id {})", number + 1));
        rest = after;
    }
    out + rest
}

fn starts_with_id(text: &[u8]) -> bool {
    text.len() >= 36
        && text[..36].iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(byte),
        })
}

/// The page with what is told in a word left out: the rest of very long lines, and lines like the one before.
pub fn short(page: &str) -> String {
    let mut shown: Vec<String> = Vec::new();
    let mut again = 0;
    let mut before = None;
    for line in page.lines() {
        if before == Some(line) {
            again += 1;
            continue;
        }
        shown.extend((again > 0).then(|| format!("(and {again} times the same)")));
        shown.push(cut(line, LONGEST_LINE));
        (before, again) = (Some(line), 0);
    }
    shown.extend((again > 0).then(|| format!("(and {again} times the same)")));
    shown.join("\n")
}

fn cut(line: &str, longest: usize) -> String {
    if line.len() <= longest {
        return line.to_owned();
    }
    let kept = &line[..line.floor_char_boundary(longest)];
    format!("{kept}(and {} bytes)", line.len() - kept.len())
}

/// The page's elements with their classes, without a word. That a letter is in another language than the page is told
/// in one of them and not in the other, so that is left out.
pub fn skeleton(shown: &Shown) -> Vec<String> {
    let page = without(
        shown.answer.text(),
        "<span class=\"postbus-language\">",
        "</span>",
    );
    let page = without(&page, "<dt class=\"postbus-language\">", "</dt>");
    let page = without(&page, "<dd class=\"postbus-language\">", "</dd>");
    let tags = page.split('<').skip(1);
    let bare = |tag: &str| {
        let tag = tag.split('>').next().unwrap();
        let name = tag.split_whitespace().next().unwrap();
        let class = tag
            .split("class=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        format!("{name} {}", class.unwrap_or_default())
    };
    tags.map(bare).collect()
}

fn without(page: &str, begin: &str, end: &str) -> String {
    let mut parts = page.split(begin);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        all + part.split_once(end).map_or("", |(_, rest)| rest)
    })
}

/// The name of the page, its title, and what its main part says, a line for each element; of the first page all of it.
pub fn words(shown: &Shown) -> String {
    let page = shown.answer.text();
    let title = between(page, "<title>", "</title>");
    let of = if shown.page == "inloggen" {
        "body"
    } else {
        "main"
    };
    let part = between(page, &format!("<{of}"), &format!("</{of}>"));
    let part = part.split_once('>').unwrap().1;
    let texts = part
        .split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    let said: Vec<String> = texts
        .map(|text| cut(text.trim(), LONGEST_WORDS))
        .filter(|text| !text.is_empty())
        .collect();
    let mut lines = vec![shown.page.to_owned(), title.to_owned()];
    lines.extend(said.iter().take(MOST_WORDS).cloned());
    if said.len() > MOST_WORDS {
        lines.push(format!("(and {} more)", said.len() - MOST_WORDS));
    }
    lines.join("\n") + "\n"
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap();
    rest.split_once(to).unwrap().0
}
