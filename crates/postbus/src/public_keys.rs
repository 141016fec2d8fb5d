//! The public keys: the one route that belongs to no room.

use axum::Json;

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
