//! Looking for people among everybody's rows: ids alone are told.

use ::postgres::Client;
use basics::Fault;

use crate::engine::{Place, aside};
use crate::postgres::Address;
use crate::sqlite::Embedded;
use crate::{postgres, sqlite};

/// Rows of a table of people in which each of some columns holds a moment up to this one, in microseconds, and one of `holding`
/// is not empty where it names any.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    pub table: &'a str,
    pub columns: &'a [String],
    pub holding: &'a [String],
    pub until: i64,
}

/// Looks over a connection of its own, for as long as it is kept.
pub struct Search(On);

enum On {
    File(Embedded),
    Server {
        address: Address,
        /// There until this is dropped.
        client: Option<Client>,
    },
}

impl Search {
    pub(crate) fn on(place: &Place) -> Result<Self, Fault> {
        Ok(Self(match place {
            Place::File(file) => On::File(Embedded::reader(file)?),
            Place::Server(server) => On::Server {
                address: server.address().clone(),
                client: None,
            },
        }))
    }

    /// Up to so many people, in the order of their ids from behind one, of whom a table has rows that have ended. Blocks.
    pub fn people_with(
        &mut self,
        ended: &Ended<'_>,
        after: &str,
        most: i64,
    ) -> Result<Vec<String>, Fault> {
        let (address, kept) = match &mut self.0 {
            On::File(embedded) => return sqlite::people_with(embedded, ended, after, most),
            On::Server { address, client } => (address, client),
        };
        aside(|| {
            // One that the server ended while nobody asked anything is made again.
            if let Some(client) = kept {
                let found = postgres::people_with(client, ended, after, most);
                if found.is_ok() || !client.is_closed() {
                    return found;
                }
            }
            let client = kept.insert(address.connect()?);
            postgres::people_with(client, ended, after, most)
        })
    }
}

/// The client drives futures of its own, which may not end on a thread that drives others.
impl Drop for Search {
    fn drop(&mut self) {
        if let On::Server { client, .. } = &mut self.0
            && let Some(client) = client.take()
        {
            aside(move || drop(client));
        }
    }
}
