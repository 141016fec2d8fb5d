//! The post that is measured on: delivered by the product itself once, kept under `target/bench`, copied for each run.

use std::error::Error;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Options;
use super::house::House;
use super::letters::{Letters, numbers};
use super::load::{self, Load, Until};
use crate::checkout;

/// Written once the post is all there; holds the bytes on disk.
const DONE: &str = "bytes";
const CLIENTS: usize = 128;
/// How the folder of a working copy begins, and when it is surely left of a run that was cut off.
const COPY: &str = "copy-";
const OLD: Duration = Duration::from_secs(3600);

/// A house full of post.
pub struct World {
    pub people: usize,
    pub letters: u64,
    folder: PathBuf,
}

/// What the post takes on disk.
#[derive(Clone, Copy)]
pub struct Bytes {
    pub database: u64,
    pub attachments: u64,
    pub keys: u64,
}

impl World {
    /// The kept one, or a new one when there is none or the tables have changed since.
    pub fn prepare(options: &Options) -> Result<Self, Box<dyn Error>> {
        let (people, letters) = options.size();
        let all = checkout::target().join("bench");
        remove_old_copies(&all)?;
        let world = Self {
            people,
            letters,
            folder: all.join(format!("{people}-{letters}-{:016x}", tables()?)),
        };
        if options.fresh || !world.folder.join(DONE).exists() {
            // What is left of an earlier try, or of other tables at this size.
            for entry in fs::read_dir(&all).into_iter().flatten().flatten() {
                let name = entry.file_name();
                if name
                    .to_string_lossy()
                    .starts_with(&format!("{people}-{letters}-"))
                {
                    fs::remove_dir_all(entry.path())?;
                }
            }
            fs::create_dir_all(&world.folder)?;
            world.fill()?;
        }
        Ok(world)
    }

    fn fill(&self) -> Result<(), Box<dyn Error>> {
        let began = Instant::now();
        eprintln!("bringing in {} people", self.people);
        let house = House::open(&self.folder, &[])?;
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
        fs::write(self.folder.join(DONE), self.bytes()?.all().to_string())?;
        eprintln!(
            "the post is there after {:.0} s",
            began.elapsed().as_secs_f64()
        );
        Ok(())
    }

    /// A copy to work on; the attachments, which never change, are shared.
    pub fn copy(&self) -> Result<TempDir, Box<dyn Error>> {
        let beside = self.folder.parent().unwrap_or(&self.folder);
        let copy = tempfile::Builder::new().prefix(COPY).tempdir_in(beside)?;
        for folder in ["data", "keys"] {
            fs::create_dir(copy.path().join(folder))?;
            for entry in fs::read_dir(self.folder.join(folder))? {
                let (from, to) = (entry?.path(), copy.path().join(folder));
                if let (Some(name), true) = (from.file_name(), from.is_file()) {
                    let to = to.join(name);
                    fs::copy(&from, &to)?;
                    // Else the disk is still busy with it when the measuring begins.
                    fs::File::open(&to)?.sync_all()?;
                }
            }
        }
        std::os::unix::fs::symlink(
            fs::canonicalize(self.folder.join("data/blobs"))?,
            copy.path().join("data/blobs"),
        )?;
        Ok(copy)
    }

    pub fn bytes(&self) -> Result<Bytes, std::io::Error> {
        let attachments = size(&self.folder.join("data/blobs"))?;
        Ok(Bytes {
            database: size(&self.folder.join("data"))? - attachments,
            attachments,
            keys: size(&self.folder.join("keys"))?,
        })
    }
}

impl Bytes {
    pub const fn all(&self) -> u64 {
        self.database + self.attachments + self.keys
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

/// Where a working copy has its database.
pub fn database(copy: &TempDir) -> PathBuf {
    copy.path().join("data/postbus.db")
}

/// Changes whenever a room's tables do.
fn tables() -> Result<u64, Box<dyn Error>> {
    let mut files = Vec::new();
    for room in fs::read_dir(checkout::root().join("crates"))? {
        for file in fs::read_dir(room?.path().join("src")).into_iter().flatten() {
            let file = file?.path();
            if file.extension().is_some_and(|kind| kind == "sql") {
                files.push(file);
            }
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read_to_string(file)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
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
