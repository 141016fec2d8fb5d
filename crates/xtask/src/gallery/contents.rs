//! `index.html`: all pages with their pictures side by side, for whoever wants to see them.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::stage::Stage;

const KINDS: [(&str, &str); 4] = [
    ("light", "light"),
    ("dark", "dark"),
    ("phone", "320 px"),
    ("print", "print"),
];

const STYLE: &str = "body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem } section > div { display: flex; gap: 1rem; \
     align-items: flex-start; overflow-x: auto } figure { margin: 0 } figcaption { color: #555 } \
     img { display: block; max-height: 32rem; max-width: 40rem; border: 1px solid #ccc }";

pub fn write(stage: &Stage, folder: &Path, has_pictures: bool) -> Result<(), String> {
    let mut sections = String::new();
    for page in &stage.pages {
        let (name, status) = (&page.name, page.shown.answer.status);
        let shown = if has_pictures {
            pictures(name)
        } else {
            String::new()
        };
        let _ = writeln!(
            sections,
            "<section><h2><a href=\"{name}.html\">{name}</a> <small>{status}</small></h2><div>{shown}</div></section>"
        );
    }
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Gallery</title>\n<style>{STYLE}</style>\n\
         <h1>Every page of Postbus</h1>\n{sections}</html>\n"
    );
    let file = folder.join("index.html");
    fs::write(&file, html).map_err(|fault| format!("{}: {fault}", file.display()))
}

fn pictures(name: &str) -> String {
    let figure = |(kind, label): &(&str, &str)| {
        let source = format!("{name}.{kind}.png");
        format!(
            "<figure><a href=\"{source}\"><img src=\"{source}\" alt=\"\" loading=\"lazy\"></a><figcaption>{label}</figcaption></figure>"
        )
    };
    KINDS.iter().map(figure).collect()
}
