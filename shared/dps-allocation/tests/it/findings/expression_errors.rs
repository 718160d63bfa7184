//! Expressions that cannot work: unknown names, wrong calls, syntax, types.

use super::expressions::when;

#[test]
fn names_that_do_not_exist() {
    for (source, rule, help) in [
        (
            "paylod.x == 1",
            "`paylod` does not exist; an expression cannot name it",
            "did you mean `payload`?",
        ),
        (
            "Payload.x == 1",
            "`Payload` does not exist; an expression cannot name it",
            "did you mean `payload`?",
        ),
        (
            "deviceId == 'a'",
            "`deviceId` does not exist; an expression cannot name it",
            "did you mean `registrationIdAsWritten`?",
        ),
        (
            "payload.a.all(item, itm > 1)",
            "`itm` does not exist; an expression cannot name it",
            "did you mean `item`?",
        ),
        (
            "cert.subject.OU == 'a'",
            "`cert.subject` has no member `OU`",
            "did you mean `organizationalUnit`?",
        ),
        (
            "cert.issuer.cn == 'a'",
            "`cert.issuer` has no member `cn`",
            "did you mean `commonName`?",
        ),
        (
            "cert.issuer.comonName == 'a'",
            "`cert.issuer` has no member `comonName`",
            "did you mean `commonName`?",
        ),
        (
            "cert.thumbprint == 'A'",
            "`cert` has no member `thumbprint`",
            "did you mean `sha256Thumbprint`?",
        ),
        (
            "enrollment.type == 'group'",
            "`enrollment` has no member `type`",
            "it has id, kind, deviceId, namespaceName, certificateAuthorityName, certificatePolicyName, credentialPolicyName, deviceTypeRefs",
        ),
        (
            "device.Hub == 'a'",
            "`device` has no member `Hub`",
            "did you mean `hub`?",
        ),
        (
            "device.?tennant.orValue('') == 'a'",
            "`device` has no member `tennant`",
            "did you mean `tenant`?",
        ),
        (
            "has(cert.subject.OU)",
            "`cert.subject` has no member `OU`",
            "did you mean `organizationalUnit`?",
        ),
        (
            "cert['subject'].OU == 'a'",
            "`cert.subject` has no member `OU`",
            "did you mean `organizationalUnit`?",
        ),
        (
            "'OU' in cert.subject",
            "`cert.subject` has no member `OU`",
            "did you mean `organizationalUnit`?",
        ),
        (
            "registrationId.prefix == 'a'",
            "`.prefix` does not exist: `registrationId` is string, which has no members",
            "leave the member out",
        ),
        (
            "registrationId.startWith('a')",
            "there is no function `startWith`",
            "did you mean `startsWith`?",
        ),
        (
            "registrationId.toLower() == 'a'",
            "there is no function `toLower`",
            "did you mean `lowerAscii`?",
        ),
        (
            "now() > 1",
            "there is no function `now`",
            "use the functions that the documentation lists",
        ),
        (
            "payload.tags.exists('x')",
            "`exists` has other arguments",
            r#"write it as in `payload.tags.exists(tag, tag == "x")`"#,
        ),
    ] {
        when(source, &[&*format!("error: {rule}; {help}")]);
    }
}

#[test]
fn calls_that_cannot_work() {
    for (source, rule, help) in [
        (
            "registrationId.startsWith()",
            "`startsWith` takes 1 argument, not 0",
            "give `startsWith` 1 argument",
        ),
        (
            "registrationId.matches('a', 'b')",
            "`matches` takes 1 argument, not 2",
            "give `matches` 1 argument",
        ),
        (
            "registrationId.replace('a') == 'b'",
            "`replace` takes 2 to 3 arguments, not 1",
            "give `replace` 2 to 3 arguments",
        ),
        (
            "startsWith(registrationId, 'a')",
            "`startsWith` cannot be called in this form",
            "write `x.startsWith(..)`",
        ),
        (
            "registrationId.int() == 1",
            "`int` cannot be called in this form",
            "write `int(x)`",
        ),
        (
            "registrationId.startsWith(7)",
            "`startsWith` needs string; `7` is int",
            "give it a string; `string(x)` makes one of a number",
        ),
        (
            "iotEdge.contains('a')",
            "`contains` needs string; `iotEdge` is bool",
            "give it a string; `string(x)` makes one of a number",
        ),
        (
            "registrationId.orValue('a') == 'a'",
            "`orValue` needs optional; `registrationId` is string",
            r#"write `?` before the member, as in `payload.?model.orValue("")`"#,
        ),
        (
            "registrationId.matches('[')",
            "`[` is not a regular expression: unclosed character class",
            "write a pattern as the Rust regex crate reads it, and double each backslash",
        ),
        (
            r"payload.x.matches('(?=a)')",
            "`(?=a)` is not a regular expression: look-around, including look-ahead and look-behind, is not supported",
            "write a pattern as the Rust regex crate reads it, and double each backslash",
        ),
        (
            "registrationId.all(c, c == 'a')",
            "`all` needs a list or a map; `registrationId` is string",
            "name a list, such as `payload.tags`",
        ),
        (
            "payload.tags.exists(t, t.size())",
            "`exists` needs a bool; the value is int",
            "compare it with something, as in `payload.x == 3`",
        ),
        (
            "registrationId + 1 == 'a1'",
            "`+` does not work on `registrationId` (string) and `1` (int)",
            "write `string(x)` around the other value",
        ),
        (
            "registrationId > 7",
            "`>` does not work on `registrationId` (string) and `7` (int)",
            "use values of one type: `int(x)`, `double(x)` and `string(x)` convert",
        ),
        (
            "1 + 1.5 > 2.0",
            "`+` does not work on `1` (int) and `1.5` (double)",
            "use values of one type: `int(x)`, `double(x)` and `string(x)` convert",
        ),
        (
            "'a' in registrationId",
            "`in` needs a list or a map; `registrationId` is string",
            "write `x in [..]`, or `text.contains(x)` for a part of a text",
        ),
        (
            "registrationId && iotEdge",
            "`&&` needs a bool; `registrationId` is string",
            "compare it with something, as in `payload.x == 3`",
        ),
        (
            "-registrationId == 1",
            "`-` needs a number; `registrationId` is string",
            "negate an int or a double",
        ),
    ] {
        when(source, &[&*format!("error: {rule}; {help}")]);
    }
}

#[test]
fn expressions_that_do_not_compile_are_errors() {
    for (source, rule, help) in [
        (
            "payload.x = 3",
            "`payload.x = 3` does not compile: token recognition error at: '= ', at character 11",
            "write `==` in place of `=`",
        ),
        (
            "payload.x === 3",
            "`payload.x === 3` does not compile: token recognition error at: '= ', at character 13",
            "write `==` in place of `===`",
        ),
        (
            "iotEdge and true",
            "`iotEdge and true` does not compile: mismatched input 'and', at character 9",
            "write `&&` in place of `and`",
        ),
        (
            "iotEdge or true",
            "`iotEdge or true` does not compile: mismatched input 'or', at character 9",
            "write `||` in place of `or`",
        ),
    ] {
        when(source, &[&*format!("error: {rule}; {help}")]);
    }
    let help = "write a CEL expression over registrationId, registrationIdAsWritten, enrollment, attestation, cert, iotEdge, payload, currentHub, tenant and device";
    for (source, rule) in [
        (
            "payload.",
            "`payload.` does not compile: no viable alternative at input '.', at character 9",
        ),
        (
            "1 +",
            "`1 +` does not compile: mismatched input the end, at character 4",
        ),
    ] {
        when(source, &[&*format!("error: {rule}; {help}")]);
    }
}

#[test]
fn conditions_that_are_not_boolean() {
    for (source, kinds, help) in [
        (
            "registrationId",
            "string",
            "compare it with something, as in `payload.x == 3`",
        ),
        (
            "payload.tags.size()",
            "int",
            "compare it with something, as in `payload.x == 3`",
        ),
        (
            "payload.tags.filter(t, t == 'x')",
            "list",
            "compare it with something, as in `payload.x == 3`",
        ),
        (
            "null",
            "null",
            "compare it with something, as in `payload.x == 3`",
        ),
        (
            "payload.?flag",
            "optional",
            "add `.orValue(..)` with a default",
        ),
    ] {
        let rule = format!("`{source}` gives {kinds}, and a condition is a bool");
        when(source, &[&*format!("error: {rule}; {help}")]);
    }
}
