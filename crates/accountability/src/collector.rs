//! The collector, over OTLP/HTTP: one request at a time, and an acknowledgement that is for all of it or is none.

use std::net::IpAddr;
use std::time::Duration;

use basics::Fault;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Url};
use vault::Disclosure;

const PROTOBUF: &str = "application/x-protobuf";
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(10);
const LARGEST_ANSWER: usize = 64 * 1024;
/// The queue of jobs waits longer each time it fails.
const RETRY_AFTER: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub(crate) struct Collector {
    client: Client,
    traces: Url,
}

impl Collector {
    /// Under this address it has `/v1/traces` (OTLP/HTTP).
    ///
    /// Errors: no address, or one that is neither https nor on this machine.
    pub(crate) fn at(address: &str) -> Result<Self, Fault> {
        let unfit = || {
            Fault::broken(
                "the collector of the log needs an address like https://collector.example: https, or http on this machine",
            )
        };
        let traces = format!("{}/v1/traces", address.trim_end_matches('/'));
        let traces = Url::parse(&traces).map_err(|_| unfit())?;
        let is_here = is_loopback(&traces);
        if traces.scheme() != "https" && !(traces.scheme() == "http" && is_here) {
            return Err(unfit());
        }
        let mut client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_PATIENCE)
            .timeout(PATIENCE);
        if is_here {
            client = client.no_proxy();
        }
        let client = client
            .build()
            .map_err(|_| Fault::broken("making the client for the collector of the log"))?;
        Ok(Self { client, traces })
    }

    /// Ok once the collector has acknowledged every span.
    ///
    /// Errors: no answer; another answer than 200; an answer that says that some spans were rejected, since a row that is
    /// skipped is a gap.
    pub(crate) async fn take(
        &self,
        request: Disclosure<ExportTraceServiceRequest>,
    ) -> Result<(), Fault> {
        let request = request.into_inner();
        let sent = self
            .client
            .post(self.traces.clone())
            .header(CONTENT_TYPE, PROTOBUF)
            .body(request.encode_to_vec())
            .send();
        let mut answer = sent
            .await
            .map_err(|fault| trouble(&without_address(fault)))?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(trouble(&format!("answer {}", answer.status().as_u16())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|fault| trouble(&without_address(fault)))?
        {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(trouble("the answer is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        let answer = ExportTraceServiceResponse::decode(body.as_slice())
            .map_err(|_| trouble("the answer is not OTLP"))?;
        match answer.partial_success.map_or(0, |part| part.rejected_spans) {
            0 => Ok(()),
            rejected => Err(trouble(&format!("{rejected} rows were rejected"))),
        }
    }
}

fn trouble(what: &str) -> Fault {
    Fault::unavailable(format!("the collector of the log: {what}"), RETRY_AFTER)
}

fn without_address(fault: reqwest::Error) -> String {
    fault.without_url().to_string()
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    host == "localhost" || address.is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::Collector;

    #[test]
    fn the_log_leaves_over_tls_or_stays_on_this_machine() {
        for fine in [
            "https://collector.example",
            "https://collector.example/otlp/",
            "http://localhost:4318",
            "http://127.0.0.1:4318",
            "http://[::1]:4318",
        ] {
            assert!(Collector::at(fine).is_ok(), "{fine}");
        }
        for refused in [
            "http://collector.example",
            "collector.example:4318",
            "ftp://localhost",
            "",
        ] {
            assert!(Collector::at(refused).is_err(), "{refused}");
        }
    }
}
