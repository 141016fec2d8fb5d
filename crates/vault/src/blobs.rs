//! Attachments: sealed in numbered 64 kB chunks under a key of their own, the last one marked, streamed both ways.

use basics::Fault;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use ring::digest::{SHA256, digest};
use store::{BlobStream, Blobs};

use crate::seal::{KeyBytes, SealingKey, random_key};

basics::id!(BlobId, "a blob in the object store");

const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

/// The key of one blob. Kept only inside a sealed column.
#[derive(Clone)]
pub struct BlobKey(KeyBytes);

impl BlobKey {
    /// For `Value::seal`.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }
    /// From an opened column; a Fault when it is no key.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        let bytes: [u8; 32] = bytes
            .try_into()
            .map_err(|_| Fault::broken("a blob's key is 32 bytes"))?;
        Ok(Self(bytes.into()))
    }
}

/// Says nothing of itself.
impl std::fmt::Debug for BlobKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BlobKey(…)")
    }
}

/// A blob that is stored and durable, for a row to claim. Unclaimed for an hour, it is swept.
pub struct NewBlob {
    pub blob: BlobId,
    pub key: BlobKey,
    /// In bytes, before sealing.
    pub size: u64,
    pub sha256: [u8; 32],
}

pub(crate) async fn put(blobs: &Blobs, blob: BlobId, bytes: Bytes) -> Result<NewBlob, Fault> {
    let size = bytes.len() as u64;
    // Sealing a large blob takes milliseconds; other requests do not wait for it.
    let sealing = tokio::task::spawn_blocking(move || seal(&bytes));
    let (key, sha256, sealed) = sealing
        .await
        .map_err(|_| Fault::broken("sealing a blob panicked"))?;
    blobs.put(&blob.to_string(), sealed).await?;
    Ok(NewBlob {
        blob,
        key: BlobKey(key),
        size,
        sha256,
    })
}

fn seal(bytes: &[u8]) -> (KeyBytes, [u8; 32], Vec<u8>) {
    let key = random_key();
    let sealing = SealingKey::new(&key);
    let mut sealed = Vec::with_capacity(bytes.len() + (bytes.len() / CHUNK + 1) * TAG);
    let last = bytes.len().saturating_sub(1) / CHUNK;
    for number in 0..=last {
        let chunk = &bytes[number * CHUNK..bytes.len().min((number + 1) * CHUNK)];
        sealing.seal_chunk(number as u64, number == last, chunk, &mut sealed);
    }
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest(&SHA256, bytes).as_ref());
    (key, sha256, sealed)
}

/// The opened bytes, chunk by chunk. A cut, moved or altered chunk ends the stream with a Fault of kind Breached.
pub(crate) async fn get(
    blobs: &Blobs,
    blob: BlobId,
    key: &BlobKey,
) -> Result<BoxStream<'static, Result<Bytes, Fault>>, Fault> {
    let opening = Opening {
        sealed: blobs.get(&blob.to_string()).await?,
        buffer: BytesMut::with_capacity(2 * (CHUNK + TAG)),
        key: SealingKey::new(&key.0),
        number: 0,
        ended: false,
        blob,
    };
    Ok(stream::try_unfold(opening, Opening::next).boxed())
}

struct Opening {
    sealed: BlobStream,
    buffer: BytesMut,
    key: SealingKey,
    number: u64,
    ended: bool,
    blob: BlobId,
}

impl Opening {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Fault> {
        if self.ended {
            return Ok(None);
        }
        // More than one chunk must be at hand to know that the first is not the last.
        while self.buffer.len() <= CHUNK + TAG {
            match self.sealed.next().await {
                Some(part) => self.buffer.extend_from_slice(&part?),
                None => {
                    self.ended = true;
                    break;
                }
            }
        }
        let mut chunk = self.buffer.split_to(self.buffer.len().min(CHUNK + TAG));
        let opened = self
            .key
            .open_chunk(self.number, self.ended, &mut chunk)
            .ok_or_else(|| {
                Fault::breached(format!(
                    "blob {} does not open at chunk {}",
                    self.blob, self.number
                ))
            })?;
        chunk.truncate(opened);
        self.number += 1;
        Ok(Some((chunk.freeze(), self)))
    }
}

#[cfg(test)]
mod tests {
    use basics::{Ids, Moment};
    use futures_util::TryStreamExt;

    use super::*;

    async fn read(blobs: &Blobs, new: &NewBlob) -> Result<Vec<u8>, Fault> {
        let parts: Vec<Bytes> = get(blobs, new.blob, &new.key).await?.try_collect().await?;
        Ok(parts.concat())
    }

    #[tokio::test]
    async fn every_size_comes_back_and_a_cut_one_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::folder(folder.path(), false).expect("blobs");
        let ids = Ids::system();
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
            let bytes: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
            let id = BlobId::new(&ids, Moment::from_micros(1));
            let new = put(&blobs, id, bytes.clone().into()).await.expect("stored");
            assert!(read(&blobs, &new).await.expect("whole") == bytes, "{size}");
            let parts: Vec<Bytes> = blobs
                .get(&id.to_string())
                .await
                .expect("there")
                .try_collect()
                .await
                .expect("read");
            let sealed = parts.concat();
            for cut in [
                sealed.len() - 1,
                (sealed.len() - 1) / (CHUNK + TAG) * (CHUNK + TAG),
            ] {
                blobs
                    .put(&id.to_string(), sealed[..cut].to_vec())
                    .await
                    .expect("stored");
                assert!(read(&blobs, &new).await.is_err(), "{size} cut to {cut}");
            }
        }
    }
}
