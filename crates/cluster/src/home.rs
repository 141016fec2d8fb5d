//! The folders of a cluster: its data, its log and its password, and the private folder of its socket.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::account::Account;
use crate::commands::{command, finish};
use crate::memory::memory;
use crate::{Fault, Installation};

/// Every private folder begins so; the sweep looks at no other.
pub(crate) const PREFIX: &str = "postbus-cluster-";
/// In a private folder, as in a kept one.
pub(crate) const DATA: &str = "data";
pub(crate) const SUPERUSER: &str = "postgres";

/// The name of a socket takes 107 bytes at most, and this much of it comes behind the folder.
const LONGEST: usize = 80;
const INITDB: Duration = Duration::from_secs(120);

pub(crate) struct Home {
    pub account: Account,
    pub installation: Installation,
    /// None: everything lies in the private folder, and goes with it.
    kept: Option<PathBuf>,
    private: TempDir,
    /// Locks on both, which end with this process: how another one knows whether they are in use.
    _held: Vec<File>,
}

impl Home {
    /// A private folder, and beside it the one that is kept, when there is one.
    pub fn open(kept: Option<&Path>, durable: bool) -> Result<Self, Fault> {
        let account = Account::choose()?;
        let installation = Installation::find()?;
        let in_memory = if durable { None } else { memory() };
        let (private, lock) = private_folder(&account, in_memory)?;
        let mut held = vec![lock];
        let kept = match kept {
            Some(folder) => {
                fs::create_dir_all(folder).map_err(Fault::at(folder))?;
                let folder = folder.canonicalize().map_err(Fault::at(folder))?;
                held.push(hold_kept(&folder)?);
                Some(folder)
            }
            None => None,
        };
        Ok(Self {
            account,
            installation,
            kept,
            private,
            _held: held,
        })
    }

    pub fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    pub fn folder(&self) -> &Path {
        self.kept.as_deref().unwrap_or(self.private.path())
    }

    /// Where the socket is: only its user and root come in.
    pub fn private(&self) -> &Path {
        self.private.path()
    }

    pub fn data(&self) -> PathBuf {
        self.folder().join(DATA)
    }

    pub fn log(&self) -> PathBuf {
        self.folder().join("server.log")
    }

    pub fn password(&self) -> Result<String, Fault> {
        let file = self.folder().join("password");
        fs::read_to_string(&file).map_err(Fault::at(&file))
    }

    /// A copy of another cluster has its password.
    pub fn set_password(&self, password: &str) -> Result<PathBuf, Fault> {
        let file = self.folder().join("password");
        let mut closed = OpenOptions::new();
        closed.create(true).write(true).truncate(true).mode(0o600);
        closed
            .open(&file)
            .and_then(|mut open| std::io::Write::write_all(&mut open, password.as_bytes()))
            .map_err(Fault::at(&file))?;
        self.account.give(&file)?;
        Ok(file)
    }

    /// Makes the data of a new cluster, once: what was broken off is begun again.
    pub fn make_data(&self, durable: bool) -> Result<(), Fault> {
        if self.data().exists() {
            return Ok(());
        }
        let password = self.set_password(&random_name()?)?;
        self.fill_data(|unfinished| {
            let mut initdb = command(&self.installation.program("initdb"), self.folder());
            initdb
                .args(["--encoding=UTF8", "--locale=C", "--auth-local=trust"])
                .args(["--auth-host=scram-sha-256", "--username", SUPERUSER])
                .arg("--pwfile")
                .arg(&password)
                .arg("--pgdata")
                .arg(unfinished);
            if !durable {
                initdb.arg("--no-sync");
            }
            self.account.become_of(&mut initdb);
            finish(&mut initdb, INITDB)
        })
    }

    /// Fills a folder of the server's user, which is the data once it is whole.
    pub fn fill_data(
        &self,
        fill: impl FnOnce(&Path) -> Result<String, Fault>,
    ) -> Result<(), Fault> {
        let unfinished = self.folder().join("data.unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(Fault::at(&unfinished))?;
        }
        fs::create_dir(&unfinished).map_err(Fault::at(&unfinished))?;
        close(&unfinished)?;
        self.account.give(&unfinished)?;
        self.refuse_shut_out()?;
        fill(&unfinished)?;
        fs::rename(&unfinished, self.data()).map_err(Fault::at(&unfinished))
    }

    fn refuse_shut_out(&self) -> Result<(), Fault> {
        let mut passing = command(Path::new("/bin/sh"), self.folder());
        passing.args(["-c", "cd data.unfinished"]);
        self.account.become_of(&mut passing);
        finish(&mut passing, INITDB)
            .map(drop)
            .map_err(|_| self.account.is_shut_out(self.folder()))
    }
}

/// A folder for one run, locked before there is anything in it.
fn private_folder(account: &Account, in_memory: Option<PathBuf>) -> Result<(TempDir, File), Fault> {
    let usual = in_memory.unwrap_or_else(std::env::temp_dir);
    let is_short = usual.as_os_str().len() + PREFIX.len() < LONGEST;
    let parent = if is_short { usual } else { "/tmp".into() };
    let folder = tempfile::Builder::new()
        .prefix(PREFIX)
        .tempdir_in(&parent)
        .map_err(Fault::at(&parent))?;
    let lock = File::open(folder.path()).map_err(Fault::at(folder.path()))?;
    lock.lock().map_err(Fault::at(folder.path()))?;
    close(folder.path())?;
    account.give(folder.path())?;
    Ok((folder, lock))
}

fn hold_kept(folder: &Path) -> Result<File, Fault> {
    let lock = File::open(folder).map_err(Fault::at(folder))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(_) => Err(Fault::new(format!(
            "{}: another process runs the cluster in this folder",
            folder.display()
        ))),
    }
}

fn close(folder: &Path) -> Result<(), Fault> {
    let closed = fs::Permissions::from_mode(0o700);
    fs::set_permissions(folder, closed).map_err(Fault::at(folder))
}

/// 128 bits as text, for a password or a name that nobody else has.
pub(crate) fn random_name() -> Result<String, Fault> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0_u8; 16];
    File::open(source)
        .and_then(|mut open| std::io::Read::read_exact(&mut open, &mut bytes))
        .map_err(Fault::at(source))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
