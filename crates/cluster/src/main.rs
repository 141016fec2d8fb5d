//! A cluster at the prompt: `cluster [FOLDER]` starts one, says where it is, and ends it when its input ends.

use std::process::ExitCode;

use cluster::{Cluster, Settings};

fn main() -> ExitCode {
    let settings = Settings {
        folder: std::env::args_os().nth(1).map(Into::into),
        ..Settings::default()
    };
    let cluster = match Cluster::start(settings) {
        Ok(cluster) => cluster,
        Err(fault) => {
            eprintln!("cluster: {fault}");
            return ExitCode::FAILURE;
        }
    };
    println!("url {}", cluster.url("postgres"));
    println!("socket {}", cluster.socket_url("postgres"));
    println!("folder {}", cluster.folder().display());
    if let Some(pid) = cluster.pid() {
        println!("pid {pid}");
    }
    // Whatever is typed says nothing; its end, or an end that goes wrong, is the end.
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    ExitCode::SUCCESS
}
