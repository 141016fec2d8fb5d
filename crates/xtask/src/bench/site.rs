//! Where one installation lies: its folders and, on a server, its databases. A copy is gone when it is dropped.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use vault::Elsewhere;

use super::engine::Engine;
use super::server::Server;

/// How the folder of a copy begins.
pub const COPY: &str = "copy-";
/// The attachments.
const BLOBS: &str = "data/blobs";
/// The databases of what is kept.
const ROWS: &str = "post";
const KEYS: &str = "keyring";

pub struct Site {
    folder: PathBuf,
    databases: Option<Databases>,
    _copied: Option<TempDir>,
}

/// On a server.
struct Databases {
    server: Rc<Server>,
    rows: String,
    keys: String,
    is_copy: bool,
}

impl Site {
    /// Kept in this folder, and on a server where one is given.
    pub fn kept(folder: PathBuf, server: Option<Server>) -> Self {
        let databases = server.map(|server| Databases {
            server: Rc::new(server),
            rows: ROWS.to_owned(),
            keys: KEYS.to_owned(),
            is_copy: false,
        });
        Self {
            folder,
            databases,
            _copied: None,
        }
    }

    /// Makes the databases, where there are any.
    pub fn make(&self) -> Result<(), Box<dyn Error>> {
        match &self.databases {
            Some(on) => [&on.rows, &on.keys]
                .into_iter()
                .try_for_each(|name| on.server.make(name)),
            None => Ok(()),
        }
    }

    /// Everything is where it will stay from here on.
    pub fn settle(&self) -> Result<(), Box<dyn Error>> {
        match &self.databases {
            Some(on) => [&on.rows, &on.keys]
                .into_iter()
                .try_for_each(|name| on.server.settle(name)),
            None => Ok(()),
        }
    }

    /// A copy to work on; the attachments are shared, so that none may be added or removed.
    pub fn copy(&self) -> Result<Self, Box<dyn Error>> {
        let (copy, blobs) = self.copy_but_blobs()?;
        std::os::unix::fs::symlink(fs::canonicalize(blobs)?, copy.folder.join(BLOBS))?;
        Ok(copy)
    }

    /// A copy whose attachments are its own, each another name of the same file.
    pub fn whole_copy(&self) -> Result<Self, Box<dyn Error>> {
        let (copy, blobs) = self.copy_but_blobs()?;
        link_files(&blobs, &copy.folder.join(BLOBS))?;
        Ok(copy)
    }

    fn copy_but_blobs(&self) -> Result<(Self, PathBuf), Box<dyn Error>> {
        let copied = self.beside()?;
        for folder in ["data", "keys"] {
            copy_files(&self.folder.join(folder), &copied.path().join(folder))?;
        }
        let databases = self.databases.as_ref().map(Databases::copy).transpose()?;
        let copy = Self {
            folder: copied.path().to_owned(),
            databases,
            _copied: Some(copied),
        };
        Ok((copy, self.folder.join(BLOBS)))
    }

    /// Where nothing is yet, on the same engine; gone when it is dropped.
    pub fn empty(&self) -> Result<Self, Box<dyn Error>> {
        let folder = self.beside()?;
        let databases = self.databases.as_ref().map(Databases::empty).transpose()?;
        Ok(Self {
            folder: folder.path().to_owned(),
            databases,
            _copied: Some(folder),
        })
    }

    fn beside(&self) -> std::io::Result<TempDir> {
        let beside = self.folder.parent().unwrap_or(&self.folder);
        tempfile::Builder::new().prefix(COPY).tempdir_in(beside)
    }

    pub fn engine(&self) -> Engine {
        match self.databases {
            Some(_) => Engine::Server,
            None => Engine::Embedded,
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the embedded engine has its rows.
    pub fn file(&self) -> PathBuf {
        self.folder.join("data/postbus.db")
    }

    pub fn server(&self) -> Option<&Rc<Server>> {
        self.databases.as_ref().map(|on| &on.server)
    }

    /// Everybody's rows on the server.
    pub fn client(&self) -> Option<Result<postgres::Client, Box<dyn Error>>> {
        let on = self.databases.as_ref()?;
        Some(on.server.client(&on.rows))
    }

    pub fn elsewhere(&self) -> Result<Elsewhere, basics::Fault> {
        Elsewhere::on_servers(self.addresses())
    }

    /// Of the rows and of the keyring; each of who serves and of who owns the tables.
    pub fn addresses(&self) -> Option<[[String; 2]; 2]> {
        let on = self.databases.as_ref()?;
        Some([&on.rows, &on.keys].map(|name| on.server.addresses(name)))
    }

    /// What the databases on the server take, together.
    pub fn bytes_on_server(&self) -> Result<u64, Box<dyn Error>> {
        match &self.databases {
            Some(on) => Ok(on.server.bytes(&on.rows)? + on.server.bytes(&on.keys)?),
            None => Ok(0),
        }
    }
}

impl Databases {
    fn copy(&self) -> Result<Self, Box<dyn Error>> {
        self.others(|name, number| self.server.copy(name, number))
    }

    fn empty(&self) -> Result<Self, Box<dyn Error>> {
        self.others(|name, number| self.server.make_for_now(name, number))
    }

    fn others(
        &self,
        make: impl Fn(&str, usize) -> Result<String, Box<dyn Error>>,
    ) -> Result<Self, Box<dyn Error>> {
        static COPIES: AtomicUsize = AtomicUsize::new(0);
        let number = COPIES.fetch_add(1, Ordering::Relaxed);
        Ok(Self {
            server: Rc::clone(&self.server),
            rows: make(&self.rows, number)?,
            keys: make(&self.keys, number)?,
            is_copy: true,
        })
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        if self.is_copy {
            for name in [&self.rows, &self.keys] {
                if let Err(fault) = self.server.remove(name) {
                    eprintln!("bench: {name} is left: {fault}");
                }
            }
        }
    }
}

fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let from = entry?.path();
        if let (Some(name), true) = (from.file_name(), from.is_file()) {
            let to = to.join(name);
            fs::copy(&from, &to)?;
            // Else the disk is still busy with it when the measuring begins.
            fs::File::open(&to)?.sync_all()?;
        }
    }
    Ok(())
}

fn link_files(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            link_files(&entry.path(), &there)?;
        } else {
            fs::hard_link(entry.path(), there)?;
        }
    }
    Ok(())
}
