//! `postbus subject export`

use std::fs::{self, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use basics::{Fault, Moment};
use futures_util::TryStreamExt;
use indicatif::ProgressBar;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use statement::Register;
use vault::{Export, ExportedFile, ExportedRow, ExportedValue, Vault};

use super::Chosen;
use super::whose::{Asked, NOBODY};

/// The name of what is written beside the files.
pub(super) const DATA: &str = "gegevens.json";
const FILES: &str = "bijlagen";

#[derive(clap::Args)]
pub(super) struct SubjectExport {
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    asked: Asked,
    /// The folder to write to; it is made, and must not be there
    #[arg(long)]
    to: PathBuf,
}

impl SubjectExport {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        refuse_there(&self.to)?;
        let vault = self.chosen.open()?.vault;
        let whose = self.asked.whose(vault.register().number().kind)?;
        let Some(export) = vault.export(whose).await? else {
            println!("{NOBODY}");
            return Ok(ExitCode::FAILURE);
        };
        write(&vault, &export, &self.to).await?;
        println!(
            "{} rows and {} files are in {}",
            export.rows(),
            export.files.len(),
            self.to.display()
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// What is written is written to a new folder.
pub(super) fn refuse_there(folder: &Path) -> Result<(), Fault> {
    if folder.exists() {
        return Err(Fault::broken(format!(
            "{} is there already: name a folder that is not",
            folder.display()
        )));
    }
    Ok(())
}

/// Writes a copy of somebody's data to a new folder that only we can read.
pub async fn write(vault: &Vault, export: &Export, folder: &Path) -> Result<(), Fault> {
    let (register, now) = (vault.register(), vault.clock().now());
    let names = write_files(vault, export, folder).await?;
    let said = Spelt {
        register,
        export,
        files: &names,
        at: now,
    };
    write_json(&folder.join(DATA), &said)
}

/// Writes the files of a copy to a new folder; answers their names there.
pub(super) async fn write_files(
    vault: &Vault,
    export: &Export,
    folder: &Path,
) -> Result<Vec<String>, Fault> {
    let names: Vec<String> = (1..).zip(&export.files).map(file_name).collect();
    let private = |folder: &Path| fs::DirBuilder::new().mode(0o700).create(folder);
    private(folder).map_err(|fault| cannot(folder, &fault))?;
    let files = folder.join(FILES);
    if !names.is_empty() {
        private(&files).map_err(|fault| cannot(&files, &fault))?;
    }
    let bar = ProgressBar::new(names.len() as u64);
    for (file, name) in export.files.iter().zip(&names) {
        let path = folder.join(name);
        let mut written = new_file(&path)?;
        let mut bytes = vault.blob(file.blob, &file.key).await?;
        while let Some(part) = bytes.try_next().await? {
            written
                .write_all(&part)
                .map_err(|fault| cannot(&path, &fault))?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(names)
}

/// Durable when this answers.
pub(super) fn write_text(path: &Path, text: &str) -> Result<(), Fault> {
    write_with(path, |written| written.write_all(text.as_bytes()))
}

/// The same, as readable JSON.
pub(super) fn write_json(path: &Path, said: &impl Serialize) -> Result<(), Fault> {
    write_with(path, |written| {
        serde_json::to_writer_pretty(&mut *written, said)?;
        written.write_all(b"\n")
    })
}

fn write_with(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<fs::File>) -> std::io::Result<()>,
) -> Result<(), Fault> {
    let mut written = BufWriter::new(new_file(path)?);
    write(&mut written)
        .and_then(|()| written.flush())
        .and_then(|()| written.get_ref().sync_all())
        .map_err(|fault| cannot(path, &fault))
}

fn new_file(path: &Path) -> Result<fs::File, Fault> {
    let mut new = OpenOptions::new();
    let opened = new.write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|fault| cannot(path, &fault))
}

fn cannot(path: &Path, fault: &std::io::Error) -> Fault {
    Fault::broken(format!("cannot write {}: {fault}", path.display()))
}

/// Its number, and the kind of file that its sender's name for it tells.
fn file_name((number, file): (usize, &ExportedFile)) -> String {
    let is_kind = |kind: &str| {
        (1..=5).contains(&kind.len()) && kind.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    match file.name.rsplit_once('.') {
        Some((_, kind)) if is_kind(kind) => format!("{FILES}/{number:04}.{kind}"),
        _ => format!("{FILES}/{number:04}"),
    }
}

/// The copy as JSON: what the statement says of each category, and the rows of each table; written row by row.
struct Spelt<'e> {
    register: &'e Register,
    export: &'e Export,
    files: &'e [String],
    at: Moment,
}

impl Serialize for Spelt<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (register, export) = (self.register, self.export);
        let categories = export.columns.iter().filter_map(|(name, columns)| {
            let id = register.category(name)?;
            let category = register.categories().find(|category| category.id == id)?;
            Some(json!({
                "naam": name,
                "titel": category.title.get("nl"),
                "bewaartermijn": category.retention.term.to_string(),
                "vanaf": category.retention.from.name(),
                "kolommen": columns,
            }))
        });
        let statement = json!({
            "naam": register.installation(),
            "titel": register.title(),
            "versie": register.version().number,
            "verantwoordelijke": register.controller(),
        });
        let mut all = serializer.serialize_map(None)?;
        all.serialize_entry("betrokkene", &export.subject.to_string())?;
        all.serialize_entry("categorieen", &categories.collect::<Vec<_>>())?;
        let files = self.files;
        all.serialize_entry("gegevens", &Tables { export, files })?;
        all.serialize_entry("gemaakt", &self.at.to_string())?;
        all.serialize_entry("verklaring", &statement)?;
        all.end()
    }
}

/// The rows of each table; `files` are the names of its files.
pub(super) struct Tables<'e> {
    pub(super) export: &'e Export,
    pub(super) files: &'e [String],
}

impl Serialize for Tables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { export, files } = self;
        let mut tables: Vec<_> = export.tables.iter().collect();
        tables.sort_by_key(|(name, _)| *name);
        serializer.collect_map(
            tables
                .into_iter()
                .map(|(name, rows)| (name, Rows { rows, files })),
        )
    }
}

struct Rows<'e> {
    rows: &'e [ExportedRow],
    files: &'e [String],
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows.iter().map(|row| spelt_row(row, self.files)))
    }
}

fn spelt_row(row: &ExportedRow, files: &[String]) -> Value {
    let values = row.values.iter().map(|(column, value)| {
        let value = match value {
            ExportedValue::Nothing => Value::Null,
            ExportedValue::Number(number) => json!(number),
            ExportedValue::Text(text) => json!(text),
            ExportedValue::Bytes(bytes) => json!(hex::encode(bytes)),
            ExportedValue::File(at) => return ("bestand".to_owned(), json!(files.get(*at))),
        };
        (column.clone(), value)
    });
    let hanging = row.hanging.iter().map(|(table, rows)| {
        let rows = rows.iter().map(|row| spelt_row(row, files)).collect();
        ((*table).to_owned(), Value::Array(rows))
    });
    Value::Object(values.chain(hanging).collect())
}
