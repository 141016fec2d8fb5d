//! The product's tests, a module for each address; `road` goes the whole way, `gallery` is every page, `database` and `pages` are what they share.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails where something is not as it should be"
)]

mod account_beeindigen;
mod api_v1_aanleveringen;
mod api_v1_aanleveringen_id;
mod api_v1_openapi;
mod api_v1_processing_activities;
mod berichten;
mod berichten_binnenkort_weg;
mod berichten_id;
mod berichten_mappen;
mod bijlagen;
mod contact;
mod copy;
mod data_folder;
mod database;
mod disclosed_fields;
mod ending;
mod faults;
mod gallery;
mod gate;
mod gegevens;
mod geschiedenis;
mod inloggen;
mod inloggen_oidc_provider;
mod inloggen_provider;
mod inloggen_veilig;
mod kill;
mod log;
mod log_export;
mod oauth_token;
mod on_a_server;
mod pages;
mod privacy;
mod road;
mod sessie;
mod site;
mod statement;
mod statement_check;
mod statement_export;
mod statement_opinions;
mod store_distribute;
mod store_prepare;
mod subject_disclose;
mod uitloggen;
mod uitloggen_door_provider;
mod voorkeuren;
