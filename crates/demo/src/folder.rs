//! The data folder: where databases, keys and lists of the demonstration lie.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use basics::{Fault, Oin};
use serde_json::Value;

/// By its presence a folder is known as ours, so that `--fresh` never removes anything else.
const MARK: &str = "postbus-demonstratie";

pub struct Folder(PathBuf);

impl Folder {
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Makes the folder; `fresh` empties one of ours first. A folder with something else in it is left alone.
    pub fn prepare(&self, fresh: bool) -> Result<(), Fault> {
        let mark = self.0.join(MARK);
        let is_empty = fs::read_dir(&self.0).map_or(true, |mut entries| entries.next().is_none());
        if !is_empty && !mark.exists() {
            return Err(Fault::broken(format!(
                "{} holds something that is not of a demonstration; choose another --data",
                self.0.display()
            )));
        }
        if fresh && !is_empty {
            fs::remove_dir_all(&self.0).map_err(|fault| self.cannot("empty", &fault))?;
        }
        fs::create_dir_all(self.organisations()).map_err(|fault| self.cannot("make", &fault))?;
        fs::write(mark, "").map_err(|fault| self.cannot("write in", &fault))
    }

    pub fn data(&self, installation: &str) -> PathBuf {
        self.0.join(installation).join("gegevens")
    }

    pub fn keys(&self, installation: &str) -> PathBuf {
        self.0.join(installation).join("sleutels")
    }

    /// There when the sample letters of this installation have been delivered.
    pub fn seeded(&self, installation: &str) -> PathBuf {
        self.0.join(installation).join("voorbeelden-afgeleverd")
    }

    pub fn people(&self) -> PathBuf {
        self.0.join("voorbeeldpersonen.json")
    }

    /// The private key of a sample organisation (ES256 JWK), made at first use.
    pub fn private_key(&self, oin: &Oin) -> Result<Value, Fault> {
        let file = self.key_file(oin);
        match fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text)
                .map_err(|fault| Fault::broken(format!("{}: {fault}", file.display()))),
            Err(_) => {
                let (private, _) = organisations::new_client_key();
                write_private(&file, &format!("{private:#}\n"))?;
                Ok(private)
            }
        }
    }

    /// The private key of a sample organisation that was listed.
    pub fn known_private_key(&self, oin: &Oin) -> Result<Value, Fault> {
        if self.key_file(oin).exists() {
            self.private_key(oin)
        } else {
            Err(Fault::broken(format!(
                "{} has no key of organisation {oin}; start the demonstration first, it lists the organisations",
                self.organisations().display()
            )))
        }
    }

    /// The signing key of the login provider (PEM), made at first use so that a second start knows the same people.
    pub fn provider_key(&self) -> Result<String, Fault> {
        let file = self.0.join("inlogdienst.pem");
        if let Ok(pem) = fs::read_to_string(&file) {
            return Ok(pem);
        }
        let pem = demo_provider::new_signing_key();
        write_private(&file, &pem)?;
        Ok(pem)
    }

    fn organisations(&self) -> PathBuf {
        self.0.join("organisaties")
    }

    fn key_file(&self, oin: &Oin) -> PathBuf {
        self.organisations().join(format!("{oin}.jwk.json"))
    }

    fn cannot(&self, what: &str, fault: &std::io::Error) -> Fault {
        Fault::broken(format!("cannot {what} {}: {fault}", self.0.display()))
    }
}

fn write_private(file: &Path, text: &str) -> Result<(), Fault> {
    use std::io::Write;
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut open| open.write_all(text.as_bytes()))
        .map_err(|fault| Fault::broken(format!("cannot write {}: {fault}", file.display())))
}
