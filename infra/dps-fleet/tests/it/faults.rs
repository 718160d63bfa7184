//! What is wrong with a file: where, which rule, and what to do.

use proptest::prelude::*;

use crate::policy::{entry, outcome_of, test};

/// The outcomes of a file's entries, with their lines.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let entries = test(text).entries;
    let found: Vec<String> = entries
        .iter()
        .map(|it| format!("{}: {}", it.line, outcome_of(it)))
        .collect();
    assert_eq!(found, expected, "{text}");
}

/// A case that passes but for these keys.
#[track_caller]
fn check_case(keys: &str, expected: &str) {
    let text = format!("[[case]]\nname = \"x\"\nat = 2026-12-02\n{keys}\n");
    check(&text, &[&format!("1: broken: {expected}")]);
}

const WHOLE: &str = "enrollment = \"factory\"\nid = \"a-1\"\nexpect = { hub = \"weu-1\" }\n";

#[test]
fn a_key_that_does_not_exist_is_named_with_the_nearest() {
    check_case(
        &format!("{WHOLE}paylod = {{}}"),
        "line 7: `paylod` is not a key of this section; did you mean `payload`? the keys are name, id, \
         body, at, device, expect, enrollment, individual, attestation, cert, linkedHubs, currentHub, \
         payload, updateHubAssignment, migrateDeviceData, iotEdge, namespaceName, \
         certificatePolicyName, initialTwin",
    );
    check(
        "[[cases]]\nname = \"x\"\n",
        &[
            "1: broken: `cases` is not a key of this section; did you mean `case`? the keys are request, case, fleet; \
           the file states nothing; write at least one [[case]] or [[fleet]]",
        ],
    );
    check(
        "[request]\nenrolment = \"factory\"\n[[case]]\nname = \"x\"\n",
        &[
            "2: broken: `enrolment` is not a key of this section; did you mean `enrollment`? the keys are at, device, \
           enrollment, individual, attestation, cert, linkedHubs, currentHub, payload, updateHubAssignment, \
           migrateDeviceData, iotEdge, namespaceName, certificatePolicyName, initialTwin",
        ],
    );
}

#[test]
fn a_name_that_the_policy_does_not_have_is_named_with_the_nearest() {
    let with =
        |expect: &str| format!("enrollment = \"factory\"\nid = \"a-1\"\nexpect = {{ {expect} }}");
    check_case(
        &with("hub = \"weu-2\""),
        "line 6: key hub: `weu-2` is not the first label of a hub of the tables; did you mean `weu-1`? \
         write a hub of the table hubs, or a whole host name",
    );
    check_case(
        &with("pool = \"eue\""),
        "line 6: key pool: no hub is in the pool `eue`; did you mean `eu`? name a pool of the table hubs",
    );
    check_case(
        &with("rule = \"10-dee\""),
        "line 6: key rule: no row of the tables is called `10-dee`; did you mean `10-de`? write the RowKey of a row",
    );
    check_case(
        &with("refused = \"refusedByrule\""),
        "line 6: key refused: `refusedByrule` is not one of its words; did you mean `refusedByRule`? the words are \
         malformedRequest, claimRefused, unknownEnrollment, unknownTenant, noEligibleHub, tenantSuspended, \
         claimMissing, twinInvalid, refusedByRule, unknownDevice",
    );
}

#[test]
fn what_is_missing_is_said() {
    check_case(
        "enrollment = \"factory\"\nid = \"a-1\"",
        "key expect: the case expects nothing; write what should be decided, such as expect = { hub = \"weu-1\" }",
    );
    check_case(
        "id = \"a-1\"\nexpect = { hub = \"eus-1\" }",
        "key enrollment: nothing says which enrollment the device comes through; \
         write enrollment = \"id of the group\", or individual = true",
    );
    check_case(
        "enrollment = \"factory\"\nexpect = { hub = \"eus-1\" }",
        "key id: the registration id is missing; write id = \"pump-1\", or body = \"request.json\"",
    );
    check(
        &format!("[[case]]\nname = \"x\"\n{WHOLE}"),
        &[
            "1: broken: key at: the tables have dates, and the case has none; \
           write at = \"2026-12-01\" here, or under [request]",
        ],
    );
    check(
        &format!("[[case]]\nat = 2026-12-02\n{WHOLE}"),
        &["1: broken: key name: the entry has no name; write in a few words what it shows"],
    );
    check(
        "[[fleet]]\nname = \"x\"\nenrollment = \"factory\"\n",
        &[
            "1: broken: key after: the fleet has no time; write when the devices register, such as after = \"2026-12-08\"; \
           key ids: the fleet has no devices; write the registration ids, such as ids = \"pump-{1..200}\"; \
           key expect: the fleet expects nothing; write who moves, such as expect = { moved = 100, within = 20 }",
        ],
    );
    check(
        "",
        &["1: broken: the file states nothing; write at least one [[case]] or [[fleet]]"],
    );
}

#[test]
fn what_contradicts_itself_is_said() {
    check_case(
        "enrollment = \"factory\"\nid = \"a-1\"\nexpect = { hub = \"eus-1\", refused = \"noEligibleHub\" }",
        "line 6: key refused: `hub` and `refused` cannot both be the answer; leave out one of them",
    );
    check_case(
        "body = \"request.json\"\npayload = {}\nexpect = { hub = \"eus-1\" }",
        "line 5: key payload: `body` is the whole request, and so is not `payload`; leave out one of them",
    );
    check_case(
        &format!("{WHOLE}attestation = \"tpm\"\ncert = {{}}"),
        "line 8: key cert: a device with a certificate attests by x509; leave out one of `cert` and `attestation`",
    );
    check_case(
        &format!("{WHOLE}device = {{ tenant = \"acme\" }}"),
        "`device` has no effect: `deviceRows` of the enrollment is off",
    );
    let twice = format!("[[case]]\nname = \"x\"\nat = 2026-12-02\n{WHOLE}").repeat(2);
    check(
        &twice,
        &[
            "7: broken: key name: there are two entries with the name `x`; give each a name of its own",
        ],
    );
}

#[test]
fn the_row_of_a_device_is_checked_like_one_of_the_tables() {
    let row = "[[case]]\nname = \"x\"\nenrollment = \"sold\"\nid = \"a-1\"\nat = 2026-12-02\n\
               device = { tenat = \"acme\" }\nexpect = { hub = \"eus-1\" }\n";
    let expected = "broken: `device` has errors: error: devices a-1/device, column tenat: the devices \
                    table has no column `tenat`; did you mean `tenant`?";
    let found = outcome_of(&entry(row));
    assert!(found.starts_with(expected), "{found}");
}

#[test]
fn values_have_a_type() {
    check_case(
        "enrollment = \"factory\"\nid = 1\nexpect = { hub = true, twin = { tag = {} } }",
        "line 5: key id: it is integer, not a text between quotes; write a text between quotes; \
         line 6: key hub: it is boolean, not a text or a list of texts; write a text or a list of texts; \
         line 6: `tag` is not a key of this section; did you mean `tags`? the keys are tags, desired",
    );
    check(
        "[[fleet]]\nname = \"x\"\nenrollment = \"factory\"\nids = \"p-{1..}\"\nbefore = \"soon\"\nafter = 2026-12-01\n\
         expect = { within = -1 }\n",
        &[
            "1: broken: line 4: key ids: `{1..}` is not a range such as {1..200}; write ranges as {FROM..TO}, such as pump-{1..200}; \
           line 5: key before: `soon` is not a point in time; write ISO 8601, such as 2026-12-01 or \"2026-12-01T08:00+01:00\"; \
           line 7: key moved: the devices have hubs, and `moved` is missing; write how many devices move, such as moved = 0; \
           line 7: key within: it is integer, not a whole number from 0; write a whole number from 0",
        ],
    );
}

#[test]
fn a_fault_in_one_entry_leaves_the_others() {
    let text = format!(
        "[[case]]\nname = \"x\"\nat = 2026-12-02\n{WHOLE}[[case]]\nname = \"y\"\nat = 2026-13-02\n{WHOLE}"
    );
    let entries = test(&text.replace("2026-13-02", "\"2026-13-02\"")).entries;
    let found: Vec<String> = entries.iter().map(outcome_of).collect();
    assert_eq!(found.first().map(String::as_str), Some("passed"));
    assert!(
        found[1].starts_with("broken: line 9: key at: `2026-13-02` is not a point in time"),
        "{found:?}"
    );
    // An impossible date is not TOML, and leaves nothing.
    assert_eq!(test(&text).entries.len(), 1);
}

#[test]
fn a_file_that_is_not_toml_is_an_entry() {
    let [entry] = &test("[[case]]\nname = x\n").entries[..] else {
        panic!("one entry")
    };
    assert_eq!(entry.line, 2);
    assert!(
        outcome_of(entry).starts_with("broken: it is not TOML: "),
        "{}",
        outcome_of(entry)
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(\\[\\[case\\]\\]|\\[\\[fleet\\]\\]|\\[request\\]|[a-zA-Z]{1,9} = (\"[a-z{}.0-9-]{0,9}\"|[0-9]{1,3}|true|\\{\\}|\\[\\])|\n){0,12}") {
        let suite = test(&text);
        prop_assert!(!suite.entries.is_empty());
    }
}
