//! Bodies that are not allocation requests: errors name the place and the rule, never the content.

use dps_allocation::Registration;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fleet::Device;

const FIXTURES: [&str; 6] = [
    include_str!("../../../../../tests/fixtures/allocation/group-sparse-2019.json"),
    include_str!("../../../../../tests/fixtures/allocation/group-symmetric-key-first.json"),
    include_str!(
        "../../../../../tests/fixtures/allocation/group-symmetric-key-reprovision-payload.json"
    ),
    include_str!("../../../../../tests/fixtures/allocation/group-x509.json"),
    include_str!("../../../../../tests/fixtures/allocation/individual-never-reprovision.json"),
    include_str!("../../../../../tests/fixtures/allocation/individual-tpm-payload.json"),
];

fn error(body: impl AsRef<[u8]>) -> String {
    Registration::parse(body.as_ref()).unwrap_err().to_string()
}

#[track_caller]
fn check(body: impl AsRef<[u8]>, expected: &str) {
    assert_eq!(error(body), expected);
}

fn body() -> String {
    Device::new("a").body()
}

#[test]
fn bodies_that_are_not_json_are_errors() {
    check(
        "",
        "the body is not JSON, at line 1 column 0; send the JSON that DPS sends",
    );
    check(
        "\n\n ",
        "the body is not JSON, at line 3 column 1; send the JSON that DPS sends",
    );
    check(
        "{",
        "the body is not JSON, at line 1 column 1; send the JSON that DPS sends",
    );
    check(
        "{\"linkedHubs\": [}",
        "the body is not JSON, at line 1 column 17; send the JSON that DPS sends",
    );
    check(
        body() + "x",
        &format!(
            "the body is not JSON, at line 1 column {}; send the JSON that DPS sends",
            body().len() + 1
        ),
    );
    check(
        body() + "{}",
        &format!(
            "the body is not JSON, at line 1 column {}; send the JSON that DPS sends",
            body().len() + 1
        ),
    );
    let not_utf_8 = "the body is not UTF-8; send the JSON that DPS sends";
    check(b"\xff", not_utf_8);
    check(b"{\xff\xfe}", not_utf_8);
    let late = [body().replace("group", "gr\u{fc}ppe").as_bytes(), b"\xff"].concat();
    check(late, "the body is not UTF-8; send the JSON that DPS sends");
    let control = body().replace("\"group\"", "\"gro\u{1}up\"");
    assert!(error(control).starts_with("the body is not JSON, at line 1"));
}

/// What Windows writes: `>` of PowerShell 5, `Out-File`, "Unicode" in Notepad.
#[test]
fn a_byte_order_mark_is_left_out_and_utf_16_is_named() {
    for fixture in FIXTURES {
        let marked = format!("\u{feff}{fixture}");
        let read = |body: &str| format!("{:?}", Registration::parse(body.as_bytes()).unwrap());
        assert_eq!(read(&marked), read(fixture));
        let utf16: Vec<u16> = fixture.encode_utf16().collect();
        let little: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for body in [
            [b"\xff\xfe", &little[..]].concat(),
            [b"\xfe\xff", &big[..]].concat(),
            little,
            big,
        ] {
            let expected = "the body is UTF-16; send it as UTF-8 (in PowerShell: `-Encoding utf8`)";
            check(body, expected);
        }
    }
    check(
        "\u{feff}{",
        "the body is not JSON, at line 1 column 1; send the JSON that DPS sends",
    );
}

#[test]
fn another_json_value_is_refused() {
    check("null", "`.`: expected an object, at line 1 column 4");
    check("7", "`.`: expected an object, at line 1 column 1");
    check("\"text\"", "`.`: expected an object, at line 1 column 6");
    check("true", "`.`: expected an object, at line 1 column 4");
    check("[]", "`.`: expected an object, at line 1 column 2");
    check(
        "{}",
        "`.`: missing field `deviceRuntimeContext`, at line 1 column 2",
    );
    check(
        "{\"deviceRuntimeContext\": {}}",
        "`deviceRuntimeContext`: missing field `registrationId`, at line 1 column 27",
    );
}

/// The place and rule for a request with one member set.
#[track_caller]
fn wrong(pointer: &str, value: Value, expected: &str) {
    let text = error(Device::new("pump-7").with(pointer, value).body());
    assert_eq!(text.split(", at line").next().unwrap(), expected);
}

#[test]
fn a_wrong_type_is_told_by_its_place() {
    for wrong_type in [json!("text"), json!(271_828), json!(0.5), json!(true)] {
        for member in [
            "deviceRuntimeContext",
            "enrollmentGroup",
            "individualEnrollment",
        ] {
            wrong(
                &format!("/{member}"),
                wrong_type.clone(),
                &format!("`{member}`: expected an object"),
            );
        }
        for member in ["capabilities", "reprovisionPolicy"] {
            let expected = format!("`enrollmentGroup.{member}`: expected an object");
            wrong(
                &format!("/enrollmentGroup/{member}"),
                wrong_type.clone(),
                &expected,
            );
        }
        let x509 = "`deviceRuntimeContext.x509`: expected an object";
        wrong("/deviceRuntimeContext/x509", wrong_type, x509);
    }
    for wrong_type in [
        json!(7),
        json!(0.5),
        json!(true),
        json!(["x"]),
        json!({"x": 1}),
    ] {
        for member in [
            "registrationId",
            "currentIotHubHostName",
            "currentIoTHubHostName",
        ] {
            let expected = format!("`deviceRuntimeContext.{member}`: expected a string");
            wrong(
                &format!("/deviceRuntimeContext/{member}"),
                wrong_type.clone(),
                &expected,
            );
        }
        let id = "`enrollmentGroup.enrollmentGroupId`: expected a string";
        wrong("/enrollmentGroup/enrollmentGroupId", wrong_type.clone(), id);
        let certificate = "`deviceRuntimeContext.x509.clientCertificate`: expected a string";
        wrong(
            "/deviceRuntimeContext/x509",
            json!({"clientCertificate": wrong_type}),
            certificate,
        );
        let hub = "`linkedHubs[1]`: expected a string";
        wrong("/linkedHubs", json!(["a.net", wrong_type]), hub);
    }
    for wrong_type in [json!(7), json!("true"), json!([]), json!({})] {
        let edge = "`enrollmentGroup.capabilities.iotEdge`: expected a boolean";
        wrong(
            "/enrollmentGroup/capabilities",
            json!({"iotEdge": wrong_type}),
            edge,
        );
        let data = "`enrollmentGroup.reprovisionPolicy.migrateDeviceData`: expected a boolean";
        wrong(
            "/enrollmentGroup/reprovisionPolicy",
            json!({"migrateDeviceData": wrong_type}),
            data,
        );
    }
    for wrong_type in [json!("a.net"), json!({"0": "a.net"}), json!(7), json!(null)] {
        wrong(
            "/linkedHubs",
            wrong_type,
            "`linkedHubs`: expected a sequence",
        );
    }
    wrong(
        "/linkedHubs",
        json!([null]),
        "`linkedHubs[0]`: expected a string",
    );
    wrong(
        "/deviceRuntimeContext",
        json!(null),
        "`deviceRuntimeContext`: expected an object",
    );
    let id = "`deviceRuntimeContext.registrationId`: expected a string";
    wrong("/deviceRuntimeContext/registrationId", json!(null), id);
}

#[test]
fn duplicate_members_are_refused() {
    let twice = |first: &str| body().replacen('{', &format!("{{{first},"), 1);
    assert!(error(twice("\"linkedHubs\":[]")).starts_with("`.`: duplicate field `linkedHubs`"));
    let context = "\"deviceRuntimeContext\":{\"registrationId\":\"b\"}";
    assert!(error(twice(context)).starts_with("`.`: duplicate field `deviceRuntimeContext`"));
    let id = body().replacen(
        "\"registrationId\"",
        "\"registrationId\":\"b\",\"registrationId\"",
        1,
    );
    assert!(error(id).starts_with("`deviceRuntimeContext`: duplicate field `registrationId`"));
}

#[test]
fn hostile_registration_ids_are_refused() {
    let id = |id: &str, rule: &str| {
        let expected = format!("`deviceRuntimeContext.registrationId`: {rule}");
        wrong("/deviceRuntimeContext/registrationId", json!(id), &expected);
    };
    let only = |c: &str| format!("it holds {c}: only letters, digits and `-._:` are allowed");
    id("", "it is empty");
    id("x' or 1 eq 1", &only("'\\''"));
    id("../../etc/passwd", &only("'/'"));
    id("a b", &only("' '"));
    id("a\u{0}b", &only("'\\0'"));
    id("a\r\nb", &only("'\\r'"));
    id("p\u{443}mp", &only("'\u{443}'"));
    id("\u{202e}pump", &only("'\\u{202e}'"));
    id(
        "pump.",
        "it ends with '.': the last character must be a letter, a digit or `-`",
    );
    id(&"x".repeat(129), "it has more than 128 characters");
    id(&"x".repeat(200_000), "it has more than 128 characters");
    wrong(
        "/enrollmentGroup/enrollmentGroupId",
        json!("${jndi}"),
        "`enrollmentGroup.enrollmentGroupId`: it holds '$': only letters, digits and `-._:` are allowed",
    );
}

#[test]
fn a_hostile_member_name_is_cut() {
    let name = format!("a\\nb{}", "x".repeat(100_000));
    let text = error(format!("{{\"{name}\": }}"));
    assert!(text.len() < 200 && !text.contains('\n'), "{text}");
}

#[test]
fn a_request_cut_off_anywhere_is_refused() {
    for fixture in FIXTURES {
        let whole = fixture.trim_end();
        for end in 0..whole.len() {
            assert!(
                Registration::parse(&whole.as_bytes()[..end]).is_err(),
                "{end}"
            );
        }
        assert!(Registration::parse(whole.as_bytes()).is_ok());
    }
}

const SECRET: &str = "SECRET, expected SECRET at line 7 column 7";

/// Puts a secret in the place of every value in turn, and looks for it in the error.
fn put(value: &mut Value, at: usize, secret: &Value, seen: &mut usize) {
    if *seen == at {
        *value = secret.clone();
    }
    *seen += 1;
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| put(item, at, secret, seen)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|it| put(it, at, secret, seen)),
        _ => {}
    }
}

#[test]
fn errors_quote_no_content() {
    let secrets = [
        json!(SECRET),
        json!([SECRET]),
        json!({"x": SECRET}),
        json!(271_828_182),
        json!(0.271_828),
    ];
    for fixture in FIXTURES {
        for secret in &secrets {
            for at in 0..80 {
                let mut body: Value = serde_json::from_str(fixture).unwrap();
                put(&mut body, at, secret, &mut 0);
                if let Err(error) = Registration::parse(body.to_string().as_bytes()) {
                    let text = format!("{error} {error:?}");
                    assert!(!text.contains("SECRET") && !text.contains("271"), "{text}");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Registration::parse(&body);
    }

    #[test]
    fn no_damage_panics(
        fixture in 0..FIXTURES.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut body = FIXTURES[fixture].as_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(body.len());
            body[at] = byte;
        }
        let _ = Registration::parse(&body);
    }
}
