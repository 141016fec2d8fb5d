//! One text in one language: what is said as it stands, and what is filled in.

pub type Wording = Vec<Piece>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Argument(String),
}

/// `{name}` is a placeholder, `{{` and `}}` are braces.
pub fn pieces(text: &str) -> Result<Wording, String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        plain.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            plain.push_str(brace);
            rest = after;
            continue;
        }
        let (name, after) = match rest.split_once('}') {
            Some(parts) if brace == "{" => parts,
            _ => {
                return Err(format!(
                    "a lone `{brace}`; write `{brace}{brace}` for the brace itself"
                ));
            }
        };
        if !is_name(name) {
            return Err(format!("`{{{name}}}` is no name for a placeholder"));
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
        }
        pieces.push(Piece::Argument(name.to_owned()));
        rest = after;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

pub fn arguments(wording: &Wording) -> impl Iterator<Item = &str> {
    wording.iter().filter_map(|piece| match piece {
        Piece::Argument(name) => Some(name.as_str()),
        Piece::Text(_) => None,
    })
}

/// The wording with its placeholders in braces.
pub fn plain(wording: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Argument(name) => format!("{{{name}}}"),
    };
    wording.iter().map(piece).collect()
}

/// Whether this can stand as a name in Rust.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !KEYWORDS.contains(&name)
}

const KEYWORDS: [&str; 50] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_braces_are_braces() {
        assert_eq!(
            pieces("{{a}} {b}"),
            Ok(vec![
                Piece::Text("{a} ".into()),
                Piece::Argument("b".into())
            ])
        );
    }
}
