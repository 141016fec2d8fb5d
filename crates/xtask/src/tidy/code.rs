//! A Rust file read just closely enough: what is code, what a comment, a string, or a test.

use std::ops::Range;

/// A Rust file; every offset is a byte of the file's own text.
pub struct Code {
    /// The text with the inside of comments, strings and characters blanked.
    pub plain: String,
    pub strings: Vec<Literal>,
    tests: Vec<Range<usize>>,
}

pub struct Literal {
    pub start: usize,
    pub text: String,
}

/// A word of the code: a name, a keyword or a number.
pub struct Word<'a> {
    pub start: usize,
    pub text: &'a str,
}

impl Code {
    pub fn read(text: &str) -> Self {
        let mut reader = Reader {
            text: text.as_bytes(),
            at: 0,
            plain: text.as_bytes().to_vec(),
            strings: Vec::new(),
        };
        while reader.at < reader.text.len() {
            reader.step();
        }
        let plain = String::from_utf8_lossy(&reader.plain).into_owned();
        let strings = reader
            .strings
            .into_iter()
            .map(|range| Literal {
                start: range.start,
                text: text[range].to_string(),
            })
            .collect();
        let tests = tests_in(&plain);
        Self {
            plain,
            strings,
            tests,
        }
    }

    pub fn in_test(&self, offset: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&offset))
    }

    pub fn words(&self) -> impl Iterator<Item = Word<'_>> {
        words(&self.plain)
    }

    /// The strings inside each `name!(…)`, whichever brackets it uses.
    pub fn strings_in_macro(&self, name: &str) -> Vec<&Literal> {
        let call = format!("{name}!");
        let mut found = Vec::new();
        for word in self.words().filter(|word| word.text == name) {
            if self.plain[word.start..].starts_with(&call) {
                let end = end_of_brackets(&self.plain, word.start + call.len());
                let within = word.start..end;
                found.extend(self.strings.iter().filter(|s| within.contains(&s.start)));
            }
        }
        found
    }
}

/// The words of a text with where each begins.
pub fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(part)?;
        let length = text[start..].find(|c| !part(c));
        rest = length.map_or(text.len(), |length| start + length);
        Some(Word {
            start,
            text: &text[start..rest],
        })
    })
}

/// Walks the bytes once and blanks what is not code.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    plain: Vec<u8>,
    strings: Vec<Range<usize>>,
}

impl Reader<'_> {
    fn step(&mut self) {
        let rest = &self.text[self.at..];
        let after_word = self.at > 0 && is_word(self.text[self.at - 1]);
        if rest.starts_with(b"//") {
            let end = self.find(b"\n", self.at);
            self.skip_to(end);
        } else if rest.starts_with(b"/*") {
            self.block_comment();
        } else if let (false, Some((prefix, hashes))) = (after_word, raw_string(rest)) {
            let start = self.at + prefix;
            let close = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
            let end = self.find(&close, start);
            self.string(start..end, end + close.len());
        } else if rest[0] == b'"' {
            let start = self.at + 1;
            let end = self.end_of_escaped(start, b'"');
            self.string(start..end, end + 1);
        } else if rest[0] == b'\'' && is_character(rest) {
            let end = self.end_of_escaped(self.at + 1, b'\'');
            self.skip_to(end + 1);
        } else {
            self.at += 1;
        }
    }

    fn block_comment(&mut self) {
        let (mut depth, mut at) = (0_usize, self.at);
        while at < self.text.len() {
            if self.text[at..].starts_with(b"/*") {
                depth += 1;
                at += 2;
            } else if self.text[at..].starts_with(b"*/") {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    break;
                }
            } else {
                at += 1;
            }
        }
        self.skip_to(at);
    }

    fn string(&mut self, inside: Range<usize>, end: usize) {
        self.at = inside.start;
        self.skip_to(inside.end);
        self.strings.push(inside);
        self.at = end.min(self.text.len());
    }

    /// Blanks up to there, but keeps the ends of lines.
    fn skip_to(&mut self, end: usize) {
        let end = end.min(self.text.len());
        for byte in &mut self.plain[self.at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        self.at = end;
    }

    fn find(&self, needle: &[u8], from: usize) -> usize {
        self.text[from..]
            .windows(needle.len())
            .position(|window| window == needle)
            .map_or(self.text.len(), |position| from + position)
    }

    fn end_of_escaped(&self, from: usize, close: u8) -> usize {
        let mut at = from;
        while at < self.text.len() && self.text[at] != close {
            at += if self.text[at] == b'\\' { 2 } else { 1 };
        }
        at.min(self.text.len())
    }
}

/// The length of an opening such as `r#"` or `br"`, and how many `#` it has.
fn raw_string(rest: &[u8]) -> Option<(usize, usize)> {
    let letters = match rest {
        [b'r', ..] => 1,
        [b'b' | b'c', b'r', ..] => 2,
        _ => return None,
    };
    let hashes = rest[letters..]
        .iter()
        .take_while(|byte| **byte == b'#')
        .count();
    let opening = letters + hashes;
    (rest.get(opening) == Some(&b'"')).then_some((opening + 1, hashes))
}

/// A character and not a lifetime: `'a'`, `'\n'`, `'é'`, but not `'a`.
fn is_character(rest: &[u8]) -> bool {
    match rest.get(1) {
        Some(b'\\') => true,
        Some(byte) if byte.is_ascii() => rest.get(2) == Some(&b'\''),
        _ => true,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The items under `#[cfg(test)]` or `#[…test]`, from the attribute to the end of the item.
fn tests_in(plain: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (start, _) in plain.match_indices("#") {
        let whole_file = plain[start..].starts_with("#![");
        let open = start + if whole_file { 2 } else { 1 };
        if !plain[open..].starts_with('[') {
            continue;
        }
        let close = end_of_brackets(plain, open);
        if !is_of_tests(plain[open..close].trim_matches(['[', ']', ' '])) {
            continue;
        }
        let end = if whole_file {
            plain.len()
        } else {
            end_of_item(plain, close)
        };
        found.push(start..end);
    }
    found
}

fn is_of_tests(attribute: &str) -> bool {
    let name = attribute.split(['(', ' ']).next().unwrap_or_default();
    let condition = attribute.replace(' ', "");
    name == "test"
        || name.ends_with("::test")
        || condition == "cfg(test)"
        || condition.starts_with("cfg(all(test,")
}

/// Behind the `}` or `;` that ends the item which begins here, further attributes included.
fn end_of_item(plain: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(step) = plain[at..].find(['(', '[', '{', ';']) {
        at += step;
        match plain.as_bytes()[at] {
            b';' => return at + 1,
            b'{' => return end_of_brackets(plain, at),
            _ => at = end_of_brackets(plain, at),
        }
    }
    plain.len()
}

/// Behind the bracket that closes the first one found from here.
fn end_of_brackets(plain: &str, from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in plain.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    plain.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(code: &Code) -> Vec<&str> {
        code.words().map(|word| word.text).collect()
    }

    #[test]
    fn comments_strings_and_characters_are_no_code() {
        let code = Code::read(
            "a // b\n/* c /* d */ e */ f \"g \\\" h\" 'i' '\\'' j<'k> r#\"l \" m\"# br\"n\" 'é' o",
        );
        assert_eq!(names(&code), ["a", "f", "j", "k", "r", "br", "o"]);
        let texts: Vec<&str> = code.strings.iter().map(|s| s.text.as_str()).collect();
        assert_eq!(texts, ["g \\\" h", "l \" m", "n"]);
    }

    #[test]
    fn offsets_and_lines_stay_those_of_the_file() {
        let text = "// één\nlet x = \"é\n\"; y";
        let code = Code::read(text);
        assert_eq!(code.plain.len(), text.len());
        assert_eq!(code.plain.matches('\n').count(), 2);
        assert_eq!(code.plain.find('y'), text.find('y'));
    }

    #[test]
    fn a_test_is_the_whole_item_under_its_attribute() {
        let text = "fn a() {}\n#[cfg(test)]\n#[allow(x)]\nmod tests { fn b() {} }\nfn c() {}\n\
                    #[tokio::test(flavor = 1)]\nasync fn d(x: [u8; 3]) { e() }\n#[cfg(not(test))]\nfn f() {}";
        let code = Code::read(text);
        let tested: Vec<&str> = code
            .words()
            .filter(|word| word.text.len() == 1 && code.in_test(word.start))
            .map(|word| word.text)
            .collect();
        assert_eq!(tested, ["x", "b", "1", "d", "x", "3", "e"]);
    }

    #[test]
    fn strings_are_found_in_their_macro_only() {
        let code =
            Code::read("sql!(\"one\"); other!(\"two\"); vault::sql!{ \"three\" } sql(\"four\")");
        let texts: Vec<&str> = code
            .strings_in_macro("sql")
            .iter()
            .map(|s| s.text.as_str())
            .collect();
        assert_eq!(texts, ["one", "three"]);
    }

    #[test]
    fn a_file_that_ends_in_the_middle_is_read_to_its_end() {
        for text in [
            "\"open",
            "/* open",
            "r#\"open\"",
            "'\\",
            "#[cfg(test)]",
            "sql!(",
        ] {
            assert_eq!(Code::read(text).plain.len(), text.len(), "{text}");
        }
    }
}
