//! Lines through pipes that are read and that are not, and to what cannot be written.

use std::io::{PipeReader, Read as _, pipe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::Value;

use super::*;

const PATIENCE: Duration = Duration::from_mins(1);

/// More than pipe and queue hold.
const MANY: u64 = 5000;

fn line(number: u64) -> Vec<u8> {
    let text = "x".repeat(1000);
    format!("{{\"number\":{number},\"text\":\"{text}\"}}\n").into_bytes()
}

/// The numbers of whole lines, and how many lines were dropped by the notices.
fn parse(bytes: &[u8]) -> (Vec<u64>, u64) {
    let (mut numbers, mut dropped) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let line: Value = serde_json::from_slice(line).expect("a whole line");
        match line["number"].as_u64() {
            Some(number) => numbers.push(number),
            None => dropped += line["lines"].as_u64().unwrap(),
        }
    }
    (numbers, dropped)
}

/// Reads until so many lines are read, or reported as dropped.
fn read(reader: &mut PipeReader, lines: u64) -> (Vec<u64>, u64) {
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        let end = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let (numbers, dropped) = parse(&bytes[..end]);
        if numbers.len() as u64 + dropped == lines {
            return (numbers, dropped);
        }
        let count = reader.read(&mut buffer).unwrap();
        bytes.extend_from_slice(&buffer[..count]);
    }
}

#[test]
fn a_line_is_written_at_once() {
    let (mut reader, writer) = pipe().unwrap();
    let lines = Lines::to(writer);
    for number in 0..10 {
        lines.send_decision(&line(number));
        assert_eq!(read(&mut reader, 1), (vec![number], 0));
        lines.send_event(&line(number));
        assert_eq!(read(&mut reader, 1), (vec![number], 0));
    }
}

/// What is written to; it fails as long as it is told to.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>, Arc<AtomicBool>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.1.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn under_a_host_a_decision_is_written_before_its_answer() {
    let written = Written::default();
    let lines = Lines::to(written.clone()).written_before_answers(true);
    for number in 0..100 {
        lines.send_event(&line(number));
        lines.send_decision(b"{\"number\":100}\n");
        let (numbers, _) = parse(&written.0.lock());
        let decisions = numbers.iter().filter(|it| **it == 100).count() as u64;
        assert_eq!(decisions, number + 1);
    }
}

/// Waiting for each would take twenty minutes.
#[test]
fn unread_lines_are_queued_or_counted_and_hold_nothing_up() {
    let (mut reader, writer) = pipe().unwrap();
    let lines = Lines::to(writer).written_before_answers(true);
    for number in 0..MANY {
        lines.send_decision(&line(number));
    }
    let (numbers, dropped) = read(&mut reader, MANY);
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert!(numbers.len() >= 1000 && dropped > 0, "{dropped}");
}

#[test]
fn events_do_not_crowd_out_decisions() {
    let (mut reader, writer) = pipe().unwrap();
    let lines = Lines::to(writer);
    for _ in 0..MANY {
        lines.send_event(&line(1));
    }
    let decisions: Vec<u64> = (2..=900).collect();
    for number in &decisions {
        lines.send_decision(&line(*number));
    }
    let all = MANY + decisions.len() as u64;
    let reading = thread::spawn(move || read(&mut reader, all));
    let (mut numbers, dropped) = reading.join().unwrap();
    assert!(dropped > 0);
    numbers.retain(|number| *number > 1);
    assert_eq!(numbers, decisions);
}

#[test]
fn lines_that_cannot_be_written_are_counted_and_reported_later() {
    let written = Written::default();
    let lines = Lines::to(written.clone());
    written.1.store(true, Ordering::Relaxed);
    for number in 0..10 {
        lines.send_decision(&line(number));
    }
    lines.flush(PATIENCE);
    written.1.store(false, Ordering::Relaxed);
    lines.send_decision(&line(10));
    lines.flush(PATIENCE);
    assert_eq!(parse(&written.0.lock()), (vec![10], 10));
}
