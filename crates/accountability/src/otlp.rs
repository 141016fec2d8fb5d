//! Rows of the log as spans of OTLP, with the attributes of Logboek Dataverwerkingen.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use vault::Processed;

use crate::standard;

/// Whose log it is.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    installation: String,
    base_url: String,
}

impl Source {
    pub(crate) fn of(installation: &str, base_url: &str) -> Self {
        Self {
            installation: installation.to_owned(),
            base_url: base_url.trim_end_matches('/').to_owned(),
        }
    }

    /// The rows in their order, in one request.
    pub(crate) fn request(&self, rows: &[Processed]) -> ExportTraceServiceRequest {
        let scope = InstrumentationScope {
            name: "postbus".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..InstrumentationScope::default()
        };
        let resource = Resource {
            attributes: vec![
                text("service.name", "postbus".to_owned()),
                text("service.namespace", self.installation.clone()),
            ],
            ..Resource::default()
        };
        ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource: Some(resource),
                scope_spans: vec![ScopeSpans {
                    scope: Some(scope),
                    spans: rows.iter().map(|row| self.span(row)).collect(),
                    schema_url: String::new(),
                }],
                schema_url: String::new(),
            }],
        }
    }

    fn span(&self, row: &Processed) -> Span {
        let code = if row.went_well {
            StatusCode::Ok
        } else {
            StatusCode::Error
        };
        let attributes = standard::attributes(&self.base_url, row);
        Span {
            trace_id: row.trace.bytes().to_vec(),
            span_id: row.span.bytes().to_vec(),
            parent_span_id: row
                .foreign
                .as_ref()
                .map_or_else(Vec::new, |one| one.span.bytes().to_vec()),
            name: row.activity.clone(),
            kind: SpanKind::Internal.into(),
            start_time_unix_nano: nanos(row.start),
            end_time_unix_nano: nanos(row.end),
            attributes: attributes
                .into_iter()
                .map(|(name, value)| text(name, value))
                .collect(),
            status: Some(Status {
                code: code.into(),
                message: String::new(),
            }),
            ..Span::default()
        }
    }
}

fn nanos(at: basics::Moment) -> u64 {
    u64::try_from(at.micros()).unwrap_or(0).saturating_mul(1000)
}

fn text(key: &str, value: String) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(Value::StringValue(value)),
        }),
        ..KeyValue::default()
    }
}
