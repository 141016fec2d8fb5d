//! `postbus organisation connect`

use std::path::PathBuf;
use std::process::ExitCode;

use basics::{Fault, Oin};
use organisations::NewOrganisation;

use super::Chosen;

#[derive(clap::Args)]
pub(super) struct OrganisationConnect {
    #[command(flatten)]
    chosen: Chosen,
    /// Twenty digits
    oin: String,
    /// The name people see above its letters
    #[arg(long)]
    name: String,
    /// File with its public keys as a JWK Set (ES256 or PS256)
    #[arg(long)]
    jwks: PathBuf,
    /// Its channel is mandatory by law: a person's preference does not stop its post
    #[arg(long)]
    mandatory: bool,
}

impl OrganisationConnect {
    pub(super) async fn run(self) -> Result<ExitCode, Fault> {
        crate::log_to_standard_error("warn");
        let oin = Oin::parse(&self.oin).map_err(|_| Fault::broken("an OIN is twenty digits"))?;
        let file = self.jwks.display();
        let jwks = std::fs::read_to_string(&self.jwks)
            .map_err(|fault| Fault::broken(format!("cannot read {file}: {fault}")))?;
        let jwks: serde_json::Value = serde_json::from_str(&jwks)
            .map_err(|fault| Fault::broken(format!("{file} is not JSON: {fault}")))?;
        let vault = self.chosen.open()?.vault;
        let new = NewOrganisation {
            oin: oin.clone(),
            name: self.name,
            jwks,
            mandatory: self.mandatory,
        };
        organisations::connect_on_order(&vault, new).await?;
        println!("{oin} is connected");
        Ok(ExitCode::SUCCESS)
    }
}
