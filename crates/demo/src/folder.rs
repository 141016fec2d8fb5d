//! The data folder: where databases, keys and lists of the demonstration lie.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use basics::{Fault, Oin};
use serde_json::{Value, json};

use crate::crowd::Size;

/// By its presence a folder is known as ours, so that `--fresh` never removes anything else.
const MARK: &str = "postbus-demonstratie";

pub struct Folder(PathBuf);

impl Folder {
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Makes the folder; `fresh` empties one of ours first. A folder with something else in it is left alone, and so is
    /// one with a demonstration of another size than the one asked for. Answers the size of what is or comes in it.
    pub fn prepare(&self, fresh: bool, asked: Option<Size>) -> Result<Size, Fault> {
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
        if let Ok(text) = fs::read_to_string(&mark) {
            let held = size_of(&text).ok_or_else(|| {
                Fault::broken(format!(
                    "{} holds the demonstration of an earlier version; throw it away with --fresh, or choose another --data",
                    self.0.display()
                ))
            })?;
            return match asked {
                Some(asked) if asked != held => Err(Fault::broken(format!(
                    "{} holds {}, and you ask for {}; throw it away with --fresh, or choose another --data",
                    self.0.display(),
                    told(held),
                    told(asked)
                ))),
                _ => Ok(held),
            };
        }
        let size = asked.unwrap_or_default();
        let text = json!({ "mensen": size.people, "brieven": size.letters }).to_string();
        fs::write(mark, text).map_err(|fault| self.cannot("write in", &fault))?;
        Ok(size)
    }

    /// Where an installation lies while it is being filled: an empty place.
    pub fn filling(&self, installation: &str) -> Result<Place, Fault> {
        let place = self.0.join(format!("{installation}.wordt-gevuld"));
        if place.exists() {
            fs::remove_dir_all(&place).map_err(|fault| self.cannot("empty a part of", &fault))?;
        }
        Ok(Place(place))
    }

    /// Where an installation lies once it is whole.
    pub fn place(&self, installation: &str) -> Place {
        Place(self.0.join(installation))
    }

    /// Makes what was filled the installation: from now on it is whole, also after a crash.
    pub fn filled(&self, installation: &str, filling: &Place) -> Result<(), Fault> {
        fs::rename(&filling.0, self.place(installation).0)
            .and_then(|()| fs::File::open(&self.0)?.sync_all())
            .map_err(|fault| self.cannot("move what was filled in", &fault))
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

/// Where one installation lies.
pub struct Place(PathBuf);

impl Place {
    pub fn is_there(&self) -> bool {
        self.0.exists()
    }
    pub fn data(&self) -> PathBuf {
        self.0.join("gegevens")
    }
    pub fn keys(&self) -> PathBuf {
        self.0.join("sleutels")
    }
}

fn size_of(mark: &str) -> Option<Size> {
    let mark: Value = serde_json::from_str(mark).ok()?;
    let number = |name: &str| usize::try_from(mark[name].as_u64()?).ok();
    Some(Size {
        people: number("mensen")?,
        letters: number("brieven")?,
    })
}

fn told(size: Size) -> String {
    match size.people {
        0 => "the sample people alone".to_owned(),
        people => format!(
            "{people} people and {} letters beside the sample people",
            size.letters
        ),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_its_size_and_leaves_others_alone() {
        let there = tempfile::tempdir().unwrap();
        let folder = Folder::new(&there.path().join("demo"));
        let size = |people| Size {
            people,
            letters: 10 * people,
        };
        let prepared = |fresh, asked| {
            folder
                .prepare(fresh, asked)
                .map_err(|fault| fault.to_string())
        };
        assert_eq!(prepared(false, Some(size(5))), Ok(size(5)));
        assert_eq!(prepared(false, None), Ok(size(5)));
        let refused = prepared(false, Some(size(6))).unwrap_err();
        assert!(
            refused.contains("holds 5 people and 50 letters") && refused.contains("--fresh"),
            "{refused}"
        );
        assert_eq!(prepared(true, Some(size(6))), Ok(size(6)));

        let of_another = Folder::new(there.path());
        assert!(of_another.prepare(true, None).is_err(), "not ours to empty");
        assert!(folder.0.exists());
    }

    #[test]
    fn what_is_being_filled_becomes_the_installation_at_once() {
        let there = tempfile::tempdir().unwrap();
        let folder = Folder::new(there.path());
        let cut_off = folder.filling("x").unwrap();
        fs::create_dir_all(cut_off.data()).unwrap();
        let filling = folder.filling("x").unwrap();
        assert!(!filling.data().exists(), "what was cut off is gone");
        fs::create_dir_all(filling.keys()).unwrap();
        assert!(!folder.place("x").is_there());
        folder.filled("x", &filling).unwrap();
        assert!(folder.place("x").keys().exists() && !filling.is_there());
    }
}
