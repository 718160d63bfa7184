//! Lines through pipes that are read, that are not, and that nobody can read.

use std::io::{PipeReader, PipeWriter, Read as _, pipe};
use std::os::fd::OwnedFd;

use serde_json::Value;

use super::*;

const PATIENCE: Duration = Duration::from_mins(1);

/// What Linux gives a pipe; the lines of these tests are much more.
const PIPE: usize = 64 * 1024;

fn lines() -> (Lines, PipeReader) {
    let (reader, writer): (PipeReader, PipeWriter) = pipe().unwrap();
    let lines = Lines::to_file(File::from(OwnedFd::from(writer))).unwrap();
    (lines, reader)
}

fn line(number: usize) -> Vec<u8> {
    format!(
        "{{\"number\":{number},\"text\":\"{}\"}}\n",
        "x".repeat(1000)
    )
    .into_bytes()
}

/// The numbers of the lines, and how many lines were dropped by the notices.
fn read_all(lines: Lines, mut reader: PipeReader) -> (Vec<u64>, u64) {
    drop(lines);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    let (mut numbers, mut dropped) = (Vec::new(), 0);
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("whole lines");
        match line["number"].as_u64() {
            Some(number) => numbers.push(number),
            None => dropped += line["lines"].as_u64().unwrap(),
        }
    }
    (numbers, dropped)
}

#[test]
fn a_line_is_in_the_pipe_when_it_is_handed_in() {
    let (lines, mut reader) = lines();
    for number in 0..10 {
        lines.send_decision(&line(number));
        let mut read = vec![0; line(number).len()];
        reader.read_exact(&mut read).unwrap();
        assert_eq!(read, line(number));
    }
}

#[tokio::test]
async fn lines_of_requests_are_in_the_pipe_before_the_answers() {
    let (lines, mut reader) = lines();
    let requests = (0..20).map(|number| {
        let lines = lines.clone();
        async move { lines.send_decision_with_others(&line(number)).await }
    });
    let requests: Vec<_> = requests.map(tokio::spawn).collect();
    for request in requests {
        request.await.unwrap();
    }
    let all: Vec<u8> = (0..20).flat_map(line).collect();
    let mut read = vec![0; all.len()];
    reader.read_exact(&mut read).unwrap();
    assert_eq!(read, all);
}

#[tokio::test]
async fn the_line_of_a_request_that_is_given_up_is_written() {
    let (lines, reader) = lines();
    {
        let mut given_up = Box::pin(lines.send_decision_with_others(b"{\"number\":1}\n"));
        let once = std::future::poll_fn(|context| {
            assert!(given_up.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        });
        once.await;
    }
    assert_eq!(read_all(lines, reader), (vec![1], 0));
}

/// How many lines are handed in while nobody reads; each is written or counted, in order.
fn check_unread(count: usize) {
    let (lines, reader) = lines();
    for number in 0..count {
        lines.send_decision(&line(number));
    }
    let reading = thread::spawn(move || {
        let mut reader = reader;
        let mut start = vec![0; 10 * PIPE];
        reader.read_exact(&mut start).unwrap();
        (reader, start)
    });
    let (reader, start) = reading.join().unwrap();
    lines.send_decision(&line(count));
    let mut text = start;
    let mut reader = reader;
    lines.flush(PATIENCE.min(Duration::from_millis(100)));
    drop(lines);
    reader.read_to_end(&mut text).unwrap();
    let (mut numbers, mut dropped) = (Vec::new(), 0);
    for line in String::from_utf8(text).unwrap().lines() {
        let line: Value = serde_json::from_str(line).expect("whole lines");
        match line["number"].as_u64() {
            Some(number) => numbers.push(number),
            None => dropped += line["lines"].as_u64().unwrap(),
        }
    }
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert_eq!(numbers.len() as u64 + dropped, count as u64 + 1);
}

#[test]
fn what_nobody_reads_waits_or_is_counted() {
    check_unread(900);
    check_unread(5000);
}

#[test]
fn events_do_not_crowd_out_decisions() {
    let (lines, reader) = lines();
    for _ in 0..5000 {
        lines.send_event(&line(1));
    }
    for number in 2..=900 {
        lines.send_decision(&line(number));
        lines.send_event(&line(1));
    }
    let reading = thread::spawn(move || {
        let mut text = String::new();
        let mut reader = reader;
        reader.read_to_string(&mut text).unwrap();
        text
    });
    lines.flush(PATIENCE);
    drop(lines);
    let text = reading.join().unwrap();
    let read: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("whole lines"))
        .collect();
    let numbers = read.iter().filter_map(|line| line["number"].as_u64());
    let decisions: Vec<u64> = numbers.filter(|number| *number > 1).collect();
    assert_eq!(decisions, (2..=900).collect::<Vec<u64>>());
    let dropped: u64 = read.iter().filter_map(|line| line["lines"].as_u64()).sum();
    let events = read.iter().filter(|line| line["number"] == 1).count();
    assert_eq!(u64::try_from(events).unwrap() + dropped, 5000 + 899);
}

#[test]
fn what_nobody_can_read_is_counted_and_told_once_somebody_can() {
    let (lines, reader) = lines();
    drop(reader);
    for number in 0..10 {
        lines.send_decision(&line(number));
    }
    lines.flush(PATIENCE);
    let waiting = lines.0.lock();
    assert_eq!(
        format!("{waiting:?}").matches("dropped: 10").count(),
        1,
        "{waiting:?}"
    );
}
