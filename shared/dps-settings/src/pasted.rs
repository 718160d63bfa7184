//! Values that were pasted wrong, for any setting.

/// What is wrong with the value, and what to do; never the value, which may be a secret.
///
/// None if the value may be right.
#[must_use]
pub fn fault(setting: &str, value: &str) -> Option<String> {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    let own_name = || {
        let (name, _) = value.split_once('=')?;
        let name = name.trim().trim_start_matches("export ");
        (name == setting).then(|| {
            "it begins with its own name; write only what follows the first `=`".to_owned()
        })
    };
    let reference = || {
        let (service, what) = match () {
            () if lower.starts_with("@microsoft.keyvault") => ("Key Vault", "secret"),
            () if lower.starts_with("@microsoft.appconfiguration") => ("App Configuration", "key"),
            () => return None,
        };
        Some(format!(
            "it is a reference to {service} that Azure has not resolved; let the app's identity read \
             the {what}, and see the status of the reference beside the setting in the portal"
        ))
    };
    let quoted = || {
        let quote = |c: char| matches!(c, '"' | '\'' | '`' | '“' | '”' | '„' | '‘' | '’');
        let alone = value.ends_with(quote) && value.matches(quote).count() == 1;
        let quoted = value.starts_with(quote) || alone;
        quoted.then(|| "it stands in quotation marks; write it without them".to_owned())
    };
    let placeholder = || {
        let between = |open: &str, close: &str| value.starts_with(open) && value.ends_with(close);
        let placeholder = between("<", ">")
            || between("${", "}")
            || between("$(", ")")
            || between("{{", "}}")
            || (between("%", "%") && value.len() > 1)
            || is_variable(value);
        placeholder.then(|| {
            "it is a placeholder that nothing has replaced; write the value itself".to_owned()
        })
    };
    let broken = || {
        let broken = value.contains(['\n', '\r']);
        broken.then(|| "it has a line break; write it on one line".to_owned())
    };
    own_name()
        .or_else(reference)
        .or_else(quoted)
        .or_else(placeholder)
        .or_else(broken)
}

/// `$NAME`
fn is_variable(value: &str) -> bool {
    let name = value.strip_prefix('$').unwrap_or_default();
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: &str) {
        let fault = fault("PolicyTables", value).unwrap_or_default();
        assert!(fault.starts_with(expected), "{value}: {fault}");
        assert_eq!(fault.is_empty(), expected.is_empty(), "{value}: {fault}");
        assert!(!fault.contains("secret-1"), "{fault}");
    }

    #[test]
    fn a_value_that_is_pasted_wrong_is_reported() {
        let quoted = "it stands in quotation marks";
        for value in [
            "\"secret-1\"",
            "'secret-1'",
            "“secret-1”",
            "secret-1\"",
            " 'secret-1' ",
        ] {
            check(value, quoted);
        }
        check("PolicyTables=secret-1", "it begins with its own name");
        check(
            "export PolicyTables=\"secret-1\"",
            "it begins with its own name",
        );
        let vault = "it is a reference to Key Vault that Azure has not resolved";
        check("@Microsoft.KeyVault(SecretUri=https://v/secret-1)", vault);
        check(
            "@microsoft.keyvault(VaultName=v;SecretName=secret-1)",
            vault,
        );
        check(
            "@Microsoft.AppConfiguration(Endpoint=https://a; Key=secret-1)",
            "it is a reference to App Configuration",
        );
        for value in ["<secret-1>", "${A}", "$(A)", "{{ a }}", "%A%", "$A_1"] {
            check(value, "it is a placeholder");
        }
        check("AccountName=a;\nAccountKey=secret-1", "it has a line break");
        for value in [
            "",
            "secret-1",
            "a=b",
            "AccountName=a;AccountKey=c2VjcmV0==\n",
            "%",
            "$",
        ] {
            check(value, "");
        }
    }
}
