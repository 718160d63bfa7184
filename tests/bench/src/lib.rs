//! What the control servers share: one reply, one body, one way to listen.
//!
//! They bound `dps-webhook` from both sides: `axum_bare` is the HTTP stack alone, `axum_lean` adds
//! the cheapest reading of an allocation request that serde allows. Neither decides anything.

pub mod request;

use std::{env, io, net::Ipv4Addr};

use axum::{
    Router,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use tokio::net::TcpListener;

/// The variable in which the Functions host names the port.
const PORT: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";

/// An allocation response of the size that the webhook's replies have.
const REPLY: &[u8] = include_bytes!("../reply.json");

/// The fixed reply, as JSON.
#[must_use]
pub fn reply() -> Response {
    ([(CONTENT_TYPE, "application/json")], REPLY).into_response()
}

/// Serves `POST /api/allocate` with `allocate`, and `GET /` with an empty 200.
///
/// # Errors
///
/// The port's variable isn't a port number, or the port can't be listened on.
pub async fn serve(allocate: MethodRouter) -> io::Result<()> {
    let port = env::var(PORT)
        .ok()
        .and_then(|port| port.parse::<u16>().ok())
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("`{PORT}` must be a port number"),
            )
        })?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let router = Router::new()
        .route("/", get(|| async {}))
        .route("/api/allocate", allocate);
    axum::serve(listener, router).await
}
