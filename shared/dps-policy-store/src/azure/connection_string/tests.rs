use super::*;

const KEY: &str = "c2VjcmV0";

/// What a connection string means, or what is wrong with it; neither shows a secret.
#[track_caller]
fn check(text: &str, expected: &str) {
    let text = text.replace("{KEY}", KEY);
    let parsed = Connection::parse(&text);
    for secret in [KEY, "secret", "c2ln", EMULATOR_KEY] {
        assert!(!format!("{parsed:?}").contains(secret), "{parsed:?}");
    }
    let message = match parsed {
        Ok(connection) => format!("{connection} by {}", connection.access()),
        Err(rule) => format!("PolicyTables: {rule}"),
    };
    assert_eq!(message, expected);
}

#[test]
fn an_account_key() {
    let acme = "https://acme.table.core.windows.net by the key of account `acme`";
    check(
        "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={KEY};EndpointSuffix=core.windows.net",
        acme,
    );
    check(" accountname = acme ; ACCOUNTKEY={KEY} ;", acme);
    check(
        "AccountName=acme;AccountKey={KEY};BlobEndpoint=https://x;QueueEndpoint=y;FileEndpoint=z",
        acme,
    );
    check(
        "AccountName=acme;AccountKey={KEY};EndpointSuffix=core.chinacloudapi.cn",
        "https://acme.table.core.chinacloudapi.cn by the key of account `acme`",
    );
    check(
        "AccountName=acme;AccountKey={KEY};TableEndpoint=http://[::1]:10002/acme/",
        "http://[::1]:10002/acme by the key of account `acme`",
    );
}

#[test]
fn a_shared_access_signature() {
    let expected = "https://acme.table.core.windows.net by the shared access signature";
    check(
        "TableEndpoint=https://acme.table.core.windows.net/;SharedAccessSignature=sv=2&sig=c2ln",
        expected,
    );
    check(
        "AccountName=acme;SharedAccessSignature=?sv=2&sig=c2ln%3D",
        expected,
    );
}

#[test]
fn the_emulator() {
    let by = "by the key of account `devstoreaccount1`";
    check(
        "UseDevelopmentStorage=true",
        &format!("http://127.0.0.1:10002/devstoreaccount1 {by}"),
    );
    check(
        "UseDevelopmentStorage=True;DevelopmentStorageProxyUri=http://localhost/",
        &format!("http://localhost:10002/devstoreaccount1 {by}"),
    );
}

#[test]
fn what_is_wrong_is_told_without_a_value() {
    check(
        "{KEY}",
        "PolicyTables: part 1 of it is not `Name=value`; copy it from Access keys",
    );
    check(
        "AccountName=acme;{KEY}==",
        "PolicyTables: part 2 of it has a name that connection strings of storage accounts do not \
         know; copy it from Access keys",
    );
    check(
        "AccountKey={KEY}",
        "PolicyTables: AccountName or TableEndpoint is missing",
    );
    check(
        "AccountKey={KEY};TableEndpoint=https://x.y",
        "PolicyTables: AccountName is missing",
    );
    check(
        "AccountName=acme;AccountKey=secret!",
        "PolicyTables: AccountKey is not base64; copy it from Access keys",
    );
    check(
        "AccountName=acme",
        "PolicyTables: AccountKey or SharedAccessSignature is missing; for a managed identity set \
         PolicyTables__tableServiceUri instead",
    );
    check(
        "AccountName=acme;AccountKey={KEY};SharedAccessSignature=sig=c2ln",
        "PolicyTables: write AccountKey or SharedAccessSignature, not both",
    );
    check(
        "AccountName=acme;SharedAccessSignature=c2ln",
        "PolicyTables: SharedAccessSignature has no `sig`; copy it whole, it begins with `sv=`",
    );
    check(
        "UseDevelopmentStorage=false",
        "PolicyTables: UseDevelopmentStorage can only be true",
    );
    check(
        "UseDevelopmentStorage=true;AccountKey={KEY}",
        "PolicyTables: UseDevelopmentStorage=true comes without account, key and signature",
    );
}

#[test]
fn secrets_are_not_sent_in_the_clear() {
    let rule = "PolicyTables: http is for Azurite on this machine; write https";
    check(
        "DefaultEndpointsProtocol=http;AccountName=acme;AccountKey={KEY}",
        rule,
    );
    check(
        "TableEndpoint=http://azurite:10002/x;SharedAccessSignature=sig=c2ln",
        rule,
    );
    check(
        "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1.example.org",
        rule,
    );
    let no_url = "PolicyTables: the endpoint is not a URL such as \
         https://account.table.core.windows.net, without a query";
    check(
        "TableEndpoint=https://x.y?sig=c2ln;SharedAccessSignature=sig=c2ln",
        no_url,
    );
    check(
        "TableEndpoint=https://u:secret@x.y;SharedAccessSignature=sig=c2ln",
        no_url,
    );
    check(
        "TableEndpoint=ftp://x.y;SharedAccessSignature=sig=c2ln",
        no_url,
    );
    check("TableEndpoint=x;SharedAccessSignature=sig=c2ln", no_url);
}

#[test]
fn something_else_that_was_pasted_is_told() {
    let check = |text: &str, rule: &str| {
        let message = Connection::parse(text).unwrap_err();
        assert!(message.starts_with(rule), "{message}");
        assert!(
            !message.contains(KEY) && !message.contains("c2ln"),
            "{message}"
        );
    };
    for (begin, end) in [("\"", "\""), ("'", "'"), ("", "\"")] {
        let text = format!("{begin}AccountName=acme;AccountKey={KEY}{end}");
        check(&text, "it stands in quotation marks");
    }
    check(
        "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/c2ln)",
        "it is a reference to Key Vault that Azure has not resolved",
    );
    for sas in ["?sv=2&sig=c2ln", "sv=2&sig=c2ln", "sig=c2ln&sv=2"] {
        check(sas, "it is a shared access signature alone");
    }
    check(
        "https://acme.table.core.windows.net",
        "it is a URL; set PolicyTables__tableServiceUri",
    );
    check(
        "https://acme.table.core.windows.net/?sv=2&sig=c2ln",
        "it is a URL with a shared access signature",
    );
    check(EMULATOR_KEY, "it is an account key alone");
    check("{\"connectionString\": \"c2ln\"}", "it is JSON");
    let account = format!("PolicyTables=AccountName=acme;AccountKey={KEY}");
    check(&account, "it begins with its own name");
    let quoted = format!("AccountName=acme;AccountKey=\"{KEY}\"");
    check(&quoted, "part 2 of it has no value of its own");
    check(
        "AccountName=<account>;AccountKey=<key>",
        "part 1 of it has no value of its own",
    );
    for (text, service) in [
        (
            "Endpoint=sb://x/;SharedAccessKeyName=a;SharedAccessKey=c2ln",
            "Event Hubs",
        ),
        (
            "HostName=x.azure-devices.net;SharedAccessKeyName=a",
            "IoT Hub or DPS",
        ),
        (
            "InstrumentationKey=c2ln;IngestionEndpoint=https://x",
            "Application Insights",
        ),
    ] {
        check(text, &format!("it is the connection string of {service}"));
    }
    check(
        "TableEndpoint=https://acme.blob.core.windows.net;SharedAccessSignature=sig=c2ln",
        "it is the endpoint of another service",
    );
    check(
        "AccountName=acme;SharedAccessSignature=sv=2&ss=bq&sig=c2ln",
        "SharedAccessSignature is not for tables",
    );
}
