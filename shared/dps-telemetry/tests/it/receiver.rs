//! An HTTP server that keeps what it is sent.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::{metric::Data, number_data_point};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use crate::recorded::LONG;

/// A server on a free port, with a thread for each connection.
pub(crate) struct Receiver {
    port: u16,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    requests: Vec<(String, Vec<u8>)>,
    answers: bool,
}

impl Receiver {
    /// One that answers 200, at once or only after [`Self::answer`].
    pub(crate) fn start(answers: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State {
            answers,
            ..State::default()
        };
        let state = Arc::new((Mutex::new(state), Condvar::new()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let (connection, shared) = (connection.unwrap(), Arc::clone(&shared));
                thread::spawn(move || serve(&connection, &shared));
            }
        });
        Self { port, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Answers from now on, also what has waited for that.
    pub(crate) fn answer(&self) {
        self.state.0.lock().unwrap().answers = true;
        self.state.1.notify_all();
    }

    /// The paths of all requests, in order of the alphabet.
    pub(crate) fn paths(&self) -> Vec<String> {
        let state = self.state.0.lock().unwrap();
        let mut paths: Vec<_> = state.requests.iter().map(|it| it.0.clone()).collect();
        paths.sort();
        paths
    }

    /// Waits for this many requests.
    pub(crate) fn wait_for(&self, count: usize) {
        let state = self.state.0.lock().unwrap();
        let few = |state: &mut State| state.requests.len() < count;
        let (_state, waited) = self.state.1.wait_timeout_while(state, LONG, few).unwrap();
        assert!(!waited.timed_out(), "{:?}", self.paths());
    }

    /// The spans of all requests.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let state = self.state.0.lock().unwrap();
        let traces = state.requests.iter().filter(|it| it.0 == "/v1/traces");
        let traces = traces.map(|it| ExportTraceServiceRequest::decode(&*it.1).unwrap());
        let scopes = traces.flat_map(|it| it.resource_spans);
        let scopes = scopes.flat_map(|it| it.scope_spans);
        scopes.flat_map(|it| it.spans).collect()
    }

    /// The value of each series of a counter in the last request that has it.
    pub(crate) fn counts(&self, name: &str) -> Vec<u64> {
        let state = self.state.0.lock().unwrap();
        let metrics = state.requests.iter().filter(|it| it.0 == "/v1/metrics");
        let metrics = metrics.map(|it| ExportMetricsServiceRequest::decode(&*it.1).unwrap());
        let scopes = metrics.flat_map(|it| it.resource_metrics);
        let mut metrics = scopes
            .flat_map(|it| it.scope_metrics)
            .flat_map(|it| it.metrics);
        let Some(metric) = metrics.rfind(|it| it.name == name) else {
            return Vec::new();
        };
        let Some(Data::Sum(sum)) = metric.data else {
            panic!("{name} is no counter");
        };
        let values = sum.data_points.into_iter().map(|it| match it.value {
            Some(number_data_point::Value::AsInt(value)) => u64::try_from(value).unwrap(),
            other => panic!("{other:?}"),
        });
        values.collect()
    }
}

/// The attributes of a span that are texts.
pub(crate) fn texts(span: &Span) -> HashMap<&str, &str> {
    let texts =
        span.attributes
            .iter()
            .filter_map(|it| match it.value.as_ref()?.value.as_ref()? {
                Value::StringValue(text) => Some((&*it.key, &**text)),
                _ => None,
            });
    texts.collect()
}

fn serve(connection: &TcpStream, shared: &(Mutex<State>, Condvar)) {
    let (state, changed) = shared;
    let mut reader = BufReader::new(connection);
    while let Some(request) = read(&mut reader) {
        let mut state = state.lock().unwrap();
        state.requests.push(request);
        changed.notify_all();
        let state = changed.wait_while(state, |it| !it.answers).unwrap();
        drop(state);
        let mut connection = connection;
        let answer = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        if answer.is_err() {
            return;
        }
    }
}

/// The path and the body of a request that has come in whole.
fn read(reader: &mut BufReader<&TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, body))
}
