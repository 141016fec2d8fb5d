//! Writes the checked texts down as Rust: a module with a `Texts` struct per room, and one `Texts` that holds them.

use std::fmt::Write as _;

use crate::reading::{COUNT, Form, Room, TAGS, Text};
use crate::wording::{Piece, Wording, plain};

pub fn rust(rooms: &[Room]) -> String {
    let mut out = String::new();
    write(rooms, &mut out).expect("a String takes all that is written");
    out
}

fn write(rooms: &[Room], out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "/// Every text of one language, by room.\n#[derive(Debug)]\npub struct Texts {{"
    )?;
    for Room { name, .. } in rooms {
        writeln!(out, "    pub {name}: {name}::Texts,")?;
    }
    writeln!(out, "}}")?;
    for tag in TAGS.map(str::to_uppercase) {
        writeln!(out, "pub(super) static {tag}: Texts = Texts {{")?;
        for Room { name, .. } in rooms {
            writeln!(out, "    {name}: {name}::{tag},")?;
        }
        writeln!(out, "}};")?;
    }
    rooms.iter().try_for_each(|room| write_room(room, out))
}

fn write_room(Room { name, texts }: &Room, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "/// The texts of texts/*/{name}.toml.\npub mod {name} {{\nuse super::super::{{Count, Piece, fill}};"
    )?;
    writeln!(out, "#[derive(Debug)]\npub struct Texts {{")?;
    for Text { name, form } in texts {
        match form {
            Form::Plain([first, ..]) => {
                writeln!(out, "    #[doc = {first:?}]\n    pub {name}: &'static str,")?
            }
            Form::Filled { .. } => writeln!(out, "    {name}: &'static [Piece],")?,
            Form::Counted { .. } => writeln!(out, "    {name}: [&'static [Piece]; 2],")?,
        }
    }
    writeln!(out, "}}\nimpl Texts {{")?;
    texts.iter().try_for_each(|text| write_method(text, out))?;
    writeln!(out, "}}")?;
    for (language, tag) in TAGS.iter().enumerate() {
        writeln!(
            out,
            "pub(super) const {}: Texts = Texts {{",
            tag.to_uppercase()
        )?;
        for text in texts {
            writeln!(out, "    {}: {},", text.name, value(&text.form, language))?;
        }
        writeln!(out, "}};")?;
    }
    writeln!(out, "}}")
}

fn write_method(Text { name, form }: &Text, out: &mut String) -> std::fmt::Result {
    let (arguments, example, count, wording) = match form {
        Form::Plain(_) => return Ok(()),
        Form::Filled {
            arguments,
            wordings,
        } => (arguments, &wordings[0], "", format!("self.{name}")),
        Form::Counted {
            arguments, other, ..
        } => (
            arguments,
            &other[0],
            "count: impl Count, ",
            format!("self.{name}[usize::from(!count.is_one())]"),
        ),
    };
    let takes: String = arguments
        .iter()
        .map(|argument| format!("{argument}: impl std::fmt::Display, "))
        .collect();
    let counted = (!count.is_empty()).then_some(COUNT);
    let given: String = counted
        .into_iter()
        .chain(arguments.iter().map(String::as_str))
        .map(|name| format!("&{name}, "))
        .collect();
    writeln!(out, "    #[doc = {:?}]", plain(example))?;
    writeln!(
        out,
        "    pub fn {name}(&self, {count}{takes}) -> String {{ fill({wording}, &[{given}]) }}"
    )
}

fn value(form: &Form, language: usize) -> String {
    match form {
        Form::Plain(wordings) => format!("{:?}", wordings[language]),
        Form::Filled {
            arguments,
            wordings,
        } => slice(&wordings[language], |name| position(arguments, name)),
        Form::Counted {
            arguments,
            one,
            other,
        } => {
            let at = |name: &str| {
                if name == COUNT {
                    0
                } else {
                    1 + position(arguments, name)
                }
            };
            format!(
                "[{}, {}]",
                slice(&one[language], at),
                slice(&other[language], at)
            )
        }
    }
}

fn slice(wording: &Wording, at: impl Fn(&str) -> usize) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => format!("Piece::Text({text:?}), "),
        Piece::Argument(name) => format!("Piece::Argument({}), ", at(name)),
    };
    format!("&[{}]", wording.iter().map(piece).collect::<String>())
}

fn position(arguments: &[String], name: &str) -> usize {
    arguments
        .iter()
        .position(|argument| argument == name)
        .expect("arguments are gathered from the wordings")
}

#[cfg(test)]
mod tests {
    use crate::reading::{File, TAGS, rooms};

    #[test]
    fn each_form_of_a_text_becomes_rust() {
        let content =
            "a = 'x\"'\nb = '{tot} {van}'\nc_one = 'een {ding}'\nc_other = '{count} keer {ding}'";
        let files = TAGS.map(|tag| File {
            tag,
            room: "voor-hal".into(),
            content: content.into(),
        });
        let rust = super::rust(&rooms(&files).expect("sound"));
        for part in [
            "pub voor_hal: voor_hal::Texts",
            "pub a: &'static str",
            r#"a: "x\"","#,
            "pub fn b(&self, tot: impl std::fmt::Display, van: impl std::fmt::Display, )",
            "pub fn c(&self, count: impl Count, ding: impl std::fmt::Display, )",
            r#"&[Piece::Argument(0), Piece::Text(" keer "), Piece::Argument(1), ]"#,
        ] {
            assert!(rust.contains(part), "{part} in\n{rust}");
        }
    }
}
