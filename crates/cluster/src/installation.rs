//! Where PostgreSQL is installed: the newest that will do.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Fault;

/// The programs of one version of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    folder: PathBuf,
    version: u32,
}

/// Where is looked, in this order.
struct Places {
    named: Option<PathBuf>,
    debian: PathBuf,
    path: OsString,
}

impl Installation {
    /// The oldest version that will do.
    pub const LEAST: u32 = 15;
    /// Names the folder of the programs when it is not where one looks for it.
    pub const NAMED_BY: &str = "POSTBUS_POSTGRES_BIN";

    const PROGRAMS: [&str; 6] = [
        "postgres",
        "initdb",
        "psql",
        "createdb",
        "dropdb",
        "pg_basebackup",
    ];

    /// Looks in the folder that the environment names, then where Debian installs, then along `PATH`.
    pub fn find() -> Result<Self, Fault> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        Self::find_in(&Places {
            named: set(Self::NAMED_BY).map(PathBuf::from),
            debian: "/usr/lib/postgresql".into(),
            path: set("PATH").unwrap_or_default(),
        })
    }

    /// The major version.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The path of one of its programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn find_in(places: &Places) -> Result<Self, Fault> {
        if let Some(folder) = &places.named {
            return Self::read(folder)
                .filter(Self::will_do)
                .ok_or_else(|| advice(&format!("{}={}", Self::NAMED_BY, folder.display())));
        }
        let mut found: Vec<Self> = folders_of_debian(&places.debian)
            .iter()
            .filter_map(|folder| Self::read(folder))
            .collect();
        found.sort_by_key(|one| one.version);
        let newest = found.pop().filter(Self::will_do);
        newest
            .or_else(|| {
                std::env::split_paths(&places.path)
                    .filter_map(|folder| Self::read(&folder))
                    .find(Self::will_do)
            })
            .ok_or_else(|| advice("this machine"))
    }

    /// None unless every program is there.
    fn read(folder: &Path) -> Option<Self> {
        let is_there = |name: &str| folder.join(name).is_file();
        if !Self::PROGRAMS.iter().all(|name| is_there(name)) {
            return None;
        }
        let server = folder.join("postgres");
        let said = Command::new(server).arg("--version").output().ok()?;
        Some(Self {
            folder: folder.to_owned(),
            version: first_number(&String::from_utf8_lossy(&said.stdout))?,
        })
    }

    fn will_do(&self) -> bool {
        self.version >= Self::LEAST
    }
}

/// One folder a version: `/usr/lib/postgresql/15/bin`.
fn folders_of_debian(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = parent.read_dir() else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("bin"))
        .collect()
}

/// `postgres (PostgreSQL) 15.18` is 15.
fn first_number(text: &str) -> Option<u32> {
    text.split(|c: char| !c.is_ascii_digit())
        .find_map(|digits| digits.parse().ok())
}

fn advice(place: &str) -> Fault {
    Fault::new(format!(
        "no PostgreSQL {least} or newer on {place}: install it with its client programs (Debian: apt-get install \
         postgresql), or name the folder of its programs in {name}",
        least = Installation::LEAST,
        name = Installation::NAMED_BY,
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A folder with programs that say they are of this version.
    fn installed(folder: &Path, version: &str) {
        fs::create_dir_all(folder).unwrap();
        for name in Installation::PROGRAMS {
            let program = folder.join(name);
            fs::write(
                &program,
                format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n"),
            )
            .unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    fn nowhere(folder: &Path) -> Places {
        Places {
            named: None,
            debian: folder.join("debian"),
            path: folder.join("path").into_os_string(),
        }
    }

    #[test]
    fn a_missing_installation_is_told_with_what_to_install() {
        let folder = tempfile::tempdir().unwrap();
        let places = nowhere(folder.path());
        let said = Installation::find_in(&places).unwrap_err().to_string();
        assert!(
            said.contains("no PostgreSQL 15 or newer on this machine"),
            "{said}"
        );
        assert!(said.contains("apt-get install postgresql"), "{said}");
        assert!(said.contains("POSTBUS_POSTGRES_BIN"), "{said}");
    }

    #[test]
    fn the_newest_of_debian_is_taken_and_an_old_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let places = nowhere(folder.path());
        installed(&places.debian.join("13/bin"), "13.9");
        assert!(Installation::find_in(&places).is_err());
        installed(Path::new(&places.path), "15.2");
        assert_eq!(Installation::find_in(&places).unwrap().version(), 15);
        installed(&places.debian.join("16/bin"), "16.1");
        installed(&places.debian.join("9/bin"), "9.6");
        let found = Installation::find_in(&places).unwrap();
        assert_eq!(found.program("psql"), places.debian.join("16/bin/psql"));
    }

    #[test]
    fn a_folder_that_is_named_is_the_only_one_looked_in() {
        let folder = tempfile::tempdir().unwrap();
        let mut places = nowhere(folder.path());
        installed(&places.debian.join("16/bin"), "16.1");
        let own = folder.path().join("own");
        places.named = Some(own.clone());
        let said = Installation::find_in(&places).unwrap_err().to_string();
        assert!(said.contains(own.to_str().unwrap()), "{said}");
        installed(&own, "17.0");
        assert_eq!(Installation::find_in(&places).unwrap().version(), 17);
        fs::remove_file(own.join("psql")).unwrap();
        assert!(Installation::find_in(&places).is_err());
    }
}
