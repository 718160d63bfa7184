//! Expressions in, patterns out.

use super::*;

/// The patterns that an expression asks of the registration id; `?` if it reads it otherwise.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let atoms = Atoms::of(text, Id::Registration);
    let mut found: Vec<String> = atoms
        .all
        .into_iter()
        .map(|it| it.pattern.replace(ANY, "*"))
        .collect();
    found.extend(atoms.reads_otherwise.then(|| "?".to_owned()));
    assert_eq!(found, expected, "{text}");
}

#[test]
fn questions_are_patterns() {
    check("registrationId.contains('-a-')", &[r"*\-a\-*"]);
    check("!registrationId.startsWith(\"a.b\")", &[r"a\.b*"]);
    check("registrationId.endsWith('9') && iotEdge", &["*9"]);
    check(
        "registrationId == 'x' || registrationId != 'y'",
        &["(?:x)", "(?:y)"],
    );
    check("'x' == registrationId", &["(?:x)"]);
    check("(registrationId in ['a', 'b',]) && x", &["(?:a|b)"]);
    check("registrationId.matches(r'^\\d+$')", &[r"*(?:^\d+$)*"]);
    check("registrationId.matches('^\\\\d+$')", &[r"*(?:^\d+$)*"]);
    check(
        "payload.registrationId == 'x' && tenant == 'registrationId'",
        &[],
    );
}

#[test]
fn what_is_read_otherwise_is_told() {
    for text in [
        "size(registrationId) > 3",
        "registrationId < 'b'",
        "'b' < registrationId",
        "'-' + registrationId == '-b'",
        "registrationId == 'a' + payload.x",
        "registrationId == 'A'.lowerAscii()",
        "'x' == payload.y + registrationId",
        "registrationId.contains(payload.x)",
        "registrationId in payload.ids",
        "registrationId.substring(2).startsWith('a')",
        "['a', 'b'].exists(p, registrationId.startsWith(p))",
        "registrationIdAsWritten.startsWith('A')",
        "registrationId // == 'x'",
        "registrationId.contains('\\x41')",
        "registrationId.split('-')[0]",
    ] {
        check(text, &["?"]);
    }
}

#[test]
fn the_id_of_an_enrollment_is_told_from_others() {
    let atoms = Atoms::of(
        "enrollment.id == 'e' && x.enrollment.id == 'f'",
        Id::Enrollment,
    );
    assert_eq!(atoms.all, [Atom::one_of(["e".to_owned()])].into());
    assert!(Atoms::of("enrollment.id.matches(tenant)", Id::Enrollment).reads_otherwise);
}
