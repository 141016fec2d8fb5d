//! Ids that a caller's own chain gives a request: logged beside our trace when they have their form, believed never.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use basics::uuid::Uuid;
use web::CalledBy;

pub(crate) async fn chain(CalledBy(foreign): CalledBy, request: Request, next: Next) -> Response {
    let transaction = request.headers().get("fsc-transaction-id");
    let transaction = transaction.and_then(|value| value.to_str().ok());
    let transaction = transaction.and_then(|id| Uuid::try_parse(id).ok());
    if transaction.is_some() || foreign.is_some() {
        let transaction = transaction.map(tracing::field::display);
        let foreign_trace = foreign.map(|foreign| tracing::field::display(foreign.trace));
        let foreign_span = foreign.map(|foreign| tracing::field::display(foreign.span));
        tracing::info!(
            transaction,
            foreign_trace,
            foreign_span,
            "part of a caller's chain"
        );
    }
    next.run(request).await
}
