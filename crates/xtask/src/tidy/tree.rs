//! The checkout as the rules see it: every text file, and every crate with what it imports.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::code::Code;
use super::map::Map;

/// Crates that hold no product code: their tests, fakes and tasks may do what rooms may not.
const NOT_PRODUCT: [&str; 3] = ["testkit", "tests", "xtask"];

/// Folders that are built, fetched or filled by running the product.
const NOT_OURS: [&str; 5] = ["target", "node_modules", "demo-data", ".git", ".venv"];

pub struct Tree {
    pub files: Vec<File>,
    pub crates: Vec<Crate>,
    pub map: Map,
}

/// A text file, its path from the root with `/` between.
pub struct File {
    pub path: String,
    pub text: String,
    /// Only of a Rust file.
    pub code: Option<Code>,
}

/// A crate of ours and the crates of ours in its manifest.
pub struct Crate {
    pub name: String,
    pub imports: Vec<Import>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    pub name: String,
    /// Only the crate's own tests use it.
    pub dev: bool,
}

impl Tree {
    pub fn read(root: &Path) -> Result<Self, String> {
        let mut files = Vec::new();
        collect(root, "", &mut files)?;
        let crates = crates_of(&metadata(root)?)?;
        Ok(Self::new(files, crates))
    }

    fn new(mut files: Vec<File>, crates: Vec<Crate>) -> Self {
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let text = files.iter().find(|file| file.path == Map::FILE);
        let map = Map::parse(text.map_or("", |file| &file.text));
        Self { files, crates, map }
    }

    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    pub fn rust(&self) -> impl Iterator<Item = (&File, &Code)> {
        self.files
            .iter()
            .filter_map(|file| Some((file, file.code.as_ref()?)))
    }
}

impl File {
    pub fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_string(),
            text: text.to_string(),
            code: path.ends_with(".rs").then(|| Code::read(text)),
        }
    }

    /// The folder under crates/ that the file lies in.
    pub fn room(&self) -> Option<&str> {
        let rest = self.path.strip_prefix("crates/")?;
        rest.split_once('/').map(|(room, _)| room)
    }

    /// In a crate that holds no product code, or in a crate's folder of tests or examples.
    pub fn is_of_tests(&self) -> bool {
        self.room().is_some_and(|room| NOT_PRODUCT.contains(&room))
            || self.path.contains("/tests/")
            || self.path.contains("/benches/")
            || self.path.contains("/examples/")
            || self.path.ends_with("/tests.rs")
    }

    /// A line of a product crate that is not in a test.
    pub fn is_product(&self, offset: usize) -> bool {
        let in_test = |code: &Code| code.in_test(offset);
        self.room().is_some() && !self.is_of_tests() && !self.code.as_ref().is_some_and(in_test)
    }

    /// The number of the line that holds this byte.
    pub fn line(&self, offset: usize) -> usize {
        self.text.as_bytes()[..offset]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) -> Result<(), String> {
    let told = |fault| format!("{}: {fault}", folder.display());
    for entry in fs::read_dir(folder).map_err(told)? {
        let entry = entry.map_err(told)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().map_err(told)?;
        if kind.is_dir() && !NOT_OURS.contains(&name.as_str()) {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file()
            && let Ok(text) = fs::read_to_string(entry.path())
        {
            files.push(File::new(&path, &text));
        }
    }
    Ok(())
}

fn metadata(root: &Path) -> Result<Value, String> {
    let arguments = [
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ];
    let output = crate::checkout::cargo(&arguments)
        .current_dir(root)
        .output()
        .map_err(|fault| format!("cargo metadata did not start: {fault}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("cargo metadata: {}", said.trim()));
    }
    serde_json::from_slice(&output.stdout).map_err(|fault| format!("cargo metadata: {fault}"))
}

fn crates_of(metadata: &Value) -> Result<Vec<Crate>, String> {
    let list = |value: &Value, key: &str| value[key].as_array().cloned();
    let name = |value: &Value| value["name"].as_str().map(str::to_string);
    let read = |package: &Value| {
        let imports = list(package, "dependencies")?
            .iter()
            .filter(|dependency| dependency["path"].is_string())
            .map(|dependency| {
                Some(Import {
                    name: name(dependency)?,
                    dev: dependency["kind"] == "dev",
                })
            })
            .collect::<Option<_>>()?;
        Some(Crate {
            name: name(package)?,
            imports,
        })
    };
    list(metadata, "packages")
        .and_then(|packages| packages.iter().map(read).collect())
        .ok_or_else(|| "cargo metadata has another shape than expected".into())
}

/// A checkout made up for a rule's test: files as (path, text), crates as (name, imports), where an
/// import of tests only is written `dev:name`.
#[cfg(test)]
pub fn made_up(files: &[(&str, &str)], crates: &[(&str, &[&str])]) -> Tree {
    let import = |name: &&str| Import {
        name: name.trim_start_matches("dev:").to_string(),
        dev: name.starts_with("dev:"),
    };
    Tree::new(
        files
            .iter()
            .map(|(path, text)| File::new(path, text))
            .collect(),
        crates
            .iter()
            .map(|(name, imports)| Crate {
                name: name.to_string(),
                imports: imports.iter().map(import).collect(),
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_is_read_with_its_crates_and_without_what_is_built() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let package = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
        write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n");
        write("crates/low/Cargo.toml", &package("low"));
        write("crates/low/src/lib.rs", "//! Low.\n");
        let high = package("high") + "[dev-dependencies]\nlow = { path = \"../low\" }\n";
        write("crates/high/Cargo.toml", &high);
        write("crates/high/src/lib.rs", "//! High.\n");
        write("target/debug/left.rs", "built");

        let tree = Tree::read(folder.path()).unwrap();
        let paths: Vec<&str> = tree.files.iter().map(|file| file.path.as_str()).collect();
        assert!(paths.contains(&"crates/high/src/lib.rs"));
        assert!(!paths.contains(&"target/debug/left.rs"));
        let high = tree.crates.iter().find(|one| one.name == "high").unwrap();
        let low = Import {
            name: "low".into(),
            dev: true,
        };
        assert_eq!(high.imports, [low]);
    }
}
