//! A cutter for CSS: keeps the rules whose classes are offered and the custom properties that are used.

use std::collections::{BTreeMap, BTreeSet};

/// One rule as it stands in a sheet: what comes before the brace, and what is between the braces.
struct Rule<'a> {
    head: &'a str,
    body: &'a str,
}

/// The rules whose selectors ask for no class outside `classes`. Rules without a class are dropped.
pub fn to_classes(sheet: &str, classes: &BTreeSet<&str>) -> String {
    let mut kept = String::new();
    for rule in rules(sheet) {
        if rule.head.starts_with("@media") || rule.head.starts_with("@supports") {
            let inner = to_classes(rule.body, classes);
            if !inner.is_empty() {
                kept.push_str(&format!("{}{{{inner}}}", squeeze(rule.head)));
            }
        } else if !rule.head.starts_with('@') {
            let selectors: Vec<String> = split_top(rule.head, ',')
                .into_iter()
                .filter(|selector| {
                    let asked = asked_classes(selector);
                    !asked.is_empty() && asked.iter().all(|class| classes.contains(class.as_str()))
                })
                .map(squeeze)
                .collect();
            if !selectors.is_empty() {
                kept.push_str(&format!(
                    "{}{{{}}}",
                    selectors.join(","),
                    squeeze(rule.body)
                ));
            }
        }
    }
    kept
}

/// A theme: what each custom property of its sheet stands for.
pub struct Theme<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Theme<'a> {
    pub fn of(sheet: &'a str) -> Self {
        let declarations = rules(sheet)
            .into_iter()
            .flat_map(|rule| split_top(rule.body, ';'));
        let pairs = declarations.filter_map(|declaration| declaration.split_once(':'));
        Self(
            pairs
                .map(|(name, value)| (name.trim(), value.trim()))
                .collect(),
        )
    }

    /// The text with each property's value in its place, down to those that must stay variable: the theme's `--basis-`
    /// ones, which our own sheet changes in the dark, and those that a sheet of `setting` sets.
    pub fn written_out(&self, text: &str, setting: &[&str]) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, asked)) = rest.split_once("var(") {
            let Some(end) = closing(asked) else { break };
            let (name, fallback) = match asked[..end].split_once(',') {
                Some((name, fallback)) => (name.trim(), Some(fallback.trim())),
                None => (asked[..end].trim(), None),
            };
            out.push_str(before);
            let stays =
                name.starts_with("--basis-") || setting.iter().any(|sheet| sets(sheet, name));
            match (self.0.get(name), fallback) {
                (Some(value), _) if !stays => out.push_str(&self.written_out(value, setting)),
                (None, Some(fallback)) if !stays => {
                    out.push_str(&self.written_out(fallback, setting))
                }
                (Some(_), _) | (None, None) => out.push_str(&format!("var({name})")),
                (None, Some(fallback)) => out.push_str(&format!(
                    "var({name},{})",
                    self.written_out(fallback, setting)
                )),
            }
            rest = &asked[end + 1..];
        }
        out.push_str(rest);
        out
    }

    /// One `:root` rule with the properties that the sheets use, straight or through another.
    pub fn used_by(&self, sheets: &[&str]) -> String {
        let mut used = BTreeMap::new();
        let mut asked: Vec<String> = sheets
            .iter()
            .flat_map(|sheet| asked_properties(sheet))
            .collect();
        while let Some(name) = asked.pop() {
            if let Some(value) = self.0.get(name.as_str()) {
                let value = self.written_out(value, sheets);
                asked.extend(
                    asked_properties(&value)
                        .into_iter()
                        .filter(|next| !used.contains_key(next)),
                );
                used.insert(name, value);
            }
        }
        let declarations: Vec<String> = used
            .iter()
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        format!(":root{{{}}}", declarations.join(";"))
    }
}

/// The sheet without space that means nothing.
pub fn squeeze(sheet: &str) -> String {
    let mut tight = String::with_capacity(sheet.len());
    for word in sheet.split_whitespace() {
        // A space counts between two words, after a closing bracket and before a class, hash or pseudo-class.
        let needed = tight
            .chars()
            .next_back()
            .is_some_and(|last| !"{};,".contains(last))
            && !word.starts_with(['{', '}', ';', ',']);
        if needed && !(tight.ends_with(':') && inside_declaration(&tight)) {
            tight.push(' ');
        }
        tight.push_str(word);
    }
    tight.replace(";}", "}")
}

/// Whether the colon that `text` ends with follows a property's name rather than stands in a selector.
fn inside_declaration(text: &str) -> bool {
    let start = text.rfind(['{', '}', ';']).map_or(0, |at| at + 1);
    let name = text[start..].trim_end_matches(':');
    !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

pub fn without_comments(sheet: &str) -> String {
    let mut bare = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some((before, comment)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    bare + rest
}

fn rules(sheet: &str) -> Vec<Rule<'_>> {
    let mut found = Vec::new();
    let (mut depth, mut start, mut open) = (0_usize, 0, 0);
    for (at, letter) in sheet.char_indices() {
        match letter {
            ';' if depth == 0 => start = at + 1,
            '{' => {
                if depth == 0 {
                    open = at;
                }
                depth += 1;
            }
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    found.push(Rule {
                        head: sheet[start..open].trim(),
                        body: sheet[open + 1..at].trim(),
                    });
                    start = at + 1;
                }
            }
            _ => {}
        }
    }
    found
}

fn split_top(text: &str, at: char) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|letter| {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == at && depth == 0
    })
    .collect()
}

/// The classes an element must have; those inside `:not(…)` it must not have, so they are not asked for.
fn asked_classes(selector: &str) -> Vec<String> {
    let mut bare = String::new();
    let mut rest = selector;
    while let Some((before, after)) = rest.split_once(":not(") {
        bare.push_str(before);
        rest = closing(after).map_or("", |at| &after[at + 1..]);
    }
    bare.push_str(rest);
    bare.split('.')
        .skip(1)
        .map(|part| {
            part.chars()
                .take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter))
                .collect()
        })
        .collect()
}

fn asked_properties(text: &str) -> Vec<String> {
    let names = text.split("var(").skip(1).map(|part| {
        part.trim_start()
            .split([',', ')', ' '])
            .next()
            .unwrap_or(part)
    });
    names.map(str::to_owned).collect()
}

/// Where the bracket closes that was opened just before the text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    let end = text.char_indices().find(|(_, letter)| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.map(|(at, _)| at)
}

/// Whether a squeezed sheet sets the property.
fn sets(sheet: &str, name: &str) -> bool {
    sheet.match_indices(name).any(|(at, _)| {
        sheet[at + name.len()..].starts_with(':') && sheet[..at].ends_with(['{', ';'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rules_of_offered_classes_stay() {
        let sheet = ".a { color: red } .a:hover, .b { top: 0 } .a:not(.c) {left:0} @media print { .b{x:y} .a .a--big{x:y} } p{x:y}";
        let kept = to_classes(sheet, &BTreeSet::from(["a", "a--big"]));
        assert_eq!(
            kept,
            ".a{color:red}.a:hover{top:0}.a:not(.c){left:0}@media print{.a .a--big{x:y}}"
        );
    }

    #[test]
    fn values_are_written_out_down_to_the_basis() {
        let theme = Theme::of(
            ":root { --x-a: var(--x-b); --x-b: var(--basis-c); --basis-c: var(--kleur); --kleur: #123; --x-d: 1px }",
        );
        let written = theme.written_out(
            "a{x:var(--x-a, red);y:var(--none, var(--x-b));z:var(--x-d)}",
            &["b{--x-d:2px}"],
        );
        assert_eq!(written, "a{x:var(--basis-c);y:var(--basis-c);z:var(--x-d)}");
        assert_eq!(
            theme.used_by(&[&written]),
            ":root{--basis-c:#123;--x-d:1px}"
        );
    }

    #[test]
    fn space_that_means_something_stays() {
        let sheet = "a :hover , b\n>c { margin : 0 auto;\n  width: calc( 1px + 2px ) ; }";
        assert_eq!(
            squeeze(sheet),
            "a :hover,b >c{margin : 0 auto;width:calc( 1px + 2px )}"
        );
    }
}
