//! The statements that are shipped, and installations of all but the measured one beside it in the same process: they are asked nothing.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use basics::{Clock, Fault, Ids};
use statement::Register;
use tempfile::TempDir;
use vault::{Elsewhere, Vault, VaultSettings};

use crate::checkout;

/// What the bench itself runs with.
pub const OURS: &str = "mijnoverheid";
const ALL: [&str; 4] = [OURS, "mijncn", "toeslagen", "cjib"];

pub struct Neighbours {
    _open: Vec<Vault>,
    /// Behind what is open in it.
    _folder: TempDir,
}

impl Neighbours {
    pub fn open() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let others = ALL.into_iter().filter(|name| *name != OURS);
        let open = others.map(|name| {
            let register = register(&text(name)?)?;
            Ok(open(
                &folder.path().join(name),
                Elsewhere::default(),
                register,
            )?)
        });
        Ok(Self {
            _open: open.collect::<Result<_, Box<dyn Error>>>()?,
            _folder: folder,
        })
    }
}

/// The names of the shipped statements.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.into_iter()
}

pub fn file(name: &str) -> PathBuf {
    checkout::root().join(format!("statements/{name}.toml"))
}

pub fn text(name: &str) -> std::io::Result<String> {
    fs::read_to_string(file(name))
}

pub fn register(text: &str) -> Result<Arc<Register>, Box<dyn Error>> {
    let findings = |findings: Vec<statement::Finding>| {
        let said: Vec<String> = findings.iter().map(ToString::to_string).collect();
        said.join("\n")
    };
    Ok(Arc::new(Register::parse(text).map_err(findings)?))
}

/// With the tables of every room.
pub fn open(folder: &Path, elsewhere: Elsewhere, register: Arc<Register>) -> Result<Vault, Fault> {
    Vault::open(VaultSettings {
        data: folder.join("data"),
        keys: folder.join("keys"),
        elsewhere,
        register,
        rooms: postbus::rooms(),
        clock: Clock::system(),
        ids: Ids::system(),
    })
}
