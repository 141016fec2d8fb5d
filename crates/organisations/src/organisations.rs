//! The connected organisations as they lie in the database: found, named, connected, blocked.

use std::collections::BTreeMap;

use basics::{Activity, Actor, Channel, Fault, Moment, Oin, Trace};
use vault::{Processing, ReadTx, Row, Sql, Subjects, Tx, Value, Vault, sql};

use crate::assertion;

/// Nobody's data: no line of the statement.
const CONNECT_ORGANISATION: Activity = Activity("organisatie-aansluiten");

/// A connected organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    pub oin: Oin,
    pub name: String,
    /// From this moment on its post comes here by law, whatever a person prefers (MO-53).
    pub mandatory_since: Option<Moment>,
    /// From this moment on it may do nothing here.
    pub blocked_at: Option<Moment>,
    pub connected_at: Moment,
}

/// An organisation to connect, or its newer particulars.
#[derive(Clone, Debug)]
pub struct NewOrganisation {
    pub oin: Oin,
    /// As a person reads it.
    pub name: String,
    /// Its public keys, a JWK Set (RFC 7517 §5).
    pub jwks: serde_json::Value,
    pub mandatory: bool,
}

const FIND: &Sql = sql!(
    "SELECT oin, name, mandatory_since, blocked_at, connected_at FROM organisations WHERE oin = $1"
);
const LIST: &Sql = sql!(
    "SELECT oin, name, mandatory_since, blocked_at, connected_at FROM organisations ORDER BY oin"
);
const NAME: &Sql = sql!("SELECT name FROM organisations WHERE oin = $1");
const NAMES_1: &Sql = sql!("SELECT oin, name FROM organisations WHERE oin IN ($1)");
const NAMES_8: &Sql =
    sql!("SELECT oin, name FROM organisations WHERE oin IN ($1, $2, $3, $4, $5, $6, $7, $8)");
const NAMES_64: &Sql = sql!(
    "SELECT oin, name FROM organisations WHERE oin IN (
     $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
     $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43,
     $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64)"
);
const KEYS: &Sql = sql!("SELECT jwks FROM organisations WHERE oin = $1");
// Whoever was mandatory stays so from the moment it became so.
const CONNECT: &Sql = sql!(
    "INSERT INTO organisations (oin, name, jwks, mandatory_since, connected_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (oin) DO UPDATE SET name = excluded.name, jwks = excluded.jwks,
     mandatory_since = CASE WHEN excluded.mandatory_since IS NULL THEN NULL
     ELSE COALESCE(organisations.mandatory_since, excluded.mandatory_since) END"
);
const BLOCK: &Sql =
    sql!("UPDATE organisations SET blocked_at = $2 WHERE oin = $1 AND blocked_at IS NULL");
const UNBLOCK: &Sql = sql!("UPDATE organisations SET blocked_at = NULL WHERE oin = $1");

impl Organisation {
    pub const fn is_blocked(&self) -> bool {
        self.blocked_at.is_some()
    }
    /// Whether its post comes here by law at this moment.
    pub fn is_mandatory(&self, now: Moment) -> bool {
        self.mandatory_since.is_some_and(|since| since <= now)
    }
}

/// None when this organisation is not connected.
pub fn find(tx: &mut ReadTx<'_>, oin: &Oin) -> Result<Option<Organisation>, Fault> {
    tx.query_opt(FIND, &[Value::id(oin)], organisation)
}

/// All that are connected, by number.
pub fn list(tx: &mut ReadTx<'_>) -> Result<Vec<Organisation>, Fault> {
    tx.query(LIST, &[], organisation)
}

fn organisation(row: &Row<'_>) -> Result<Organisation, Fault> {
    Ok(Organisation {
        oin: kept_oin(row)?,
        name: row.text(1)?.to_owned(),
        mandatory_since: row.opt_moment(2)?,
        blocked_at: row.opt_moment(3)?,
        connected_at: row.moment(4)?,
    })
}

fn kept_oin(row: &Row<'_>) -> Result<Oin, Fault> {
    Oin::parse(row.text(0)?).map_err(|_| Fault::broken("a kept OIN does not parse"))
}

/// The name as a person reads it; none when the organisation is not connected.
pub fn name_of(tx: &mut ReadTx<'_>, oin: &Oin) -> Result<Option<String>, Fault> {
    tx.query_opt(NAME, &[Value::id(oin)], |row| Ok(row.text(0)?.to_owned()))
}

/// The names of many at once. Who is not connected is left out; who is named twice is looked up once.
pub fn names(tx: &mut ReadTx<'_>, oins: &[Oin]) -> Result<BTreeMap<Oin, String>, Fault> {
    let mut wanted: Vec<&Oin> = oins.iter().collect();
    wanted.sort();
    wanted.dedup();
    let mut found = BTreeMap::new();
    for part in wanted.chunks(64) {
        let (sql, places) = match part.len() {
            1 => (NAMES_1, 1),
            2..=8 => (NAMES_8, 8),
            _ => (NAMES_64, 64),
        };
        let mut params: Vec<Value> = part.iter().map(Value::id).collect();
        params.resize(places, Value::id(part[0]));
        let rows = tx.query(sql, &params, |row| {
            Ok((kept_oin(row)?, row.text(1)?.to_owned()))
        })?;
        found.extend(rows);
    }
    Ok(found)
}

/// Connects an organisation, or brings its particulars up to date; a block stays.
///
/// Errors: a set of keys that holds none to verify with, or holds a private one.
pub fn connect(tx: &mut Tx<'_>, new: NewOrganisation) -> Result<(), Fault> {
    assertion::check_keys(&new.jwks)
        .map_err(|why| Fault::broken(format!("the keys of {}: {why}", new.oin)))?;
    let now = tx.now();
    let row = [
        Value::id(&new.oin),
        new.name.into(),
        new.jwks.to_string().into(),
        new.mandatory.then_some(now).into(),
        now.into(),
    ];
    tx.run(CONNECT, &row).map(drop)
}

/// As [`connect`], by itself and on an operator's order.
pub async fn connect_on_order(vault: &Vault, new: NewOrganisation) -> Result<(), Fault> {
    let processing = Processing::of(
        CONNECT_ORGANISATION,
        Actor::Operator,
        Subjects::None,
        Channel::Terminal,
        Trace::new(vault.ids()),
    );
    vault
        .write(processing, move |tx| connect(tx, new.clone()))
        .await
}

/// From now on this organisation may do nothing here. Answers whether that changed anything.
pub fn block(tx: &mut Tx<'_>, oin: &Oin) -> Result<bool, Fault> {
    let now = tx.now();
    Ok(tx.run(BLOCK, &[Value::id(oin), now.into()])? > 0)
}

/// Ends a block. False when the organisation is not connected.
pub fn unblock(tx: &mut Tx<'_>, oin: &Oin) -> Result<bool, Fault> {
    Ok(tx.run(UNBLOCK, &[Value::id(oin)])? > 0)
}

/// The registered keys, as text.
pub(crate) fn keys_of(tx: &mut ReadTx<'_>, oin: &Oin) -> Result<Option<String>, Fault> {
    tx.query_opt(KEYS, &[Value::id(oin)], |row| Ok(row.text(0)?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{House, oin};

    #[tokio::test]
    async fn names_come_back_whatever_the_count() {
        let house = House::open();
        let all: Vec<Oin> = (0..150).map(oin).collect();
        for known in &all {
            house
                .connect(known, serde_json::json!({"keys": [house.public]}))
                .await;
        }
        for count in [0, 1, 2, 8, 9, 64, 65, 150] {
            let mut asked: Vec<Oin> = all[..count].to_vec();
            asked.extend([oin(900), oin(0)]);
            let found = house.read(move |tx| names(tx, &asked)).await;
            assert_eq!(found.len(), count.max(1), "{count}");
            assert!(
                found
                    .iter()
                    .all(|(oin, name)| *name == format!("Dienst {oin}"))
            );
        }
    }

    #[tokio::test]
    async fn connecting_again_keeps_what_stands() {
        let house = House::open();
        let sender = oin(1);
        let connect_as = |name: &str, mandatory| NewOrganisation {
            oin: oin(1),
            name: name.to_owned(),
            jwks: serde_json::json!({"keys": [house.public]}),
            mandatory,
        };
        for (name, mandatory) in [("Een", true), ("Twee", true)] {
            let new = connect_as(name, mandatory);
            house
                .write(move |tx| connect(tx, new.clone()))
                .await
                .unwrap();
            house.clock.advance(std::time::Duration::from_secs(60));
        }
        let asked = sender.clone();
        assert!(house.write(move |tx| block(tx, &asked)).await.unwrap());
        let asked = sender.clone();
        let found = house.read(move |tx| find(tx, &asked)).await.unwrap();
        assert_eq!(found.name, "Twee");
        assert_eq!(found.mandatory_since, Some(found.connected_at));
        assert!(found.is_blocked() && found.is_mandatory(found.connected_at));

        let new = connect_as("Drie", false);
        house
            .write(move |tx| connect(tx, new.clone()))
            .await
            .unwrap();
        let asked = sender.clone();
        let found = house.read(move |tx| find(tx, &asked)).await.unwrap();
        assert!(found.is_blocked() && found.mandatory_since.is_none());
        let asked = sender.clone();
        assert!(house.write(move |tx| unblock(tx, &asked)).await.unwrap());
        assert!(
            !house
                .read(move |tx| find(tx, &sender))
                .await
                .unwrap()
                .is_blocked()
        );
    }

    #[tokio::test]
    async fn a_private_key_is_not_kept() {
        let house = House::open();
        let new = |jwks| NewOrganisation {
            oin: oin(1),
            name: "Een".to_owned(),
            jwks,
            mandatory: false,
        };
        for keys in [
            serde_json::json!({"keys": [house.private]}),
            serde_json::json!({"keys": []}),
            serde_json::json!({}),
        ] {
            let new = new(keys);
            assert!(
                house
                    .write(move |tx| connect(tx, new.clone()))
                    .await
                    .is_err()
            );
        }
    }
}
