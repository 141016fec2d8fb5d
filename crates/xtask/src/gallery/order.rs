//! What the program in tools/ is to look at, and what it reports.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use testkit::ANNA;

use super::Options;
use super::findings::Finding;
use super::stage::Stage;
use crate::checkout::{finish, program, root};
use crate::tools::CHROMIUM;

/// The pictures of the README: file, page, kind, and what height of the page they show.
const PICTURES: [(&str, &str, &str, u32); 6] = [
    ("begin.png", "mijnoverheid/nl/begin_veel", "light", 1000),
    (
        "berichten.png",
        "mijnoverheid/nl/berichten_veel",
        "light",
        1000,
    ),
    ("bericht.png", "mijnoverheid/nl/bericht", "light", 1200),
    (
        "berichten-donker.png",
        "mijnoverheid/nl/berichten_veel",
        "dark",
        1000,
    ),
    (
        "bericht-telefoon.png",
        "mijnoverheid/nl/bericht",
        "phone",
        720,
    ),
    (
        "berichten-papiamentu.png",
        "mijncn/pap/berichten_veel",
        "light",
        1000,
    ),
];

/// The file with what is to be looked at.
pub struct Order(PathBuf);

/// What was seen.
pub struct Seen {
    pub findings: Vec<Finding>,
    weights: BTreeMap<String, u64>,
    unsure: Value,
    seconds: BTreeMap<String, f64>,
}

pub fn write(
    stage: &Stage,
    options: &Options,
    tools: &Path,
    folder: &Path,
) -> Result<Order, String> {
    let pages = stage.pages.iter().map(|page| {
        json!({
            "name": page.name,
            "url": format!("/{}", page.name),
            "place": page.shown.place.name(),
            "language": page.shown.language,
            "path": page.shown.path,
            "is_first_language": page.shown.place.languages().first() == Some(&page.shown.language),
            "is_list": page.shown.page.starts_with("berichten"),
        })
    });
    let places = stage.living.iter().map(|(place, world)| {
        json!({
            "place": place.name(),
            "base": world.product.base_url(),
            "issuer": world.product.issuer(),
            "languages": place.languages(),
            "has_letters": place.has_letters(),
            "number": world.product.number(&ANNA),
        })
    });
    let picture = |(file, name, kind, height): &(&str, &str, &str, u32)| json!({ "name": name, "kind": kind, "height": height, "file": root().join("docs/images").join(file) });
    let pictures: Vec<Value> = PICTURES
        .iter()
        .filter(|_| options.readme)
        .map(picture)
        .collect();
    let order = json!({
        "base": stage.base,
        "folder": folder,
        "tools": tools,
        "chromium": chromium()?,
        "every_picture": !options.no_pictures,
        "pictures": pictures,
        "pages": pages.collect::<Vec<_>>(),
        "places": places.collect::<Vec<_>>(),
    });
    let file = folder.join("order.json");
    fs::write(&file, order.to_string()).map_err(|fault| format!("{}: {fault}", file.display()))?;
    Ok(Order(file))
}

/// Has everything looked at.
pub fn give(Order(file): &Order) -> Result<Seen, String> {
    let answer = file.with_file_name("seen.json");
    let script = root().join("tools/gallery.mjs");
    finish(program("node").arg(script).arg(file).arg(&answer))?;
    let text =
        fs::read_to_string(&answer).map_err(|fault| format!("{}: {fault}", answer.display()))?;
    let read = |what: &dyn std::fmt::Display| format!("{}: {what}", answer.display());
    let seen: Value = serde_json::from_str(&text).map_err(|fault| read(&fault))?;
    let findings = seen["findings"]
        .as_array()
        .ok_or_else(|| read(&"no findings"))?;
    Ok(Seen {
        findings: findings.iter().map(Finding::read).collect(),
        weights: serde_json::from_value(seen["weights"].clone()).map_err(|fault| read(&fault))?,
        unsure: seen["unsure"].clone(),
        seconds: serde_json::from_value(seen["seconds"].clone()).map_err(|fault| read(&fault))?,
    })
}

impl Seen {
    /// Prints what is no finding and yet worth knowing.
    pub fn tell(&self) {
        for (page, bytes) in self
            .weights
            .iter()
            .filter(|(page, _)| page.ends_with("/berichten_veel"))
        {
            println!("weight of {page}: {bytes} bytes with style and pictures");
        }
        for (rule, places) in self.unsure.as_object().into_iter().flatten() {
            let number = places.as_object().map_or(0, serde_json::Map::len);
            println!("axe could not tell: {rule} in {number} places; seen.json has them");
        }
        let mut slow: Vec<_> = self.seconds.iter().collect();
        slow.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let slow: Vec<String> = slow
            .iter()
            .take(6)
            .map(|(page, took)| format!("{page} {took:.1} s"))
            .collect();
        println!("most time: {}", slow.join(", "));
    }
}

/// The path of the browser, which is started without a shell's help.
fn chromium() -> Result<PathBuf, String> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths)
        .map(|folder| folder.join(CHROMIUM))
        .find(|file| file.exists());
    found.ok_or_else(|| format!("{CHROMIUM} is nowhere on the PATH"))
}
