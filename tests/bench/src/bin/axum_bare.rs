//! Reads the body and answers: what axum costs without any work of ours.

use std::{hint::black_box, io};

use axum::{body::Bytes, routing::post};
use dps_bench::{reply, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    serve(post(|body: Bytes| async {
        black_box(body);
        reply()
    }))
    .await
}
