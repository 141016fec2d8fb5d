//! How the database server is reached: over TLS that is verified, and no longer than is bearable when it says nothing.

use cluster::{Certificate, Settings};
use reqwest::StatusCode;
use rustix::process::{Pid, Signal, kill_process};

use super::house::House;
use super::load::{Books, log_in_everyone};
use crate::kill::reader::LoginProvider;
use crate::kill::sender::{Outcome, Sender};
use crate::kill::server::{Server, TRUSTED};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_spoken_to_over_tls_when_its_certificate_is_trusted_and_not_at_all_when_not() {
    let house = House::on(Settings {
        durable: false,
        certificate: Some(Certificate::of_localhost()),
        ..Settings::default()
    });
    let provider = LoginProvider::listen().await;
    let configured = house
        .configured()
        .replace("?target", "?sslmode=require&target");
    let mut server = Server::prepare_with(&provider.issuer, &configured);
    provider.serve(&server.site);
    let said = server.refuses_to_start();
    assert!(said.contains("certificate"), "{said}");

    server.add_file(TRUSTED, &Certificate::of_localhost().chain);
    server.start().await;
    let mut sender = Sender::connect(&server);
    sender.get_token().await;
    let readers = log_in_everyone(&server).await;
    let mut books = Books::default();
    assert!(matches!(books.deliver(&sender).await, Outcome::Created(_)));
    let over_tls = |is: bool| {
        house.superuser(&format!(
            "SELECT COUNT(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'postbus' AND ssl = {is}"
        ))
    };
    assert_eq!(over_tls(false), "0");
    assert_ne!(over_tls(true), "0");
    books.all_is_there(&readers, &sender).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stands_still_is_not_waited_for_without_end() {
    let house = House::durable();
    let (server, sender, readers) = house.inhabited().await;
    let mut books = Books::default();
    assert!(matches!(books.deliver(&sender).await, Outcome::Created(_)));

    let processes = house.cluster.processes();
    let signal_all = |signal| {
        for pid in &processes {
            let pid = (*pid).try_into().ok().and_then(Pid::from_raw);
            kill_process(pid.expect("a number"), signal).expect("it lives");
        }
    };
    signal_all(Signal::STOP);
    assert_eq!(books.deliver(&sender).await, Outcome::Unavailable);
    let page = readers[0].get("/berichten").await.unwrap();
    assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.headers().contains_key("retry-after"));
    signal_all(Signal::CONT);

    books.deliver_until_taken_in(&sender).await;
    books.all_is_there(&readers, &sender).await;
    server.verify_log();
}
