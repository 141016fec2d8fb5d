//! A certificate with which the server offers TLS on its port.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::Fault;
use crate::account::Account;

/// Certificate and private key, each as PEM.
#[derive(Clone)]
pub struct Certificate {
    pub chain: String,
    pub key: String,
}

impl Certificate {
    /// Of `localhost` and 127.0.0.1, signed by itself; its key is known to everybody.
    pub fn of_localhost() -> Self {
        Self {
            chain: include_str!("localhost/certificate.pem").to_owned(),
            key: include_str!("localhost/key.pem").to_owned(),
        }
    }

    /// Writes both beside the data; answers what the server is told of them.
    pub(crate) fn lay_down(
        &self,
        folder: &Path,
        account: &Account,
    ) -> Result<[(String, String); 3], Fault> {
        let lay = |name, text: &str| {
            let file = folder.join(name);
            fs::write(&file, text).map_err(Fault::at(&file))?;
            let closed = fs::Permissions::from_mode(0o600);
            fs::set_permissions(&file, closed).map_err(Fault::at(&file))?;
            account.give(&file)?;
            Ok::<_, Fault>(file.display().to_string())
        };
        Ok([
            ("ssl".into(), "on".into()),
            ("ssl_cert_file".into(), lay("server.crt", &self.chain)?),
            ("ssl_key_file".into(), lay("server.key", &self.key)?),
        ])
    }
}
