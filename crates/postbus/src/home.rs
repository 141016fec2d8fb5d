//! `/` and the public keys: the few routes that belong to no room.

use axum::Json;
use axum::response::Redirect;
use web::{MaybeVisitor, Shell};

/// `GET /`: to the letters, or to the login.
pub(crate) async fn home(shell: Shell, MaybeVisitor(visitor): MaybeVisitor) -> Redirect {
    let there = if visitor.is_some() {
        "/berichten"
    } else {
        web::LOGIN_PATH
    };
    Redirect::to(&shell.link(there))
}

/// `GET /.well-known/jwks.json`: the key that login providers know us by and the keys our access tokens are signed with.
pub(crate) fn public_keys(sets: &[serde_json::Value]) -> Json<serde_json::Value> {
    let keys: Vec<&serde_json::Value> = sets
        .iter()
        .filter_map(|set| set.get("keys"))
        .filter_map(|keys| keys.as_array())
        .flatten()
        .collect();
    Json(serde_json::json!({ "keys": keys }))
}
