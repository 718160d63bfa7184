use super::*;

/// What an answer comes to: `status code, message, operation`.
#[track_caller]
fn check(status: u16, body: &str, expected: &str) {
    let judged = judge(status, &HeaderMap::new(), &Bytes::from(body.to_owned()));
    let shown = match judged {
        Ok(()) => "good".to_owned(),
        Err(Failure::Refused(refusal)) => format!(
            "{} {}, {}, {:?}",
            refusal.status, refusal.code, refusal.message, refusal.operation
        ),
        Err(failure) => panic!("{failure:?}"),
    };
    assert_eq!(shown, expected);
}

#[test]
fn the_code_is_read_from_the_body() {
    // As recorded from Azure: no x-ms-error-code header.
    check(
        404,
        r#"{"odata.error":{"code":"TableNotFound","message":{"lang":"en-US","value":"The table specified does not exist.\nRequestId:1\nTime:2"}}}"#,
        "404 TableNotFound, The table specified does not exist., None",
    );
    check(
        403,
        r#"<?xml version="1.0"?><m:error xmlns:m="x"><m:code>AuthenticationFailed</m:code><m:message xml:lang="en-US">Server failed.
RequestId:1</m:message></m:error>"#,
        "403 AuthenticationFailed, , None",
    );
    check(
        503,
        "<Error><Code>ServerBusy</Code><Message>Busy.</Message></Error>",
        "503 ServerBusy, Busy., None",
    );
    check(502, "<html>Bad gateway</html>", "502 , , None");
    check(500, "", "500 , , None");
    check(302, "", "302 , , None");
    check(204, "", "good");
}

/// A batch's answer with these operations, as Azure writes it.
fn batch(operations: &[&str]) -> String {
    let operation = |operation: &&str| {
        format!(
            "--changesetresponse_1\r\nContent-Type: application/http\r\n\
             Content-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 {operation}\r\n"
        )
    };
    let operations: String = operations.iter().map(operation).collect();
    format!(
        "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_1\r\n\r\n\
         {operations}--changesetresponse_1--\r\n--batchresponse_1--\r\n"
    )
}

#[test]
fn a_batch_is_a_failure_where_an_operation_is_one() {
    let done = "204 No Content\r\nETag: W/\"1\"\r\n\r\n";
    check(202, &batch(&[done, done]), "good");
    let stale = "412 Precondition Failed\r\n\r\n{\"odata.error\":{\"code\":\
         \"UpdateConditionNotSatisfied\",\"message\":{\"value\":\"7:It has changed.\\nRequestId:1\"}}}";
    check(
        202,
        &batch(&[stale]),
        "412 UpdateConditionNotSatisfied, It has changed., Some(7)",
    );
    check(
        202,
        &batch(&[done, stale]),
        "412 UpdateConditionNotSatisfied, It has changed., Some(7)",
    );
}

#[test]
fn text_in_a_row_is_not_an_operation() {
    let inserted = "201 Created\r\n\r\n{\"note\":\"\\nHTTP/1.1 412 odata.error\"}";
    check(202, &batch(&[inserted]), "good");
    check(
        200,
        "{\"value\":[{\"note\":\"--batchresponse\\nHTTP/1.1 500\"}]}",
        "good",
    );
}

#[track_caller]
fn retry_after_is(header: &str, expected: Option<u64>) {
    let headers = HeaderMap::from_iter([(RETRY_AFTER, header.parse().unwrap())]);
    assert_eq!(
        retry_after(&headers).map(|wait| wait.as_secs()),
        expected,
        "{header}"
    );
}

#[test]
fn retry_after_is_in_seconds() {
    retry_after_is("3", Some(3));
    retry_after_is(" 0 ", Some(0));
    retry_after_is("-1", None);
    retry_after_is("Sat, 21 Nov 2026 13:00:00 GMT", None);
}

/// Whether a failure is tried again by reads and by writes, and leaves a write open.
#[track_caller]
fn check_retry(failure: &Failure, reads: bool, writes: bool, open: bool) {
    let seen = (
        failure.worth_a_retry(true),
        failure.worth_a_retry(false),
        failure.leaves_open(),
    );
    assert_eq!(seen, (reads, writes, open), "{failure:?}");
    assert!(!(writes && open), "never tried again blindly");
}

#[test]
fn a_write_is_tried_again_only_where_nothing_was_done() {
    let refused = |status| {
        let judged = judge(status, &HeaderMap::new(), &Bytes::new());
        judged.unwrap_err()
    };
    for status in [429, 503] {
        check_retry(&refused(status), true, true, false);
    }
    for status in [408, 500, 502, 504] {
        check_retry(&refused(status), true, false, true);
    }
    for status in [400, 403, 404, 409, 412, 501] {
        check_retry(&refused(status), false, false, false);
    }
    check_retry(
        &Failure::Unsent(Network::Refused, String::new()),
        true,
        true,
        false,
    );
    check_retry(
        &Failure::Lost(Network::Timeout, String::new()),
        true,
        false,
        true,
    );
    check_retry(&Failure::NoToken(String::new()), false, false, false);
}
