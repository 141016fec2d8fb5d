//! The post that is measured on: delivered by the product itself once for each engine, kept under `target/bench`, copied
//! for each run.

use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Options;
use super::engine::Engine;
use super::house::House;
use super::letters::{Letters, numbers};
use super::load::{self, Load, Until};
use super::server::Server;
use super::site::{COPY, Site};
use crate::checkout;

/// Written once the post is all there; holds the bytes on disk.
const DONE: &str = "bytes";
const CLIENTS: usize = 128;
/// When the folder of a working copy is surely left of a run that was cut off.
const OLD: Duration = Duration::from_secs(3600);

/// A house full of post.
pub struct World {
    pub people: usize,
    pub letters: u64,
    pub site: Site,
}

/// What the post takes on disk.
#[derive(Clone, Copy)]
pub struct Bytes {
    pub all: u64,
    pub attachments: u64,
}

impl World {
    /// The kept one, or a new one when there is none or the tables have changed since.
    pub fn prepare(options: &Options, engine: Engine) -> Result<Self, Box<dyn Error>> {
        let (people, letters) = options.size();
        let all = checkout::target().join("bench");
        remove_old_copies(&all)?;
        let named = match engine {
            Engine::Embedded => format!("{people}-{letters}-"),
            Engine::Server => format!("server-{people}-{letters}-"),
        };
        let folder = all.join(format!("{named}{:016x}", tables(engine)?));
        let is_there = folder.join(DONE).exists() && !options.fresh;
        if !is_there {
            // What is left of an earlier try, or of other tables at this size.
            for entry in fs::read_dir(&all).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy().starts_with(&named) {
                    fs::remove_dir_all(entry.path())?;
                }
            }
            fs::create_dir_all(&folder)?;
        }
        let server = match engine {
            Engine::Embedded => None,
            Engine::Server => Some(Server::start(&folder.join("cluster"))?),
        };
        let world = Self {
            people,
            letters,
            site: Site::kept(folder, server),
        };
        if !is_there {
            world.fill()?;
        }
        Ok(world)
    }

    fn fill(&self) -> Result<(), Box<dyn Error>> {
        let began = Instant::now();
        let engine = self.site.engine().name();
        eprintln!("bringing in {} people, on {engine}", self.people);
        self.site.make()?;
        let house = House::open(&self.site, &[])?;
        let numbers = numbers(self.people);
        house.bring_in(&numbers)?;
        let letters = Letters::new(&numbers, house.tokens()?);
        let load = Load {
            address: house.address,
            connections: CLIENTS,
            until: Until::Count(self.letters),
            rate: None,
        };
        let (all, tenth) = (self.letters, (self.letters / 10).max(1));
        let delivered = load::run(load, move |number, request| {
            if number.is_multiple_of(tenth) {
                eprintln!("{number} of {all} letters delivered");
            }
            letters.request(number, true, request);
        })?;
        delivered.all(201)?;
        house.close()?;
        self.site.settle()?;
        fs::write(self.site.folder().join(DONE), self.bytes()?.all.to_string())?;
        eprintln!(
            "the post is there after {:.0} s",
            began.elapsed().as_secs_f64()
        );
        Ok(())
    }

    pub fn bytes(&self) -> Result<Bytes, Box<dyn Error>> {
        let folder = self.site.folder();
        let in_folders = size(&folder.join("data"))? + size(&folder.join("keys"))?;
        Ok(Bytes {
            all: in_folders + self.site.bytes_on_server()?,
            attachments: size(&folder.join("data/blobs"))?,
        })
    }
}

fn remove_old_copies(all: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(all).into_iter().flatten() {
        let entry = entry?;
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if entry.file_name().to_string_lossy().starts_with(COPY) && age > OLD {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Changes whenever a room's tables do, or what a server makes of them.
fn tables(engine: Engine) -> Result<u64, Box<dyn Error>> {
    let crates = checkout::root().join("crates");
    let mut texts = Vec::new();
    for room in fs::read_dir(&crates)? {
        let of_room = files(&room?.path().join("src"));
        texts.extend(of_room.filter(|file| file.extension().is_some_and(|kind| kind == "sql")));
    }
    if engine == Engine::Server {
        let makes_tables =
            |file: &PathBuf| fs::read_to_string(file).is_ok_and(|text| text.contains("CREATE "));
        texts.extend(files(&crates.join("store/src/postgres")).filter(makes_tables));
    }
    texts.sort();
    let mut hasher = DefaultHasher::new();
    for file in texts {
        fs::read_to_string(file)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path())
}

fn size(folder: &Path) -> Result<u64, std::io::Error> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let facts = entry.metadata()?;
        bytes += if facts.is_dir() {
            size(&entry.path())?
        } else {
            facts.len()
        };
    }
    Ok(bytes)
}
