//! Turns texts/{nl,en,pap}/<room>.toml into Rust, or fails the build naming each file and key at fault.

mod reading;
mod wording;
mod writing;

use std::fs;
use std::path::{Path, PathBuf};

use reading::{File, TAGS};

fn main() {
    let crate_folder =
        PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let folder = crate_folder.join("../../texts");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={}", folder.display());

    match found(&folder).and_then(|files| reading::rooms(&files)) {
        Ok(rooms) => {
            let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
            fs::write(out.join("texts.rs"), writing::rust(&rooms)).expect("OUT_DIR can be written");
        }
        Err(faults) => faults
            .iter()
            .for_each(|fault| println!("cargo::error={fault}")),
    }
}

fn found(folder: &Path) -> Result<Vec<File>, Vec<String>> {
    let mut files = Vec::new();
    for tag in TAGS {
        let Ok(entries) = fs::read_dir(folder.join(tag)) else {
            continue;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let Some(room) = path
                .file_name()
                .and_then(|name| name.to_str()?.strip_suffix(".toml"))
            else {
                continue;
            };
            let content = fs::read_to_string(&path)
                .map_err(|fault| vec![format!("texts/{tag}/{room}.toml: {fault}")])?;
            files.push(File {
                tag,
                room: room.to_owned(),
                content,
            });
        }
    }
    Ok(files)
}
