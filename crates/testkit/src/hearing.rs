//! A loopback port at which a product hears its provider, which speaks to it apart from any browser.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::IntoResponse;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Product;

pub(crate) struct Hearing {
    /// Scheme, host and port.
    pub(crate) address: String,
    listener: Option<TcpListener>,
    serving: Option<JoinHandle<()>>,
}

impl Hearing {
    pub(crate) async fn take() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a loopback port is free");
        let address = listener.local_addr().expect("it was bound");
        Self {
            address: format!("http://{address}"),
            listener: Some(listener),
            serving: None,
        }
    }

    /// Hands every request to the product, as long as there is one.
    pub(crate) fn serve(
        mut self,
        product: impl Fn() -> Option<Product> + Clone + Send + Sync + 'static,
    ) -> Self {
        let router = Router::new().fallback(async move |request: Request<Body>| match product() {
            Some(product) => product.call(request).await.into_response(),
            None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        });
        self.serving = self.listener.take().map(|listener| {
            tokio::spawn(async move {
                let ended = axum::serve(listener, router).await;
                ended.expect("serving does not fail");
            })
        });
        self
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}
