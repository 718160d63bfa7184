//! Custom handler for the tests: echoes what it gets, or misbehaves as its path says.
//!
//! `/<anything>/toy/<act>/<argument>`; without an act the request comes back as JSON. The variables
//! `TOY_START_DELAY_MS`, `TOY_START_EXIT`, `TOY_DEAF` and `TOY_HASTY` make it slow to listen, end at
//! once, ignore SIGTERM and SIGINT, or end without a drain when it gets them.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt as _, Channel, Collected};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let interrupted = signal(SignalKind::interrupt())?;
    let terminated = signal(SignalKind::terminate())?;
    if let Ok(code) = std::env::var("TOY_START_EXIT") {
        complain("toy ends at its start");
        std::process::exit(code.parse()?);
    }
    let delay = std::env::var("TOY_START_DELAY_MS").map_or(Ok(0), |text| text.parse())?;
    sleep(Duration::from_millis(delay)).await;
    let port: u16 = std::env::var("FUNCTIONS_CUSTOMHANDLER_PORT")?.parse()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .context("listening")?;
    let server = axum::serve(listener, Router::new().fallback(answer));
    server
        .with_graceful_shutdown(told_to_end(interrupted, terminated))
        .await?;
    Ok(())
}

async fn told_to_end(mut interrupted: Signal, mut terminated: Signal) {
    loop {
        let name = tokio::select! {
            _ = interrupted.recv() => "SIGINT",
            _ = terminated.recv() => "SIGTERM",
        };
        say(&format!("toy got {name}"));
        if std::env::var_os("TOY_HASTY").is_some() {
            std::process::exit(0);
        }
        if std::env::var_os("TOY_DEAF").is_none() {
            return;
        }
    }
}

async fn answer(request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let act = path
        .split_once("/toy")
        .map_or("", |(_, act)| act.trim_start_matches('/'));
    let (act, argument) = act.split_once('/').unwrap_or((act, ""));
    match act {
        "" if path == "/toy" => enveloped(request).await,
        _ if path == "/" => with_status(StatusCode::NOT_FOUND),
        "status" => with_status(argument.parse().unwrap_or(StatusCode::IM_A_TEAPOT)),
        "exit" => std::process::exit(argument.parse().unwrap_or(1)),
        "hang" => {
            say("toy hangs");
            std::future::pending().await
        }
        "late" => {
            sleep(Duration::from_millis(argument.parse().unwrap_or_default())).await;
            with_status(StatusCode::OK)
        }
        "stdout" => {
            say(&argument.replace('_', " "));
            with_status(StatusCode::OK)
        }
        "stderr" => {
            complain(&argument.replace('_', " "));
            with_status(StatusCode::OK)
        }
        "env" => Response::new(Body::from(std::env::var(argument).unwrap_or_default())),
        "names" => {
            let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
            Response::new(Body::from(names.collect::<Vec<_>>().join("\n")))
        }
        "pause" => pausing(argument.parse().unwrap_or_default()),
        "headers" => with_headers(),
        _ => echo(request).await,
    }
}

/// What a call in an envelope may wish for.
#[derive(Deserialize)]
struct Wish {
    status: u16,
    #[serde(rename = "type")]
    kind: String,
    body: String,
}

/// An envelope: its body may wish for an answer, else the envelope comes back in its output.
async fn enveloped(request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let envelope = bytes(body).await;
    let call: Value = serde_json::from_slice(&envelope).unwrap_or_default();
    let input = ["/Data/req/Body", "/Data/call/Body"]
        .into_iter()
        .find_map(|path| call.pointer(path)?.as_str());
    if let Some(wish) = input.and_then(|wish| serde_json::from_str::<Wish>(wish).ok()) {
        let status = StatusCode::from_u16(wish.status).unwrap_or(StatusCode::IM_A_TEAPOT);
        return with_type(status, &wish.kind, wish.body);
    }
    let echo = echo(Request::from_parts(parts, Body::from(envelope))).await;
    let echo = String::from_utf8_lossy(&bytes(echo.into_body()).await).into_owned();
    let output = json!({ "Outputs": { "res": { "body": echo } } });
    with_type(StatusCode::OK, "application/json", output.to_string())
}

async fn bytes(body: Body) -> Bytes {
    body.collect()
        .await
        .map(Collected::to_bytes)
        .unwrap_or_default()
}

fn with_type(status: StatusCode, kind: &str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    if let Ok(kind) = HeaderValue::from_str(kind) {
        response.headers_mut().insert("content-type", kind);
    }
    response
}

async fn echo(request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = parts.headers.iter();
    let headers = headers.map(|(name, value)| json!([name.as_str(), text(value.as_bytes())]));
    let body = body
        .collect()
        .await
        .map(|body| text(&body.to_bytes()))
        .unwrap_or_default();
    let echo = json!({
        "pid": std::process::id(),
        "arguments": std::env::args().skip(1).collect::<Vec<_>>(),
        "directory": std::env::current_dir().unwrap_or_default(),
        "method": parts.method.as_str(),
        "target": parts.uri.to_string(),
        "headers": headers.collect::<Vec<_>>(),
        "body": body,
    });
    Response::new(Body::from(echo.to_string()))
}

/// Two halves with a pause between them.
fn pausing(milliseconds: u64) -> Response<Body> {
    let (mut sender, body) = Channel::<Bytes, axum::Error>::new(1);
    tokio::spawn(async move {
        sender.send_data(Bytes::from_static(b"first,")).await?;
        sleep(Duration::from_millis(milliseconds)).await;
        sender.send_data(Bytes::from_static(b"last")).await
    });
    Response::new(Body::new(body))
}

fn with_headers() -> Response<Body> {
    let mut response = with_status(StatusCode::FOUND);
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in [
        ("location", "/elsewhere"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("keep-alive", "timeout=5"),
        ("strict-transport-security", "max-age=1"),
        ("x-toy", "yes"),
    ] {
        headers.append(name, HeaderValue::from_static(value));
    }
    response
}

fn with_status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

#[expect(clippy::print_stdout, reason = "the host reads it")]
fn say(line: &str) {
    println!("{line}");
}

fn complain(line: &str) {
    eprintln!("{line}");
}
