//! The data folder: where databases, keys and lists of the demonstration lie.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use basics::{Fault, Oin};
use serde_json::{Value, json};

use cluster::Lent;
use vault::Elsewhere;

use crate::Engine;
use crate::crowd::Size;
use crate::server::{Server, State};

/// By its presence a folder is known as ours, so that `--fresh` never removes anything else.
const MARK: &str = "postbus-demonstratie";

pub struct Folder {
    path: PathBuf,
    server: Option<Server>,
}

/// What somebody asks of a folder; what is not said is as it lies there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    pub size: Option<Size>,
    pub engine: Option<Engine>,
}

/// What is or comes in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub size: Size,
    pub engine: Engine,
}

impl Folder {
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            server: None,
        }
    }

    /// The same folder with its database server up.
    pub fn served(self) -> Result<Self, Fault> {
        let path = std::path::absolute(&self.path).map_err(|fault| self.cannot("find", &fault))?;
        Ok(Self {
            server: Some(Server::start(path.join("server"))?),
            ..self
        })
    }

    /// Makes the folder; `fresh` empties one of ours first. A folder with something else in it is left alone, and so is
    /// one with a demonstration of another size or engine than the one asked for. Answers what is or comes in it.
    pub fn prepare(&self, fresh: bool, asked: Asked) -> Result<Held, Fault> {
        let mark = self.path.join(MARK);
        let is_empty =
            fs::read_dir(&self.path).map_or(true, |mut entries| entries.next().is_none());
        if !is_empty && !mark.exists() {
            return Err(Fault::broken(format!(
                "{} holds something that is not of a demonstration; choose another --data",
                self.path.display()
            )));
        }
        if fresh && !is_empty {
            fs::remove_dir_all(&self.path).map_err(|fault| self.cannot("empty", &fault))?;
        }
        fs::create_dir_all(self.organisations()).map_err(|fault| self.cannot("make", &fault))?;
        if let Ok(text) = fs::read_to_string(&mark) {
            let held = held(&text).ok_or_else(|| {
                Fault::broken(format!(
                    "{} holds the demonstration of an earlier version; throw it away with --fresh, or choose another --data",
                    self.path.display()
                ))
            })?;
            let wanted = Held {
                size: asked.size.unwrap_or(held.size),
                engine: asked.engine.unwrap_or(held.engine),
            };
            if wanted != held {
                return Err(Fault::broken(format!(
                    "{} holds {}, and you ask for {}; throw it away with --fresh, or choose another --data",
                    self.path.display(),
                    told(held),
                    told(wanted)
                )));
            }
            return Ok(held);
        }
        let held = Held {
            size: asked.size.unwrap_or_default(),
            engine: asked.engine.unwrap_or(Engine::Embedded),
        };
        let text = json!({
            "mensen": held.size.people,
            "brieven": held.size.letters,
            "server": held.engine == Engine::Server,
        });
        fs::write(mark, text.to_string()).map_err(|fault| self.cannot("write in", &fault))?;
        Ok(held)
    }

    /// Where an installation lies while it is being filled: an empty place.
    pub fn filling(&self, installation: &str) -> Result<Place, Fault> {
        let place = self.path.join(format!("{installation}.wordt-gevuld"));
        if place.exists() {
            fs::remove_dir_all(&place).map_err(|fault| self.cannot("empty a part of", &fault))?;
        }
        if let Some(server) = &self.server {
            server.begin(installation)?;
        }
        Ok(self.place_at(place, installation, State::Filling))
    }

    /// Where an installation lies once it is whole.
    pub fn place(&self, installation: &str) -> Place {
        self.place_at(self.path.join(installation), installation, State::Whole)
    }

    fn place_at(&self, path: PathBuf, installation: &str, state: State) -> Place {
        let addresses = |server: &Server| server.addresses(installation, state);
        Place {
            path,
            on_server: self.server.as_ref().map(addresses),
        }
    }

    /// Makes what was filled the installation: from now on it is whole, also after a crash.
    pub fn filled(&self, installation: &str, filling: &Place) -> Result<(), Fault> {
        if let Some(server) = &self.server {
            server.filled(installation)?;
        }
        fs::rename(&filling.path, self.place(installation).path)
            .and_then(|()| fs::File::open(&self.path)?.sync_all())
            .map_err(|fault| self.cannot("move what was filled in", &fault))
    }

    pub fn people(&self) -> PathBuf {
        self.path.join("voorbeeldpersonen.json")
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
        let file = self.path.join("inlogdienst.pem");
        if let Ok(pem) = fs::read_to_string(&file) {
            return Ok(pem);
        }
        let pem = demo_provider::new_signing_key();
        write_private(&file, &pem)?;
        Ok(pem)
    }

    fn organisations(&self) -> PathBuf {
        self.path.join("organisaties")
    }

    fn key_file(&self, oin: &Oin) -> PathBuf {
        self.organisations().join(format!("{oin}.jwk.json"))
    }

    fn cannot(&self, what: &str, fault: &std::io::Error) -> Fault {
        Fault::broken(format!("cannot {what} {}: {fault}", self.path.display()))
    }
}

/// Where one installation lies.
pub struct Place {
    path: PathBuf,
    on_server: Option<Lent>,
}

impl Place {
    pub fn is_there(&self) -> bool {
        self.path.exists()
    }
    /// What lies on a server instead of in the folders below.
    pub fn elsewhere(&self) -> Result<Elsewhere, Fault> {
        Elsewhere::on_servers(self.on_server.clone())
    }
    pub fn data(&self) -> PathBuf {
        self.path.join("gegevens")
    }
    pub fn keys(&self) -> PathBuf {
        self.path.join("sleutels")
    }
}

fn held(mark: &str) -> Option<Held> {
    let mark: Value = serde_json::from_str(mark).ok()?;
    let number = |name: &str| usize::try_from(mark[name].as_u64()?).ok();
    Some(Held {
        size: Size {
            people: number("mensen")?,
            letters: number("brieven")?,
        },
        engine: if mark["server"].as_bool()? {
            Engine::Server
        } else {
            Engine::Embedded
        },
    })
}

fn told(held: Held) -> String {
    let world = match held.size.people {
        0 => "the sample people alone".to_owned(),
        people => format!(
            "{people} people and {} letters beside the sample people",
            held.size.letters
        ),
    };
    match held.engine {
        Engine::Embedded => format!("{world} in files"),
        Engine::Server => format!("{world} on a server"),
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
        let prepared = |fresh, size, engine| {
            folder
                .prepare(fresh, Asked { size, engine })
                .map_err(|fault| fault.to_string())
        };
        let held = |people, engine| {
            Ok(Held {
                size: size(people),
                engine,
            })
        };
        assert_eq!(
            prepared(false, Some(size(5)), None),
            held(5, Engine::Embedded)
        );
        assert_eq!(prepared(false, None, None), held(5, Engine::Embedded));
        let refused = prepared(false, None, Some(Engine::Server)).unwrap_err();
        assert!(
            refused.contains("on a server") && refused.contains("--fresh"),
            "{refused}"
        );
        let refused = prepared(false, Some(size(6)), None).unwrap_err();
        assert!(
            refused.contains("holds 5 people and 50 letters") && refused.contains("--fresh"),
            "{refused}"
        );
        assert_eq!(
            prepared(true, Some(size(6)), Some(Engine::Server)),
            held(6, Engine::Server)
        );
        assert_eq!(prepared(false, None, None), held(6, Engine::Server));

        let of_another = Folder::new(there.path());
        let refused = of_another.prepare(true, Asked::default());
        assert!(refused.is_err(), "not ours to empty");
        assert!(folder.path.exists());
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
