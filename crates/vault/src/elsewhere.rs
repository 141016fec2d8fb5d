//! Rows and keyring where they do not lie in the folders: on which server, made there, copied from one place to another.

use basics::Fault;
use store::{Place, Prepared, Progress, RoomSchema};

use crate::{SCHEMA, keys};

/// What lies on a database server instead of in the folders, so that several processes can share it.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    pub rows: Option<Place>,
    pub keyring: Option<Place>,
    /// How many of this process write the rows at the same time; without it, two.
    pub writers: Option<usize>,
}

impl Elsewhere {
    /// The rows and the keyring, each by the address of who serves and of who owns the tables; none: in the folders.
    ///
    /// Errors: an address that does not read.
    pub fn on_servers(addresses: Option<[[String; 2]; 2]>) -> Result<Self, Fault> {
        let Some([rows, keyring]) = addresses else {
            return Ok(Self::default());
        };
        let place =
            |[serving, owner]: [String; 2]| Place::server(&serving)?.owned_by(&owner).map(Some);
        Ok(Self {
            rows: place(rows)?,
            keyring: place(keyring)?,
            writers: None,
        })
    }
}

/// What a copying is of.
#[derive(Clone, Copy, Debug)]
pub enum Copied<'r> {
    /// The rows of these rooms and the vault's own.
    Rows(&'r [RoomSchema]),
    Keyring,
}

/// Copies rows or keyring as they lie, sealed, to another place that is empty or holds an unfinished copy from there;
/// answers how many rows there are on both sides. Neither place may be in use. Attachments and master key stay where they are.
///
/// Errors: what [`store::copy`] refuses.
pub fn copy(
    what: Copied<'_>,
    from: &Place,
    to: &Place,
    told: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<u64, Fault> {
    let rooms = match what {
        Copied::Rows(rooms) => [&[SCHEMA], rooms].concat(),
        Copied::Keyring => vec![keys::SCHEMA],
    };
    store::copy(from, to, &rooms, told)
}

/// Makes the tables of these rooms, the vault's own and the keyring's wherever they lie on a server, as their owners.
/// Answers each place with what was done there. For an operator; blocks.
///
/// Errors: as [`store::prepare`] has them.
pub fn prepare<'e>(
    elsewhere: &'e Elsewhere,
    rooms: &[RoomSchema],
) -> Result<Vec<(&'e Place, Prepared)>, Fault> {
    let rows = [&[SCHEMA], rooms].concat();
    // A keyring without rows is where a first start begins; rows without their keyring are refused.
    let parts = [
        (&elsewhere.keyring, vec![keys::SCHEMA]),
        (&elsewhere.rows, rows),
    ];
    let mut done = Vec::new();
    for (place, rooms) in &parts {
        if let Some(place) = place {
            done.push((place, store::prepare(place, rooms)?));
        }
    }
    Ok(done)
}

/// The statements that spread the tables of these rooms and the vault's own over several machines, and those for the keyring.
pub fn distribution(rooms: &[RoomSchema]) -> Result<[String; 2], Fault> {
    let rows: Vec<RoomSchema> = [&[SCHEMA], rooms].concat();
    Ok([
        store::distribution(&rows)?,
        store::distribution(&[keys::SCHEMA])?,
    ])
}
