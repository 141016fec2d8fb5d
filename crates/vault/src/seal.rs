//! Sealing: AES-256-GCM under the person's key, bound to column, row and person; long texts are compressed first.

use std::cell::RefCell;
use std::sync::Arc;

use basics::{Fault, SubjectId, uuid::Uuid};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::texts::Sealed;

/// Shorter values gain nothing from compression.
const COMPRESS_FROM: usize = 96;
const COMPRESSION_LEVEL: i32 = 1;
/// The most a compressed value may open to: a letter is at most 1 MiB.
const OPENED_AT_MOST: usize = 8 << 20;
/// `zstd --train` over the made-up letters of `letters.txt`, one file each; a changed dictionary gets a new format byte.
const DICTIONARY: &[u8] = include_bytes!("letters.dict");

const PLAIN: u8 = 0;
const ZSTD_LETTERS: u8 = 1;

/// 32 random bytes that never print and are wiped.
pub(crate) type KeyBytes = Zeroizing<[u8; 32]>;

pub(crate) fn random_key() -> KeyBytes {
    let mut key = Zeroizing::new([0; 32]);
    fill_random(key.as_mut());
    key
}

pub(crate) fn fill_random(bytes: &mut [u8]) {
    SystemRandom::new()
        .fill(bytes)
        .expect("the operating system gives random bytes");
}

/// A key ready for use; cheap to clone.
#[derive(Clone)]
pub(crate) struct SealingKey(Arc<LessSafeKey>);

impl SealingKey {
    pub(crate) fn new(bytes: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, bytes).expect("an AES-256 key is 32 bytes");
        Self(Arc::new(LessSafeKey::new(key)))
    }

    /// nonce ‖ ciphertext ‖ tag, bound to `bound_to`.
    pub(crate) fn seal(&self, bound_to: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let mut nonce = [0; NONCE_LEN];
        fill_random(&mut nonce);
        let mut out = Vec::with_capacity(NONCE_LEN + length + AES_256_GCM.tag_len());
        out.extend_from_slice(&nonce);
        parts.iter().for_each(|part| out.extend_from_slice(part));
        let tag = self
            .0
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound_to),
                &mut out[NONCE_LEN..],
            )
            .expect("a value is far below AES-GCM's bound");
        out.extend_from_slice(tag.as_ref());
        out
    }

    /// `None` when it was not sealed under this key and binding.
    pub(crate) fn open(&self, bound_to: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut rest = rest.to_vec();
        let opened = self
            .0
            .open_in_place(nonce, Aad::from(bound_to), &mut rest)
            .ok()?
            .len();
        rest.truncate(opened);
        Some(rest)
    }

    /// Seals one chunk of a blob under a nonce of its own number; the key seals this blob only.
    pub(crate) fn seal_chunk(&self, number: u64, last: bool, chunk: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(chunk);
        let tag = self
            .0
            .seal_in_place_separate_tag(chunk_nonce(number, last), Aad::empty(), &mut out[start..])
            .expect("a chunk is far below AES-GCM's bound");
        out.extend_from_slice(tag.as_ref());
    }

    pub(crate) fn open_chunk(&self, number: u64, last: bool, sealed: &mut [u8]) -> Option<usize> {
        self.0
            .open_in_place(chunk_nonce(number, last), Aad::empty(), sealed)
            .ok()
            .map(|opened| opened.len())
    }
}

fn chunk_nonce(number: u64, last: bool) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[..8].copy_from_slice(&number.to_be_bytes());
    nonce[NONCE_LEN - 1] = u8::from(last);
    Nonce::assume_unique_for_key(nonce)
}

fn binding(column: Sealed, row: Uuid, subject: SubjectId) -> Vec<u8> {
    [
        column.0.as_bytes(),
        b"|",
        row.as_bytes(),
        subject.uuid().as_bytes(),
    ]
    .concat()
}

/// Seals a value of a person's row.
pub(crate) fn seal_value(
    key: &SealingKey,
    column: Sealed,
    row: Uuid,
    subject: SubjectId,
    value: &[u8],
) -> Vec<u8> {
    let bound_to = binding(column, row, subject);
    if value.len() >= COMPRESS_FROM
        && let Some(compressed) = compress(value)
        && compressed.len() + 4 < value.len()
    {
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes();
        return key.seal(&bound_to, &[&[ZSTD_LETTERS], &length, &compressed]);
    }
    key.seal(&bound_to, &[&[PLAIN], value])
}

/// Opens a value of a person's row. One that does not open is a security event.
pub(crate) fn open_value(
    key: &SealingKey,
    column: Sealed,
    row: Uuid,
    subject: SubjectId,
    sealed: &[u8],
) -> Result<Vec<u8>, Fault> {
    try_open_value(key, column, row, subject, sealed)?.ok_or_else(|| {
        Fault::breached(format!(
            "a value of {} does not open for the person whose row it is in (row {row})",
            column.0
        ))
    })
}

/// The same where it may have been sealed to another row: `None` when it was.
pub(crate) fn try_open_value(
    key: &SealingKey,
    column: Sealed,
    row: Uuid,
    subject: SubjectId,
    sealed: &[u8],
) -> Result<Option<Vec<u8>>, Fault> {
    let Some(opened) = key.open(&binding(column, row, subject), sealed) else {
        return Ok(None);
    };
    match opened.split_first() {
        Some((&PLAIN, value)) => Ok(Some(value.to_vec())),
        Some((&ZSTD_LETTERS, rest)) => decompress(rest).map(Some).ok_or_else(|| {
            Fault::broken(format!(
                "a value of {} does not decompress (row {row})",
                column.0
            ))
        }),
        _ => Err(Fault::broken(format!(
            "a value of {} has a format of another version",
            column.0
        ))),
    }
}

thread_local! {
    static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> =
        RefCell::new(zstd::bulk::Compressor::with_dictionary(COMPRESSION_LEVEL, DICTIONARY).ok());
    static DECOMPRESSOR: RefCell<Option<zstd::bulk::Decompressor<'static>>> =
        RefCell::new(zstd::bulk::Decompressor::with_dictionary(DICTIONARY).ok());
}

fn compress(value: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|compressor| compressor.as_mut()?.compress(value).ok())
}

fn decompress(value: &[u8]) -> Option<Vec<u8>> {
    let (length, compressed) = value.split_first_chunk::<4>()?;
    let length = u32::from_be_bytes(*length) as usize;
    if length > OPENED_AT_MOST {
        return None;
    }
    DECOMPRESSOR
        .with_borrow_mut(|decompressor| decompressor.as_mut()?.decompress(compressed, length).ok())
}

#[cfg(test)]
mod tests {
    use basics::Ids;

    use super::*;

    const TITLE: Sealed = Sealed("messages.title");
    const TEXT: Sealed = Sealed("bodies.text");

    #[test]
    fn a_value_opens_only_in_its_column_row_and_person() {
        let ids = Ids::seeded(1);
        let key = SealingKey::new(&random_key());
        let (row, subject) = (ids.random(), SubjectId::random(&ids));
        let sealed = seal_value(&key, TITLE, row, subject, b"Uw aanslag");
        assert_eq!(
            open_value(&key, TITLE, row, subject, &sealed).expect("its own"),
            b"Uw aanslag"
        );
        assert!(
            open_value(&key, TEXT, row, subject, &sealed).is_err(),
            "other column"
        );
        assert!(
            open_value(&key, TITLE, ids.random(), subject, &sealed).is_err(),
            "other row"
        );
        assert!(
            open_value(&key, TITLE, row, SubjectId::random(&ids), &sealed).is_err(),
            "other person"
        );
        assert!(
            open_value(
                &SealingKey::new(&random_key()),
                TITLE,
                row,
                subject,
                &sealed
            )
            .is_err(),
            "other key"
        );
    }

    #[test]
    fn a_long_letter_gets_shorter_and_comes_back_whole() {
        let ids = Ids::seeded(1);
        let key = SealingKey::new(&random_key());
        let (row, subject) = (ids.random(), SubjectId::random(&ids));
        let letter = "Geachte heer, mevrouw, u hebt nog niet betaald. ".repeat(30);
        let sealed = seal_value(&key, TEXT, row, subject, letter.as_bytes());
        assert!(
            sealed.len() * 2 < letter.len(),
            "{} of {}",
            sealed.len(),
            letter.len()
        );
        assert_eq!(
            open_value(&key, TEXT, row, subject, &sealed).expect("its own"),
            letter.as_bytes()
        );
    }
}
