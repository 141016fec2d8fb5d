//! For this room's own tests: an installation in a temporary folder with a client's key.

use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use basics::{Activity, Clock, Fault, Ids, Moment, Oin, Trace};
use jsonwebtoken::EncodingKey;
use p256::pkcs8::EncodePrivateKey;
use serde_json::Value;
use statement::Register;
use vault::{Elsewhere, Processing, ReadTx, Tx, Vault, VaultSettings};

use crate::{NewOrganisation, Tokens, connect, new_client_key};

pub(crate) struct House {
    pub(crate) vault: Vault,
    pub(crate) tokens: Tokens,
    pub(crate) clock: Clock,
    pub(crate) private: Value,
    pub(crate) public: Value,
    _folder: tempfile::TempDir,
}

impl House {
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(Moment::from_micros(1_795_181_400_000_000));
        let register =
            Register::parse(include_str!("../../../statements/mijnoverheid.toml")).unwrap();
        let vault = Vault::open(VaultSettings {
            data: folder.path().join("data"),
            keys: folder.path().join("keys"),
            elsewhere: Elsewhere::on_servers(
                cluster::lent_to(folder.path()).expect("a place is lent"),
            )
            .expect("its addresses read"),
            register: Arc::new(register),
            rooms: vec![crate::SCHEMA],
            clock: clock.clone(),
            ids: Ids::seeded(1),
        })
        .unwrap();
        let tokens = Tokens::open(&vault, "https://postbus.example/").unwrap();
        let (private, public) = new_client_key();
        Self {
            vault,
            tokens,
            clock,
            private,
            public,
            _folder: folder,
        }
    }

    /// One for many cases of a property.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<House> = OnceLock::new();
        SHARED.get_or_init(Self::open)
    }

    pub(crate) async fn connect(&self, oin: &Oin, jwks: Value) {
        let new = NewOrganisation {
            oin: oin.clone(),
            name: format!("Dienst {oin}"),
            jwks,
            mandatory: false,
        };
        self.write(move |tx| connect(tx, new.clone()))
            .await
            .unwrap();
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        closure: impl Fn(&mut ReadTx<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> T {
        self.vault.read(self.upkeep(), closure).await.unwrap()
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        closure: impl Fn(&mut Tx<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.vault.write(self.upkeep(), closure).await
    }

    fn upkeep(&self) -> Processing {
        Processing::upkeep(Activity("beproeven"), Trace::new(self.vault.ids()))
    }
}

/// A test organisation: prefix 00000099.
pub(crate) fn oin(number: u32) -> Oin {
    Oin::parse(&format!("00000099{number:012}")).unwrap()
}

pub(crate) fn ec_key(private: &Value) -> EncodingKey {
    let scalar = URL_SAFE_NO_PAD
        .decode(private["d"].as_str().unwrap())
        .unwrap();
    let key = p256::SecretKey::from_slice(&scalar).unwrap();
    EncodingKey::from_ec_der(key.to_pkcs8_der().unwrap().as_bytes())
}
