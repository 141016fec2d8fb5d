//! The statements under which things were done: the one in force, and those before it as far as they are kept and still read.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use basics::Fault;
use statement::{Entry, Register};
use vault::{ReadTx, Sql, Vault, sql};

use crate::publication::reading;

const VERSIONS: &Sql = sql!("SELECT version FROM statement_versions ORDER BY in_force_at DESC");
const SOURCE: &Sql = sql!("SELECT source FROM statement_versions WHERE version = $1");

/// By version; none: one that is of before this program.
type ByVersion = BTreeMap<String, Option<Arc<Register>>>;

/// What was read of the kept ones, in one installation; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<RwLock<ByVersion>>);

/// The statement in force and the earlier ones, the newest first.
#[derive(Clone)]
pub(crate) struct Registers {
    in_force: Arc<Register>,
    earlier: Vec<Arc<Register>>,
}

impl Kept {
    /// Reads what another process or an earlier start published since the last time.
    pub(crate) async fn registers(&self, vault: &Vault) -> Result<Registers, Fault> {
        let in_force = vault.register();
        let versions = vault.read(reading(vault), |tx: &mut ReadTx<'_>| {
            tx.query(VERSIONS, &[], |row| row.text(0).map(str::to_owned))
        });
        let mut versions: Vec<String> = versions.await?;
        versions.retain(|version| *version != in_force.version().number);
        let new: Vec<String> = {
            let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
            let is_new = |version: &&String| !known.contains_key(*version);
            versions.iter().filter(is_new).cloned().collect()
        };
        for version in new {
            let named = version.clone();
            let source = vault.read(reading(vault), move |tx: &mut ReadTx<'_>| {
                tx.query_opt(SOURCE, &[named.as_str().into()], |row| {
                    row.text(0).map(str::to_owned)
                })
            });
            let source: Option<String> = source.await?;
            let register = source.and_then(|source| Register::parse(&source).ok());
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(version, register.map(Arc::new));
        }
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let earlier = versions
            .iter()
            .filter_map(|version| known.get(version)?.clone());
        Ok(Registers {
            in_force: Arc::clone(in_force),
            earlier: earlier.collect(),
        })
    }
}

impl Registers {
    /// The one in force, where the version is not known any more.
    pub(crate) fn of(&self, version: &str) -> &Register {
        self.earlier(version).unwrap_or(&self.in_force)
    }

    /// A version that is in force no more.
    pub(crate) fn earlier(&self, version: &str) -> Option<&Register> {
        let mut earlier = self.earlier.iter();
        let found = earlier.find(|register| register.version().number == version);
        found.map(|register| &**register)
    }

    pub(crate) fn in_force(&self) -> &Register {
        &self.in_force
    }

    /// What is or was done, each once, as the newest version calls it.
    pub(crate) fn activities(&self) -> Vec<&Entry> {
        let mut all: Vec<&Entry> = self.in_force.activities().collect();
        for register in &self.earlier {
            for entry in register.activities() {
                if !all.iter().any(|known| known.name == entry.name) {
                    all.push(entry);
                }
            }
        }
        all
    }
}

#[cfg(test)]
impl From<Register> for Registers {
    fn from(register: Register) -> Self {
        Self {
            in_force: Arc::new(register),
            earlier: Vec::new(),
        }
    }
}
