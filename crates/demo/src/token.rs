//! `cargo demo token OIN`: proves to the running product who we are, and gets a bearer token for it.

use basics::{Clock, Fault, Oin};
use serde_json::Value;

use crate::Options;

/// Prints the token of a sample organisation, from whichever installation knows it.
pub async fn print(options: &Options, oin: &str) -> Result<(), Fault> {
    let oin = Oin::parse(oin).map_err(|_| Fault::broken("an OIN is twenty digits"))?;
    let key = options.folder().known_private_key(&oin)?;
    let mut last = Fault::broken("no installation");
    for port in [options.port, options.port + 1] {
        match fetch(&format!("http://localhost:{port}"), &oin, &key).await {
            Ok(token) => {
                println!("{token}");
                return Ok(());
            }
            Err(fault) => last = fault,
        }
    }
    Err(last)
}

/// A bearer token from the installation at `base_url`.
pub async fn fetch(base_url: &str, oin: &Oin, private_key: &Value) -> Result<String, Fault> {
    let endpoint = format!("{base_url}/oauth/token");
    let assertion =
        organisations::client_assertion(private_key, oin, &endpoint, Clock::system().now())?;
    let body = format!(
        "grant_type=client_credentials&client_id={oin}\
         &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}"
    );
    let answer = client()?
        .post(&endpoint)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .map_err(|_| {
            Fault::broken(format!(
                "nothing answers at {base_url}; is the demonstration running there?"
            ))
        })?;
    let status = answer.status();
    let answer: Value = answer
        .json()
        .await
        .map_err(|_| Fault::broken(format!("{endpoint} answered {status} without JSON")))?;
    match answer["access_token"].as_str() {
        Some(token) => Ok(token.to_owned()),
        None => Err(Fault::broken(format!(
            "{endpoint} answered {status}: {answer}"
        ))),
    }
}

/// A client for this machine's own addresses, past any proxy.
pub fn client() -> Result<reqwest::Client, Fault> {
    let built = reqwest::Client::builder().no_proxy().build();
    built.map_err(|fault| Fault::broken(format!("no HTTP client: {fault}")))
}
