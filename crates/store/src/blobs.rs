//! Blobs: bytes under an id in an object store; a local folder with fsync.

use std::fs::DirEntry;
use std::io::ErrorKind;
use std::path::Path as FsPath;
use std::sync::Arc;
use std::time::Duration;

use basics::{Fault, Moment};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use crate::trouble::{AGAIN, Trouble};

/// No write takes longer: what is half written since is of a process that was killed.
const SURELY_LEFT: Duration = Duration::from_secs(3600);

/// A blob's bytes as they come.
pub type BlobStream = BoxStream<'static, Result<Bytes, Fault>>;

/// Where blobs lie. They are sealed before they come here.
#[derive(Clone)]
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    writing: Arc<Trouble>,
    reading: Arc<Trouble>,
}

impl Blobs {
    /// A local folder, made if it is not there; every write is fsynced before it is answered. What an earlier process left
    /// half written is removed: at once, or where others may be writing in it (`is_shared`) when it is an hour old.
    pub fn folder(folder: &FsPath, is_shared: bool) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder)
            .map_err(|fault| Fault::broken(format!("cannot make {}: {fault}", folder.display())))?;
        let unfinished_for = if is_shared {
            SURELY_LEFT
        } else {
            Duration::ZERO
        };
        remove_unfinished(folder, unfinished_for)
            .and_then(|()| try_writing(folder))
            .map_err(|fault| {
                Fault::broken(format!(
                    "cannot write in {}: {fault}; it must be writable for the user that Postbus runs as",
                    folder.display()
                ))
            })?;
        let local = LocalFileSystem::new_with_prefix(folder)
            .map_err(named)?
            .with_fsync(true);
        Ok(Self {
            objects: Arc::new(local),
            writing: Arc::new(Trouble::with(format!("writing in {}", folder.display()))),
            reading: Arc::new(Trouble::with(format!("reading in {}", folder.display()))),
        })
    }

    /// Stores `bytes` whole or not at all.
    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        let put = self.objects.put(&path(name), PutPayload::from(bytes)).await;
        self.writing.judged(put.map(drop).map_err(named))
    }

    pub async fn get(&self, name: &str) -> Result<BlobStream, Fault> {
        let found = self.objects.get(&path(name)).await.map_err(named);
        let found = self.reading.judged(found)?;
        Ok(found.into_stream().map(|part| part.map_err(named)).boxed())
    }

    /// Removes it; one that is not there is removed already.
    pub async fn remove(&self, name: &str) -> Result<(), Fault> {
        match self.objects.delete(&path(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(fault) => Err(self.writing.noted(named(fault))),
        }
    }

    /// Every blob's name with the moment it was last written.
    pub fn list(&self) -> BoxStream<'static, Result<(String, Moment), Fault>> {
        self.objects
            .list(None)
            .map(|found| {
                let found = found.map_err(named)?;
                let name = found.location.filename().unwrap_or_default().to_owned();
                Ok((
                    name,
                    Moment::from_micros(found.last_modified.timestamp_micros()),
                ))
            })
            .boxed()
    }
}

/// A write goes to `name#number` first and is renamed when whole. Whoever was killed in between left that file, which no
/// listing shows.
fn remove_unfinished(folder: &FsPath, unfinished_for: Duration) -> std::io::Result<()> {
    for spread in std::fs::read_dir(folder)? {
        let spread = spread?;
        if !spread.file_type()?.is_dir() {
            continue;
        }
        for blob in std::fs::read_dir(spread.path())? {
            let blob = blob?;
            let name = blob.file_name();
            let unfinished = name.to_str().and_then(|name| name.rsplit_once('#'));
            if unfinished
                .is_some_and(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()))
                && is_older(&blob, unfinished_for)
            {
                remove(&blob.path())?;
            }
        }
    }
    Ok(())
}

/// One that is gone meanwhile, or was written a moment from now by another machine's clock, is not.
fn is_older(file: &DirEntry, age: Duration) -> bool {
    let written = file.metadata().and_then(|file| file.modified());
    age.is_zero() || written.is_ok_and(|at| at.elapsed().is_ok_and(|since| since >= age))
}

/// Another process may have removed it as well.
fn remove(file: &FsPath) -> std::io::Result<()> {
    match std::fs::remove_file(file) {
        Err(fault) if fault.kind() != ErrorKind::NotFound => Err(fault),
        _ => Ok(()),
    }
}

/// Whoever cannot write had better not start.
fn try_writing(folder: &FsPath) -> std::io::Result<()> {
    let probe = folder.join("probe");
    std::fs::write(&probe, b"")?;
    remove(&probe)
}

/// Spread over 256 folders by the id's last two digits, which are random.
fn path(name: &str) -> Path {
    let spread = name.get(name.len().saturating_sub(2)..).unwrap_or("00");
    Path::from_iter([spread, name])
}

/// The store's own words name the blob, which differs each time; what the system says tells the trouble.
fn named(fault: object_store::Error) -> Fault {
    if matches!(fault, object_store::Error::NotFound { .. }) {
        return Fault::broken("the blob is not there");
    }
    let mut why: &dyn std::error::Error = &fault;
    while let Some(cause) = why.source() {
        why = cause;
    }
    Fault::unavailable(format!("the attachments: {why}"), AGAIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_process_is_writing_stays_until_nobody_can_be() {
        let folder = tempfile::tempdir().unwrap();
        let spread = folder.path().join("aa");
        std::fs::create_dir(&spread).unwrap();
        let (new, old) = (spread.join("x-aa#1"), spread.join("y-aa#1"));
        std::fs::write(&new, b"half").unwrap();
        let left = std::fs::File::create(&old).unwrap();
        let now = left.metadata().unwrap().modified().unwrap();
        left.set_modified(now - SURELY_LEFT).unwrap();
        Blobs::folder(folder.path(), true).unwrap();
        assert!(new.exists() && !old.exists());
    }

    #[tokio::test]
    async fn what_a_killed_process_left_half_written_is_removed_at_opening() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::folder(folder.path(), false).unwrap();
        blobs.put("whole-aa", b"sealed".to_vec()).await.unwrap();
        let whole = folder.path().join("aa/whole-aa");
        let half = folder.path().join("aa/half-aa#1");
        std::fs::write(&half, b"sea").unwrap();
        Blobs::folder(folder.path(), false).unwrap();
        assert!(whole.exists() && !half.exists());
    }
}
