//! Takes the fields of a decision from the body, without copying, and answers.

use std::{hint::black_box, io};

use axum::{
    body::Bytes,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use dps_bench::{reply, request::AllocationRequest, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    serve(post(allocate)).await
}

async fn allocate(body: Bytes) -> Response {
    match serde_json::from_slice::<AllocationRequest<'_>>(&body) {
        Ok(request) => {
            black_box(request);
            reply()
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}
